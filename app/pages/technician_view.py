"""What the technician's page shows: the state in a line, the deadline, and the buttons that would do something now.

Whether a button is shown is asked of the core: the command is tried on the emergency as it is, and nothing is written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.auth.magic_links import Opened
from app.pages.language import say
from callbacks.emergency import promise
from callbacks.emergency.commands import Answer, offer
from callbacks.emergency.inputs import Commanded
from callbacks.emergency.model import Emergency
from callbacks.engine.intake.recordings import SHOWN
from callbacks.lib.phone import why_not_dialled, written
from callbacks.messages import wording
from callbacks.oncall.coverage import Contact

# The last part of a button's address, and the command it gives.
COMMANDS = {
    "acknowledgement": "acknowledge", "callback": "call", "contact": "reached", "no-answer": "no-answer",
    "pass": "pass", "note": "note", "resolution": "done",
}  # fmt: skip
# As in the texts, so that an answer's "send 3" means the button with a 3.
BUTTONS = (
    ("acknowledgement", "1", "I have it"),
    ("callback", "3", "Call me and connect"),
    ("contact", "4", "I spoke with them"),
    ("no-answer", "5", "No answer"),
    ("pass", "2", "Pass"),
    ("resolution", "6", "It is solved"),
)
ANSWERS = frozenset(
    {
        "acknowledged", "already-yours", "already-reached", "drill-done", "passed", "calling", "callback-under-way",
        "cannot-dial", "no-voice", "too-many-calls",
        "reached", "reached-resolved", "no-answer", "noted", "done", "done-but-owed", "done-too-late",
        "done-not-reached", "empty-note", "taken", "closed", "not-paged",
    }
)  # fmt: skip
REFUSALS = frozenset(
    {"callback-under-way", "cannot-dial", "no-voice", "too-many-calls", "empty-note", "taken", "closed", "not-paged"}
)
INSTEAD = ("cannot-dial", "no-voice", "too-many-calls")


@dataclass(frozen=True, slots=True)
class Button:
    """`noun` ends its address; `key` is the digit that does the same by text; `main` is what is wanted now."""

    noun: str
    key: str
    name: str
    main: bool = False


def commanded(contact: Contact, command: str, now: datetime, words: str = "") -> Commanded:
    """The command as the person of the roster gives it."""
    return Commanded(
        at=now, by=contact.name, role=contact.role, command=command, via="link", words=words,
        can_talk="voice" in contact.channels,
    )  # fmt: skip


def view(door: Opened, language: str, now: datetime, said: str) -> dict[str, Any]:
    """Everything the template needs, in this language."""
    e, zone = door.emergency, door.duty.roster.timezone
    offers = {noun: offer(e, commanded(door.contact, COMMANDS[noun], now, "-"), now) for noun in COMMANDS}
    due = promise.due_at(e)
    return {
        "e": e,
        "pictures": SHOWN,
        "state": state_line(door, language, now, zone),
        "mine": e.owner == door.contact.name,
        "reached": promise.first_contact(e),
        "due": due,
        "due_text": wording.due_text(e, language, zone),
        "left": wording.time_left(due, now).lstrip("-"),
        "late": now > due,
        "now": now,
        "number": written(e.number) if e.number else "",
        "buttons": _buttons(e, {noun for noun, (does, _) in offers.items() if does}),
        "instead": None if e.drill else _instead(door, offers["callback"][1], language, now),
        "answer": answer(door, said, language, now),
        "refused": said in REFUSALS,
        "added": list(e.added.values()),
    }


def state_line(door: Opened, language: str, now: datetime, zone: str) -> str:
    """Where it stands, in a few words."""
    e, me = door.emergency, door.contact.name
    reached, under_way = promise.first_contact(e), promise.live_callback(e, now)
    if reached:
        return say(language, "Customer reached at %(at)s", at=wording.local_time(reached, zone))
    if under_way and under_way.by == me and under_way.accepted_at is None:
        return say(language, "Your phone rings: press 1")
    if under_way:
        return say(language, "%(name)s is calling the customer", name=full_name(door, under_way.by))
    if e.owner == me:
        return say(language, "You have it")
    return (
        say(language, "%(name)s has it", name=full_name(door, e.owner)) if e.owner else say(language, "Nobody has it")
    )


def answer(door: Opened, said: str, language: str, now: datetime) -> str:
    """What the last button was answered, in the words of a text; nothing for a word that is none of ours."""
    e = door.emergency
    if said not in ANSWERS or (said == "taken" and e.owner is None):
        return ""
    facts: dict[str, Any] = {}
    if said == "taken":
        facts["since"] = e.owned_since
    if said == "cannot-dial":
        hidden = e.withheld and e.number is None
        facts["why"] = "withheld" if hidden else why_not_dialled(e.number, e.terms.bridge_prefixes) or "unknown"
    return _worded(door, Answer(said, facts), language, _when(e, said) or now)


def full_name(door: Opened, name: str | None) -> str:
    person = door.duty.roster.person(name) if name else None
    return (person.full_name or person.name) if person else name or ""


def _buttons(e: Emergency, does: set[str]) -> list[Button]:
    """A drill asks for one thing only; whoever was reached needs no second word about it: it is solved or goes on."""
    reached = promise.first_contact(e) is not None
    shown = does & {"acknowledgement"} if e.drill else does - {"no-answer"} if reached else does - {"resolution"}
    wanted = ("resolution",) if reached else ("acknowledgement", "callback")
    main = next((noun for noun in wanted if noun in shown), None)
    return sorted((Button(*b, main=b[0] == main) for b in BUTTONS if b[0] in shown), key=lambda b: not b.main)


def _instead(door: Opened, call: Answer, language: str, now: datetime) -> str | None:
    """Why no phone would be rung, and what to do instead."""
    return _worded(door, call, language, now) if call.about in INSTEAD else None


def _worded(door: Opened, said: Answer, language: str, now: datetime) -> str:
    e, zone = door.emergency, door.duty.roster.timezone
    return wording.answer(said, e, language, zone, now, full_name(door, e.owner))


def _when(e: Emergency, said: str) -> datetime | None:
    """When that happened: a page may be looked at again later."""
    if said in ("reached", "no-answer") and e.declarations:
        return e.declarations[-1].at
    return e.acknowledged_at if said == "drill-done" else None
