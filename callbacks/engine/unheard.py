"""Calls to technicians whose reports do not reach us: the carrier's own record of the call stands in for them.

- Asked in each sweep about every call that left and has no end, and at once about one whose request we just refused:
  with a signature that we do not take, nothing else about it will come either.
- A call that was answered, and for which nobody ever got our document, told nobody anything: it failed with the
  carrier's own code for that, and the next step starts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlmodel import Session, col, select

from callbacks.delivery.delivery_policy import LAST_RANK, RANKS
from callbacks.engine.bridges import GIVEN_UP, OVER
from callbacks.engine.intake import take_in_row
from callbacks.engine.progress import report_of
from callbacks.engine.world import World
from callbacks.store import received
from callbacks.store.database import with_retries
from callbacks.store.pagequeue import members
from callbacks.store.tables import CarrierRow, EmergencyRow, OutboxRow
from callbacks.telephony.gateway import CarrierCall, CarrierError

log = structlog.get_logger()
KINDS = ("page-call", "bridge")
LATE = timedelta(seconds=60)
MOST_ASKED, BATCH = 20, 10
NO_DOCUMENT = 11200  # the carrier's code for a document that it could not get
GIVEN = "document"


def document_given(world: World, call_sid: str | None) -> None:
    """The carrier got what is said on this call. What cannot be written down keeps nobody from hearing it."""
    if call_sid is None:
        return

    def once() -> None:
        with world.database.write() as session:
            received.is_new(session, GIVEN, call_sid, (), world.clock.now())

    try:
        with_retries(once)
    except Exception:
        log.error("page.document_not_noted", call=call_sid, exc_info=True)


def request_refused(world: World, outbox_id: str, call_sid: str) -> None:
    """A request about this call was refused. Whoever sent it, the carrier's record says what became of the call."""
    with world.database.read() as session:
        row = session.get(OutboxRow, outbox_id)
    if row and row.kind in KINDS and row.sid == call_sid:
        _ask(world, row)


def look(world: World) -> None:
    """One look at every call without an end. A carrier that cannot be asked is noted, not raised."""
    for row in _unended(world, world.clock.now()):
        if not _ask(world, row):
            return


def _ask(world: World, row: OutboxRow) -> bool:
    """False when the carrier cannot be asked now."""
    try:
        call = world.gateway.fetch_call(row.sid or "")
    except CarrierError as error:
        log.warning("call.unknown", row=row.id, call=row.sid, why=error.why, code=error.code)
        return error.refused
    if call.sid != row.sid:
        return True
    with world.database.read() as session:
        is_answered = call.status in ("in-progress", "completed")
        is_unheard = is_answered and not received.is_known(session, GIVEN, call.sid)
        ids = [member.id for member in members(session, row)]
    if is_unheard or call.status in OVER:
        log.warning("call.report_missing", row=row.id, call=call.sid, status=call.status, unheard=is_unheard)
        for n in range(0, len(ids), BATCH):
            with_retries(partial(_take_over, world, ids[n : n + BATCH], call, is_unheard))
        world.wake.set()
    return True


def _take_over(world: World, ids: Sequence[str], call: CarrierCall, is_unheard: bool) -> None:
    now = world.clock.now()
    at = min(call.ended_at or now, now)
    with world.database.write() as session:
        seen = session.get(CarrierRow, call.sid)
        if seen and seen.rank < RANKS.get(call.status, 0):
            seen.status, seen.rank, seen.updated_at = call.status, RANKS[call.status], now
            seen.seconds = call.seconds or seen.seconds
        for row in filter(None, (session.get(OutboxRow, row_id) for row_id in ids)):
            emergency = session.get(EmergencyRow, row.emergency_id) if row.emergency_id else None
            status, code = ("failed", NO_DOCUMENT) if is_unheard else (call.status, None)
            said = report_of(row, status, at, code)
            if emergency and said:
                take_in_row(world, session, emergency, said)


def _unended(world: World, now: datetime) -> list[OutboxRow]:
    """Calls that left a while ago and of which no end was reported, the newest first."""
    left = (col(OutboxRow.sent_at) > now - GIVEN_UP) & (col(OutboxRow.sent_at) < now - LATE)
    leads = col(OutboxRow.bundle).is_(None) | (col(OutboxRow.bundle) == col(OutboxRow.id))
    mine = col(OutboxRow.kind).in_(KINDS) & (col(OutboxRow.state) == "sent") & leads
    with world.database.read() as session:
        query = select(OutboxRow).where(left, mine).order_by(col(OutboxRow.sent_at).desc()).limit(10 * MOST_ASKED)
        rows = [row for row in session.exec(query) if not _is_over(session, row)]
    return rows[:MOST_ASKED]


def _is_over(session: Session, row: OutboxRow) -> bool:
    """By a report, or because the page failed while its call went on: nothing more is to be learnt."""
    seen = session.get(CarrierRow, row.sid or "")
    return row.sid is None or (seen is not None and seen.rank >= LAST_RANK)
