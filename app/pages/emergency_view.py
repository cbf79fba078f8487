"""What the emergency's page shows, as values: read once, in one transaction, for one visitor and language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import HTTPException
from sqlmodel import Session

from app.auth.guard import check_own
from app.auth.rights import AUDITOR, Principal
from app.deps import Runtime
from app.pages.clock_picture import clock_picture
from app.pages.story import chapter, line, slug
from app.waveform import Waveform, waveform
from callbacks.emergency import promise
from callbacks.emergency.commands import is_closed
from callbacks.emergency.events import Event, PageRequested
from callbacks.emergency.fold import fold
from callbacks.emergency.model import Emergency, Page
from callbacks.emergency.promise import seven_times
from callbacks.engine.intake.recordings import SHOWN, is_recording_sid, path_of
from callbacks.engine.intake.summary import events_of
from callbacks.lib.sentence import sentence
from callbacks.messages import wording
from callbacks.oncall.coverage import Duty
from callbacks.reporting.miss_explanation import explain_miss
from callbacks.reporting.record import record
from callbacks.store import customers, emergencies, ledger, outbox
from callbacks.store.tables import EmergencyRow, OutboxRow

TOLD_BY = ("customer-text", "text", "alarm")


@dataclass(frozen=True, slots=True)
class Story:
    """One emergency's ledger, and what it adds up to."""

    id: int
    e: Emergency
    entries: Sequence[ledger.Entry]
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


def read_story(session: Session, who: Principal, right: str, ref: str) -> Story:
    """The emergency behind a reference, if it is theirs to see. Raises 404."""
    row = emergencies.by_ref(session, ref)
    if row is None or row.id is None:
        raise HTTPException(404, sentence("There is no emergency %(ref)s; a reference looks like E-000042", ref=ref))
    story = story_of(session, row)
    check_own(who, right, story.e)
    return story


def story_of(session: Session, row: EmergencyRow) -> Story:
    """An emergency as its ledger has it."""
    assert row.id is not None
    entries = ledger.read(session, row.id)
    events = events_of(entries)
    e = fold(events)
    assert e is not None
    return Story(row.id, e, entries, events)


def view(session: Session, here: Runtime, who: Principal, story: Story, language: str) -> dict[str, Any]:
    """Everything the template asks for, but what a form had typed in."""
    e, now, duty = story.e, here.world.clock.now(), here.world.duty(session)
    verdict, zone = promise.judge(e, now), duty.roster.timezone
    told = zip(story.entries, story.events, strict=True)
    return {
        "e": e, "zone": zone, "record": record(e, now), "why": wording.explain(verdict, language, duty.full_name),
        "miss": explain_miss(e, language, zone, _names(duty)) if verdict.outcome == "missed" else "",
        "due": promise.due_at(e), "resolve_by": promise.resolve_by(e), "messages": messages(e, here.world.data_dir),
        "pages": page_rows(story, zone, language), "words_of": lambda word: slug(language, word or ""),
        "chapters": [chapter(entry, event, zone, language) for entry, event in told],
        "told": [row for row in outbox.about(session, story.id) if row.kind in TOLD_BY],
        "picture": _picture(e, now), "closed": is_closed(e, now),
        "people": [(p.name, p.full_name or p.name) for p in duty.roster.people], "name": duty.full_name,
        "pictures": SHOWN, "products": here.world.policy.coverage.named,
        "priorities": tuple(here.world.policy.priorities), **_caller(session, who, story),
    }  # fmt: skip


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


def _page_row(page: Page, told: tuple[ledger.Entry, Event] | None, zone: str, language: str) -> PageRow:
    return PageRow(page, told[1].at, line(*told, zone, language)) if told else PageRow(page, None, "")


def _answers(story: Story) -> dict[int, tuple[ledger.Entry, Event]]:
    """What each page's person first said the same way before their next page, by the page's identity."""
    open_to: dict[tuple[str, str], Page] = {}
    found: dict[int, tuple[ledger.Entry, Event]] = {}
    for entry, event in zip(story.entries, story.events, strict=True):
        if isinstance(event, PageRequested):
            open_to[event.person, event.channel] = story.e.pages[event.page]
            continue
        page = open_to.get((getattr(event, "by", ""), getattr(event, "via", "")))
        if page:
            found.setdefault(id(page), (entry, event))
    return found


def _names(duty: Duty) -> dict[str, str]:
    return {p.name: p.full_name for p in duty.roster.people if p.full_name}


def _picture(e: Emergency, now: datetime) -> Any:
    starts = {"call": e.call_started_at, "message": e.message_ended_at or e.call_started_at}
    clocks = {
        name: (starts[name], due, verdict.outcome) for name, (due, verdict) in promise.by_both_clocks(e, now).items()
    }
    return clock_picture(seven_times(e), clocks, e.terms.clock_starts)


def _caller(session: Session, who: Principal, story: Story) -> dict[str, Any]:
    """What we know of the caller: notes are for those who work on it."""
    number = story.e.number
    known = customers.known(session, number) if who.role != AUDITOR else None
    past = customers.past_emergencies(session, number, story.id) if number else ()
    return {"caller": known, "past": past, "may_open_all": not who.only_own("emergency.read")}


def state_of(row: OutboxRow) -> str:
    """The stage of a text in a word."""
    return {"done": "sent", "claimed": "queued", "ambiguous": "not known yet"}.get(row.state, row.state)
