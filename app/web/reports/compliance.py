"""Was every promise kept, and if not, why: the figures of a month or of any range, as a page, CSV and PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response

from app import pdf
from app.auth.guard import page as requires
from app.auth.rights import Principal
from app.runtime import App, AppDep
from app.web.base.language import language_of
from app.web.base.shell import show
from app.web.reports import compliance_report
from app.web.reports.compliance_report import Words
from callbacks.emergency.promise import EmergencyOutcome
from callbacks.engine.jobs import export
from callbacks.engine.jobs.export import outcomes_between
from callbacks.lib.wallclock import wall_time
from callbacks.reporting import compliance
from callbacks.reporting.record import as_csv
from callbacks.store.sql.transaction import Transaction

router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, Depends(requires("compliance.read"))]
Exporter = Annotated[Principal, Depends(requires("emergency.export"))]
MOST_MISSES = 100
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a month, or a first and a last day; nothing at all is this month."""

    month: str | None = None
    first: Annotated[str | None, Query(alias="from")] = None
    last: Annotated[str | None, Query(alias="to")] = None


def asked(
    month: str | None = None,
    first: Annotated[str | None, Query(alias="from")] = None,
    last: Annotated[str | None, Query(alias="to")] = None,
) -> Asked:
    return Asked(month, first, last)


Period = Annotated[Asked, Depends(asked)]


@router.get("/compliance")
def page(
    request: Request, app: AppDep, who: Reader, period: Period, skip: Annotated[int, Query(ge=0, le=10**6)] = 0
) -> HTMLResponse:
    """The figures, the pictures, and a sentence on each miss, a hundred of them at a time from `skip` on."""
    words = Words(language_of(request, who.language))
    first, last = _days(app, period, words)
    with app.database.read() as session:
        found = _found(app, session, first, last)
        figures = compliance.figures(first, last, found, _zone(app))
        misses = _explained(app, session, figures.misses[skip : skip + MOST_MISSES], words)
    context = compliance_report.context(app.context.policy, words, figures, found) | {
        "misses": misses,
        "skip": skip,
        "more": _more(first, last, skip, len(figures.misses)),
        "query": urlencode({"from": first, "to": last}),
        "before": _beside(first, last, -1, words),
        "after": _beside(first, last, 1, words),
        "has_pdf": pdf.available(),
        "may_export": who.may("emergency.export"),
    }
    return show(request, app, who, "compliance.html", context)


@router.get("/compliance.csv")
def file_of_emergencies(request: Request, app: AppDep, who: Exporter, period: Period) -> Response:
    """One line per emergency."""
    first, last = _days(app, period, Words(language_of(request, who.language)))
    with app.database.read() as session:
        text, n = export.as_csv(session, *compliance.span(first, last, _zone(app)), app.context.clock.now())
    _note(app, who, first, last, "emergencies as csv", n)
    return _file(text.encode(), f"emergencies-{first}-{last}.csv", "text/csv; charset=utf-8")


@router.get("/compliance/figures.csv")
def file_of_figures(request: Request, app: AppDep, who: Exporter, period: Period) -> Response:
    """A line per figure: the same as `callbacks report --format csv`."""
    first, last = _days(app, period, Words(language_of(request, who.language)))
    with app.database.read() as session:
        figures = compliance.figures(first, last, _found(app, session, first, last), _zone(app))
    _note(app, who, first, last, "figures as csv", figures.n)
    return _file(as_csv(figures).encode(), f"compliance-{first}-{last}.csv", "text/csv; charset=utf-8")


@router.get("/compliance.pdf")
def file_on_paper(request: Request, app: AppDep, who: Exporter, period: Period) -> Response:
    """The page on paper."""
    if not pdf.available():
        raise HTTPException(503, pdf.MISSING)
    words = Words(language_of(request, who.language))
    first, last = _days(app, period, words)
    with app.database.read() as session:
        found = _found(app, session, first, last)
        figures = compliance.figures(first, last, found, _zone(app))
        misses = _explained(app, session, figures.misses[:MOST_MISSES], words)
    made = compliance_report.on_paper(app.context.policy, words, figures, found, misses, app.context.clock.now())
    _note(app, who, first, last, "figures as pdf", figures.n)
    return _file(made, f"compliance-{first}-{last}.pdf", "application/pdf")


def _explained(app: App, session: Transaction, ids: Sequence[int], words: Words) -> list[compliance_report.Miss]:
    zone = app.context.policy.support_hours.timezone
    return compliance_report.explained(session, ids, app.context.duty(session), zone, words)


def _zone(app: App) -> ZoneInfo:
    return ZoneInfo(app.context.policy.support_hours.timezone)


def _found(app: App, session: Transaction, first: date, last: date) -> list[EmergencyOutcome]:
    return outcomes_between(session, *compliance.span(first, last, _zone(app)), app.context.clock.now())


def _days(app: App, period: Asked, words: Words) -> tuple[date, date]:
    if not (period.month or period.first or period.last):
        return compliance.month_of(_today(app))
    try:
        return compliance.period(period.month or None, period.first or None, period.last or None)
    except ValueError as wrong:
        raise HTTPException(422, words.say(str(wrong))) from None


def _today(app: App) -> date:
    return wall_time(app.context.clock.now(), _zone(app)).date()


def _beside(first: date, last: date, step: int, words: Words) -> tuple[str, str]:
    """Address and name of the month or the span of days before or after."""
    if (first, last) == compliance.month_of(first):
        other = compliance.month_of(first - DAY if step < 0 else last + DAY)
        return f"/compliance?month={other[0]:%Y-%m}", words.month(other[0])
    length = (last - first + DAY) * step
    query = urlencode({"from": first + length, "to": last + length})
    return f"/compliance?{query}", words.period(first + length, last + length)


def _more(first: date, last: date, skip: int, n: int) -> str:
    """Where the next misses stand; empty when these were the last."""
    if skip + MOST_MISSES >= n:
        return ""
    return "/compliance?" + urlencode({"from": first, "to": last, "skip": skip + MOST_MISSES}) + "#misses"


def _note(app: App, who: Principal, first: date, last: date, what: str, n: int) -> None:
    """An export is put down: who took what with them."""

    def once(session: Transaction) -> None:
        now: datetime = app.context.clock.now()
        session.audits.put(now, who.name, who.via, "compliance.exported", f"{first} to {last}", what=what, n=n)

    app.database.transact(once)


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=kind, headers=headers)
