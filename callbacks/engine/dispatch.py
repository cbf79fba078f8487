"""The one way out: claimed outbox rows become requests to the carrier, and their outcome becomes facts.

- A row is claimed in a short committed transaction, sent with no transaction open, and settled under
  its fence: a node that lost its lease writes nothing.
- Stages of a row: queued, claimed, then sent, failed, cancelled or done; ambiguous while the carrier
  may or may not have carried it out.
- After an ambiguous send the carrier is asked first. A text or page is then sent again; a bridge never is.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from callbacks.engine import recordings
from callbacks.engine.intake import take_in_row
from callbacks.engine.world import World
from callbacks.inputs import CallerLearned, Input, PageAccepted, PageRefused, TechnicianLeg
from callbacks.phone import is_withheld, normalise
from callbacks.store import outbox
from callbacks.store.database import with_retries
from callbacks.store.tables import CarrierRow, EmergencyRow, OutboxRow
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
RING_SECONDS = 25
SETTLE_AFTER_TIMEOUT = timedelta(seconds=30)
SETTLE_AFTER_ERROR = timedelta(seconds=1)
LOOK_AGAIN = timedelta(seconds=3)
SKEW = timedelta(seconds=5)
SLOWEST_RETRY = 30.0


URGENT = ("page", "page-call", "bridge", "text", "alarm")
PATIENT = ("fetch", "look-up")


def claim(world: World, limit: int, kinds: Sequence[str]) -> list[OutboxRow]:
    """Due rows of these kinds, claimed for this node."""
    with world.database.write() as session:
        return outbox.claim_due(session, world.clock.now(), world.node, world.lease, limit, kinds)


def send(world: World, row: OutboxRow) -> None:
    """Carries out one claimed row and writes down how it went."""
    try:
        _KINDS[row.kind](world, row)
    except CarrierError as error:
        _failed(world, row, error)
    except Exception as error:
        log.error("outbox.broken", row=row.id, kind=row.kind, error=type(error).__name__)
        _later(world, row, type(error).__name__)


# --- what each kind does ---


def _text(world: World, row: OutboxRow) -> None:
    if _expired(world, row) or _adopted(world, row, _find_text):
        return
    status_url = world.url(f"/twilio/status/message/{row.id}")
    valid = _seconds_left(world, row)
    sid = world.gateway.send_text(row.number or "", row.text or "", status_url, valid)
    _sent(world, row, sid)


def _call(world: World, row: OutboxRow) -> None:
    if _expired(world, row) or _adopted(world, row, _find_call):
        return
    if row.kind == "bridge" and _is_ambiguous(row):
        return _give_up(world, row, "failed", None)
    name = "bridge" if row.kind == "bridge" else "page"
    url, status_url = world.url(f"/twilio/{name}/{row.id}"), world.url(f"/twilio/status/call/{row.id}")
    sid = world.gateway.start_call(row.number or "", url, status_url, RING_SECONDS)
    _sent(world, row, sid)


def _fetch(world: World, row: OutboxRow) -> None:
    payload = json.loads(row.payload)
    found = recordings.fetch(world, payload["recording_sid"], row.created_at)
    if found is None:
        return _later(world, row, "not ready")
    _settle(world, row, [found], state="done")


def _look_up(world: World, row: OutboxRow) -> None:
    call = world.gateway.fetch_call(json.loads(row.payload)["call_sid"])
    withheld = is_withheld(call.from_number)
    number = None if withheld else normalise(call.from_number)
    learned = CallerLearned(at=world.clock.now(), number=number, withheld=withheld, call_started_at=call.started_at)
    _settle(world, row, [learned], state="done")


def _alarm(world: World, row: OutboxRow) -> None:
    if world.alarm is None:
        return _settle(world, row, [], state="cancelled", error="CALLBACKS_NOTIFY_URLS is not set")
    world.alarm(row.text or "")
    _settle(world, row, [], state="done")


_KINDS: dict[str, Callable[[World, OutboxRow], None]] = {
    "page": _text,
    "text": _text,
    "page-call": _call,
    "bridge": _call,
    "fetch": _fetch,
    "look-up": _look_up,
    "alarm": _alarm,
}

# --- how it went ---


def _sent(world: World, row: OutboxRow, sid: str) -> None:
    now = world.clock.now()
    page = json.loads(row.payload).get("page")
    facts: list[Input] = [PageAccepted(at=now, page=page, sid=sid)] if page else []
    _settle(world, row, facts, state="sent", sid=sid)


def _failed(world: World, row: OutboxRow, error: CarrierError) -> None:
    log.warning("outbox.failed", row=row.id, kind=row.kind, why=error.why, code=error.code)
    if error.refused and row.kind not in ("fetch", "look-up"):
        return _give_up(world, row, "refused", error.code)
    if error.ambiguous and row.kind in ("page", "text", "page-call", "bridge"):
        wait = SETTLE_AFTER_ERROR if error.why.isdigit() else SETTLE_AFTER_TIMEOUT
        now = world.clock.now()
        payload = json.dumps(json.loads(row.payload) | {"absent_from": (now + wait).isoformat()})
        return _settle(world, row, [], state="ambiguous", due_at=now + SETTLE_AFTER_ERROR, payload=payload)
    _later(world, row, error.why)


def _give_up(world: World, row: OutboxRow, why: str, code: int | None) -> None:
    """Known to have failed: the core is told, so that the next step starts now."""
    now, payload = world.clock.now(), json.loads(row.payload)
    facts: list[Input] = []
    if "page" in payload:
        facts.append(PageRefused(at=now, page=payload["page"], why=why, code=code))
    elif "callback" in payload:
        facts.append(TechnicianLeg(at=now, callback=payload["callback"], status="failed"))
    _settle(world, row, facts, state="failed", error=f"{why} {code or ''}".strip(), finished_at=now)


def _later(world: World, row: OutboxRow, why: str) -> None:
    """Not done, and safe to do again: with back-off, until it expires."""
    pause = min(2.0 ** min(row.attempts - 1, 10) / 2, SLOWEST_RETRY)
    state = "ambiguous" if _is_ambiguous(row) else "queued"
    _settle(world, row, [], state=state, due_at=world.clock.now() + timedelta(seconds=pause), error=why)


def _settle(world: World, row: OutboxRow, facts: list[Input], **changes: Any) -> None:
    """Outcome and facts in one transaction, under the row's fence."""

    def once() -> None:
        with world.database.write() as session:
            if not outbox.settle(session, row.id, row.fence, **changes):
                return
            if changes.get("sid"):
                session.merge(_carrier_row(row, changes["sid"], world.clock.now()))
            emergency = session.get(EmergencyRow, row.emergency_id) if row.emergency_id else None
            for fact in facts if emergency else ():
                assert emergency is not None
                take_in_row(world, session, emergency, fact)

    with_retries(once)
    if facts:
        world.wake.set()


def _carrier_row(row: OutboxRow, sid: str, now: datetime) -> CarrierRow:
    return CarrierRow(
        sid=sid, kind="message" if sid[:2] in ("SM", "MM") else "call", direction="outbound-api", from_number="",
        to_number=row.number or "", status="queued", rank=0, outbox_id=row.id, emergency_id=row.emergency_id,
        first_seen_at=now, updated_at=now,
    )  # fmt: skip


# --- time left, and what an ambiguous send came to ---


def _expired(world: World, row: OutboxRow) -> bool:
    if row.expires_at is None or world.clock.now() < row.expires_at:
        return False
    _give_up(world, row, "expired", None)
    return True


def _seconds_left(world: World, row: OutboxRow) -> int:
    left = (row.expires_at - world.clock.now()).total_seconds() if row.expires_at else 600
    return max(10, int(left))


def _is_ambiguous(row: OutboxRow) -> bool:
    return "absent_from" in json.loads(row.payload)


def _adopted(world: World, row: OutboxRow, find: Callable[[World, OutboxRow], str | None]) -> bool:
    """True when an earlier ambiguous send turned out to be there, or is to be looked for again."""
    if not _is_ambiguous(row):
        return False
    try:
        sid = find(world, row)
    except CarrierError as error:
        log.warning("outbox.look_up_failed", row=row.id, kind=row.kind, why=error.why)
        sid = None
    if sid:
        _sent(world, row, sid)
        return True
    now = world.clock.now()
    if now >= datetime.fromisoformat(json.loads(row.payload)["absent_from"]):
        return False
    _settle(world, row, [], state="ambiguous", due_at=now + LOOK_AGAIN)
    return True


def _find_text(world: World, row: OutboxRow) -> str | None:
    found = world.gateway.messages_to(row.number or "", row.created_at - SKEW)
    return next((m.sid for m in found if m.body == row.text), None)


def _find_call(world: World, row: OutboxRow) -> str | None:
    found = world.gateway.calls_to(row.number or "", row.created_at - SKEW)
    return found[0].sid if found else None
