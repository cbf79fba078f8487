"""`<Record>`: a beep, what was spoken, and the three ways in which the carrier treats silence."""

from sandbox.audio import joined, silence
from sandbox.forms import API_VERSION
from sandbox.records import Call, Recording
from sandbox.sids import new_sid
from sandbox.times import rfc2822
from sandbox.twiml import Verb
from sandbox.wire import Legs, Wire

READY = 0.3
TOLD = 0.35
TOO_SHORT = 16101
SILENT = 16102


class Recorder:
    """Every recording of the account, by SID."""

    def __init__(self, network: Wire, legs: Legs) -> None:
        self.network, self.legs = network, legs
        self.all: dict[str, Recording] = {}

    def begin(self, call: Call, verb: Verb) -> None:
        if verb.get("playBeep", "true") == "true":
            call.heard.append({"beep": True})
        call.recording = Recording(new_sid("RE"), call.sid, verb, self.network.clock.now())
        call.waits, call.heard_tone = "record", True
        self._report(call.recording)
        self._wait_for_silence(call)
        self._say_what_was_kept(call)

    def _say_what_was_kept(self, call: Call) -> None:
        """The tone: a caller who kept something for it says it now, and leaves if that was wanted."""
        unsaid, call.unsaid = call.unsaid, []
        for audio, seconds in unsaid:
            if call.recording:
                self.speak(call, audio, seconds)
        if call.leaves:
            self.network.later(0, lambda: self.legs.end(call, "completed"))

    def speak(self, call: Call, audio: bytes, seconds: float) -> None:
        recording = call.recording
        assert recording is not None
        longest = recording.verb.number("maxLength", 3600)
        recording.audio = joined(recording.audio, audio) if recording.audio else audio
        recording.seconds = min(recording.seconds + seconds, longest)
        recording.spoken, call.said = True, recording.seconds
        if recording.seconds >= longest:
            return self._over(call, "")
        return self._wait_for_silence(call)

    def key(self, call: Call, key: str) -> None:
        recording = call.recording
        assert recording is not None
        if key in recording.verb.get("finishOnKey", "1234567890*#"):
            self._over(call, key)

    def hung_up(self, call: Call) -> None:
        """After a hang-up the action comes too, and races the report that the call is over."""
        recording, call.recording = call.recording, None
        assert recording is not None
        self._close(recording)
        if recording.spoken:
            self._act(call, recording, "hangup")
        self._finish(recording)

    def cut_off(self, call: Call) -> None:
        """The call was sent elsewhere in the middle: what there is is kept, and no action is asked."""
        recording, call.recording = call.recording, None
        if recording:
            self._close(recording)
            self._finish(recording)

    def _wait_for_silence(self, call: Call) -> None:
        recording = call.recording
        assert recording is not None
        quiet = recording.verb.number("timeout", 5)
        self.legs.wait(call, quiet, lambda: self._over(call, ""))

    def _over(self, call: Call, digits: str) -> None:
        recording, call.recording, call.waits = call.recording, None, ""
        if recording is None or call.is_over:
            return
        self.legs.cancel_timer(call)
        self._close(recording)
        falls_through = not recording.spoken and self.network.knobs.silence == "falls-through"
        if falls_through:
            recording.status = "absent"
            return self.legs.step(call)
        call.program = []
        self._act(call, recording, digits)
        return self._finish(recording)

    def _close(self, recording: Recording) -> None:
        if not recording.spoken:
            elapsed = (self.network.clock.now() - recording.started_at).total_seconds()
            recording.seconds, recording.audio = elapsed, silence(max(elapsed, 0.1))
        self.all[recording.sid] = recording
        recording.status = "processing"

    def _act(self, call: Call, recording: Recording, digits: str) -> None:
        self.legs.fetch(
            call,
            recording.verb.get("action"),
            recording.verb.method,
            RecordingSid=recording.sid,
            RecordingUrl=self._url(recording),
            RecordingDuration=str(round(recording.seconds)),
            Digits=digits,
        )

    def _finish(self, recording: Recording) -> None:
        deleted = not recording.spoken and self.network.knobs.silence == "deleted"
        if deleted or recording.seconds < 0.05:
            recording.error_code = SILENT if recording.seconds >= 1 else TOO_SHORT
        self.network.later(READY, lambda: self._ready(recording))

    def _ready(self, recording: Recording) -> None:
        recording.status = "absent" if recording.error_code else "completed"
        recording.completed_at = self.network.clock.now()
        self._report(recording)

    def _report(self, recording: Recording) -> None:
        """Tells the product of the recording's status, if it wants to know of this one."""
        verb = recording.verb
        if recording.status in verb.get("recordingStatusCallbackEvent", "completed").split():
            url, method = verb.get("recordingStatusCallback") or None, verb.get("recordingStatusCallbackMethod", "POST")
            self.network.report(url, self._form(recording), TOLD - READY, "recording", method)

    def _form(self, recording: Recording) -> dict[str, str]:
        form = {
            "AccountSid": self.network.config.account_sid,
            "CallSid": recording.call_sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": self._url(recording),
            "RecordingStatus": recording.status,
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
            "RecordingStartTime": rfc2822(recording.started_at),
            "ErrorCode": str(recording.error_code),
            "ApiVersion": API_VERSION,
        }
        if recording.status == "completed":
            form["RecordingDuration"] = str(round(recording.seconds))
        return form

    def _url(self, recording: Recording) -> str:
        account = self.network.config.account_sid
        return f"https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{recording.sid}"
