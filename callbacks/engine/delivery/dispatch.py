"""The only sender: claimed outbox rows become requests to the carrier, and their outcome becomes facts.

- A row is claimed in a short committed transaction, sent with no transaction open, and settled under
  its fence: a node that lost its lease writes nothing, and sends no text and no call any more.
- Stages of a row: queued, claimed, then sent, failed, cancelled or done; ambiguous while the carrier
  may or may not have carried it out.
- After an ambiguous send the carrier is asked first. A text or page is then sent again; a bridge never is.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

import structlog

from callbacks.delivery import delivery_policy
from callbacks.delivery.batching import STORM
from callbacks.delivery.delivery_policy import NO_TEXTS, AfterLookUp
from callbacks.delivery.outbox_row import CALLS, HANDLING, PAGES, TEXTS, About, Lane, OutboxKind, OutboxState, kinds_of
from callbacks.emergency.inputs import Input
from callbacks.emergency.model import Emergency, Fault, ref_of
from callbacks.engine import webhooks
from callbacks.engine.context import EngineContext
from callbacks.engine.delivery import outcome
from callbacks.engine.intake import callers, recordings
from callbacks.engine.intake.summary import is_storm, load
from callbacks.engine.notify import raise_now, raise_once
from callbacks.lib import magic_links
from callbacks.lib.gsm import MOST_SEGMENTS, segments
from callbacks.messages import wording
from callbacks.store import outbox, rates
from callbacks.store.interface import Transaction
from callbacks.store.outbox import Bundle
from callbacks.store.rows import OutboxRow
from callbacks.telephony.gateway import CarrierError, listed

# Texts that are not pages: which may leave now. The number sends one segment a second, and pages need it first.
#
# - One at a time, on all nodes together, when the text or page before it has left the number; at once on an idle
#   line. So what waits at the carrier in front of a page is never more than one text of ours.
# - None while a page is due. Answers and warnings before texts to customers; in a storm, receipts and notes wait.
# - A customer's number takes so many a day, all customers so many an hour; what is more is not sent, and told once.
# - Calls are no texts, and wait for none of this.

FREE_AT = "text line"
WAIT_IN_STORM = timedelta(seconds=30)
PAGES_FIRST = timedelta(seconds=0.25)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def open_line(context: EngineContext) -> None:
    """Before the first text or page of this database leaves."""

    context.database.transact(lambda session: rates.have_line(session, FREE_AT, context.clock.now()))


def claim_text(context: EngineContext, session: Transaction, now: datetime, limit: int) -> list[Bundle]:
    """Due texts that may leave now, claimed for this node; the others are put off until they may."""
    if not session.alone("texts"):
        return []
    if is_storm(session, now):
        session.outbox.put_off(OutboxKind.CUSTOMER_TEXT, now, now + WAIT_IN_STORM, About.RECEIPT)
        session.outbox.put_off(OutboxKind.TEXT, now, now + WAIT_IN_STORM, About.NOTE)
    is_paced = context.segments_per_second > 0
    free_at = _free_at(session, now) if is_paced else now
    if free_at > now:
        _wait(session, now, free_at)
        return []
    found: list[Bundle] = []
    while len(found) < limit:
        rows = outbox.claim_due(session, now, context.node, context.lease, 1, TEXTS, first=OutboxKind.TEXT)
        if not rows:
            return found
        if _is_within_limits(context, session, rows[0], now):
            found.append(rows)
            if is_paced:
                until = rates.take_line(session, FREE_AT, now, _takes(context, rows[0]))
                _wait(session, now, until)
                return found
    return found


def pages_leave(context: EngineContext, session: Transaction, bundles: Sequence[Bundle], now: datetime) -> None:
    """Pages wait for nothing; texts wait until these have left the number."""
    texts = [bundle[0] for bundle in bundles if bundle[0].kind == OutboxKind.PAGE]
    if texts and context.segments_per_second > 0:
        rates.take_line(session, FREE_AT, now, sum((_takes(context, row) for row in texts), timedelta()), must=False)


def _free_at(session: Transaction, now: datetime) -> datetime:
    if session.outbox.is_any_due(PAGES, now):
        return now + PAGES_FIRST
    return rates.line_free_at(session, FREE_AT, now)


def _wait(session: Transaction, now: datetime, until: datetime) -> None:
    for kind in TEXTS:
        session.outbox.put_off(kind, now, until)


def _takes(context: EngineContext, row: OutboxRow) -> timedelta:
    """How long the number is busy with it."""
    size = MOST_SEGMENTS if json.loads(row.payload).get("link") else segments(row.text or "")
    return timedelta(seconds=size / context.segments_per_second)


def _is_within_limits(context: EngineContext, session: Transaction, row: OutboxRow, now: datetime) -> bool:
    """Whether a claimed row may leave; one that may not is settled. What may have left already is only looked up."""
    if row.kind != OutboxKind.CUSTOMER_TEXT or row.attempts > 1:
        return True
    limits = context.policy.limits
    theirs = session.outbox.texts_since(now - _DAY, row.id, row.number)
    total = session.outbox.texts_since(now - _HOUR, row.id)
    if len(theirs) < limits.texts_per_customer_per_day and len(total) < limits.customer_texts_per_hour:
        return True
    session.outbox.settle(row.id, row.fence, state=OutboxState.CANCELLED, error="limit", finished_at=now)
    duty = context.duty(session)
    if len(total) >= limits.customer_texts_per_hour:
        key = f"customer texts {now:%Y-%m-%dT%H}"
        raise_once(session, duty, key, "audit-customer-texts", now, what=len(total))
    else:
        about = min(filter(None, theirs), default=row.emergency_id or 0)
        key = f"customer texts {about} {now:%Y-%m-%d}"
        raise_once(session, duty, key, "audit-one-customer", now, what=ref_of(about), n=len(theirs))
    return False


log = structlog.get_logger()
DAY = timedelta(days=1)
OTHERS_TAKE_WITHIN = timedelta(seconds=1.5)
RING_SECONDS = 25


class ClaimLost(Exception):
    """The claim ran out before the request was made: another node may be at it."""


def claim(context: EngineContext, limit: int, lane: Lane) -> list[Bundle]:
    """Due rows of this lane, claimed for this node: each a bundle of its own, pages put together."""
    now = context.clock.now()
    with context.database.write() as session:
        kinds = kinds_of(lane)
        if context.reach.is_standing_back(now) and session.nodes.others_live(context.node, now):
            theirs = [kind for kind in kinds if HANDLING[kind].has_carrier]
            is_tried = _is_tried_all_the_same(context, session, theirs, now)
            limit = 1 if is_tried else limit
            kinds = tuple(kind for kind in kinds if (kind in theirs) is is_tried)
            if not kinds:
                return []
        match lane:
            case Lane.PAGES:
                return _claim_pages(context, session, now, limit)
            case Lane.TEXTS:
                return claim_text(context, session, now, limit)
            case Lane.URGENT | Lane.PATIENT | Lane.WEBHOOKS:
                return [[row] for row in outbox.claim_due(session, now, context.node, context.lease, limit, kinds)]
            case never:
                assert_never(never)


def _is_tried_all_the_same(
    context: EngineContext, session: Transaction, kinds: list[OutboxKind], now: datetime
) -> bool:
    """Whether one of what the others leave lying is tried by a node that stands back: they may be cut off too."""
    return session.outbox.is_any_due(kinds, now - OTHERS_TAKE_WITHIN) and context.reach.may_try(now)


def _claim_pages(context: EngineContext, session: Transaction, now: datetime, limit: int) -> list[Bundle]:
    if not session.alone("pages"):
        return []
    per_minute = context.policy.limits.pages_per_technician_per_minute
    bundles = outbox.claim_bundles(session, now, context.node, context.lease, limit, per_minute)
    parts = [part for bundle in bundles for part in _put_together(context, session, bundle)]
    pages_leave(context, session, parts, now)
    return parts


def send(context: EngineContext, bundle: Bundle) -> None:
    """Carries out one claimed bundle and writes down how it went."""
    row = bundle[0]
    try:
        with context.span(f"send {row.kind}", {"callbacks.row": row.id, "callbacks.emergency": _refs(bundle)}):
            SENDERS[row.kind](context, bundle)
    except ClaimLost:
        log.warning("outbox.claim_lost", row=row.id, kind=row.kind)
    except CarrierError as error:
        if HANDLING[row.kind].has_carrier:
            context.reach.failed(error, context.clock.now())
        outcome.failed(context, bundle, error)
    except Exception as error:
        log.error("outbox.broken", row=row.id, kind=row.kind, exc_info=True)
        outcome.unknown(context, bundle, type(error).__name__)


def _refs(bundle: Bundle) -> str:
    return " ".join(ref_of(row.emergency_id) for row in bundle if row.emergency_id)


def _put_together(context: EngineContext, session: Transaction, bundle: Bundle) -> list[Bundle]:
    """One text for many emergencies. Once sent it stays word for word, so that it can be found again; one that was
    refused for the moment may have led others before, and says again what it leads now. A page whose emergency cannot
    be read leaves by itself, as it was written: it keeps no other waiting, and is not passed over in silence."""
    first = bundle[0]
    if first.kind != OutboxKind.PAGE or first.absent_from or (len(bundle) == 1 and first.attempts == 1):
        return [bundle]
    stories = {row.id: _story(session, row) for row in bundle}
    named = [row for row in bundle if stories[row.id]]
    parts = [part for part in (named, *([row] for row in bundle if row not in named)) if part]
    parts = [[replace(row, bundle=part[0].id) for row in part] for part in parts]
    if named:
        words = _words(context, session, named[0].person, [e for e in stories.values() if e])
        parts[0][0] = replace(parts[0][0], text=words)
    session.outbox.rewrite([row for part in parts for row in part])
    return parts


def _story(session: Transaction, row: OutboxRow) -> Emergency | None:
    try:
        return load(session, row.emergency_id) if row.emergency_id else None
    except Exception:
        log.error("page.unreadable", row=row.id, exc_info=True)
        return None


def _words(context: EngineContext, session: Transaction, person: str | None, about: list[Emergency]) -> str:
    duty = context.duty(session)
    contact = duty.contact(person or "")
    language, zone = contact.language if contact else "en", duty.roster.timezone
    return wording.page(about[0], language, zone) if len(about) == 1 else wording.bundle(about, language, zone)


# --- what each kind does ---


def _text(context: EngineContext, bundle: Bundle) -> None:
    row = bundle[0]
    if _adopted(context, bundle, _find_text) or _expired(context, bundle):
        return
    status_url = context.url(f"/twilio/status/message/{row.id}")
    words = linked(context, bundle)
    _hold(context, row)
    sid = context.gateway.send_text(row.number or "", words, status_url, _seconds_left(context, row))
    context.reach.answered()
    outcome.sent(context, bundle, sid)


def _call(context: EngineContext, bundle: Bundle) -> None:
    row = bundle[0]
    if _adopted(context, bundle, _find_call) or _expired(context, bundle):
        return
    _hold(context, row)
    name = OutboxKind.BRIDGE if row.kind == OutboxKind.BRIDGE else OutboxKind.PAGE
    url, status_url = context.url(f"/twilio/{name}/{row.id}"), context.url(f"/twilio/status/call/{row.id}")
    sid = context.gateway.start_call(row.number or "", url, status_url, RING_SECONDS)
    context.reach.answered()
    outcome.sent(context, bundle, sid)


def _bridge(context: EngineContext, bundle: Bundle) -> None:
    """A callback's first leg, unless a day's worth of them was placed: what a stolen phone may spend has an end."""
    row, now = bundle[0], context.clock.now()
    most = context.policy.limits.bridges_per_day
    with context.database.read() as session:
        placed = session.outbox.left_since(OutboxKind.BRIDGE, now - DAY)
    if placed < most or row.absent_from:
        return _call(context, bundle)
    outcome.given_up(context, bundle, Fault.CAPPED, None)
    raise_now(context, f"capped {now:%Y-%m-%d}", "audit-capped", now, what=placed)


def _fetch(context: EngineContext, bundle: Bundle) -> None:
    row = bundle[0]
    wanted = json.loads(row.payload)
    found: Input | None
    if "media_sid" in wanted:
        late = context.clock.now() - row.created_at
        found = recordings.fetch_attachment(context, wanted["message_sid"], wanted["media_sid"], late)
    else:
        found = recordings.fetch(context, wanted["recording_sid"], row.created_at)
    if found is None:
        return outcome.later(context, bundle, "not ready")
    outcome.settle(context, bundle, lambda _: [found], state=OutboxState.DONE)


def _look_up(context: EngineContext, bundle: Bundle) -> None:
    """Who called. What the carrier does not know after a day it never will."""
    row = bundle[0]
    try:
        call = context.gateway.fetch_call(json.loads(row.payload)["call_sid"])
    except CarrierError as error:
        if context.clock.now() - row.created_at <= DAY:
            raise
        return outcome.given_up(context, bundle, Fault.NOT_FOUND, error.code)
    learned = callers.learned(context, call)
    outcome.settle(context, bundle, lambda _: [learned], state=OutboxState.DONE)


def _alarm(context: EngineContext, bundle: Bundle) -> None:
    if context.alarm is None:
        error = "CALLBACKS_NOTIFY_URLS is not set"
        return outcome.settle(context, bundle, lambda _: [], state=OutboxState.CANCELLED, error=error)
    context.alarm(bundle[0].text or "")
    outcome.settle(context, bundle, lambda _: [], state=OutboxState.DONE)


def _customer_text(context: EngineContext, bundle: Bundle) -> None:
    """A text to a customer, unless their phone takes none."""
    number = bundle[0].number or ""
    with context.database.read() as session:
        welcome = session.customers.takes_texts(number) and number != context.support_number
    if not welcome:
        return outcome.settle(context, bundle, lambda _: [], state=OutboxState.CANCELLED, error="takes no texts")
    try:
        _text(context, bundle)
    except CarrierError as error:
        if error.refused and error.code in NO_TEXTS:
            with context.database.write() as session:
                session.customers.mark_sms(number, NO_TEXTS[error.code], context.clock.now())
        raise


SENDERS: dict[OutboxKind, Callable[[EngineContext, Bundle], None]] = {
    OutboxKind.PAGE: _text,
    OutboxKind.TEXT: _text,
    OutboxKind.CUSTOMER_TEXT: _customer_text,
    OutboxKind.PAGE_CALL: _call,
    OutboxKind.BRIDGE: _bridge,
    OutboxKind.FETCH: _fetch,
    OutboxKind.LOOK_UP: _look_up,
    OutboxKind.ALARM: _alarm,
    OutboxKind.WEBHOOK: webhooks.deliver,
}

# --- time left, and what an ambiguous send came to ---


def _hold(context: EngineContext, row: OutboxRow) -> None:
    """Raises ClaimLost. By our own clock: a database that is away cannot be asked, and what was asked of it before
    may have kept us waiting for longer than the claim lasts."""
    until = context.renewed.get((row.id, row.fence), row.lease_until)
    if until is None or context.clock.now() >= until:
        raise ClaimLost


def _expired(context: EngineContext, bundle: Bundle) -> bool:
    expires_at = bundle[0].expires_at
    if expires_at is None or context.clock.now() < expires_at:
        return False
    outcome.given_up(context, bundle, Fault.EXPIRED, None)
    return True


def _seconds_left(context: EngineContext, row: OutboxRow) -> int:
    left = (row.expires_at - context.clock.now()).total_seconds() if row.expires_at else 600
    return max(delivery_policy.SHORTEST_VALID, int(left))


def _adopted(context: EngineContext, bundle: Bundle, find: Callable[[EngineContext, OutboxRow], str | None]) -> bool:
    """True when an earlier ambiguous send was there, is to be looked for again, or is not to be repeated."""
    row = bundle[0]
    if row.absent_from is None:
        return False
    try:
        sid = find(context, row)
        context.reach.answered()
    except CarrierError as error:
        context.reach.failed(error, context.clock.now())
        log.warning("outbox.look_up_failed", row=row.id, kind=row.kind, why=error.why)
        sid = None
    crossing = sid is not None and row.kind in CALLS and _another_is_on_its_way(context, row)
    next_move = delivery_policy.after_look_up(row.kind, sid, context.clock.now(), row.absent_from, crossing)
    match next_move:
        case AfterLookUp.ADOPT:
            assert sid is not None
            outcome.sent(context, bundle, sid)
        case AfterLookUp.LOOK_AGAIN:
            outcome.look_again(context, bundle, delivery_policy.LOOK_AGAIN)
        case AfterLookUp.GIVE_UP:
            outcome.given_up(context, bundle, Fault.FAILED, None)
        case AfterLookUp.SEND:
            return False
        case never:
            assert_never(never)
    return True


def _find_text(context: EngineContext, row: OutboxRow) -> str | None:
    since = row.created_at - delivery_policy.SKEW
    found, fault = listed(lambda: context.gateway.messages_to(row.number or "", since))
    return _of_those(context, row, [m.sid for m in found if is_ours(context, row, m.body)], fault)


def _find_call(context: EngineContext, row: OutboxRow) -> str | None:
    since = row.created_at - delivery_policy.SKEW
    found, fault = listed(lambda: context.gateway.calls_to(row.number or "", since))
    return _of_those(context, row, [c.sid for c in found], fault)


def _of_those(context: EngineContext, row: OutboxRow, sids: list[str], fault: CarrierError | None) -> str | None:
    """The SID among those listed. Raises `fault` when it is not there and the list was not whole."""
    sid = _not_anothers(context, row, sids)
    if sid is None and fault:
        raise fault
    return sid


def _another_is_on_its_way(context: EngineContext, row: OutboxRow) -> bool:
    with context.database.read() as session:
        return session.outbox.is_calling(row.number or "", row.id)


def _not_anothers(context: EngineContext, row: OutboxRow, sids: list[str]) -> str | None:
    with context.database.read() as session:
        others = set(session.outbox.known_sids(sids, row.id))
    return delivery_policy.found_again(sids, others)


# The link at the end of a text about an emergency: its secret is made as the text leaves, and kept nowhere.
#
# - The outbox holds the words without it; the database gets the digest, in a transaction that is committed before the
#   carrier is asked. A node that dies in between leaves a link whose secret nobody has; the next try makes another.
# - A text with a link is found again at the carrier by it: no other text of ours has the same.
# - As many links as two segments hold, the most urgent first; none in a storm, where a segment is somebody's page.
# - A page without its link is worth more than none: it is sent even if no link can be made.


def linked(context: EngineContext, bundle: Bundle) -> str:
    """The words as they leave: the row's text, and a fresh link to each emergency it is about."""
    row = bundle[0]
    words, about = row.text or "", [r for r in bundle if _takes_link(r)]
    if not about or len(bundle) >= STORM:
        return words
    try:
        if _segments_are_scarce(context):
            return words
        return context.database.transact(lambda session: _with_doors(context, session, row, about, words))
    except Exception:
        log.error("link.not_made", row=row.id, exc_info=True)
        return words


def is_ours(context: EngineContext, row: OutboxRow, text: str) -> bool:
    """Whether a text at the carrier is this row's."""
    if text == row.text:
        return True
    with context.database.read() as session:
        digests = [magic_links.digest(token) for token in magic_links.LINK.findall(text)]
        return session.magic_links.is_told_by(row.id, digests)


def _takes_link(row: OutboxRow) -> bool:
    return bool(row.person and row.emergency_id and json.loads(row.payload).get("link"))


def _segments_are_scarce(context: EngineContext) -> bool:
    """Asked outside of any writing: in a storm the one writer has enough to do."""
    with context.database.read() as session:
        return is_storm(session, context.clock.now())


def _with_doors(context: EngineContext, session: Transaction, leader: OutboxRow, about: Bundle, words: str) -> str:
    now = context.clock.now()
    for row in about:
        token = magic_links.new_token()
        code = _code(session, row) if len(about) > 1 else ""
        longer = wording.with_link(words, context.url(magic_links.path_to(token)), code)
        if segments(longer) > MOST_SEGMENTS:
            break
        session.magic_links.put(magic_links.digest(token), row.emergency_id or 0, row.person or "", leader.id, now)
        words = longer
    return words


def _code(session: Transaction, row: OutboxRow) -> str:
    emergency = session.emergencies.find(row.emergency_id)
    return emergency.code if emergency else ""
