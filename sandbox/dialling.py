"""`<Dial><Number>`: a child leg, its whisper, the joining of the legs, and what the parent is told."""

from sandbox.detector import Detector
from sandbox.records import Call, Detection, Dialling
from sandbox.twiml import E164, Verb
from sandbox.wire import Legs, Wire

EXTRA_RING = 5.0
REFUSED = 0.08


class Dialler:
    def __init__(self, network: Wire, legs: Legs, detector: Detector) -> None:
        self.network, self.legs, self.detector = network, legs, detector

    def begin(self, parent: Call, verb: Verb) -> None:
        """Rings the first number of a Dial; the parent waits."""
        number = verb.children[0]
        if len(verb.children) > 1:
            self.network.error(12200, "this desk rings the first Number of a Dial only")
        if verb.get("record", "do-not-record") != "do-not-record":
            self.network.error(12200, "this desk does not record a Dial")
        shown = verb.get("callerId") or parent.from_number
        child = self.legs.add(shown, number.text, "outbound-dial", person=number.text, status="queued")
        child.parent, child.number_verb = parent, number
        child.status_url = number.get("statusCallback") or None
        child.status_method = number.get("statusCallbackMethod", "POST")
        child.detection = _detection(number)
        child.events = tuple(number.get("statusCallbackEvent", "completed").split())
        child.timeout = verb.number("timeout", 30) + EXTRA_RING
        parent.dial, parent.waits = Dialling(verb, child), "dial"
        if self._can_dial(parent, child):
            return self.legs.start_ringing(child)
        child.events = ()
        return self.network.later(REFUSED, lambda: self.legs.end(child, "failed"))

    def _can_dial(self, parent: Call, child: Call) -> bool:
        """A number that is none fails, and so does one shown that is neither the account's nor the call's."""
        if child.from_number not in (self.network.number.number, parent.from_number, parent.to_number):
            self.network.error(13214, "the callerId is not a number of this account")
            return False
        return E164.fullmatch(child.to_number) is not None

    def answered(self, child: Call) -> None:
        """Picked up: the guess whether by a machine goes out, the whisper runs, else the legs are joined."""
        assert child.number_verb is not None
        verb = child.number_verb
        if child.detection:
            self.detector.detect(child, lambda: None)
        whisper = verb.get("url")
        if whisper:
            child.after_whisper = lambda: self._let_through(child, whisper)
            self.legs.fetch(child, whisper, verb.method)
        else:
            self._join(child)

    def ended(self, call: Call) -> None:
        """A leg is over: the other one of a pair is told, or hung up."""
        if call.dial:
            return self._left(call)
        parent = call.parent
        if parent is None or parent.dial is None or parent.dial.child is not call:
            return None
        dialling, parent.dial = parent.dial, None
        return self._act(parent, dialling)

    def _left(self, parent: Call) -> None:
        """The parent is gone: its child goes too, and the action is still asked, unless a knob has it otherwise."""
        dialling, parent.dial = parent.dial, None
        assert dialling is not None
        self.legs.end(dialling.child, "completed" if dialling.child.answered_at else "canceled")
        if self.network.knobs.left_dial == "asked":
            self._act(parent, dialling)

    def _let_through(self, child: Call, whisper: str) -> None:
        """A whisper that ends without Hangup joins the legs, also when nobody pressed a key."""
        if not child.pressed:
            self.network.error(12200, "the whisper let a leg through on which no key was pressed", whisper)
        self._join(child)

    def _join(self, child: Call) -> None:
        parent = child.parent
        assert parent is not None
        if parent.is_over or child.is_over or parent.dial is None:
            return
        self.legs.take_up(parent)
        parent.dial.bridged = True
        child.bridged_at = self.network.clock.now()
        child.bridged_to, parent.bridged_to = parent, child
        child.waits = parent.waits = "talk"
        limit = parent.dial.verb.number("timeLimit", 14400)
        self.legs.wait(child, limit, lambda: self.legs.end(child, "completed"))

    def _act(self, parent: Call, dialling: Dialling) -> None:
        """The dial is over; with an action the product says what comes next, else the document goes on."""
        child = dialling.child
        parent.bridged_to = None
        parent.waits = ""
        action = dialling.verb.get("action")
        if not action:
            return self.legs.step(parent)
        talked = child.ended_at and child.bridged_at and (child.ended_at - child.bridged_at).total_seconds()
        more = {
            "DialCallSid": child.sid,
            "DialCallStatus": "completed" if child.answered_at else child.status,
            "DialCallDuration": str(round(talked or 0)),
            "DialBridged": "true" if dialling.bridged else "false",
        }
        parent.program = []
        return self.legs.fetch(parent, action, dialling.verb.method, **more)


def _detection(number: Verb) -> Detection | None:
    """What a Number asks of detection; it never waits for the verdict."""
    kind = number.get("machineDetection")
    if not kind:
        return None
    url, method = number.get("amdStatusCallback") or None, number.get("amdStatusCallbackMethod", "POST")
    return Detection(False, url, method, kind == "DetectMessageEnd")
