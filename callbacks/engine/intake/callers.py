"""Who is calling: known, blocked, with an open emergency? And the call's own way: what was chosen on it.

- A later call of the same caller joins their open emergency until somebody has reached them; a blocked caller's
  call, a withheld one and one about something else never do.
- What a caller chose on the keypad is kept with the call, so that the end of the call alone can tell it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from callbacks.delivery.delivery_policy import Direction
from callbacks.emergency.inputs import Call, CalledAgain, CallerLearned, CallSign, MessageEnded
from callbacks.emergency.model import Emergency, State
from callbacks.emergency.promise import deferred_by_caller, no_message_recorded
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.summary import load
from callbacks.lib.phone import is_withheld, normalise
from callbacks.lib.sentence import Language
from callbacks.store import customers
from callbacks.store.database import Transaction
from callbacks.store.tables import CallerChoice, CarrierRow, EmergencyRow
from callbacks.telephony.gateway import CarrierCall

OTHERS = (CallerChoice.OTHER, CallerChoice.OTHER_WAITS)
BY_KEY = (CallerChoice.WAIT, *OTHERS)
MOST_OTHERS = 2
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """`language`: the one they chose before, if any. `waiting_for`: their emergency that nobody has answered yet."""

    number: str | None
    language: str | None = None
    is_blocked: bool = False
    waiting_for: Emergency | None = None


def number_of(context: EngineContext, raw: str) -> tuple[str | None, bool]:
    """(E.164 or None, withheld?) of what the carrier says. Our own number is nobody's: it is never called back."""
    number = None if is_withheld(raw) else normalise(raw)
    withheld = number is None or number == context.support_number
    return (None if withheld else number), withheld


def learned(context: EngineContext, call: CarrierCall) -> CallerLearned:
    """Who called and since when, as the carrier's own record says."""
    number, withheld = number_of(context, call.from_number)
    return CallerLearned(at=context.clock.now(), number=number, withheld=withheld, call_started_at=call.started_at)


def caller(context: EngineContext, raw: str) -> Caller:
    """What is known of a caller before they have said a word."""
    number, _ = number_of(context, raw)
    if number is None:
        return Caller(None)
    with context.database.read() as session:
        row = customers.known(session, number)
        found = waiting(session, context, number, context.clock.now())
        emergency = load(session, found.id) if found else None
        blocked = bool(row and row.blocked_at)
        return Caller(number, row.language if row else None, blocked, None if blocked else emergency)


def waiting(session: Transaction, context: EngineContext, number: str, now: datetime) -> EmergencyRow | None:
    """The caller's newest open emergency, opened lately, in which nobody has reached them yet. One that can
    wait, or a call without a word that woke nobody, is not it: who calls again then needs a human now."""
    mine = of_number(number) & col(EmergencyRow.is_open) & col(EmergencyRow.contact_at).is_(None)
    lately = col(EmergencyRow.opened_at) > now - context.policy.intake.same_caller_within
    answered = col(EmergencyRow.state).in_((State.OPEN, State.ACKNOWLEDGED))
    query = select(EmergencyRow).where(mine & lately & answered & col(EmergencyRow.drill).is_(False))
    for row in session.exec(query.order_by(col(EmergencyRow.id).desc()).limit(5)):
        e = load(session, row.id)
        if e and not (deferred_by_caller(e) or no_message_recorded(e)):
            return row
    return None


def of_number(number: str) -> ColumnElement[bool]:
    """Emergencies that this phone is called back on, or that were opened by a call from it."""
    called = select(CarrierRow.sid).where(CarrierRow.from_number == number, CarrierRow.direction == Direction.INBOUND)
    return (col(EmergencyRow.number) == number) | col(EmergencyRow.call_sid).in_(called)


def joined(session: Transaction, context: EngineContext, key: str, call: Call, now: datetime) -> EmergencyRow | None:
    """The open emergency that this call belongs to; once joined, a call stays with it."""
    seen = session.get(CarrierRow, key)
    if seen and seen.emergency_id:
        return session.get(EmergencyRow, seen.emergency_id)
    if call.number is None:
        return None
    if seen and seen.choice in OTHERS and others_since(session, call.number, now - HOUR) < MOST_OTHERS:
        return None
    entry = customers.known(session, call.number)
    if entry and entry.blocked_at:
        return None
    row = waiting(session, context, call.number, now)
    if row and seen:
        seen.emergency_id = row.id
    return row


def others_since(session: Transaction, number: str, since: datetime) -> int:
    """How many emergencies this number opened lately by saying that it was something else."""
    mine = (col(CarrierRow.from_number) == number) & col(CarrierRow.choice).in_(OTHERS)
    with_call = select(func.count()).join(CarrierRow, col(CarrierRow.sid) == EmergencyRow.call_sid)
    opened = with_call.select_from(EmergencyRow).where(mine, col(EmergencyRow.opened_at) > since)
    return session.exec(opened).one()


def again(said: CallSign) -> CalledAgain:
    """A sign of a call that joins an open emergency."""
    if not isinstance(said, MessageEnded):
        return CalledAgain(at=said.at, call_sid=said.call.sid, number=said.call.number)
    return CalledAgain(
        at=said.at,
        call_sid=said.call.sid,
        number=said.call.number,
        recording_sid=said.recording_sid,
        seconds=said.seconds,
        ready=said.ready,
    )


def language_of(context: EngineContext, session: Transaction, seen: CarrierRow | None, number: str | None) -> Language:
    """The one chosen on this call, else on an earlier one, else the policy's first."""
    entry = customers.known(session, number)
    chosen = (seen.language if seen else None) or (entry.language if entry else None)
    return Language(chosen) if chosen else context.policy.intake.languages[0]


def chosen(
    context: EngineContext, call_sid: str | None, choice: CallerChoice | None = None, language: str | None = None
) -> None:
    """Keeps what the caller chose; a language also for the next call."""
    if call_sid is None:
        return

    def once(session: Transaction) -> None:
        seen = session.get(CarrierRow, call_sid)
        if seen is None:
            return
        wanted = CallerChoice.OTHER_WAITS if choice == CallerChoice.WAIT and seen.choice in OTHERS else choice
        seen.choice, seen.language = wanted or seen.choice, language or seen.language
        if language:
            number, _ = number_of(context, seen.from_number)
            customers.remember_language(session, number, language, context.clock.now())

    context.database.transact(once)


def emergency_of_call(context: EngineContext, call_sid: str | None) -> Emergency | None:
    """The emergency that a call opened or joined."""
    if call_sid is None:
        return None
    with context.database.read() as session:
        row = row_of_call(session, call_sid)
        return load(session, row.id) if row else None


def row_of_call(session: Transaction, call_sid: str) -> EmergencyRow | None:
    row = session.exec(select(EmergencyRow).where(EmergencyRow.source_key == call_sid)).first()
    if row:
        return row
    seen = session.get(CarrierRow, call_sid)
    return session.get(EmergencyRow, seen.emergency_id) if seen and seen.emergency_id else None
