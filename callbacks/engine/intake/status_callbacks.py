"""What the carrier reports of our own calls and texts, by the outbox row whose id their addresses carry."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from callbacks.delivery.delivery_policy import NO_TEXTS, RANKS, TEXT_LOST, CarrierStatus, Direction, Source, moves_on
from callbacks.delivery.outbox_row import OutboxKind
from callbacks.emergency.inputs import Input, PageKey, PageReported, TechnicianKey, TechnicianLeg
from callbacks.engine.context import EngineContext
from callbacks.engine.intake import texts
from callbacks.engine.intake.handle import Taken, digest, handle_input_for_row
from callbacks.store.interface import Transaction
from callbacks.store.received_form import storable
from callbacks.store.rows import CarrierRow, OutboxRow
from callbacks.telephony.reports import Report

BATCH = 10


def status_reported(context: EngineContext, outbox_id: str, source: Source, report: Report) -> None:
    """A status callback of a text or a call that we made: any order, any number of times, or never. It is
    about every page that the text or call carried."""
    key = f"{report['MessageSid'] or report['CallSid']}:{_status(source, report)}:{report['SequenceNumber']}"

    with context.database.read() as session:
        leader = session.outbox.find(outbox_id)
        ids = [row.id for row in session.outbox.members(leader)] if leader else []
    heard = False
    for n in range(0, len(ids), BATCH):
        batch = partial(_tell_batch, context, source=source, key=f"{key}:{n}", ids=ids[n : n + BATCH])
        going_on, heard = context.database.transact(partial(batch, report=report, heard=heard))
        if not going_on:
            break
    context.wake.set()


def _tell_batch(
    context: EngineContext, session: Transaction, source: Source, key: str, ids: list[str], report: Report, heard: bool
) -> tuple[bool, bool]:
    """(does the rest need telling, did somebody press a key) after a few rows, told in one transaction."""
    now, status = context.clock.now(), _status(source, report)
    if not session.received.is_new(source, key, report.pairs, now):
        return True, heard
    rows = [row for row_id in ids if (row := session.outbox.find(row_id))]
    for row in rows:
        is_leader = row.bundle in (None, row.id)
        if is_leader and not _moves_on(session, session.carrier.seen(row.sid), report, now):
            return False, heard
        if is_leader and source == Source.STATUS_MESSAGE:
            _learn(context, session, rows, status, report)
        # Whoever pressed a key on a call for several has heard of all: none of it went to a mailbox.
        if is_leader or not (heard and status == CarrierStatus.COMPLETED):
            taken = _tell(context, session, row, status, report)
            heard = heard or (is_leader and _has_key(row, taken))
    return True, heard


def _status(source: Source, report: Report) -> str:
    return report["MessageStatus"] if source == Source.STATUS_MESSAGE else report["CallStatus"]


def _learn(context: EngineContext, session: Transaction, rows: list[OutboxRow], status: str, report: Report) -> None:
    """What a text's fate says of the phone; before the page it carried fails and the next step starts."""
    if status in TEXT_LOST:
        texts.failed(context, session, rows, report.seconds("ErrorCode"))
    elif status == CarrierStatus.DELIVERED:
        texts.arrived(session, rows[0])


def _has_key(row: OutboxRow, taken: Taken | None) -> bool:
    page = taken.emergency.pages.get(json.loads(row.payload).get("page", "")) if taken else None
    return page is not None and page.key is not None


def _tell(context: EngineContext, session: Transaction, row: OutboxRow, status: str, report: Report) -> Taken | None:
    why = NO_TEXTS.get(report.seconds("ErrorCode") or 0)
    if row.kind == OutboxKind.CUSTOMER_TEXT and status in TEXT_LOST and why and row.number:
        session.customers.mark_sms(row.number, why, context.clock.now())
    emergency = session.emergencies.find(row.emergency_id)
    said = report_of(row, status, report.timestamp() or context.clock.now(), report.seconds("ErrorCode"))
    return handle_input_for_row(context, session, emergency, said) if emergency and said else None


def report_of(row: OutboxRow, status: str, at: datetime, code: int | None) -> Input | None:
    """What a status of a text or call is to the emergency; None when it is nothing."""
    payload = json.loads(row.payload)
    if "page" in payload:
        return PageReported(at=at, page=payload["page"], status=status, code=code)
    return TechnicianLeg(at=at, callback=payload["callback"], status=status) if "callback" in payload else None


def page_key(context: EngineContext, outbox_id: str, key: str) -> Taken | None:
    """A key on a page call; None when the page is not known."""

    def make(row: OutboxRow) -> Input | None:
        page = json.loads(row.payload).get("page")
        return PageKey(at=context.clock.now(), page=page, key=key) if page else None

    return _about_row(context, outbox_id, make)


def bridge_key(context: EngineContext, outbox_id: str, key: str) -> Taken | None:
    """The key that proves a technician on the first leg of a callback."""

    def make(row: OutboxRow) -> Input | None:
        callback = json.loads(row.payload).get("callback")
        return TechnicianKey(at=context.clock.now(), callback=callback, key=key) if callback else None

    return _about_row(context, outbox_id, make)


def _about_row(context: EngineContext, outbox_id: str, make: Callable[[OutboxRow], Input | None]) -> Taken | None:
    """One input about the emergency of an outbox row; None when there is nothing to say."""

    def once(session: Transaction) -> Taken | None:
        row = session.outbox.find(outbox_id)
        emergency = session.emergencies.find(row.emergency_id) if row else None
        said = make(row) if row else None
        return handle_input_for_row(context, session, emergency, said) if emergency and said else None

    return context.commit(once)


def about_callback(
    context: EngineContext, emergency_id: int, said: Input, report: Report, source: Source
) -> Taken | None:
    """One report about a callback's customer leg or dial, taken in once."""

    def once(session: Transaction) -> Taken | None:
        if not session.received.is_new(source, digest(report.pairs), report.pairs, context.clock.now()):
            return None
        if source == Source.LEG:
            _note_leg(session, emergency_id, report, context.clock.now())
        row = session.emergencies.find(emergency_id)
        return handle_input_for_row(context, session, row, said) if row else None

    return context.commit(once)


def _note_leg(session: Transaction, emergency_id: int, report: Report, now: datetime) -> None:
    """The customer's leg as the carrier has it; a late report of an earlier state changes nothing."""
    sid = report.call_sid()
    seen = session.carrier.seen(sid)
    if sid is None or not _moves_on(session, seen, report, now) or seen is not None:
        return
    session.carrier.note(
        CarrierRow(
            sid=sid,
            kind="call",
            direction=Direction.DIALLED,
            from_number=storable(report["From"])[:64],
            to_number=storable(report["To"])[:64],
            parent_sid=report.call_sid("ParentCallSid"),
            status=report["CallStatus"][:24],
            rank=RANKS.get(report["CallStatus"], 0),
            emergency_id=emergency_id,
            started_at=now,
            first_seen_at=now,
            updated_at=now,
        ),
    )


def _moves_on(session: Transaction, seen: CarrierRow | None, report: Report, now: datetime) -> bool:
    """Whether this state comes after the one we know; then it is the one we know."""
    status = report["MessageStatus"] or report["CallStatus"]
    if not moves_on(seen.rank if seen else None, status):
        return False
    if seen is None:
        return True
    seconds = report.seconds("CallDuration") or seen.seconds
    moved = replace(seen, status=status[:24], rank=RANKS.get(status, 0), seconds=seconds, updated_at=now)
    session.carrier.change(seen, moved)
    return True
