"""What people may do to an emergency, and what they are told: by text, voice page, screen or API.

`COMMANDS` has each of them once: every surface is made from it. Another command is an entry there, its function, and
the sentences it is answered with (`messages/locale`, `app/web/base/command_results.py`, `app/locale`).

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
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from callbacks.emergency import events as ev
from callbacks.emergency import promise
from callbacks.emergency.inputs import Command, Commanded
from callbacks.emergency.model import Coverage, Emergency, Outcome, Resolution, Via
from callbacks.lib.phone import why_not_dialled
from callbacks.oncall.roster import Role
from callbacks.policy.model import Priority

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
        is_one_too_many = given.via == Via.SMS and e.refused_by_text >= MOST_REFUSALS
        return [] if is_one_too_many else [_refused(given, why, now)], why
    act = COMMANDS[given.command].act
    assert act is not None
    return act(e, given, now)


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


def why_over(e: Emergency, command: Command, now: datetime) -> str:
    """Why nobody may give the command any more, as an answer's slug; "" while they may."""
    if command == Command.EXCLUDE and (e.excluded_at or e.drill):
        return "already-excluded"
    match COMMANDS[command].until:
        case Until.CLOSED:
            is_over = is_closed(e, now)
        case Until.WITHDRAWN:
            is_over = bool(e.withdrawn_at or e.excluded_at)
        case Until.ALWAYS:
            is_over = False
        case never:
            assert_never(never)
    return "closed" if is_over else ""


def _refusal(e: Emergency, given: Commanded, now: datetime) -> Answer | None:
    if not may_act(e, given.by, given.role):
        return Answer("not-paged", refused=True)
    if over := why_over(e, given.command, now):
        return Answer(over, refused=True)
    if COMMANDS[given.command].on_page_call and e.owner not in (None, given.by):
        return Answer("taken", {"owner": e.owner, "since": e.owned_since}, refused=True)
    if given.via == Via.SMS and _is_full(e, given):
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
    rule = COMMANDS[given.command]
    ends = rule.needs_code and not (promise.is_proved(e) or _is_note(e, given))  # a note after the end changes nothing
    if given.via != Via.SMS or not (ends or rule.forgeable(e, given, now)):
        return None
    if given.blocked_until:
        return Answer("texts-blocked", {"until": given.blocked_until}, refused=True)
    if not given.with_code:
        return Answer("needs-code", {"send": given.priority or rule.send}, refused=True)
    return None


# Whether a text would do harm if its sender were forged.


def _never(e: Emergency, given: Commanded, now: datetime) -> bool:
    return False


def _is_unanswered(e: Emergency, given: Commanded, now: datetime) -> bool:
    return not given.takes_texts


def _is_unanswered_call(e: Emergency, given: Commanded, now: datetime) -> bool:
    """The call itself reaches the real phone, if one is placed."""
    return not given.takes_texts and _why_no_call(e, given, now) is not None


def _would_wait_again(e: Emergency, given: Commanded, now: datetime) -> bool:
    then = replace(e, priority=given.priority or e.priority)
    return promise.deferred_by_caller(then) and not promise.deferred_by_caller(e)


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
    if given.by in e.escalation.passed and e.owner is None:
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
    coverage = given.coverage or Coverage.INSIDE
    if (e.product, e.coverage) == (given.product, coverage):
        return [], Answer("covered", {"coverage": coverage})
    said = ev.CoverageSet(at=now, by=given.by, product=given.product, coverage=coverage)
    return [said], Answer("covered", {"coverage": coverage})


class Until(StrEnum):
    """How long a command is taken: until the emergency is closed, until it is withdrawn or excluded, or always."""

    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    ALWAYS = "always"


class Choice(StrEnum):
    """What a field offers."""

    PERSON = "person"
    PRIORITY = "priority"
    PRODUCT = "product"
    COVERAGE = "coverage"
    HOW = "how"


@dataclass(frozen=True, slots=True)
class Field:
    """What a command takes besides. `name` in a page's form, `api` in the API's body, `fact` in `Commanded`, each the
    name where it is not given. `needed`: what a page says where it is missing. `optional`: the API takes `default` for
    it. `rows`: of a text area."""

    name: str
    label: str
    fact: str = ""
    api: str = ""
    choice: Choice | None = None
    most: int = 64
    rows: int = 0
    needed: str = ""
    optional: bool = False
    default: str | None = None
    told: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How a command is offered on a page. `button`: the title, where it is "". `whose`: the label of the person for
    whom it is given. `kind`: the button's style. `asks`: what would happen is shown first; with `whose`, only where
    that is not the visitor."""

    title: str
    button: str = ""
    hint: str = ""
    whose: str = ""
    kind: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One command on every surface; what is left out, it is not on.

    - By text: `key`, the digit, and `words`; `takes_words`: what follows is its text; `to_waiting`: without a code it
      is about the only emergency that waits for somebody. `needs_code`: it ends something, so it counts by text only
      with the page's code until a conversation is proved; `forgeable`: whether it would do harm if it were forged.
    - `on_page_call`: by its key on a page call, too; refused where somebody else has it.
    - `noun`: the last part of its address on pages, links and (`in_api`) in the API; `right`: who may. `form` on the
      emergency's page, `form_for` for whoever may change it and names somebody, `link` behind a text's link.
      `by`: what the API says of for whom it is, `by_needed` where that is missing, `alone` what a page says to a
      visitor who is not on the roster.
    - `act` None: it is about no single emergency, `engine/intake/texts.py` answers it.
    """

    help: str
    act: Callable[[Emergency, Commanded, datetime], Decided] | None = None
    until: Until = Until.CLOSED
    key: str = ""
    words: tuple[str, ...] = ()
    takes_words: bool = False
    to_waiting: bool = False
    on_page_call: bool = False
    needs_code: bool = False
    forgeable: Callable[[Emergency, Commanded, datetime], bool] = _never
    noun: str = ""
    right: str = "emergency.act"
    in_api: bool = False
    fields: Sequence[Field] = ()
    form: Form | None = None
    form_for: Form | None = None
    link: Form | None = None
    by: str = "A name of the roster; else the token's role."
    by_needed: str = ""
    alone: str = ""

    @property
    def replies(self) -> tuple[str, ...]:
        return ((self.key,) if self.key else ()) + self.words

    @property
    def send(self) -> str:
        """What somebody is told to text."""
        return self.replies[0].lower()


CHANGE = "emergency.change"
REASON = Field("reason", "Reason", fact="words", most=500, example="A test call of our own")


# In the order in which pages offer them.
COMMANDS: Mapping[Command, Rule] = {
    Command.ACKNOWLEDGE: Rule(
        help="Somebody has it: the escalation stops, the promise does not.",
        act=_acknowledge,
        key="1",
        words=("ACK", "OK"),
        to_waiting=True,
        on_page_call=True,
        forgeable=_is_unanswered,
        noun="acknowledgement",
        in_api=True,
        form=Form("I have it", hint="Paging stops.", kind="main"),
        form_for=Form(
            "Acknowledge for somebody",
            "Acknowledge for them",
            "Acknowledge on someone's behalf. Paging stops; both names are logged.",
            whose="Who has it",
            kind="main",
        ),
        link=Form("I have it"),
    ),
    Command.CALL: Rule(
        help="Rings a person's phone and connects them to the customer from the support number.",
        act=_call,
        until=Until.WITHDRAWN,
        key="3",
        words=("CALL",),
        on_page_call=True,
        forgeable=_is_unanswered_call,
        noun="callback",
        in_api=True,
        form=Form(
            "Call me and connect me",
            "Call my phone now",
            "Press 1 when you answer; the customer is then called from the support number.",
            kind="main",
        ),
        form_for=Form(
            "Call from the support number",
            "Call their phone …",
            "Calls the technician's phone; when they press 1, the customer is dialled.",
            whose="Whose phone",
            asks=True,
        ),
        link=Form("Call me and connect me"),
        by="Whose phone is rung: a name of the roster; left out, the technician's own.",
        by_needed="body.by: whose phone is rung? Give a name of the roster",
    ),
    Command.REACHED: Rule(
        help="I have spoken with the customer, from my own phone.",
        act=_reached,
        until=Until.WITHDRAWN,
        key="4",
        words=("REACHED",),
        needs_code=True,
        noun="contact",
        form=Form("I spoke with them", "Record the conversation", "You called from your own phone."),
        link=Form("I spoke with them"),
    ),
    Command.NO_ANSWER: Rule(
        help="I tried, and the customer could not be reached.",
        act=_no_answer,
        until=Until.WITHDRAWN,
        key="5",
        words=("NO ANSWER",),
        needs_code=True,
        noun="no-answer",
        form=Form("No answer", "Record the attempt", "You tried, and the customer could not be reached."),
        link=Form("No answer"),
    ),
    Command.PASS: Rule(
        help="Not me: the next person now.",
        act=_pass,
        key="2",
        words=("PASS",),
        to_waiting=True,
        on_page_call=True,
        forgeable=_is_unanswered,
        noun="pass",
        form=Form("Pass", "Pass it on", "The next person is paged at once."),
        link=Form("Pass"),
        alone="Only somebody on the roster can pass; hand it over instead.",
    ),
    Command.DONE: Rule(
        help="Resolved, or worked around.",
        act=_done,
        until=Until.WITHDRAWN,
        key="6",
        words=("DONE",),
        takes_words=True,
        needs_code=True,
        noun="resolution",
        in_api=True,
        fields=[
            Field(
                "how",
                "How",
                choice=Choice.HOW,
                needed="Choose resolved or workaround.",
                optional=True,
                default="resolved",
                example="workaround",
            ),
            Field(
                "words",
                "Note",
                api="note",
                most=2000,
                optional=True,
                default="",
                example="Mail is routed around the relay",
            ),
        ],
        form=Form("Resolve or work around", "Record the resolution"),
        link=Form("It is solved"),
    ),
    Command.NOTE: Rule(
        help="Words for the story.",
        act=_note,
        until=Until.ALWAYS,
        words=("NOTE",),
        takes_words=True,
        noun="note",
        in_api=True,
        fields=[Field("words", "Words", most=2000, rows=3, example="Their relay was down since midnight")],
        form=Form("Add a note", "Add the note"),
        link=Form("Note", "Add the note", "What should the others know?"),
    ),
    Command.HANDOVER: Rule(
        help="Another person has it from now on, and is told.",
        act=_handover,
        noun="handover",
        right=CHANGE,
        in_api=True,
        fields=[
            Field(
                "to",
                "To whom",
                choice=Choice.PERSON,
                needed="Choose somebody from the roster.",
                told="Who has it from now on: a name of the roster.",
                example="bob",
            )
        ],
        form=Form("Hand over", "Hand over …", asks=True),
    ),
    Command.PRIORITY: Rule(
        help="A new priority; the original clock goes on.",
        act=_priority,
        words=("P2", "P1", "P3"),  # the first is the example
        forgeable=_would_wait_again,
        noun="priority",
        right=CHANGE,
        in_api=True,
        fields=[
            Field(
                "priority",
                "Priority",
                choice=Choice.PRIORITY,
                needed="Choose one of the policy's priorities.",
                example="P2",
            ),
            replace(
                REASON,
                needed="Give a reason for the change of priority.",
                optional=True,
                default="",
                example="Only the digests are late",
            ),
        ],
        form=Form("Change the priority", "Change priority"),
    ),
    Command.COVERAGE: Rule(
        help="Which product it is about, and whether the policy covers it. The callback is owed all the same.",
        act=_cover,
        until=Until.ALWAYS,
        noun="coverage",
        right=CHANGE,
        in_api=True,
        fields=[
            Field(
                "product",
                "Product",
                choice=Choice.PRODUCT,
                optional=True,
                told="One of the policy's products or dependencies.",
                example="modusMail",
            ),
            Field(
                "coverage",
                "Covered",
                choice=Choice.COVERAGE,
                needed="Choose inside, outside or billable.",
                example="inside",
            ),
        ],
        form=Form("Set the coverage", "Set coverage"),
    ),
    Command.WITHDRAW: Rule(
        help="Nothing more is owed.",
        act=_withdraw,
        noun="withdrawal",
        right=CHANGE,
        in_api=True,
        fields=[replace(REASON, needed="Give a reason for the withdrawal.")],
        form=Form("Withdraw", "Withdraw …", "The customer no longer needs a callback.", kind="grave", asks=True),
    ),
    Command.EXCLUDE: Rule(
        help="Outside every figure from now on, whatever the verdict was; nobody is paged for it any more.",
        act=_exclude,
        until=Until.ALWAYS,
        noun="exclusion",
        right=CHANGE,
        in_api=True,
        fields=[
            replace(
                REASON,
                most=LONGEST_WHY,
                needed="Give a reason for the exclusion.",
                told="Why it is in no report. Private; erased with the customer's words.",
            )
        ],
        form=Form(
            "Exclude from reports",
            "Exclude …",
            "For calls that are not emergencies. The reason is erased with the customer's words.",
            kind="grave",
            asks=True,
        ),
    ),
    Command.STATUS: Rule(help="My open emergencies and their deadlines.", key="0", words=("STATUS",)),
    Command.WHO: Rule(help="Who is on call now and next.", words=("WHO",)),
    Command.READY: Rule(help="I have taken over the shift.", words=("READY",)),
}
BY_NOUN: Mapping[str, Command] = {rule.noun: command for command, rule in COMMANDS.items() if rule.noun}
# A page call offers these; what was said in a conversation is asked after the callback.
PAGE_KEYS: Mapping[str, Command] = {rule.key: command for command, rule in COMMANDS.items() if rule.on_page_call}


def facts_of(given: Mapping[Field, str | None]) -> dict[str, Any]:
    """What was filled in, as `Commanded` has it. A workaround is told by its first word, as in a text."""
    facts: dict[str, Any] = {field.fact or field.name: value for field, value in given.items()}
    for name, closed in (("priority", Priority), ("coverage", Coverage)):
        if name in facts:
            facts[name] = closed(facts[name])
    if facts.pop("how", None) == Resolution.WORKAROUND:
        facts["words"] = f"workaround {facts['words']}".strip()
    return facts
