"""Runs TwiML on a leg, verb by verb, as the carrier does: it hears, gathers, records and dials."""

from collections.abc import Callable
from functools import partial

from sandbox.dialling import Dialler
from sandbox.forms import call_form
from sandbox.gather_verb import Gatherer
from sandbox.recorder import Recorder
from sandbox.records import Call
from sandbox.sender import Answer
from sandbox.twiml import Verb, read
from sandbox.wire import Legs, Wire

SPOKEN_ERROR = "We are sorry, an application error has occurred. Goodbye."
BEATEN = 0.25
WHISPERED = ("Say", "Play", "Pause", "Gather", "Hangup", "Redirect")


class Interpreter:
    def __init__(self, network: Wire, legs: Legs, dialler: Dialler) -> None:
        self.network, self.legs, self.dialler = network, legs, dialler
        self.recorder = Recorder(network, legs)
        self.gatherer = Gatherer(network, legs, {"Say": self._say, "Play": self._play})

    # --- documents ---

    def fetch(self, call: Call, url: str, method: str = "POST", **more: str) -> None:
        """Asks the product what to do next. A leg that is over asks too, but the answer controls nothing; that
        request races the report of the end, and a knob lets the report win."""
        form = call_form(self.network, call, **more)
        ask = partial(self.network.ask, url, form, lambda answer: self._answered(call, url, answer), method)
        if call.is_over and self.network.knobs.ended_first:
            self.network.later(BEATEN, ask)
        else:
            ask()

    def run_document(self, call: Call, text: str, url: str) -> None:
        """Reads a document and runs it from its first verb."""
        reading = read(text)
        for code, message in reading.faults:
            self.network.error(code, message, url)
        if any(code == 12100 for code, _ in reading.faults):
            return self.application_error(call, 12100, "the document cannot be read", url)
        call.program = list(reading.verbs)
        self.step(call)

    def application_error(self, call: Call, code: int, message: str, url: str = "") -> None:
        """What a caller hears when the product cannot say what to do; the fallback is asked first."""
        if code != 12100:
            self.network.error(code, message, url)
        fallback, call.fallback_url = call.fallback_url, None
        if fallback and not call.is_over:
            return self.fetch(call, fallback, call.fallback_method, ErrorCode=str(code), ErrorUrl=url)
        if not call.is_over:
            self.legs.take_up(call)
            call.heard.append({"language": "en", "text": SPOKEN_ERROR})
            self.legs.end(call, "completed")
        return None

    def _answered(self, call: Call, url: str, answer: Answer) -> None:
        if call.is_over:
            if answer.error:
                self.network.error(answer.error, "an answer after the end of the call was an error", url)
            return
        if answer.error:
            self.application_error(
                call, answer.error, f"answered {answer.status or 'not at all'} {answer.body[:80]}", url
            )
        else:
            self.run_document(call, answer.body, url)

    # --- verbs ---

    def step(self, call: Call) -> None:
        """Runs verbs until one takes time or hands control away; at the end the call is hung up."""
        while not call.is_over:
            if not call.program:
                return self._out_of_verbs(call)
            verb = call.program.pop(0)
            if verb.name != "Reject" and verb.get("answerOnBridge") != "true":
                self.legs.take_up(call)
            if call.after_whisper and verb.name not in WHISPERED:
                self.network.error(12200, f"{verb.name} may not be in a whisper")
            if not VERBS[verb.name](self, call, verb):
                return None
        return None

    def _out_of_verbs(self, call: Call) -> None:
        if call.after_whisper:
            done, call.after_whisper = call.after_whisper, None
            return done()
        return self.legs.end(call, "completed")

    def _say(self, call: Call, verb: Verb) -> bool:
        language = verb.get("language", "en-US")[:2]
        call.heard.append({"language": language, "text": verb.text})
        return True

    def _play(self, call: Call, verb: Verb) -> bool:
        """The audio is fetched as the carrier would fetch it; what cannot be played is an error."""
        call.heard.append({"play": verb.text})
        self.network.fetch(verb.text, lambda answer: self._check_audio(verb.text, answer))
        return True

    def _check_audio(self, url: str, answer: Answer) -> None:
        if answer.error:
            self.network.error(answer.error, f"audio answered {answer.status}", url)
        elif not answer.content_type.startswith("audio/"):
            self.network.error(12300, f"audio was {answer.content_type}", url)

    def _pause(self, call: Call, verb: Verb) -> bool:
        self.legs.wait(call, verb.number("length", 1), lambda: self.step(call))
        return False

    def _hangup(self, call: Call, verb: Verb) -> bool:
        self.legs.end(call, "completed")
        return False

    def _reject(self, call: Call, verb: Verb) -> bool:
        self.legs.end(call, "busy" if verb.get("reason") == "busy" else "no-answer")
        return False

    def _redirect(self, call: Call, verb: Verb) -> bool:
        call.program = []
        self.fetch(call, verb.text, verb.method)
        return False

    def _record(self, call: Call, verb: Verb) -> bool:
        self.recorder.begin(call, verb)
        return False

    def _dial(self, call: Call, verb: Verb) -> bool:
        self.dialler.begin(call, verb)
        return False

    # --- keys ---

    def _gather(self, call: Call, verb: Verb) -> bool:
        self.gatherer.begin(call, verb)
        return False

    def press(self, call: Call, key: str) -> None:
        """A key: into a Gather, or the end of a recording; elsewhere it is only heard."""
        call.pressed = True
        if call.waits == "record":
            self.recorder.key(call, key)
        elif call.waits == "gather":
            self.gatherer.key(call, key)

    # --- recording ---

    def speak(self, call: Call, audio: bytes, seconds: float) -> None:
        self.recorder.speak(call, audio, seconds)

    def hung_up_recording(self, call: Call) -> None:
        self.recorder.hung_up(call)


Run = Callable[[Interpreter, Call, Verb], bool]
VERBS: dict[str, Run] = {
    "Say": Interpreter._say,
    "Play": Interpreter._play,
    "Pause": Interpreter._pause,
    "Hangup": Interpreter._hangup,
    "Reject": Interpreter._reject,
    "Redirect": Interpreter._redirect,
    "Gather": Interpreter._gather,
    "Record": Interpreter._record,
    "Dial": Interpreter._dial,
}
