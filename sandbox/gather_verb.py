"""`<Gather>`: a prompt that any key cuts short, then the keys, until enough came, the last one, or silence.

The wait for a key begins when the prompt is over. How long a prompt takes is the desk's reading rate; without one
words take no time, and only a Pause does.
"""

from collections.abc import Callable

from sandbox.records import Call, Gathering
from sandbox.twiml import Verb
from sandbox.wire import Legs, Wire

Say = Callable[[Call, Verb], bool]


class Gatherer:
    def __init__(self, network: Wire, legs: Legs, says: dict[str, Say]) -> None:
        self.network, self.legs, self.says = network, legs, says

    def begin(self, call: Call, verb: Verb) -> None:
        call.gather, call.waits = Gathering(verb, list(verb.children)), "gather"
        self._prompt(call, call.gather)

    def key(self, call: Call, key: str) -> None:
        """A key: the prompt stops, and what is left of it is never said."""
        gathering = call.gather
        if gathering is None:
            return
        gathering.prompts.clear()
        if key == gathering.finish:
            return self._over(call, key)
        gathering.keys += key
        if gathering.most and len(gathering.keys) >= gathering.most:
            return self._over(call)
        return self._listen(call, gathering)

    def _prompt(self, call: Call, gathering: Gathering) -> None:
        """Says what is to be said, one after the other, then listens."""
        while gathering.prompts:
            verb = gathering.prompts.pop(0)
            if verb.name in self.says:
                self.says[verb.name](call, verb)
            if seconds := self._length(verb):
                return self.legs.wait(call, seconds, lambda: self._prompt(call, gathering))
        return self._listen(call, gathering)

    def _length(self, verb: Verb) -> float:
        if verb.name == "Pause":
            return verb.number("length", 1)
        rate = self.network.config.reading_rate
        return len(verb.text) / rate if rate and verb.name == "Say" else 0

    def _listen(self, call: Call, gathering: Gathering) -> None:
        self.legs.wait(call, gathering.verb.number("timeout", 5), lambda: self._over(call))

    def _over(self, call: Call, finished_on: str = "") -> None:
        """Without a key the document goes on and nobody is asked, unless the verb wants to hear of that too."""
        gathering, call.gather, call.waits = call.gather, None, ""
        self.legs.cancel_timer(call)
        if gathering is None or call.is_over:
            return None
        verb = gathering.verb
        if not gathering.keys and verb.get("actionOnEmptyResult") != "true":
            return self.legs.step(call)
        call.program = []
        more = {"Digits": gathering.keys, "FinishedOnKey": finished_on, "msg": "Gather End"}
        return self.legs.fetch(call, verb.get("action"), verb.method, **more)
