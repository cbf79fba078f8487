"""Texts whose webhook never came, and calls and texts from our number that we know nothing of.

- A failed SMS webhook is not tried again by the carrier: a lost `1` would wake the next person for nothing.
- Looked back from the last success less an overlap; the carrier lists new records late.
- A text is about what was open when it was written: never about an emergency that came after it. One older than an
  hour is kept as received and asks for nothing: what it meant is over.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog

from callbacks.delivery.delivery_policy import Source
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.texts import text_received
from callbacks.engine.notify import raise_now
from callbacks.engine.sweeps import last_sweep, note_sweep
from callbacks.store import checks
from callbacks.store.interface import Transaction
from callbacks.telephony.gateway import CarrierCall, CarrierError, CarrierMessage, listed
from callbacks.telephony.reports import Report

log = structlog.get_logger()
NAME = "inbound-texts"
OVERLAP = timedelta(minutes=20)
FIRST_LOOK = timedelta(hours=1)
WEBHOOKS_FIRST = timedelta(seconds=20)
STALE = timedelta(hours=1)
WHOLE_SECOND = timedelta(seconds=1)  # the carrier tells no fractions


def find_lost_texts(context: EngineContext) -> int:
    """One comparison; how many texts were found. Raises CarrierError."""
    now = context.clock.now()
    texts, fault = listed(partial(context.gateway.inbound_messages, _from(context, now)))
    lost = [m for m in _unheard(context, texts) if m.created_at and now - m.created_at >= WEBHOOKS_FIRST]
    failed = [m for m in sorted(lost, key=lambda m: m.created_at or now) if not _is_taken(context, m, now)]
    waiting = [m.created_at for m in texts if m.created_at and now - m.created_at < WEBHOOKS_FIRST]
    if lost:
        note_sweep(context, checks.FOUND, now, now, None)
    error = f"{len(failed)} texts could not be taken in" if failed else fault.why if fault else None
    note_sweep(context, NAME, now, None if error else min([now, *waiting]), error)
    return len(lost)


def _is_taken(context: EngineContext, message: CarrierMessage, now: datetime) -> bool:
    """One that cannot be taken in keeps no other waiting; the next sweep tries it again."""
    log.warning("sweep.text_found", message=message.sid)
    try:
        _take(context, message, now)
    except Exception:
        log.error("sweep.text_failed", message=message.sid, exc_info=True)
        return False
    return True


def _from(context: EngineContext, now: datetime) -> datetime:
    through = last_sweep(context, NAME).succeeded_through
    return through - OVERLAP if through else now - FIRST_LOOK


def _unheard(context: EngineContext, texts: list[CarrierMessage]) -> list[CarrierMessage]:
    with context.database.read() as session:
        known = session.received.texts_known([m.sid for m in texts])
    return [m for m in texts if m.sid not in known]


def _media(context: EngineContext, message: CarrierMessage) -> list[tuple[str, str]]:
    """What came with it, named as the report that was lost named it."""
    if not message.media:
        return []
    try:
        found = context.gateway.media_of(message.sid)
    except CarrierError as error:
        log.warning("sweep.media_unavailable", message=message.sid, why=error.why)
        found = []
    form = [("NumMedia", str(message.media))]
    account = "AC" + "0" * 32  # of no meaning: the two SIDs alone are read
    for n, (sid, content_type) in enumerate(found[: message.media]):
        path = f"/2010-04-01/Accounts/{account}/Messages/{message.sid}/Media/{sid}"
        form += [(f"MediaUrl{n}", path), (f"MediaContentType{n}", content_type)]
    return form


def _take(context: EngineContext, message: CarrierMessage, now: datetime) -> None:
    form = [("MessageSid", message.sid), ("From", message.from_number), ("To", message.to_number)]
    report = Report([*form, ("Body", message.body), *_media(context, message)])
    written = (message.created_at or now) + WHOLE_SECOND
    if now - written < STALE:
        return text_received(context, report, written)

    def once(session: Transaction) -> None:
        session.received.is_new(Source.SMS, message.sid, report.pairs, now)

    return context.database.transact(once)


# Calls and texts that left from our number and that we know nothing of: a leaked token, or toll fraud.
#
# Every SID that we make stands in the outbox, in a report that came back, or is the leg of a call of ours. What is
# looked at is old enough for an ambiguous send to have been settled. Supervisors are told once an hour while it
# lasts.

OUTBOUND = "outbound"
SETTLED = timedelta(minutes=2)
OUTBOUND_OVERLAP = timedelta(minutes=20)
OUTBOUND_FIRST_LOOK = timedelta(hours=1)


def find_unknown_outbound(context: EngineContext) -> int:
    """One comparison; how many SIDs are not ours. Raises CarrierError."""
    now = context.clock.now()
    through = last_sweep(context, OUTBOUND).succeeded_through
    since = through - OUTBOUND_OVERLAP if through else now - OUTBOUND_FIRST_LOOK
    all_calls, fault = listed(partial(context.gateway.outbound_calls, since))
    all_texts, other_fault = listed(partial(context.gateway.outbound_messages, since))
    calls = [c for c in all_calls if _is_settled(c, now)]
    texts = [m for m in all_texts if _is_settled(m, now)]
    with context.database.read() as session:
        ours = _ours(session, [c.sid for c in calls] + [c.parent_sid for c in calls if c.parent_sid])
        ours |= _ours(session, [m.sid for m in texts])
    strange = [c.sid for c in calls if c.sid not in ours and (c.parent_sid or "") not in ours]
    strange += [m.sid for m in texts if m.sid not in ours]
    if strange:
        _tell(context, strange, now)
    partly = fault or other_fault
    note_sweep(context, OUTBOUND, now, None if partly else now, partly.why if partly else None)
    return len(strange)


def _is_settled(found: CarrierCall | CarrierMessage, now: datetime) -> bool:
    return found.created_at is not None and now - found.created_at >= SETTLED


def _ours(session: Transaction, sids: Iterable[str]) -> set[str]:
    wanted = list(sids)
    return {sid for sid in (*session.outbox.known(wanted), *session.carrier.known(wanted)) if sid}


def _tell(context: EngineContext, strange: list[str], now: datetime) -> None:
    log.error("sweep.unknown_outbound", sids=strange[:20], n=len(strange))
    raise_now(context, f"strangers {now:%Y-%m-%dT%H}", "audit-strangers", now, what=len(strange))
