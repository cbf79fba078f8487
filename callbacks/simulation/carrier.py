"""The carrier's own records: what it accepted, who rang, who spoke (the truth), and its REST API, which fails."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from callbacks.delivery.outbox_row import CALLS
from callbacks.emergency.inputs import RecordingFetched
from callbacks.simulation.nodes import Node
from callbacks.simulation.store import Box
from callbacks.simulation.world import MILLISECOND, SECOND, SUPPORT, World
from callbacks.telephony.gateway import CarrierCall, CarrierError

OPTED_OUT = 21610
# ours, and how long the carrier may take to carry it out
DEADLINE = 10 * SECOND
SLOWEST = 26 * SECOND


@dataclass
class Sent:
    """A text or a call of ours that was accepted. `leg`: the customer's phone, dialled from it."""

    sid: str
    box: Box
    accepted_at: int
    seen_from: int
    is_call: bool
    resent: bool
    leg: "Leg | None" = None
    state: str = "queued"


@dataclass
class Leg:
    """The customer's side of a callback: the truth about who spoke with whom, and for how long."""

    emergency_id: int
    callback: str
    technician: str
    began: int
    status: str = "ringing"
    joined: int | None = None
    ended: int | None = None
    is_human: bool = False
    called: str = "human"
    rang: bool = False
    key: str = ""

    @property
    def seconds(self) -> int:
        return (self.ended - self.joined) // SECOND if self.joined is not None and self.ended is not None else 0


@dataclass
class Inbound:
    """A customer's call as the carrier has it. `recording`: (SID, seconds, ready at)."""

    sid: str
    number: str
    began: int
    seen_from: int
    ended: int | None = None
    recording: tuple[str, int, int] | None = None
    listed: CarrierCall | None = None


@dataclass
class Carrier:
    """Its books and its API."""

    world: World
    sent: list[Sent] = field(default_factory=list)
    inbound: list[Inbound] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    is_list_down: bool = False
    free_at: int = 0
    on_text: Callable[[Sent, int], None] = lambda sent, valid: None
    on_call: Callable[[Sent], None] = lambda sent: None

    # --- requests that change something ---

    def request(self, node: Node, ask: Callable[[], str], then: Callable[[str | CarrierError], None]) -> None:
        """Sends one request for `node`; the answer, or what went wrong, comes later; the node may be dead by then."""
        line, faults = self.world.line, self.world.faults
        if node.is_deaf or faults.strikes("no connection"):
            return node.later(3 * SECOND, then, CarrierError("connect"))
        latency = faults.chance.between(30, 400) * MILLISECOND
        if faults.strikes("429"):
            return node.later(latency, then, CarrierError("429"))
        if faults.strikes("5xx"):
            if faults.chance.happens(0.5):
                line.after(latency // 2, self._carry_out, ask, None)
            return node.later(latency, then, CarrierError("500", ambiguous=True))
        if faults.strikes("time-out"):
            line.after(faults.chance.spread(MILLISECOND, SLOWEST), self._carry_out, ask, None)
            return node.later(DEADLINE, then, CarrierError("ReadTimeout", ambiguous=True))

        def answer(said: str | CarrierError) -> None:
            node.later(latency // 2, then, said)

        return line.after(latency // 2, self._carry_out, ask, answer)

    def _carry_out(self, ask: Callable[[], str], answer: Callable[[str | CarrierError], None] | None) -> None:
        said: str | CarrierError
        try:
            said = ask()
        except CarrierError as error:
            said = error
        if answer:
            answer(said)

    def send_text(self, box: Box, valid: int) -> str:
        if box.number in self.opted_out:
            raise CarrierError("400", refused=True, code=OPTED_OUT)
        if self.world.faults.strikes("texts refused"):
            raise CarrierError("400", refused=True, code=30007)
        sent = self._accept("SM", box, is_call=False)
        self.on_text(sent, valid)
        return sent.sid

    def start_call(self, box: Box, valid: int) -> str:
        sent = self._accept("CA", box, is_call=True)
        self.on_call(sent)
        return sent.sid

    def _accept(self, prefix: str, box: Box, is_call: bool) -> Sent:
        now = self.world.line.now
        sid = f"{prefix}{len(self.sent) + 1:032x}"
        sent = Sent(sid, box, now, now + self._blind_for(), is_call, resent=box.absent_from is not None)
        self.sent.append(sent)
        self.world.watch.accepted(sent)
        return sent

    def _blind_for(self) -> int:
        faults = self.world.faults
        return faults.chance.spread(MILLISECOND, 60 * SECOND) if faults.strikes("list blind") else 0

    # --- reading ---

    def find(self, node: Node, box: Box, since: datetime) -> str | None:
        """The text or call that an ambiguous send came to, by its words or its number."""
        self._readable(node)
        found = [s.sid for s in reversed(self.sent) if self._is_listed(s, box, since)]
        others = {b.sid for b in self.world.store.boxes.values() if (b.bundle or b.id) != (box.bundle or box.id)}
        sid: str | None = self.world.rules.found_again(found, others)
        return sid

    def _is_listed(self, sent: Sent, box: Box, since: datetime) -> bool:
        line = self.world.line
        same = sent.box.number == box.number and sent.is_call == (box.kind in CALLS)
        words = sent.is_call or sent.box.text == box.text
        return same and words and sent.seen_from <= line.now and line.instant(sent.accepted_at) >= since

    def inbound_calls(self, node: Node, since: datetime) -> list[CarrierCall]:
        self._readable(node)
        now, first = self.world.line.now, self.world.line.micros(since)
        return [c.listed or self._as_listed(c) for c in self.inbound if c.seen_from <= now and c.began >= first]

    def fetch_call(self, node: Node, sid: str) -> CarrierCall:
        self._readable(node)
        return self._as_listed(next(c for c in self.inbound if c.sid == sid))

    def recording_of(self, node: Node, sid: str) -> tuple[str, int] | None:
        self._readable(node)
        call = next((c for c in self.inbound if c.sid == sid), None)
        found = call.recording if call else None
        return found[:2] if found and found[2] <= self.world.line.now else None

    def fetch_audio(self, node: Node, recording: str, now: datetime) -> RecordingFetched:
        self._readable(node)
        if self.world.faults.strikes("fetch fails"):
            raise CarrierError("404")
        return RecordingFetched(at=now, recording_sid=recording, sha256="0" * 64, size=1000)

    def legs_of(self, node: Node, sid: str) -> list[CarrierCall]:
        self._readable(node)
        leg = next((s.leg for s in self.sent if s.sid == sid), None)
        if leg is None:
            return []
        line = self.world.line
        ended = line.instant(leg.ended) if leg.ended is not None else None
        status = leg.status if leg.ended is not None else "in-progress" if leg.joined is not None else "ringing"
        answered_by = leg.called if leg.joined is not None else None
        listed = CarrierCall(
            f"{sid}-leg",
            SUPPORT,
            "",
            status,
            "outbound-dial",
            line.instant(leg.began),
            line.instant(leg.began),
            leg.seconds,
            sid,
            ended,
            answered_by,
        )
        return [listed]

    def _readable(self, node: Node) -> None:
        if node.is_deaf or self.is_list_down or self.world.faults.strikes("list down"):
            raise CarrierError("503", ambiguous=True)

    def _as_listed(self, call: Inbound) -> CarrierCall:
        line = self.world.line
        began = line.instant(call.began - call.began % SECOND)  # the carrier's times are whole seconds
        length = (call.ended - call.began) // SECOND if call.ended is not None else None
        status = "completed" if call.ended is not None else "in-progress"
        listed = CarrierCall(call.sid, call.number, SUPPORT, status, "inbound", began, began, length)
        call.listed = listed if call.ended is not None else None
        return listed
