"""The schedule: who has each rotation now and next, calendars, changes of turns, handoffs, and whose phone rings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from app.auth.guard import page
from app.auth.rights import Principal
from app.runtime import App, AppDep
from app.web.admin import policy_text
from app.web.base.language import language_of
from app.web.base.shell import own_form, show
from app.web.schedule import calendar, overrides
from app.web.schedule.overrides import READERS, Effect, Refused, Wish, effect_of, put_down
from callbacks.engine.jobs import feeds
from callbacks.lib.phone import why_never_dialled
from callbacks.lib.sentence import Sentence, sentence
from callbacks.oncall.coverage import VERIFIED_FOR, Duty, uncovered
from callbacks.oncall.roster import Person, Roster
from callbacks.oncall.schedule import next_shift, on_call, override_span, shifts
from callbacks.store.notices import CONFIRMABLE
from callbacks.store.rows import Drill
from callbacks.store.sql import emergencies, notices, people
from callbacks.store.sql.transaction import Transaction

# Whose phone would ring: person by channel and last drill, and the drills that were held.

MOST_DRILLS = 10


@dataclass(frozen=True, slots=True)
class Readiness:
    """One person's phone. `texts` and `calls` are on, off or refused; `is_recent` says whether a drill reached it
    lately."""

    person: Person
    texts: str
    calls: str
    is_number: bool
    drilled_at: datetime | None
    is_recent: bool


def matrix(session: Transaction, duty: Duty, now: datetime) -> list[Readiness]:
    """Everybody of the roster, in its order."""
    drills = people.last_drills(session)
    return [_of(p, p.name in duty.sms_dead, drills.get(p.name), now) for p in duty.roster.people]


def held(session: Transaction) -> Sequence[Drill]:
    """The last drills, newest first."""
    return emergencies.latest_drills(session, MOST_DRILLS)


def _of(person: Person, is_refused: bool, drilled_at: datetime | None, now: datetime) -> Readiness:
    texts = "refused" if is_refused else "on" if person.sms else "off"
    is_recent = drilled_at is not None and now - drilled_at <= VERIFIED_FOR
    return Readiness(
        person, texts, "on" if person.voice else "off", why_never_dialled(person.phone) is None, drilled_at, is_recent
    )


router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, Depends(page("schedule.read"))]
Changer = Annotated[Principal, Depends(page("schedule.change"))]
OwnForm = Annotated[FormData, Depends(own_form())]
View = Annotated[str, Query(pattern="^(month|week)$")]
MOST_HANDOFFS = 10
MOST_OWN = 6
GAPS_AHEAD = timedelta(days=7)
OWN_AHEAD = timedelta(days=60)
FIELDS = ("rotation", "technician", "from", "to", "first", "second", "override", "reason")
LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Look:
    """What of the schedule is looked at: the span of the calendars, one rotation or all ("")."""

    view: str = "month"
    at: str = ""
    rotation: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that is being made: what was typed in which form, its effect, and what is wrong with it."""

    kind: str = ""
    typed: Mapping[str, str] | None = None
    effect: Effect | None = None
    seen: str = ""
    fault: Sentence | None = None


@router.get("/oncall")
def old_address() -> RedirectResponse:
    return RedirectResponse("/schedule", 308)


@router.get("/schedule")
def schedule(
    request: Request,
    app: AppDep,
    who: Reader,
    view: View = "month",
    at: str = "",
    rotation: str = "",
    done: str = "",
    start: Annotated[str, Query(alias="from")] = "",
    end: Annotated[str, Query(alias="to")] = "",
) -> HTMLResponse:
    """Everything. `from` and `to` fill the form of an override, as the links at gaps do."""
    typed = {"rotation": rotation, "from": start, "to": end} if start else None
    return _page(request, app, who, Look(view, at, rotation), Draft("override", typed), done)


@router.post("/schedule/confirmation")
def confirm(app: AppDep, who: Reader, form: OwnForm) -> Response:
    """The incoming person, or a supervisor for them, says that the shift was taken over."""
    name = str(form.get("person") or "") if who.may("schedule.change") else who.person or ""
    with app.database.write() as session:
        now = app.context.clock.now()
        if session.notices.confirm(name, now):
            session.audits.put(now, who.name, who.via, "handoff.confirmed", name)
    return RedirectResponse("/schedule#handoffs", 303)


@router.post("/schedule/{kind}")
def change(kind: str, request: Request, app: AppDep, who: Changer, form: OwnForm) -> Response:
    """An override, a swap or a removal: shows what it would change, or saves it when that is what was shown."""
    if kind not in READERS:
        raise HTTPException(404)
    typed, save = _typed(form), "save" in form
    try:
        wish, effect, roster = _weighed(app, kind, form)
        if save and put_down(app, who, wish, str(form.get("seen"))):
            return RedirectResponse("/schedule?done=saved", 303)
        if save:
            wish, effect, roster = _weighed(app, kind, form)
    except Refused as refused:
        return _page(request, app, who, Look(), Draft(kind, typed, fault=refused.why))
    changed = sentence("The roster has changed in the meantime; check the effect again") if save else None
    return _page(request, app, who, Look(), Draft(kind, typed, effect, wish.digest(roster), changed))


@router.get("/schedule/{kind}")
def changed(kind: str, who: Reader) -> RedirectResponse:
    """A form's address, opened again: nothing is sent twice."""
    return RedirectResponse("/schedule", 303)


def _weighed(app: App, kind: str, form: FormData) -> tuple[Wish, Effect, Roster]:
    """A wish, its effect, and the roster that it was checked against. Raises Refused."""
    now = app.context.clock.now()
    with app.database.read() as session:
        duty = app.context.duty(session)
    wish = READERS[kind](form, duty, now)
    return wish, effect_of(app, wish, duty, now), duty.roster


def _typed(form: FormData) -> dict[str, str]:
    """What was typed, to show and to send again: not endless, and without characters that no page may hold."""
    given = {name: value for name in FIELDS if isinstance(value := form.get(name), str)}
    return {name: "".join(c if c.isprintable() else " " for c in text[:LONGEST_SHOWN]) for name, text in given.items()}


def _page(request: Request, app: App, who: Principal, look: Look, draft: Draft, done: str = "") -> HTMLResponse:
    now = app.context.clock.now()
    with app.database.read() as session:
        duty = app.context.duty(session)
        told = {
            "handoffs": notices.latest(session, MOST_HANDOFFS),
            "confirmable": now - CONFIRMABLE,
            "ready": matrix(session, duty, now),
            "drills": held(session),
            "left_out": feeds.left_out(session, duty.roster, now),
            "broken": feeds.broken(session, duty.roster),
            "drilled": policy_text.drills(app.context.policy, language_of(request, who.language)),
        }
    zone = duty.roster.timezone
    context = {
        **told,
        **_calendars(app, duty, look, now),
        **_forms(app, duty, draft, now),
        "turns": [_turn(app, duty, n, now, who.user_id) for n in duty.roster.rotation_names],
        "mine": _own(duty, who.person, now),
        "own": who.person or "",
        "done": done,
        "draft": draft,
        "zone": zone,
        "sees_all": not who.only_own("emergency.read"),
        "name": duty.roster.display_name,
        "links": _links(app, duty, who),
        "may_change": who.may("schedule.change"),
        "may_drill": who.may("emergency.change"),
    }
    return show(request, app, who, "schedule.html", context, 422 if draft.fault or context["misread"] else 200)


def _calendars(app: App, duty: Duty, look: Look, now: datetime) -> dict[str, Any]:
    """The calendars, the gaps ahead, and what of the address was not understood."""
    today = now.astimezone(ZoneInfo(duty.roster.timezone)).date()
    at, names = calendar.date_of(look.at, today), duty.roster.rotation_names
    misread = None
    if at is None:
        misread = sentence("Choose a month such as 2026-11, or a day such as 2026-11-24, between 2000 and 2099")
    if look.rotation and look.rotation not in names:
        misread = sentence("Choose a rotation from the roster")
    policy, chosen = app.context.policy, [n for n in names if n == look.rotation] or names
    day: date = at or today
    return {
        "months": [calendar.month_of(policy, duty, n, look.view, day, now) for n in chosen],
        "view": look.view,
        "at": day,
        "rotation": look.rotation if len(chosen) == 1 else "",
        "misread": misread,
        "around": calendar.neighbours(look.view, day),
        "today": today,
        "gaps": uncovered(policy, duty, now, now + GAPS_AHEAD) if names else [],
        "wall": lambda at, rotation: at.astimezone(duty.zone(rotation)),
        "now": now,
    }


def _forms(app: App, duty: Duty, draft: Draft, now: datetime) -> dict[str, Any]:
    """What can be chosen, and what was typed last."""
    return {
        "effect": draft.effect,
        "typed": draft.typed or {},
        "rotations": duty.roster.rotation_names,
        "technicians": [(t.name, duty.roster.display_name(t.name)) for t in duty.roster.technicians],
        "swappable": [(overrides.key(s), s) for s in overrides.swappable(duty, now)],
        "removable": [
            (overrides.override_key(o), o, override_span(duty.roster, o)) for o in overrides.removable(duty, now)
        ],
    }


def _turn(app: App, duty: Duty, rotation: str, now: datetime, viewer: int | None) -> dict[str, Any]:
    present, later = on_call(duty.roster, now, duty.calendars), next_shift(duty.roster, rotation, now, duty.calendars)
    link = app.links.calendar("rotation", rotation, viewer)
    return {"rotation": rotation, "now": present.get(rotation), "next": later, "link": link}


def _own(duty: Duty, person: str | None, now: datetime) -> list[Any]:
    """Somebody's shifts, the present or next one first."""
    line = shifts(duty.roster, now, now + OWN_AHEAD, None, duty.calendars) if person else []
    return sorted((s for s in line if s.technician == person), key=lambda s: s.start)[:MOST_OWN]


def _links(app: App, duty: Duty, who: Principal) -> list[tuple[str, str]]:
    """Everybody's calendar; one's own first. They end with the account of whoever looks."""
    people_ = sorted(duty.roster.technicians, key=lambda p: p.name != who.person)
    return [(duty.roster.display_name(p.name), app.links.calendar("technician", p.name, who.user_id)) for p in people_]
