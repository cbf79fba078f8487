"""`<Dial><Number>`: a child leg, its whisper, the joining of the legs, and what the parent is told."""

from typing import TYPE_CHECKING

from app.sandbox.forms import call_form
from app.sandbox.records import Call, Dialling
from app.sandbox.twiml import Verb

if TYPE_CHECKING:
    from app.sandbox.calls import CallDesk
    from app.sandbox.network import Network

EXTRA_RING = 5.0
DETECTED = 1.0


class Dialler:
    def __init__(self, network: "Network", desk: "CallDesk") -> None:
        self.network, self.desk = network, desk

    def begin(self, parent: Call, verb: Verb) -> None:
        """Rings the first number of a Dial; the parent waits."""
        number = verb.children[0]
        shown = verb.get("callerId") or parent.from_number
        if shown not in (self.network.number.number, parent.from_number, parent.to_number):
            self.network.error(13214, "the callerId is not a number of this account")
        child = self.desk.add(shown, number.text, "outbound-dial", person=number.text, status="queued")
        child.parent, child.number_verb = parent, number
        child.status_url = number.get("statusCallback") or None
        child.events = tuple(number.get("statusCallbackEvent", "completed").split())
        child.timeout = verb.number("timeout", 30) + EXTRA_RING
        parent.dial, parent.waits = Dialling(verb, child), "dial"
        self.desk.start_ringing(child)

    def answered(self, child: Call) -> None:
        """Picked up: the guess whether by a machine goes out, the whisper runs, else the legs are joined."""
        assert child.number_verb is not None
        verb = child.number_verb
        if verb.get("machineDetection"):
            self.network.later(DETECTED, lambda: self._report_machine(child, verb))
        whisper = verb.get("url")
        if whisper:
            child.after_whisper = lambda: self._join(child)
            self.desk.interpreter.fetch(child, whisper)
        else:
            self._join(child)

    def ended(self, call: Call) -> None:
        """A leg is over: the other one of a pair is told, or hung up."""
        if call.dial:
            child, call.dial = call.dial.child, call.dial
            if not child.is_over:
                self.desk.end(child, "completed" if child.answered_at else "canceled")
            return
        parent = call.parent
        if parent is None or parent.dial is None or parent.dial.child is not call:
            return
        dialling, parent.dial = parent.dial, None
        self._act(parent, dialling)

    def _join(self, child: Call) -> None:
        parent = child.parent
        assert parent is not None
        if parent.is_over or child.is_over or parent.dial is None:
            return
        parent.dial.bridged = True
        child.bridged_at = self.network.clock.now()
        child.bridged_to, parent.bridged_to = parent, child
        child.waits = parent.waits = "talk"
        limit = parent.dial.verb.number("timeLimit", 14400)
        self.desk.wait(child, limit, lambda: self.desk.end(child, "completed"))

    def _act(self, parent: Call, dialling: Dialling) -> None:
        """The dial is over; with an action the product says what comes next, else the document goes on."""
        child = dialling.child
        parent.bridged_to = None
        parent.waits = ""
        action = dialling.verb.get("action")
        if not action:
            return self.desk.interpreter.step(parent)
        talked = child.ended_at and child.bridged_at and (child.ended_at - child.bridged_at).total_seconds()
        more = {
            "DialCallSid": child.sid,
            "DialCallStatus": "completed" if child.answered_at else child.status,
            "DialCallDuration": str(round(talked or 0)),
            "DialBridged": "true" if dialling.bridged else "false",
        }
        parent.program = []
        return self.desk.interpreter.fetch(parent, action, **more)

    def _report_machine(self, child: Call, verb: Verb) -> None:
        knob = self.network.knobs.amd
        guess = {"auto": child.answered_by or "unknown", "machine": "machine_start"}.get(knob, knob)
        form = call_form(self.network, child, AnsweredBy=guess, MachineDetectionDuration=str(int(DETECTED * 1000)))
        self.network.report(verb.get("amdStatusCallback") or None, form, 0.02, "machine")
