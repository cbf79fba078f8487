"""What people may do to an emergency, and what they are told: by text, voice page, screen or API.

- Only somebody who was paged for it, or a supervisor, may act.
- `call`, `reached`, `no-answer` and `done` acknowledge too, when nobody has it yet.
- A refusal changes nothing and says why; wording adds what to send instead.
- A sender's number can be forged, our answer reaches the real phone: what ends something counts by text only with the
  page's code, until a conversation is proved; so does what stops the paging where our answer would reach nobody, or
  makes a raised emergency wait again. Links, and keys on calls that we placed, prove themselves.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from callbacks.emergency import events as ev
from callbacks.emergency import promise
from callbacks.emergency.customer_notifications import may_be_texted
from callbacks.emergency.inputs import Command, Commanded, CustomerSaid
from callbacks.emergency.model import Emergency, Outcome, Resolution
from callbacks.emergency.timers import tell
from callbacks.lib.phone import why_not_dialled
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import Role

LONGEST_WHY = 200
# Of one emergency, by texts, whose sender can be forged: what is more is answered and not put down; paging goes on.
MOST_NOTES = 100
MOST_PRIORITIES = 20
MOST_REFUSALS = 50
MOST_CALLBACKS = 30  # what a stolen phone could spend through one emergency; pages have no such bound
WORKAROUND = re.compile(r"\s*(workaround|work-around|contournement|solution temporaire)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to tell the one who asked: a slug that wording knows, and the facts it needs."""

    about: str
    facts: dict[str, Any] = field(default_factory=dict)
    refused: bool = False


Decided = tuple[list[ev.Event], Answer]


def apply_command(e: Emergency, given: Commanded, now: datetime) -> Decided:
    """The facts a command makes, and the answer."""
    why = _refusal(e, given, now)
    if why:
        is_one_too_many = given.via == "sms" and e.refused_by_text >= MOST_REFUSALS
        return [] if is_one_too_many else [_refused(given, why, now)], why
    return COMMANDS[given.command].act(e, given, now)


def offer(e: Emergency, given: Commanded, now: datetime) -> tuple[bool, Answer]:
    """Whether a command would change anything now, and what it would be answered; nothing is done."""
    events, said = apply_command(e, given, now)
    return bool(events) and not said.refused and said.about != "already-reached", said


def _refused(given: Commanded, why: Answer, now: datetime) -> ev.CommandRefused:
    return ev.CommandRefused(
        at=now, by=given.by, command=given.command, why=why.about, via=given.via, set_by=given.set_by
    )


def may_act(e: Emergency, name: str, role: Role) -> bool:
    """Supervisors may; a technician only for an emergency they were paged for, or were handed."""
    return role == Role.SUPERVISOR or e.owner == name or any(p.person == name for p in e.pages.values())


def is_closed(e: Emergency, now: datetime) -> bool:
    """Ended for everybody: withdrawn, excluded, or resolved with the promise decided."""
    owed = bool(e.resolved_at) and promise.judge(e, now).outcome == Outcome.PENDING
    return bool(e.withdrawn_at or e.excluded_at or (e.resolved_at and not owed))


def _refusal(e: Emergency, given: Commanded, now: datetime) -> Answer | None:
    if not may_act(e, given.by, given.role):
        return Answer("not-paged", refused=True)
    if given.command == Command.EXCLUDE and (e.excluded_at or e.drill):
        return Answer("already-excluded", refused=True)
    if is_closed(e, now) and not COMMANDS[given.command].even_closed:
        return Answer("closed", refused=True)
    if (e.withdrawn_at or e.excluded_at) and given.command in (Command.CALL, *ENDING):
        return Answer("closed", refused=True)
    if given.command in (Command.ACKNOWLEDGE, Command.PASS, Command.CALL) and e.owner not in (None, given.by):
        return Answer("taken", {"owner": e.owner, "since": e.owned_since}, refused=True)
    if given.via == "sms" and _is_full(e, given):
        return Answer("too-many-texts", refused=True)
    return _lacks_proof(e, given, now)


def _is_full(e: Emergency, given: Commanded) -> bool:
    """Whether so much of this came by text that no more is put down."""
    match given.command:
        case Command.NOTE:
            return e.notes_by_text >= MOST_NOTES
        case Command.PRIORITY:
            return given.priority != e.priority and len(e.reclassified) >= MOST_PRIORITIES
        case Command.DONE:
            return _is_note(e, given) and e.notes_by_text >= MOST_NOTES
        case _:
            return False


def _lacks_proof(e: Emergency, given: Commanded, now: datetime) -> Answer | None:
    """Why a text is not enough."""
    if given.via != "sms" or not _needs_proof(e, given, now):
        return None
    if given.blocked_until:
        return Answer("texts-blocked", {"until": given.blocked_until}, refused=True)
    if not given.with_code:
        return Answer("needs-code", {"send": given.priority or COMMANDS[given.command].key}, refused=True)
    return None


def _needs_proof(e: Emergency, given: Commanded, now: datetime) -> bool:
    match given.command:
        case Command.REACHED | Command.NO_ANSWER | Command.DONE:  # a note after the end changes nothing
            return not (promise.is_proved(e) or _is_note(e, given))
        case Command.ACKNOWLEDGE | Command.PASS:
            return not given.takes_texts
        case Command.CALL:  # the call itself reaches the real phone, if one is placed
            return not given.takes_texts and _why_no_call(e, given, now) is not None
        case Command.PRIORITY:
            then = replace(e, priority=given.priority or e.priority)
            return promise.deferred_by_caller(then) and not promise.deferred_by_caller(e)
        case Command.HANDOVER | Command.NOTE | Command.WITHDRAW | Command.EXCLUDE | Command.COVER:
            return False
        case never:
            assert_never(never)


def _acknowledge(e: Emergency, given: Commanded, now: datetime) -> Decided:
    if e.owner == given.by:
        return [], Answer("already-yours")
    if promise.first_contact(e):
        return [], Answer("already-reached")
    return _own(e, given, now), Answer("drill-done" if e.drill else "acknowledged")


def _own(e: Emergency, given: Commanded, now: datetime) -> list[ev.Event]:
    if e.owner is not None:
        return []
    return [ev.Acknowledged(at=now, by=given.by, role=given.role, via=given.via, set_by=given.set_by)]


def _pass(e: Emergency, given: Commanded, now: datetime) -> Decided:
    if promise.first_contact(e):
        return [], Answer("already-reached")
    if given.by in e.ladder.passed and e.owner is None:
        return [], Answer("passed")
    return [ev.Passed(at=now, by=given.by, via=given.via)], Answer("passed")


def _handover(e: Emergency, given: Commanded, now: datetime) -> Decided:
    assert given.to is not None
    if e.owner == given.to:
        return [], Answer("already-yours")
    return [ev.HandedOver(at=now, by=given.by, to=given.to, via=given.via)], Answer("handed-over")


def _call(e: Emergency, given: Commanded, now: datetime) -> Decided:
    why = _why_no_call(e, given, now)
    if why:
        return [*_own(e, given, now), _refused(given, why, now)], why
    callback = f"c{len(e.callbacks) + 1}"
    asked = ev.CallbackRequested(
        at=now, callback=callback, by=given.by, via=given.via, proven=given.proven, set_by=given.set_by
    )
    return [*_own(e, given, now), asked], Answer("calling", {"callback": callback})


def _why_no_call(e: Emergency, given: Commanded, now: datetime) -> Answer | None:
    if promise.live_callback(e, now):
        return Answer("callback-under-way", refused=True)
    if len(e.callbacks) >= MOST_CALLBACKS:
        return Answer("too-many-calls", refused=True)
    why = why_not_dialled(e.number, e.terms.bridge_prefixes)
    if why:
        return Answer("cannot-dial", {"why": "withheld" if e.withheld and e.number is None else why}, refused=True)
    return None if given.can_talk else Answer("no-voice", refused=True)


def _reached(e: Emergency, given: Commanded, now: datetime) -> Decided:
    resolved = e.resolved_how == Resolution.RESOLVED
    if promise.first_contact(e):
        return _own(e, given, now), Answer("done" if resolved else "already-reached")
    said = ev.ContactDeclared(at=now, by=given.by, via=given.via)
    return [*_own(e, given, now), said], Answer("reached-resolved" if resolved else "reached")


def _no_answer(e: Emergency, given: Commanded, now: datetime) -> Decided:
    said = ev.NoAnswerDeclared(at=now, by=given.by, via=given.via)
    return [*_own(e, given, now), said], Answer("no-answer")


def _how(given: Commanded) -> Resolution:
    return Resolution.WORKAROUND if WORKAROUND.match(given.words) else Resolution.RESOLVED


def _is_note(e: Emergency, given: Commanded) -> bool:
    """`done` about what is resolved already; a workaround may still be resolved for good."""
    again = e.resolved_at is not None and (
        e.resolved_how == Resolution.RESOLVED or _how(given) == Resolution.WORKAROUND
    )
    return given.command == Command.DONE and again


def _done(e: Emergency, given: Commanded, now: datetime) -> Decided:
    how = _how(given)
    if _is_note(e, given):
        return _note(e, given, now) if given.words else ([], Answer(_how_done(e, now)))
    done = ev.Resolved(at=now, by=given.by, how=how, note=given.words or None)
    slug = _how_done(e, now)
    slug = "worked-around" if slug == "done" and how == Resolution.WORKAROUND else slug
    return [*_own(e, given, now), done], Answer(slug)


def _how_done(e: Emergency, now: datetime) -> str:
    """Resolving does not end the promise: whoever resolves it is told when it is pending, or missed."""
    if promise.first_contact(e):
        return "done"
    late = now > promise.due_at(e)
    if not promise.has_tried(e):
        return "done-too-late" if late else "done-but-owed"
    return "done" if late else "done-not-reached"


def _priority(e: Emergency, given: Commanded, now: datetime) -> Decided:
    assert given.priority is not None
    if given.priority == e.priority and not given.words:
        return [], Answer("priority-same", {"priority": given.priority})
    changed = ev.PriorityChanged(at=now, by=given.by, priority=given.priority, reason=given.words or None)
    slug = "priority-reached" if promise.first_contact(e) else "priority"
    return [changed], Answer(slug, {"priority": given.priority})


def _note(e: Emergency, given: Commanded, now: datetime) -> Decided:
    if not given.words:
        return [], Answer("empty-note", refused=True)
    return [ev.NoteAdded(at=now, by=given.by, via=given.via, words=given.words)], Answer("noted")


def _withdraw(e: Emergency, given: Commanded, now: datetime) -> Decided:
    return [ev.Withdrawn(at=now, by=given.by, reason=given.words or None)], Answer("withdrawn")


def _exclude(e: Emergency, given: Commanded, now: datetime) -> Decided:
    """Outside the figures, whatever the verdict was; nobody is paged any more."""
    assert given.words
    why = ev.Exclusion.DECISION.value
    return [ev.Excluded(at=now, by=given.by, why=why, reason=given.words[:LONGEST_WHY])], Answer("excluded")


def _cover(e: Emergency, given: Commanded, now: datetime) -> Decided:
    coverage = given.coverage or "inside"
    if (e.product, e.coverage) == (given.product, coverage):
        return [], Answer("covered", {"coverage": coverage})
    said = ev.CoverageSet(at=now, by=given.by, product=given.product, coverage=coverage)
    return [said], Answer("covered", {"coverage": coverage})


@dataclass(frozen=True, slots=True)
class Rule:
    """`key`: the digit that gives it by text, and on a call of ours for the first three. `even_closed`: also when the
    emergency is closed."""

    act: Callable[[Emergency, Commanded, datetime], Decided]
    key: str = ""
    even_closed: bool = False


COMMANDS: Mapping[Command, Rule] = {
    Command.ACKNOWLEDGE: Rule(_acknowledge, "1"),
    Command.PASS: Rule(_pass, "2"),
    Command.CALL: Rule(_call, "3", even_closed=True),
    Command.REACHED: Rule(_reached, "4", even_closed=True),
    Command.NO_ANSWER: Rule(_no_answer, "5", even_closed=True),
    Command.DONE: Rule(_done, "6", even_closed=True),
    Command.NOTE: Rule(_note, even_closed=True),
    Command.COVER: Rule(_cover, even_closed=True),
    Command.EXCLUDE: Rule(_exclude, even_closed=True),
    Command.HANDOVER: Rule(_handover),
    Command.PRIORITY: Rule(_priority),
    Command.WITHDRAW: Rule(_withdraw),
}
BY_KEY: Mapping[str, Command] = {rule.key: command for command, rule in COMMANDS.items() if rule.key}
# By text these count only with the page's code, until a conversation is proved.
ENDING = (Command.REACHED, Command.NO_ANSWER, Command.DONE)
# A page call offers these; what was said in a conversation is asked after the callback.
ON_A_PAGE_CALL = (Command.ACKNOWLEDGE, Command.PASS, Command.CALL)


# How a customer withdraws by text: `withdraw` is answered with a number, and the same word with it closes.
#
# The sender of a text can be forged; our answer reaches the customer's own phone. So a forger would have to guess,
# and whoever says "Withdraw? No thanks" is not taken at the first word. Until it is closed, paging goes on.

MOST_ANSWERS = 3
MOST_MISTYPED = 3
WITHIN = timedelta(hours=1)


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
    is_known = may_be_texted(e) if said.number is None else not (e.drill or promise.no_message_recorded(e))
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


def tell_of_bounds(e: Emergency, new: Sequence[ev.Event], now: datetime, duty: Duty) -> list[ev.Event]:
    """Supervisors hear of it once when no more is put down from texts, and the customer with the last note that is."""
    notes = [event for event in new if isinstance(event, ev.NoteAdded) and event.via == "sms"]
    customers = len(e.customer_notes) == MOST_NOTES and any(note.by == "customer" for note in notes)
    staffs = e.notes_by_text == MOST_NOTES and any(note.by != "customer" for note in notes)
    changed = len(e.reclassified) == MOST_PRIORITIES and any(isinstance(event, ev.PriorityChanged) for event in new)
    told = tell(e, "texts-full", now, duty) if customers or staffs or changed else []
    if not customers or not may_be_texted(e):
        return told
    return [*told, ev.CustomerTextRequested(at=now, about="notes-full", number=e.number)]
