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

import structlog
from sqlalchemy import func
from sqlmodel import Session, col, select

from callbacks import wording
from callbacks.engine import outcome, recordings
from callbacks.engine.progress import NO_TEXTS
from callbacks.engine.stories import load
from callbacks.engine.world import World
from callbacks.inputs import CallerLearned
from callbacks.phone import is_withheld, normalise
from callbacks.store import customers, outbox
from callbacks.store.pagequeue import Bundle, claim_bundles
from callbacks.store.tables import EmergencyRow, OutboxRow
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
PAGES = ("page", "page-call")
URGENT = ("bridge", "text", "alarm")
PATIENT = ("fetch", "look-up")
COURTESY = ("customer-text",)
STORM_SPAN, STORM_SIZE, RECEIPTS_WAIT = timedelta(minutes=1), 10, timedelta(seconds=30)
RING_SECONDS = 25
LOOK_AGAIN = timedelta(seconds=3)
SKEW = timedelta(seconds=5)
SHORTEST_VALID = 10


def claim(world: World, limit: int, kinds: Sequence[str]) -> list[Bundle]:
    """Due rows of these kinds, claimed for this node: each a bundle of its own, pages put together."""
    now = world.clock.now()
    with world.database.write() as session:
        if kinds == COURTESY and _is_storm(session, now):
            outbox.put_off(session, "customer-text", "receipt", now, now + RECEIPTS_WAIT)
        if kinds != PAGES:
            return [[row] for row in outbox.claim_due(session, now, world.node, world.lease, limit, kinds)]
        if not world.database.alone(session, "pages"):
            return []
        per_minute = world.policy.limits.pages_per_technician_per_minute
        bundles = claim_bundles(session, now, world.node, world.lease, limit, per_minute)
        for bundle in bundles:
            _put_together(world, session, bundle)
        return bundles


def send(world: World, bundle: Bundle) -> None:
    """Carries out one claimed bundle and writes down how it went."""
    row = bundle[0]
    try:
        _KINDS[row.kind](world, bundle)
    except CarrierError as error:
        outcome.failed(world, bundle, error)
    except Exception as error:
        log.error("outbox.broken", row=row.id, kind=row.kind, error=type(error).__name__)
        outcome.later(world, bundle, type(error).__name__)


def _put_together(world: World, session: Session, bundle: Bundle) -> None:
    """One text for many emergencies. Once sent it stays word for word, so that it can be found again."""
    first = bundle[0]
    if first.kind != "page" or len(bundle) == 1 or outcome.is_uncertain(first):
        return
    found = [e for row in bundle if row.emergency_id and (e := load(session, row.emergency_id))]
    duty = world.duty(session)
    contact = duty.contact(first.person or "")
    first.text = wording.bundle(found, contact.language if contact else "en", duty.roster.timezone)
    session.add(first)


def _is_storm(session: Session, now: datetime) -> bool:
    """So many callers that the number's one segment a second belongs to the pages; receipts wait."""
    lately = select(func.count()).where(col(EmergencyRow.opened_at) > now - STORM_SPAN)
    return session.exec(lately).one() >= STORM_SIZE


# --- what each kind does ---


def _text(world: World, bundle: Bundle) -> None:
    row = bundle[0]
    if _expired(world, bundle) or _adopted(world, bundle, _find_text):
        return
    status_url = world.url(f"/twilio/status/message/{row.id}")
    sid = world.gateway.send_text(row.number or "", row.text or "", status_url, _seconds_left(world, row))
    outcome.sent(world, bundle, sid)


def _call(world: World, bundle: Bundle) -> None:
    row = bundle[0]
    if _expired(world, bundle) or _adopted(world, bundle, _find_call):
        return
    if row.kind == "bridge" and outcome.is_uncertain(row):
        return outcome.given_up(world, bundle, "failed", None)
    name = "bridge" if row.kind == "bridge" else "page"
    url, status_url = world.url(f"/twilio/{name}/{row.id}"), world.url(f"/twilio/status/call/{row.id}")
    outcome.sent(world, bundle, world.gateway.start_call(row.number or "", url, status_url, RING_SECONDS))


def _fetch(world: World, bundle: Bundle) -> None:
    row = bundle[0]
    found = recordings.fetch(world, json.loads(row.payload)["recording_sid"], row.created_at)
    if found is None:
        return outcome.later(world, bundle, "not ready")
    outcome.settle(world, bundle, lambda _: [found], state="done")


def _look_up(world: World, bundle: Bundle) -> None:
    call = world.gateway.fetch_call(json.loads(bundle[0].payload)["call_sid"])
    withheld = is_withheld(call.from_number)
    number = None if withheld else normalise(call.from_number)
    now = world.clock.now()
    learned = CallerLearned(at=now, number=number, withheld=withheld, call_started_at=call.started_at)
    outcome.settle(world, bundle, lambda _: [learned], state="done")


def _alarm(world: World, bundle: Bundle) -> None:
    if world.alarm is None:
        error = "CALLBACKS_NOTIFY_URLS is not set"
        return outcome.settle(world, bundle, lambda _: [], state="cancelled", error=error)
    world.alarm(bundle[0].text or "")
    outcome.settle(world, bundle, lambda _: [], state="done")


def _customer_text(world: World, bundle: Bundle) -> None:
    """A text to a customer, unless their phone takes none."""
    number = bundle[0].number or ""
    with world.database.read() as session:
        welcome = customers.takes_texts(session, number) and number != world.support_number
    if not welcome:
        return outcome.settle(world, bundle, lambda _: [], state="cancelled", error="takes no texts")
    try:
        _text(world, bundle)
    except CarrierError as error:
        if error.refused and error.code in NO_TEXTS:
            with world.database.write() as session:
                customers.mark_sms(session, number, NO_TEXTS[error.code], world.clock.now())
        raise


_KINDS: dict[str, Callable[[World, Bundle], None]] = {
    "page": _text,
    "text": _text,
    "customer-text": _customer_text,
    "page-call": _call,
    "bridge": _call,
    "fetch": _fetch,
    "look-up": _look_up,
    "alarm": _alarm,
}

# --- time left, and what an ambiguous send came to ---


def _expired(world: World, bundle: Bundle) -> bool:
    expires_at = bundle[0].expires_at
    if expires_at is None or world.clock.now() < expires_at:
        return False
    outcome.given_up(world, bundle, "expired", None)
    return True


def _seconds_left(world: World, row: OutboxRow) -> int:
    left = (row.expires_at - world.clock.now()).total_seconds() if row.expires_at else 600
    return max(SHORTEST_VALID, int(left))


def _adopted(world: World, bundle: Bundle, find: Callable[[World, OutboxRow], str | None]) -> bool:
    """True when an earlier ambiguous send turned out to be there, or is to be looked for again."""
    row = bundle[0]
    if not outcome.is_uncertain(row):
        return False
    try:
        sid = find(world, row)
    except CarrierError as error:
        log.warning("outbox.look_up_failed", row=row.id, kind=row.kind, why=error.why)
        sid = None
    if sid:
        outcome.sent(world, bundle, sid)
        return True
    if world.clock.now() >= datetime.fromisoformat(json.loads(row.payload)["absent_from"]):
        return False
    outcome.look_again(world, bundle, LOOK_AGAIN)
    return True


def _find_text(world: World, row: OutboxRow) -> str | None:
    found = world.gateway.messages_to(row.number or "", row.created_at - SKEW)
    return next((m.sid for m in found if m.body == row.text), None)


def _find_call(world: World, row: OutboxRow) -> str | None:
    found = world.gateway.calls_to(row.number or "", row.created_at - SKEW)
    return found[0].sid if found else None
