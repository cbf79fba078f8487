"""One emergency: verdict, message, pages, attempts, times, and every fact in order."""

import json
import sys
import wave
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, assert_never

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse

from app.api.emergencies import attachment_file, recording_file
from app.auth.guard import check_own, page
from app.auth.rights import Principal
from app.runtime import App, AppDep
from app.web.base.command_results import DONE
from app.web.base.language import language_of, say
from app.web.base.shell import show
from app.web.emergency.story import chapter, line, slug
from callbacks.delivery.outbox_row import OutboxKind, OutboxState
from callbacks.emergency import promise
from callbacks.emergency.commands import CHANGE, COMMANDS, Choice, Field, Form, Rule, why_over
from callbacks.emergency.events import Event, PageRequested
from callbacks.emergency.fold import fold
from callbacks.emergency.inputs import Command
from callbacks.emergency.model import Coverage, Emergency, Outcome, Page
from callbacks.emergency.promise import Moment, seven_times
from callbacks.engine.intake.recordings import SHOWN, bars_of, is_recording_sid, path_of, save
from callbacks.engine.intake.summary import events_of
from callbacks.lib.sentence import sentence
from callbacks.messages import wording
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import Role
from callbacks.policy.model import ClockStart
from callbacks.reporting.miss_explanation import explain_miss
from callbacks.reporting.record import record
from callbacks.store.rows import EmergencyRow, Entry, OutboxRow
from callbacks.store.sql import customers, emergencies, outbox
from callbacks.store.sql.transaction import Transaction

# The seven times against both clocks, as geometry: a bar from each clock's start to its deadline, and numbered marks.
#
# Numbers only; `templates/emergency_pictures.html` draws them, and a table below says the same.

WIDTH = 360
LEFT = 12
RIGHT = 348
MARKS_TOP = 12
ROW = 18
TOUCH = 17


@dataclass(frozen=True, slots=True)
class Mark:
    """The `n`th of the seven times, at `x`; `y` is a row in which it touches no other."""

    n: int
    x: float
    y: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One clock: call or message, from its start to its deadline."""

    clock: str
    x: float
    width: float
    y: int
    outcome: str
    decides: bool


@dataclass(frozen=True, slots=True)
class ClockPicture:
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    height: int


def clock_picture(
    times: Mapping[str, Moment], clocks: Mapping[ClockStart, tuple[datetime, datetime, Outcome]], decides: ClockStart
) -> ClockPicture:
    """`clocks`: by name, (start, deadline, outcome)."""
    known = [(n, m.at) for n, m in enumerate(times.values(), 1) if m.at]
    instants = [at for _, at in known] + [x for start, due, _ in clocks.values() for x in (start, due)]
    first, last = min(instants), max(instants)
    length = max((last - first).total_seconds(), 1)

    def x(at: datetime) -> float:
        return round(LEFT + (RIGHT - LEFT) * (at - first).total_seconds() / length, 1)

    marks = _in_rows([(n, x(at)) for n, at in sorted(known, key=lambda one: (round(x(one[1])), one[0]))])
    below = max((m.y for m in marks), default=MARKS_TOP) + 18
    bars = [
        Bar(name, x(start), round(max(x(due) - x(start), 2), 1), below + 24 * row, outcome, name == decides)
        for row, (name, (start, due, outcome)) in enumerate(clocks.items())
    ]
    return ClockPicture(tuple(marks), tuple(bars), below + 24 * len(bars) + 2)


def _in_rows(found: Sequence[tuple[int, float]]) -> list[Mark]:
    """Marks from left to right, each in the first row where it touches no earlier one."""
    ends: list[float] = []
    marks = []
    for n, x in found:
        row = next((r for r, end in enumerate(ends) if x - end >= TOUCH), len(ends))
        ends[row : row + 1] = [x]
        marks.append(Mark(n, x, MARKS_TOP + ROW * row))
    return marks


# A message as a row of bars: the loudest of each stretch, read from the stored WAV once and kept beside it.

BARS = 96
MOST_FRAMES = 48_000 * 3600
SAMPLE_TYPES = {1: "B", 2: "h", 4: "i"}  # by bytes a sample; WAV has one byte unsigned and the others signed


@dataclass(frozen=True, slots=True)
class Waveform:
    """`bars` are 0 to 100, of the whole message's loudest; `seconds` its length; `loudest` when that was, in s."""

    bars: tuple[int, ...]
    seconds: float
    loudest: float


def waveform(audio: Path) -> Waveform | None:
    """The picture of a stored recording. None for what is not there, or is no plain WAV."""
    beside = bars_of(audio)
    if not audio.is_file():
        beside.unlink(missing_ok=True)
        return None
    try:
        kept = json.loads(beside.read_text())
        return Waveform(tuple(kept["bars"]), kept["seconds"], kept["loudest"])
    except (OSError, ValueError, KeyError, TypeError):
        made = _waveform_of(audio)
    if made:
        _keep_waveform(beside, made)
    return made


def _keep_waveform(beside: Path, made: Waveform) -> None:
    text = json.dumps({"bars": made.bars, "seconds": made.seconds, "loudest": made.loudest})
    try:
        save(beside, text.encode())
    except FileNotFoundError:
        return  # another request kept the same a moment before


def _waveform_of(audio: Path) -> Waveform | None:
    try:
        with wave.open(str(audio), "rb") as file:
            kind, frames, rate = SAMPLE_TYPES.get(file.getsampwidth()), file.getnframes(), file.getframerate()
            if kind is None or not rate or not 0 < frames <= MOST_FRAMES:
                return None
            peaks = [_loudest(file.readframes(count), kind) for count in _frames_of_bars(frames)]
    except (wave.Error, EOFError, OSError):
        return None
    top = max(peaks)
    bars = tuple(round(100 * peak / top) if top else 0 for peak in peaks)
    return Waveform(bars, round(frames / rate, 2), round(peaks.index(top) / BARS * frames / rate, 1))


def _frames_of_bars(frames: int) -> list[int]:
    """Frames of each bar, as even as whole numbers can be."""
    return [frames * (n + 1) // BARS - frames * n // BARS for n in range(BARS)]


def _loudest(content: bytes, kind: str) -> int:
    samples = array(kind)
    samples.frombytes(content[: len(content) - len(content) % samples.itemsize])
    if not samples:
        return 0
    if sys.byteorder == "big":
        samples.byteswap()
    middle = 128 if kind == "B" else 0
    return max(max(samples) - middle, middle - min(samples))


# What the emergency's page shows, as values: read once, in one transaction, for one visitor and language.

TOLD_BY = (OutboxKind.CUSTOMER_TEXT, OutboxKind.TEXT, OutboxKind.ALARM)


@dataclass(frozen=True, slots=True)
class Story:
    """One emergency's ledger, and what it adds up to."""

    id: int
    e: Emergency
    entries: Sequence[Entry]
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Message:
    """What the caller said: the first message is 0, those of later calls follow. `state` as the ledger has it."""

    number: int
    at: datetime | None
    seconds: int
    state: str | None
    wave: Waveform | None


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page and its fate, with the first answer that came the same way after it."""

    page: Page
    answered_at: datetime | None
    answer: str


def read_story(session: Transaction, who: Principal, right: str, ref: str) -> Story:
    """The emergency behind a reference, if it is theirs to see. Raises 404."""
    row = emergencies.by_ref(session, ref)
    if row is None:
        raise HTTPException(404, sentence("There is no emergency %(ref)s; a reference looks like E-000042", ref=ref))
    story = story_of(session, row)
    check_own(who, right, story.e)
    return story


def story_of(session: Transaction, row: EmergencyRow) -> Story:
    """An emergency as its ledger has it."""
    entries = session.ledger.read(row.id)
    events = events_of(entries)
    e = fold(events)
    assert e is not None
    return Story(row.id, e, entries, events)


def view(session: Transaction, app: App, who: Principal, story: Story, language: str) -> dict[str, Any]:
    """Everything the template asks for, but what a form had typed in."""
    e, now, duty = story.e, app.context.clock.now(), app.context.duty(session)
    verdict, zone = promise.judge(e, now), duty.roster.timezone
    told = zip(story.entries, story.events, strict=True)
    return {
        "e": e,
        "zone": zone,
        "record": record(e, now).shown(),
        "why": wording.explain(verdict, language, duty.roster.display_name),
        "miss": explain_miss(e, language, zone, duty.roster.display_name) if verdict.outcome == Outcome.MISSED else "",
        "due": promise.due_at(e),
        "resolve_by": promise.resolve_by(e),
        "messages": messages(e, app.context.data_dir),
        "pages": page_rows(story, zone, language),
        "words_of": lambda word: slug(language, word or ""),
        "chapters": [chapter(entry, event, zone, language) for entry, event in told],
        "told": [row for row in outbox.about(session, story.id) if row.kind in TOLD_BY],
        "picture": _picture(e, now),
        "name": duty.roster.display_name,
        "pictures": SHOWN,
        **_caller(session, who, story),
    }


@dataclass(frozen=True, slots=True)
class Input:
    """A field as it is shown: with what was typed, else with what holds now. `options` are (word, shown)."""

    name: str
    label: str
    value: str
    field: Field | None = None
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class OfferedAction:
    """A command as it is offered; `is_refused`: just now, so its form stands open and keeps what was typed."""

    noun: str
    form: Form
    inputs: Sequence[Input]
    is_refused: bool


def form_of(rule: Rule, who: Principal) -> Form:
    form = rule.form_for if rule.form_for and who.may(CHANGE) else rule.form
    assert form is not None
    return form


def actions(
    app: App, duty: Duty, who: Principal, e: Emergency, noun: str, typed: Mapping[str, str], language: str
) -> Iterator[OfferedAction]:
    """What may be done now. What is not possible any more is not offered, but for `noun`, which was just refused."""
    policy, now, own_name = app.context.policy, app.context.clock.now(), who.person or ""
    people = [(p.name, duty.roster.display_name(p.name)) for p in duty.roster.people]
    options: dict[Choice | None, Sequence[tuple[str, str]]] = {
        Choice.PERSON: people,
        Choice.PRIORITY: [(p, p) for p in policy.priorities],
        Choice.PRODUCT: [(p, p) for p in policy.coverage.named],
        Choice.COVERAGE: [(c, slug(language, c)) for c in Coverage],
        Choice.HOW: [("resolved", say(language, "resolved")), ("workaround", say(language, "worked around"))],
    }
    holds = {
        "person": own_name or e.owner or "",
        "priority": e.priority,
        "product": e.product or "",
        "coverage": e.coverage or "inside",
        "how": "resolved",
    }
    for command, rule in COMMANDS.items():
        is_refused = rule.noun == noun
        if rule.form is None or not who.may(rule.right) or (why_over(e, command, now) and not is_refused):
            continue
        form, values = form_of(rule, who), typed if is_refused else holds
        is_theirs = command == Command.ACKNOWLEDGE and not form.whose and e.owner == own_name
        if is_theirs or (rule.alone and not own_name):
            continue
        whose = [Input("person", form.whose, values.get("person", ""), options=people)] if form.whose else []
        given = [
            Input(f.name, f.label, values.get(f.name, ""), f, options[f.choice] if f.choice else ())
            for f in rule.fields
        ]
        yield OfferedAction(rule.noun, form, [*whose, *given], is_refused)


def messages(e: Emergency, data_dir: Path) -> list[Message]:
    """The first message, if one was left, and those of later calls."""
    first = Message(0, e.message_ended_at, e.message_seconds or 0, e.recording_state, _wave(data_dir, e.recording_sid))
    added = [
        Message(n, m.at, m.seconds, m.state, _wave(data_dir, sid)) for n, (sid, m) in enumerate(e.added.items(), 1)
    ]
    return [*([first] if e.message_ended_at or e.recording_state else []), *added]


def _wave(data_dir: Path, sid: str | None) -> Waveform | None:
    return waveform(path_of(data_dir, sid)) if sid and is_recording_sid(sid) else None


def page_rows(story: Story, zone: str, language: str) -> list[PageRow]:
    """Pages of one person stand together, whoever was paged first comes first."""
    pages = list(story.e.pages.values())
    first = {page.person: n for n, page in reversed(list(enumerate(pages)))}
    in_order = sorted(pages, key=lambda page: (first[page.person], page.requested_at, page.channel))
    answers = _answers(story)
    return [_page_row(page, answers.get(id(page)), zone, language) for page in in_order]


def _page_row(page: Page, told: tuple[Entry, Event] | None, zone: str, language: str) -> PageRow:
    return PageRow(page, told[1].at, line(*told, zone, language)) if told else PageRow(page, None, "")


def _answers(story: Story) -> dict[int, tuple[Entry, Event]]:
    """What each page's person first said the same way before their next page, by the page's identity."""
    open_to: dict[tuple[str, str], Page] = {}
    found: dict[int, tuple[Entry, Event]] = {}
    for entry, event in zip(story.entries, story.events, strict=True):
        if isinstance(event, PageRequested):
            open_to[event.person, event.channel] = story.e.pages[event.page]
            continue
        page = open_to.get((getattr(event, "by", ""), getattr(event, "via", "")))
        if page:
            found.setdefault(id(page), (entry, event))
    return found


def _picture(e: Emergency, now: datetime) -> Any:
    starts = {ClockStart.CALL: e.call_started_at, ClockStart.MESSAGE: e.message_ended_at or e.call_started_at}
    clocks = {
        name: (starts[name], due, verdict.outcome) for name, (due, verdict) in promise.by_both_clocks(e, now).items()
    }
    return clock_picture(seven_times(e), clocks, e.terms.clock_starts)


def _caller(session: Transaction, who: Principal, story: Story) -> dict[str, Any]:
    """What we know of the caller: notes are for those who work on it."""
    number = story.e.number
    known = session.customers.known(number) if who.role != Role.AUDITOR else None
    past = customers.past_emergencies(session, number, story.id) if number else ()
    return {"caller": known, "past": past, "may_open_all": not who.only_own("emergency.read")}


def state_of(row: OutboxRow) -> str:
    """The stage of a text in a word."""
    match row.state:
        case OutboxState.QUEUED | OutboxState.CLAIMED:
            return "queued"
        case OutboxState.AMBIGUOUS:
            return "not known yet"
        case OutboxState.SENT | OutboxState.DONE:
            return "sent"
        case OutboxState.FAILED | OutboxState.CANCELLED:
            return str(row.state)
        case never:
            assert_never(never)


router = APIRouter(include_in_schema=False)
Viewer = Annotated[Principal, Depends(page("emergency.read"))]


@router.get("/emergencies/{ref}")
def one(ref: str, request: Request, app: AppDep, who: Viewer, done: str = "") -> HTMLResponse:
    """The whole story; `done` says what has just been noted."""
    told = say(language_of(request, who.language), DONE[done]) if done in DONE else ""
    return emergency_page(request, app, who, ref, told=told)


@router.get("/emergencies/{ref}/recording")
def recording(ref: str, app: AppDep, who: Viewer, message: Annotated[int, Query(ge=0, le=99)] = 0) -> FileResponse:
    """A message, for the players on the page."""
    with app.database.read() as session:
        read_story(session, who, "emergency.read", ref)
    return recording_file(app, ref, who, message)


@router.get("/emergencies/{ref}/attachments/{sid}")
def attachment(ref: str, sid: str, app: AppDep, who: Viewer) -> FileResponse:
    """A picture for the page, or a file to take along."""
    with app.database.read() as session:
        read_story(session, who, "emergency.read", ref)
    return attachment_file(app, ref, who, sid)


def emergency_page(
    request: Request,
    app: App,
    who: Principal,
    ref: str,
    *,
    told: str = "",
    refusal: str = "",
    typed: dict[str, str] | None = None,
    noun: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The page. `refusal` says why `noun` could not be, with what was `typed` still in its form. Raises 404."""
    language = language_of(request, who.language)
    with app.database.read() as session:
        story = read_story(session, who, "emergency.read", ref)
        context: dict[str, Any] = view(session, app, who, story, language)
        context["actions"] = actions(app, app.context.duty(session), who, story.e, noun, typed or {}, language)
    context |= {
        "done": told,
        "refusal": refusal,
        "state_of": state_of,
        "may_act": who.may("emergency.act"),
        "may_export": who.may("emergency.export"),
        "may_edit_caller": who.may("customer.change"),
    }
    return show(request, app, who, "emergency.html", context, status)
