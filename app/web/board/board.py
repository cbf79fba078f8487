"""The board: what is open now, the earliest deadline first, and last night below."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from app.auth.guard import own_of, page
from app.auth.rights import Principal
from app.doctor.examination import is_fit
from app.runtime import App, AppDep
from app.web.admin import carrier
from app.web.base.language import language_of, say
from app.web.base.shell import own_form, show
from app.web.emergency.story import SLUGS, line
from app.web.reports.compliance_report import SIGNS
from callbacks.emergency import events as ev
from callbacks.emergency import promise
from callbacks.emergency.fold import fold
from callbacks.emergency.model import Emergency, Outcome
from callbacks.emergency.timers import Next, NextAction, next_action
from callbacks.engine.intake.summary import events_of
from callbacks.engine.jobs import drills
from callbacks.engine.jobs.export import stories
from callbacks.oncall.coverage import Duty
from callbacks.policy.hours import periods
from callbacks.policy.lint import lint
from callbacks.reporting.compliance import OUTCOMES
from callbacks.reporting.miss_explanation import explain_miss
from callbacks.store.rows import EmergencyRow, Entry
from callbacks.store.sql import emergencies, people
from callbacks.store.sql.transaction import Transaction

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()
Viewer = Annotated[Principal, Depends(page("emergency.read"))]
Changer = Annotated[Principal, Depends(page("emergency.change"))]
MOST_OPEN = 200
MOST_TOLD = 50
MOST_CLOSED = 100
MOST_EXPLAINED = 20
LONG_AGO = timedelta(days=4)
# Facts that follow by themselves from one that says more.
QUIET = (
    ev.RecordingCompleted,
    ev.RecordingStored,
    ev.CallTimed,
    ev.CallEnded,
    ev.CustomerTextRequested,
    ev.PageRequested,
)
# What comes next, by the timer's name.
NEXT = {
    Next.CALLBACK: "a callback is in progress",
    Next.STEP: "page %(who)s by %(how)s",
    Next.REMINDER: "remind %(who)s",
    Next.TAKE_BACK: "reassign it from %(who)s",
    Next.AT_RISK: "tell supervisors it is at risk",
    Next.DEADLINE: "deadline",
    Next.WAITING: "tell the desk when it opens",
    Next.RESOLUTION: "resolution deadline",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One open emergency. `state`: late, at-risk, waiting, taken or open; `last` and `then` in words."""

    row: EmergencyRow
    state: str
    owner: str
    last: str
    last_at: datetime | None
    then: str
    then_at: datetime | None


@router.get("/")
def board(request: Request, app: AppDep, who: Viewer, p: Annotated[int, Query(ge=1, le=1000)] = 1) -> HTMLResponse:
    """Open emergencies, nearest deadline first, drills apart, and what closed since support last closed."""
    now, language = app.context.clock.now(), language_of(request, who.language)
    person = own_of(who, "emergency.read")
    with app.database.read() as session:
        duty = app.context.duty(session)
        rows, total = emergencies.open_by_deadline(session, person, MOST_OPEN, (p - 1) * MOST_OPEN)
        closed = emergencies.closed_since(session, _since(app, now), person, MOST_CLOSED)
        lines = _lines(session, rows, duty, now, language)
        whys = _whys(session, closed, duty, language)
        pulse = carrier.look(session, app, duty, now)
        steps = first_steps(session, app, duty) if who.may("people.change") else None
    context = {
        "open": [x for x in lines if not x.row.drill],
        "drills": [x for x in lines if x.row.drill],
        "closed": closed,
        "total": total,
        "p": p,
        "more": p * MOST_OPEN < total,
        "since": _since(app, now),
        "pulse": pulse,
        "sums": _sums(closed),
        "signs": SIGNS,
        "whys": whys,
        "most_closed": MOST_CLOSED,
        "steps": steps,
        "zone": duty.roster.timezone,
        "name": duty.roster.display_name,
        "technicians": [t.name for t in duty.roster.technicians],
    }
    return show(request, app, who, "board.html", context)


@router.post("/drill")
def drill(app: AppDep, who: Changer, form: Annotated[FormData, Depends(own_form())]) -> RedirectResponse:
    """Pages one person, marked as a drill; the board shows the answer."""
    name = str(form.get("technician") or "")
    with app.database.read() as session:
        known = app.context.duty(session).contact(name)
    if known is None:
        raise HTTPException(422, "Choose somebody from the roster")
    drills.begin(app.context, name)
    return RedirectResponse("/", 303)


def _lines(session: Transaction, rows: Sequence[EmergencyRow], duty: Duty, now: datetime, language: str) -> list[Line]:
    """The first ones are told from their ledgers; what cannot be read stands as its summary says."""
    ids = [row.id for row in rows[:MOST_TOLD]]
    stories = session.ledger.read_many(ids)
    return [_line(row, stories.get(row.id, []), duty, now, language) for row in rows]


def _line(row: EmergencyRow, entries: list[Entry], duty: Duty, now: datetime, language: str) -> Line:
    last, last_at, then, then_at, e = "", row.last_at, "", None, None
    try:
        events = events_of(entries)
        e = fold(events) if events else None
        if e:
            coming = _coming(e, now)
            told = [n for n, event in enumerate(events) if not isinstance(event, QUIET)][-1]
            last, last_at = line(entries[told], events[told], duty.roster.timezone, language), entries[told].at
            then, then_at = (_then(coming, duty, language), coming.at) if coming else ("", None)
    except Exception:
        log.error("emergency.unreadable", id=row.id, exc_info=True)
        last = say(language, "The ledger cannot be read; run callbacks verify")
    return Line(row, _state(row, e, now), duty.roster.display_name(row.acknowledged_by), last, last_at, then, then_at)


def _coming(e: Emergency, now: datetime) -> NextAction | None:
    """What happens next; who was reached is owed a resolution, whatever our timers still do."""
    reached = promise.first_contact(e) and not promise.live_callback(e, now)
    return NextAction(Next.RESOLUTION, promise.resolve_by(e)) if reached and not e.resolved_at else next_action(e, now)


def _sums(closed: Sequence[EmergencyRow]) -> list[tuple[str, int]]:
    """How many ended how, as far as they are shown."""
    n = Counter(row.outcome for row in closed)
    return [(outcome, n[outcome]) for outcome in OUTCOMES if n[outcome]]


def _whys(session: Transaction, closed: Sequence[EmergencyRow], duty: Duty, language: str) -> dict[int, str]:
    """A sentence for each promise of last night that was not kept; none where the ledger cannot be read."""
    missed = [row.id for row in closed if row.outcome == Outcome.MISSED and row.id][:MOST_EXPLAINED]
    told = stories(session, missed)
    return {n: explain_miss(e, language, duty.roster.timezone, duty.roster.display_name) for n, e in told.items()}


def _state(row: EmergencyRow, e: Emergency | None, now: datetime) -> str:
    untried = row.outcome == Outcome.PENDING and row.first_attempt_at is None
    if untried and e and not e.can_wait and now >= row.due_at - e.terms.at_risk_before:
        return "at-risk"
    if row.outcome == Outcome.MISSED and row.contact_at is None:
        return "late"
    if row.contact_at:
        return "reached"
    return "taken" if row.acknowledged_by else "open"


def _then(coming: NextAction, duty: Duty, language: str) -> str:
    how = say(language, " and ").join(say(language, SLUGS[c]) for c in coming.channels)
    who = (
        say(language, SLUGS[coming.who])
        if coming.who in SLUGS
        else duty.roster.display_name(coming.who.removeprefix("person:"))
    )
    words = NEXT[coming.name]
    return say(language, words, who=who, how=how) if "%" in words else say(language, words)


def _since(app: App, now: datetime) -> datetime:
    """When support last closed: what came after it is last night's."""
    ended: list[Any] = [end for _, end in periods(app.context.policy.support_hours, now - LONG_AGO, now) if end < now]
    return ended[-1] if ended else now - timedelta(days=1)


# What an empty system needs next, step by step, until the first drill has been answered.


@dataclass(frozen=True, slots=True)
class Step:
    """`name` chooses the words; `command` is what to type, "" where the page has a button."""

    name: str
    is_done: bool
    command: str


def first_steps(session: Transaction, app: App, duty: Duty) -> list[Step] | None:
    """None once a drill was answered or a real emergency came: then the board is the board."""
    if people.last_drills(session) or emergencies.has_real(session):
        return None
    has_people, names = bool(duty.roster.people), duty.roster.rotation_names
    return [
        Step("roster", has_people, "callbacks roster load roster.toml"),
        Step("policy", has_people and not lint(app.context.policy, names), "callbacks policy check"),
        Step("engine", session.nodes.last_beat() is not None, "callbacks serve"),
        Step("carrier", is_fit(session), "callbacks doctor --fix"),
        Step("drill", False, "callbacks drill"),
    ]
