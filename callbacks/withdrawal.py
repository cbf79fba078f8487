"""How a customer withdraws by text: `withdraw` is answered with a number, and the same word with it closes.

The sender of a text can be forged; our answer reaches the customer's own phone. So a forger would have to guess, and
whoever says "Withdraw? No thanks" is not taken at the first word. Until it is closed, paging goes on.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from callbacks import events as ev
from callbacks import promise
from callbacks.courtesy import may_be_texted
from callbacks.emergency import Emergency
from callbacks.inputs import CustomerSaid
from callbacks.lib.phone import why_not_dialled
from callbacks.oncall.coverage import Duty
from callbacks.timers import tell

MOST_ANSWERS = 3
MOST_MISTYPED, WITHIN = 3, timedelta(hours=1)


def withdrawal(e: Emergency, said: CustomerSaid, now: datetime) -> list[ev.Event]:
    """What a text that begins with `withdraw` comes to; nothing when it is only a note."""
    if e.withdrawn_at or e.excluded_at:
        return []
    if said.meaning == "withdraw":
        return _ask(e, said, now)
    if e.withdrawal_digits is None or _too_many(e, now):
        return []
    if said.digits == e.withdrawal_digits:
        return [ev.Withdrawn(at=now, by="customer", reason=said.words)]
    note = ev.NoteAdded(at=said.at, by="customer", via="sms", words=said.words)
    return [ev.WithdrawalMistyped(at=now), *(() if said.is_note_elsewhere else (note,))]


def _ask(e: Emergency, said: CustomerSaid, now: datetime) -> list[ev.Event]:
    """The answer goes to the phone that the text seems to come from; where it may not be texted, it is a note."""
    number = said.number or e.number
    is_known = may_be_texted(e) if said.number is None else not (e.drill or promise.is_silent(e))
    is_welcome = is_known and why_not_dialled(number, e.terms.bridge_prefixes) is None
    if not is_welcome or e.customer_texts.count("confirm-withdrawal") >= MOST_ANSWERS:
        return []
    asked = ev.WithdrawalAsked(at=now, digits=e.withdrawal_digits or said.drawn)
    return [asked, ev.CustomerTextRequested(at=now, about="confirm-withdrawal", number=number)]


def _too_many(e: Emergency, now: datetime) -> bool:
    """Three wrong numbers within an hour: a right one could be a guess too."""
    return len([at for at in e.withdrawal_mistyped if at > now - WITHIN]) >= MOST_MISTYPED


def tell_of_guesses(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    """Supervisors hear of it, once."""
    mistyped = any(isinstance(event, ev.WithdrawalMistyped) for event in new)
    return tell(e, "withdrawal-guessed", now, duty) if mistyped and _too_many(e, now) else []
