"""Answering-machine detection: a guess, a moment after the answer, and only ever a guess.

The knob decides what is guessed; `auto` guesses right. The end of a greeting takes longer to hear than its start.
"""

from collections.abc import Callable

from sandbox.forms import call_form
from sandbox.records import Call, Detection
from sandbox.wire import Wire

AT_ONCE = 1.0
AT_THE_END = 6.0
REPORTED = 0.02


class Detector:
    def __init__(self, network: Wire) -> None:
        self.network = network

    def detect(self, call: Call, then: Callable[[], None]) -> None:
        """Listens, notes the verdict, reports it if an address was given, then goes on with `then`."""
        wish = call.detection
        assert wish is not None
        guess = self._guess(call, wish)
        seconds = AT_THE_END if guess.startswith("machine_end") else AT_ONCE

        def verdict() -> None:
            call.detected = guess
            form = call_form(self.network, call, MachineDetectionDuration=str(int(seconds * 1000)))
            self.network.report(wish.url, form, REPORTED, "machine", wish.method)
            then()

        self.network.later(seconds, verdict)

    def _guess(self, call: Call, wish: Detection) -> str:
        knob = self.network.knobs.amd
        guess = {"auto": call.answered_by or "unknown", "machine": "machine_start"}.get(knob, knob)
        return "machine_end_beep" if guess == "machine_start" and wish.to_the_end else guess
