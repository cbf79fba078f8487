"""Calls: how they begin, ring, are answered and end; and what a person on the desk does with a phone."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.detector import Detector
from sandbox.dialling import Dialler
from sandbox.forms import progress_form
from sandbox.interpreter import Interpreter
from sandbox.records import Call
from sandbox.sids import new_sid
from sandbox.wire import Wire

FIRST_FETCH = 0.02
PROGRESS = 0.03
RINGING = 0.08
ENDED = 0.1
MAILBOX_SECONDS = 20.0
EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


class WrongMoment(Exception):
    """The phone cannot do that now; the message says why."""


class CallDesk:
    """Every call of the account, by SID, in order of creation."""

    def __init__(self, network: Wire) -> None:
        self.network = network
        self.all: dict[str, Call] = {}
        self.detector = Detector(network)
        self.dialler = Dialler(network, self, self.detector)
        self.interpreter = Interpreter(network, self, self.dialler)

    # --- calls begin ---

    def dial(self, from_number: str, caller_id: str | None = None, extra: Mapping[str, str] | None = None) -> Call:
        """A customer dials the support number; `caller_id` is what the network shows of them, and `extra` are
        parameters that every request about the call then carries."""
        number = self.network.number
        call = self.add(
            from_number if caller_id is None else caller_id,
            number.number,
            "inbound",
            person=from_number,
            status="ringing",
        )
        call.start_time, call.extra = self.network.clock.now(), dict(extra or {})
        call.fallback_url, call.fallback_method = number.voice_fallback_url or None, number.voice_fallback_method
        call.status_url, call.events = number.status_callback or None, ("completed",)
        call.status_method = number.status_callback_method
        url, method = number.voice_url, number.voice_method
        if url:
            self.network.later(FIRST_FETCH, lambda: self.interpreter.fetch(call, url, method))
        else:
            self.network.later(FIRST_FETCH, lambda: self.interpreter.application_error(call, 11100, "no voice URL"))
        return call

    def place(self, to: str, from_number: str, **options: Any) -> Call:
        """A call that the product asked for by REST: queued, then dialled."""
        call = self.add(from_number, to, "outbound-api", person=to, status="queued")
        for name, value in options.items():
            setattr(call, name, value)
        self.network.later(PROGRESS, lambda: self.start_ringing(call))
        return call

    def add(self, from_number: str, to: str, direction: str, *, person: str, status: str) -> Call:
        now = self.network.clock.now()
        call = Call(new_sid("CA"), from_number, to, direction, person, now, status)
        self.all[call.sid] = call
        self.network.meet(person, "customer" if direction == "inbound" else "other")
        return call

    def start_ringing(self, call: Call) -> None:
        """The other phone rings, or its fate is decided already."""
        if call.is_over:
            return
        call.start_time = self.network.clock.now()
        self.progress(call, "initiated")
        call.status = "ringing"
        fate = self.network.knobs.fate(call.to_number)
        if fate in ("busy", "failed"):
            self.network.later(RINGING, lambda: self.end(call, fate))
            return
        self.progress(call, "ringing", delay=RINGING)
        call.waits = "ring"
        if fate == "answer":
            self.network.later(RINGING * 2, lambda: self._answer(call, "human"))
        elif fate == "mailbox":
            self.network.later(RINGING * 2, lambda: self._answer(call, "machine_start"))
        call.timer = self.network.timers.after(call.timeout, lambda: self.end(call, "no-answer"))

    # --- a person's hand on a phone ---

    def answer(self, sid: str) -> None:
        self._answer(self.live(sid, "ring"), "human")

    def mailbox(self, sid: str) -> None:
        """Nobody takes it and the mailbox does: it hears everything and presses nothing."""
        self._answer(self.live(sid, "ring"), "machine_start")

    def reject(self, sid: str) -> None:
        self.end(self.live(sid, "ring"), "busy")

    def hang_up(self, sid: str) -> None:
        """Hangs up; a caller who keeps words for the tone says them first, unless told twice."""
        call = self.live(sid)
        if call.unsaid and not call.leaves and self._before_the_tone(call):
            call.leaves = True
            return
        self.end(call, "completed" if call.answered_at else "no-answer" if call.direction != "inbound" else "completed")

    def press(self, sid: str, keys: str) -> None:
        call = self.live(sid)
        for key in keys:
            self.interpreter.press(call, key)

    def silence(self, sid: str) -> None:
        """Says nothing into a recording, until it ends by itself."""
        if not self._before_the_tone(self.live(sid)):
            self.live(sid, "record")

    def speak(self, sid: str, audio: bytes, seconds: float) -> None:
        """Speech into a recording. Callers keep silent until the tone: in the menus before it, what they have to say
        is kept, and so is their hanging up after it."""
        call = self.live(sid)
        if self._before_the_tone(call):
            call.unsaid.append((audio, seconds))
        else:
            self.interpreter.speak(self.live(sid, "record"), audio, seconds)

    def _before_the_tone(self, call: Call) -> bool:
        return call.direction == "inbound" and not call.heard_tone and call.waits in ("", "gather")

    def live(self, sid: str, waits: str | None = None) -> Call:
        """A call that goes on. Raises WrongMoment."""
        call = self.all.get(sid)
        if call is None or call.is_over:
            raise WrongMoment("there is no such call any more")
        if waits and call.waits != waits:
            raise WrongMoment(
                f"that needs a phone that waits for {waits}; this one waits for {call.waits or 'nothing'}"
            )
        return call

    def _answer(self, call: Call, by: str) -> None:
        if call.is_over or call.waits != "ring":
            return
        self.cancel_timer(call)
        call.status, call.waits, call.answered_by = "in-progress", "", by
        call.answered_at = self.network.clock.now()
        self.progress(call, "in-progress")
        if by != "human":
            self.network.later(MAILBOX_SECONDS, lambda: self.end(call, "completed"))
        if call.parent:
            self.dialler.answered(call)
        else:
            self._begin(call)

    def _begin(self, call: Call) -> None:
        """The product's document runs; a verdict that it waits for comes first."""
        if call.time_limit is not None:
            self.network.later(call.time_limit, lambda: self.end(call, "completed"))
        if call.detection and call.detection.wait:
            self.detector.detect(call, lambda: self._open(call))
        else:
            if call.detection:
                self.detector.detect(call, lambda: None)
            self._open(call)

    def _open(self, call: Call) -> None:
        if call.is_over:
            return
        if call.document:
            self.interpreter.run_document(call, call.document, "")
        elif call.url:
            self.interpreter.fetch(call, call.url, call.method)

    # --- calls end ---

    def end(self, call: Call, status: str) -> None:
        """The leg is over: whatever it waited for is over too, and everybody is told; but nobody is told of a call
        that was cancelled before it was dialled."""
        if call.is_over:
            return
        self.cancel_timer(call)
        silently = call.status == "queued" and status == "canceled"
        call.status, call.ended_at = status, self.network.clock.now()
        waits, call.waits, call.gather = call.waits, "", None
        if waits == "record":
            self.interpreter.hung_up_recording(call)
        if call.direction == "inbound":
            self._report_ended(call)
        elif not silently:
            self.progress(call, status)
        self.dialler.ended(call)

    def progress(self, call: Call, status: str, delay: float = PROGRESS) -> None:
        """A call-progress event, if it was asked for; it is numbered now and leaves a moment later."""
        form = progress_form(self.network, call, status)
        if EVENTS.get(status, "completed") in call.events:
            self.network.report(call.status_url, form, delay, "call", call.status_method)

    def _report_ended(self, call: Call) -> None:
        form = progress_form(self.network, call, call.status)
        self.network.report(call.status_url, form, ENDED, "ended", call.status_method)

    def leave_verb(self, call: Call) -> None:
        """What the leg was doing is over; a recording is kept, and a child leg is hung up."""
        self.cancel_timer(call)
        call.program, call.gather, call.waits = [], None, ""
        self.interpreter.recorder.cut_off(call)
        if call.dial:
            child, call.dial = call.dial.child, None
            self.end(child, "completed" if child.answered_at else "canceled")

    def fetch(self, call: Call, url: str, method: str = "POST", **more: str) -> None:
        """Asks the product what to do next."""
        self.interpreter.fetch(call, url, method, **more)

    def step(self, call: Call) -> None:
        """The document goes on."""
        self.interpreter.step(call)

    def take_up(self, call: Call) -> None:
        """An inbound call counts as answered from its first real verb on, or from the joining of its legs."""
        if call.answered_at is None:
            call.answered_at, call.status = self.network.clock.now(), "in-progress"

    def cancel_timer(self, call: Call) -> None:
        if call.timer:
            call.timer.cancelled = True
            call.timer = None

    def wait(self, call: Call, seconds: float, action: Callable[[], None]) -> None:
        """One thing at a time: the new timer takes the place of the old."""
        self.cancel_timer(call)
        call.timer = self.network.timers.after(seconds, action)
        self.network.later(0, lambda: None)
