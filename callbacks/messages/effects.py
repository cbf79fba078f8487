"""What a fact asks of the world: texts, calls and fetches, as rows for the outbox.

Beside each effect stands which is worse, a duplicate or a loss, because the dispatcher asks exactly that
after an ambiguous send:
- text, page, alarm, fetch, look-up: a loss is worse. Sent again.
- bridge (a call that may dial the customer): a duplicate is worse. Looked up, never blindly repeated.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from callbacks.delivery.outbox_row import PAGES, About, OutboxKind
from callbacks.emergency import customer_notifications, promise
from callbacks.emergency import events as ev
from callbacks.emergency.model import CUSTOMER, CustomerText, Emergency, Fault
from callbacks.lib.sentence import Language
from callbacks.messages import wording
from callbacks.oncall.coverage import Contact, Duty
from callbacks.oncall.roster import Role
from callbacks.policy.model import SUPERVISORS, Channel

COURTESIES = (OutboxKind.CUSTOMER_TEXT,)
PAGE_VALID = timedelta(minutes=4)
TEXT_VALID = timedelta(minutes=10)
RECEIPT_VALID = timedelta(minutes=20)
BRIDGE_VALID = timedelta(minutes=1)
MOST_NUMBERS_TOLD = 4  # of one emergency
LINK = {"link": True}
CHANNELS = Contact("", Role.SUPERVISOR, "", Language.EN, ())  # the notify URLs, as somebody to tell
POINTLESS_AFTER: dict[type[ev.Event], tuple[tuple[OutboxKind, ...], ...]] = {
    ev.Acknowledged: (PAGES,),
    ev.HandedOver: (PAGES,),
    ev.Resolved: (PAGES,),
    ev.ContactDeclared: (PAGES, COURTESIES),
    ev.Withdrawn: (PAGES, COURTESIES),
    ev.Excluded: (PAGES, COURTESIES),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """`valid_for` bounds how late it may still leave; `payload` travels with the row."""

    kind: OutboxKind
    person: str | None = None
    number: str | None = None
    text: str | None = None
    valid_for: timedelta | None = None
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def is_receipt(self) -> bool:
        return self.payload.get("about") == About.RECEIPT


def effects_of(event: ev.Event, e: Emergency, duty: Duty) -> list[Effect]:
    """The effects of one new fact; `e` is the emergency after all facts of the same decision."""
    make = EFFECTS.get(type(event))
    return make(event, e, duty) if make else []


def cancels(event: ev.Event) -> list[tuple[tuple[OutboxKind, ...], str | None]]:
    """(kinds, person or everybody): what still waits to be sent and is pointless after this fact."""
    if isinstance(event, ev.Passed):
        return [(PAGES, event.by)]
    return [(kinds, None) for kinds in POINTLESS_AFTER.get(type(event), ())]


def _page(event: ev.PageRequested, e: Emergency, duty: Duty) -> list[Effect]:
    payload: dict[str, Any] = {"page": event.page, "language": event.language}
    if event.channel == Channel.VOICE:
        return [Effect(OutboxKind.PAGE_CALL, event.person, event.number, None, PAGE_VALID, payload)]
    words = wording.page(e, event.language, duty.roster.timezone)
    return [Effect(OutboxKind.PAGE, event.person, event.number, words, PAGE_VALID, payload | LINK)]


def _remind(event: ev.OwnerReminded, e: Emergency, duty: Duty) -> list[Effect]:
    return told(_contacts([event.person], duty), "remind", e, duty)


def _handed_over(event: ev.HandedOver, e: Emergency, duty: Duty) -> list[Effect]:
    return told(_contacts([event.to], duty), "handed-over", e, duty)


def _taken_back(event: ev.TakenBack, e: Emergency, duty: Duty) -> list[Effect]:
    return told(_contacts([event.person], duty), "taken-back", e, duty)


def _notify_supervisors(event: ev.SupervisorsTold, e: Emergency, duty: Duty) -> list[Effect]:
    return told([*_contacts(event.people, duty), CHANNELS], event.about, e, duty)


def _bridge(event: ev.CallbackRequested, e: Emergency, duty: Duty) -> list[Effect]:
    contact = duty.contact(event.by)
    if event.proven or contact is None:
        return []
    payload = {"callback": event.callback, "language": contact.language}
    return [Effect(OutboxKind.BRIDGE, event.by, contact.number, None, BRIDGE_VALID, payload)]


def _leg_missed(event: ev.TechnicianMissed, e: Emergency, duty: Duty) -> list[Effect]:
    caller = _contacts([e.callbacks[event.callback].by], duty)
    if event.why == Fault.CAPPED:
        return told(caller, "calls-used-up", e, duty)
    return told(caller, "callback-failed", e, duty, why=partial(wording.text, f"why-{event.why}"))


def _fetch(event: ev.RecordingCompleted, e: Emergency, duty: Duty) -> list[Effect]:
    return [Effect(OutboxKind.FETCH, payload={"recording_sid": event.recording_sid})]


def _fetch_attachment(event: ev.AttachmentAdded, e: Emergency, duty: Duty) -> list[Effect]:
    return [Effect(OutboxKind.FETCH, payload={"message_sid": event.message_sid, "media_sid": event.media_sid})]


def _look_up(event: ev.EmergencyOpened, e: Emergency, duty: Duty) -> list[Effect]:
    """Who called, when only the recording or the end of the call told us of it."""
    if event.number or event.withheld or not event.call_sid:
        return []
    return [Effect(OutboxKind.LOOK_UP, payload={"call_sid": event.call_sid})]


def _customer_text(event: ev.CustomerTextRequested, e: Emergency, duty: Duty) -> list[Effect]:
    words = wording.to_customer(event.about, e, event.at, _caller_of(e, duty))
    valid = _receipt_valid(event, e) if event.about == CustomerText.RECEIPT else TEXT_VALID
    return [Effect(OutboxKind.CUSTOMER_TEXT, None, event.number, words, valid, {"about": event.about})]


def _receipt_valid(event: ev.CustomerTextRequested, e: Emergency) -> timedelta:
    """One that names the deadline does not leave after it: the text that says we are late does."""
    due = promise.due_at(e)
    return min(RECEIPT_VALID, due - event.at) if event.at < due else RECEIPT_VALID


def _caller_of(e: Emergency, duty: Duty) -> str:
    """The first name of whoever is calling, or has it."""
    name = list(e.callbacks.values())[-1].by if e.callbacks else e.owner
    return duty.roster.display_name(name).split()[0] if name and duty.roster.person(name) else ""


def _second_try(event: ev.SecondTrySuggested, e: Emergency, duty: Duty) -> list[Effect]:
    if event.answered:
        return []
    again = wording.local_time(event.not_before, duty.roster.timezone)
    return told(_contacts([event.person], duty), "second-try", e, duty, again=again)


def _number_given(event: ev.NumberGiven, e: Emergency, duty: Duty) -> list[Effect]:
    """A caller who keys in one number after another is on the page; the callback dials the last."""
    is_told = not event.confirmed and e.numbers_given <= MOST_NUMBERS_TOLD
    return _to_those_on_it("number-given", e, duty) if is_told else []


def _called_again(event: ev.CallerCalledAgain, e: Emergency, duty: Duty) -> list[Effect]:
    """Whoever has it is told, as seldom as of notes; when nobody has it, the next step pages."""
    return _to_those_on_it("called-again", e, duty) if e.owner and e.told_of_call == len(e.called_again) else []


def _customers_note(event: ev.NoteAdded, e: Emergency, duty: Duty) -> list[Effect]:
    """Where it opened before notes were put together. Else `NotesRelayed` tells who gets it."""
    if event.by != CUSTOMER or e.terms.relayed_notes_every is not None:
        return []
    return _as_notes(_to_those_on_it("customer-says", e, duty, **_passed_on([event.words or ""])))


def _notes_relayed(event: ev.NotesRelayed, e: Emergency, duty: Duty) -> list[Effect]:
    """To that person; where nobody on it takes texts, to the supervisors once."""
    notes = [note.words or "" for note in customer_notifications.told_now(e, event)]
    on_it = customer_notifications.those_on_it(e)
    slug = "customer-says" if len(notes) == 1 else "customer-says-more"
    recipients: Sequence[Contact] = ()
    if any(contact.takes_texts for contact in _contacts(on_it, duty)):
        recipients = _contacts([event.person], duty)
    elif event.person in (*on_it[:1], SUPERVISORS):
        recipients = duty.supervisors
    return _as_notes(told(recipients, slug, e, duty, **_passed_on(notes)))


def _passed_on(notes: Sequence[str]) -> dict[str, Any]:
    return {"words": partial(wording.passed_on, notes), "n": len(notes)}


def _as_notes(effects: list[Effect]) -> list[Effect]:
    """Marked: in a storm they wait."""
    return [replace(effect, payload=effect.payload | {"about": About.NOTE}) for effect in effects]


def _withdrawn(event: ev.Withdrawn, e: Emergency, duty: Duty) -> list[Effect]:
    return _to_those_on_it("customer-withdrew", e, duty) if event.by == CUSTOMER else []


def _to_those_on_it(slug: str, e: Emergency, duty: Duty, **facts: Any) -> list[Effect]:
    """The owner, else everybody who was paged for it, else the supervisors; nobody is woken for what can
    wait before the desk has heard of it."""
    if customer_notifications.wakes_nobody(e):
        return []
    on_it = _contacts(customer_notifications.those_on_it(e), duty)
    return told(on_it, slug, e, duty, **facts) or told(duty.supervisors, slug, e, duty, **facts)


def told(
    recipients: Iterable[Contact], message: str, e: Emergency | None = None, duty: Duty | None = None, **facts: Any
) -> list[Effect]:
    """A text to each whose phone takes one, in their language, about `e` or about no single emergency. A fact that
    depends on the language is a function of it."""
    return [effect for who in recipients for effect in _told(who, message, e, duty, facts)]


def _told(who: Contact, message: str, e: Emergency | None, duty: Duty | None, facts: Mapping[str, Any]) -> list[Effect]:
    known = {name: fact(who.language) if callable(fact) else fact for name, fact in facts.items()}
    if e and duty:
        owner, zone = duty.roster.display_name(e.owner), duty.roster.timezone
        words = wording.about(message, e, who.language, zone, owner, **known)
    else:
        words = wording.general(message, who.language, **known)
    if who is CHANNELS:
        return [Effect(OutboxKind.ALARM, text=words, payload={"about": message})]
    return [text_effect(who, words, linked=message in wording.LINKED)] if who.takes_texts else []


def _contacts(names: Iterable[str], duty: Duty) -> list[Contact]:
    return [contact for name in names if (contact := duty.contact(name))]


def text_effect(contact: Contact, words: str, linked: bool = False) -> Effect:
    """A text that is not a page: an answer, a reminder, a warning. `linked`: it leaves with a link to the
    emergency."""
    return Effect(OutboxKind.TEXT, contact.name, contact.number, words, TEXT_VALID, dict(LINK) if linked else {})


EFFECTS: dict[type[ev.Event], Callable[[Any, Emergency, Duty], list[Effect]]] = {
    ev.EmergencyOpened: _look_up,
    ev.RecordingCompleted: _fetch,
    ev.AttachmentAdded: _fetch_attachment,
    ev.PageRequested: _page,
    ev.OwnerReminded: _remind,
    ev.HandedOver: _handed_over,
    ev.TakenBack: _taken_back,
    ev.SupervisorsTold: _notify_supervisors,
    ev.CallbackRequested: _bridge,
    ev.TechnicianMissed: _leg_missed,
    ev.CustomerTextRequested: _customer_text,
    ev.SecondTrySuggested: _second_try,
    ev.NumberGiven: _number_given,
    ev.CallerCalledAgain: _called_again,
    ev.NoteAdded: _customers_note,
    ev.NotesRelayed: _notes_relayed,
    ev.Withdrawn: _withdrawn,
}


def latest_send(effect: Effect, now: datetime) -> datetime | None:
    return now + effect.valid_for if effect.valid_for else None
