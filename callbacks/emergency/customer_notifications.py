"""What the customer is told by text, and how a customer's notes reach people.

- At most `MOST_TEXTS` per emergency, each kind once; never to a number that may not be dialled.
- Not reached in time: the published policy lets the times be void, so a second try is suggested, at least
  `SECOND_TRY_AFTER` later, and the customer learns by text that we tried.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from callbacks.emergency import events as ev
from callbacks.emergency import promise
from callbacks.emergency.model import (
    CUSTOMER,
    MACHINES,
    Alert,
    CustomerNote,
    CustomerText,
    Emergency,
    Evidence,
    Outcome,
    Reported,
)
from callbacks.emergency.promise import deferred_by_caller
from callbacks.lib.phone import why_not_dialled
from callbacks.oncall.coverage import Duty
from callbacks.policy.model import SUPERVISORS

MOST_TEXTS = 4
ANSWERS = (CustomerText.CONFIRM_WITHDRAWAL, CustomerText.NOTES_FULL)  # to their own texts; bounded in commands.py
SECOND_TRY_AFTER = timedelta(minutes=15)


def customer_notifications(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    """The texts that these new facts call for; `e` is the emergency after them."""
    wanted: list[CustomerText] = []
    for event in new:
        about = _about(event, e, now)
        if about and about not in (*e.customer_texts, *wanted):
            wanted.append(about)
    if not wanted or not may_be_texted(e):
        return []
    room = MOST_TEXTS - len([about for about in e.customer_texts if about not in ANSWERS])
    return [ev.CustomerTextRequested(at=now, about=about, number=e.number) for about in wanted[:room]]


def may_be_texted(e: Emergency) -> bool:
    """A number we may dial, of a real customer, in an emergency that is one. A number that the caller keyed in may be
    anybody's until we have spoken with it, or it has called or texted us."""
    real = not (e.drill or e.excluded_at or promise.no_message_recorded(e))
    proved = not e.number_keyed or any(a.contact_at and a.evidence == Evidence.CARRIER for a in promise.attempts(e))
    return real and proved and why_not_dialled(e.number, e.terms.bridge_prefixes) is None


def suggest_second_try(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    """After a try that reached nobody."""
    found = next((who for event in new if (who := _unanswered(event, e))), None)
    if found is None or promise.first_contact(e) or not promise.has_tried(e) or e.withdrawn_at:
        return []
    person, by_text = found
    if not by_text and _said_already(e):
        return []
    return [ev.SecondTrySuggested(at=now, person=person, not_before=now + SECOND_TRY_AFTER, answered=by_text)]


def _unanswered(event: ev.Event, e: Emergency) -> tuple[str, bool] | None:
    """(whose try reached nobody, are they told in the answer to their own text) if this fact says so."""
    if isinstance(event, ev.NoAnswerDeclared):
        return event.by, True
    if isinstance(event, ev.BridgeEnded) and (not event.bridged or _is_machine(e, event.callback)):
        return e.callbacks[event.callback].by, False
    if isinstance(event, ev.CallbackReported) and event.result != Reported.REACHED:
        return e.callbacks[event.callback].by, False
    return None


def _said_already(e: Emergency) -> bool:
    """The end of a call and the key after it are two facts about one try."""
    began = max(c.requested_at for c in e.callbacks.values())
    return e.second_try_at is not None and e.second_try_at - SECOND_TRY_AFTER >= began


def _is_machine(e: Emergency, callback: str) -> bool:
    return e.callbacks[callback].answered_by in MACHINES


def _about(event: ev.Event, e: Emergency, now: datetime) -> CustomerText | None:
    if e.withdrawn_at and not isinstance(event, ev.Withdrawn):
        return None
    say = ABOUT.get(type(event))
    return say(event, e, now) if say else None


def _receipt(event: ev.Event, e: Emergency, now: datetime) -> CustomerText | None:
    return CustomerText.RECEIPT if promise.first_contact(e) is None else None


def _calling(event: ev.Event, e: Emergency, now: datetime) -> CustomerText | None:
    return CustomerText.CALLING


def _calling_at_once(event: ev.CallbackRequested, e: Emergency, now: datetime) -> CustomerText | None:
    return CustomerText.CALLING if event.proven else None


def _late(event: ev.Event, e: Emergency, now: datetime) -> CustomerText | None:
    is_late = promise.first_contact(e) is None and promise.judge(e, now).outcome == Outcome.MISSED
    return CustomerText.LATE if is_late else None


def _tried(event: ev.Event, e: Emergency, now: datetime) -> CustomerText | None:
    return CustomerText.TRIED


def _reached(event: ev.Event, e: Emergency, now: datetime) -> CustomerText | None:
    """Only a callback that nobody can prove is asked about."""
    contacts = [a for a in promise.attempts(e) if a.contact_at]
    return CustomerText.REACHED if contacts and all(a.evidence == Evidence.DECLARED for a in contacts) else None


def _withdrawn(event: ev.Withdrawn, e: Emergency, now: datetime) -> CustomerText | None:
    return CustomerText.WITHDRAWN if event.by == CUSTOMER else None


ABOUT: dict[type[ev.Event], Callable[[Any, Emergency, datetime], CustomerText | None]] = {
    ev.EmergencyOpened: _receipt,
    ev.CallerIdentified: _receipt,
    ev.NumberGiven: _receipt,
    ev.MessageLeft: _receipt,
    ev.TechnicianAccepted: _calling,
    ev.CallbackRequested: _calling_at_once,
    ev.DeadlinePassed: _late,
    ev.SecondTrySuggested: _tried,
    ev.ContactDeclared: _reached,
    ev.CallbackReported: _reached,
    ev.Withdrawn: _withdrawn,
}


# A customer's notes on their way to people: the first one at once, further ones together.
#
# - One text per person and emergency in `relayed_notes_every`: who writes forty texts fills nobody's line.
# - Nothing is lost: every note is a fact, and the page shows all of them. Who takes part later reads them there; who
# takes over before the last ones were told gets those.
# - What waits when the emergency is withdrawn is not told any more; what is written after the end is.
# - Whoever has it is told, else everybody who was paged, else the supervisors.


def next_relay(e: Emergency) -> datetime | None:
    """When somebody is to be told of notes next; None when nobody is."""
    return min((at for _, at in _owed(e)), default=None)


def relay(e: Emergency, now: datetime) -> list[ev.Event]:
    """Who is told of which notes at `now`."""
    through = len(e.customer_notes)
    return [
        ev.NotesRelayed(at=now, person=person, after=_told(e, person), through=through)
        for person, at in _owed(e)
        if at <= now
    ]


def those_on_it(e: Emergency) -> tuple[str, ...]:
    """The owner, else everybody who was paged and did not pass."""
    if e.owner:
        return (e.owner,)
    return tuple(dict.fromkeys(p.person for p in e.pages.values() if p.person not in e.escalation.passed))


def wakes_nobody(e: Emergency) -> bool:
    """Excluded, or it can wait and the desk has not heard of it yet."""
    return bool(e.excluded_at) or (e.owner is None and deferred_by_caller(e) and Alert.WAITING not in e.told)


def told_now(e: Emergency, event: ev.NotesRelayed) -> tuple[CustomerNote, ...]:
    """The notes that this fact is about, but of those that were erased."""
    notes = e.customer_notes[event.after : event.through]
    return tuple(note for note in notes if note.words and not _is_over(e, note))


def _owed(e: Emergency) -> Iterator[tuple[str, datetime]]:
    """(person, when) of everybody who has not heard of the last notes."""
    every = e.terms.relayed_notes_every
    if every is None or not e.customer_notes or wakes_nobody(e):
        return
    for person in those_on_it(e) or (SUPERVISORS,):
        unheard = [note for note in e.customer_notes[_told(e, person) :] if note.words and not _is_over(e, note)]
        if unheard:
            heard = e.notes_heard.get(person)
            yield person, max(unheard[0].at, heard.at + every) if heard else unheard[0].at


def _is_over(e: Emergency, note: CustomerNote) -> bool:
    """What was written before the withdrawal is taken back with it; what comes after it may ask for help again."""
    return e.withdrawn_at is not None and note.at <= e.withdrawn_at


def _told(e: Emergency, person: str) -> int:
    """How many notes this person need not be told: who has heard none is spared those that others were told."""
    heard = e.notes_heard.get(person)
    return heard.through if heard else e.notes_told
