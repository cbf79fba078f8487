"""Who is calling: known, blocked, with an open emergency? And the call's own way: what was chosen on it.

- A later call of the same caller joins their open emergency until somebody has reached them; a blocked caller's
  call, a withheld one and one about something else never do.
- What a caller chose on the keypad is kept with the call, so that the end of the call alone can tell it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callbacks.delivery.delivery_policy import CallerChoice
from callbacks.emergency.inputs import Call, CalledAgain, CallerLearned, CallSign, MessageEnded
from callbacks.emergency.model import Emergency
from callbacks.emergency.promise import deferred_by_caller, no_message_recorded
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.summary import load
from callbacks.lib.phone import is_withheld, normalise
from callbacks.lib.sentence import Language
from callbacks.store.interface import Transaction
from callbacks.store.rows import CarrierRow, EmergencyRow
from callbacks.telephony.gateway import CarrierCall

OTHERS = (CallerChoice.OTHER, CallerChoice.OTHER_WAITS)
BY_KEY = (CallerChoice.WAIT, *OTHERS)
MOST_OTHERS = 2
MOST_LOOKED_AT = 5
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
        row = session.customers.known(number)
        found = waiting(session, context, number, context.clock.now())
        emergency = load(session, found.id) if found else None
        blocked = bool(row and row.blocked_at)
        return Caller(number, row.language if row else None, blocked, None if blocked else emergency)


def waiting(session: Transaction, context: EngineContext, number: str, now: datetime) -> EmergencyRow | None:
    """The caller's newest open emergency, opened lately, in which nobody has reached them yet. One that can
    wait, or a call without a word that woke nobody, is not it: who calls again then needs a human now."""
    since = now - context.policy.intake.same_caller_within
    for row in session.emergencies.unreached_of_number(number, since, MOST_LOOKED_AT):
        e = load(session, row.id)
        if e and not (deferred_by_caller(e) or no_message_recorded(e)):
            return row
    return None


def joined(session: Transaction, context: EngineContext, key: str, call: Call, now: datetime) -> EmergencyRow | None:
    """The open emergency that this call belongs to; once joined, a call stays with it."""
    seen = session.carrier.seen(key)
    if seen and seen.emergency_id:
        return session.emergencies.find(seen.emergency_id)
    if call.number is None:
        return None
    is_other = seen and seen.choice in OTHERS
    if is_other and session.emergencies.opened_with(call.number, OTHERS, now - HOUR) < MOST_OTHERS:
        return None
    entry = session.customers.known(call.number)
    if entry and entry.blocked_at:
        return None
    row = waiting(session, context, call.number, now)
    if row and seen:
        session.carrier.change(seen, replace(seen, emergency_id=row.id))
    return row


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
    entry = session.customers.known(number)
    chosen = (seen.language if seen else None) or (entry.language if entry else None)
    return Language(chosen) if chosen else context.policy.intake.languages[0]


def chosen(
    context: EngineContext, call_sid: str | None, choice: CallerChoice | None = None, language: str | None = None
) -> None:
    """Keeps what the caller chose; a language also for the next call."""
    if call_sid is None:
        return

    def once(session: Transaction) -> None:
        seen = session.carrier.seen(call_sid)
        if seen is None:
            return
        wanted = CallerChoice.OTHER_WAITS if choice == CallerChoice.WAIT and seen.choice in OTHERS else choice
        session.carrier.change(seen, replace(seen, choice=wanted or seen.choice, language=language or seen.language))
        if language:
            number, _ = number_of(context, seen.from_number)
            session.customers.remember_language(number, language, context.clock.now())

    context.database.transact(once)


def emergency_of_call(context: EngineContext, call_sid: str | None) -> Emergency | None:
    """The emergency that a call opened or joined."""
    if call_sid is None:
        return None
    with context.database.read() as session:
        row = session.emergencies.of_call(call_sid)
        return load(session, row.id) if row else None
