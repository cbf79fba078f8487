"""Would a page be sent tonight? The checks of `callbacks doctor` as a page, and the health bar of the board."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from app.auth.guard import page as requires
from app.auth.rights import Principal
from app.doctor.carrier import Address, addresses, fallback
from app.doctor.examination import examine, fix_number, keep, result
from app.doctor.finding import Finding, Form
from app.runtime import App, AppDep
from app.web.base.language import language_of, say
from app.web.base.shell import own_form, show
from callbacks.engine.jobs.audit import webhooks
from callbacks.engine.reconcile.reconcile import NAME
from callbacks.lib.sentence import Sentence, sentence
from callbacks.oncall.coverage import Duty, uncovered
from callbacks.store.sql import checks
from callbacks.store.sql.transaction import Transaction

router = APIRouter(include_in_schema=False)
Supervisor = Annotated[Principal, Depends(requires("carrier.check"))]
OwnForm = Annotated[FormData, Depends(own_form())]
SAID = {"checked": "Checked.", "set": "The number's URLs are set, and everything was checked again."}
LABELS = {"voice_url": "Calls", "status_url": "End of calls", "sms_url": "Texts"}
CONFIRM = "Tick the box to set the number's URLs"


@dataclass(frozen=True, slots=True)
class Line:
    """A finding in the page's language."""

    ok: bool | None
    name: str
    what: str
    why: str
    fix: str


@router.get("/carrier")
def carrier(request: Request, app: AppDep, who: Supervisor, done: str = "") -> HTMLResponse:
    """The last result. Nothing is asked of the carrier."""
    language = language_of(request, who.language)
    with app.database.read() as session:
        last, sweep = checks.latest_examination(session), session.checks.sweep(NAME)
    shown = json.loads(last.result) if last else {}
    lines = [_line(found, language) for found in shown.get("findings", ())]
    context = {
        "last": last,
        "lines": sorted(lines, key=lambda line: (line.ok is True, line.ok is None)),
        "fit": all(line.ok is not False for line in lines),
        "told": say(language, SAID.get(done, "")),
        "addresses": _addresses(app, shown),
        "labels": LABELS,
        "number": app.settings.support_number,
        "sweep": sweep,
        "fallback": fallback(app.context),
    }
    return show(request, app, who, "carrier.html", context)


@router.post("/carrier/check")
def check(app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """Runs every check; takes some seconds."""
    _examine(app, who, [], "carrier.checked")
    return RedirectResponse("/carrier?done=checked", 303)


@router.post("/carrier/addresses")
def set_addresses(app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """Sets the number's addresses at the carrier, once confirmed, and checks again."""
    if form.get("confirmed") != "yes":
        raise HTTPException(422, CONFIRM)
    failed = list(fix_number(app.context, app.settings))
    _examine(app, who, failed, "carrier.addresses-set")
    return RedirectResponse(f"/carrier?done={'checked' if failed else 'set'}", 303)


def _examine(app: App, who: Principal, before: list[Finding], action: str) -> None:
    now = app.context.clock.now()
    found = [*before, *examine(app.settings, app.context, now)]
    kept = result(app.context, app.settings, found)

    app.database.transact(lambda session: keep(session, now, who.name, who.via, action, found, kept))


def _line(kept: dict[str, Any], language: str) -> Line:
    form = Form(kept["name"], kept["what"], kept["why"], kept["fix"], kept["facts"])
    return Line(kept["ok"], *form.said(language, say))


def _addresses(app: App, result: dict[str, Any]) -> list[Address]:
    """Ours now, beside the carrier's as they were at the last check."""
    theirs = {a["name"]: a["theirs"] for a in result.get("addresses", ())}
    return [Address(a.name, a.ours, theirs.get(a.name)) for a in addresses(None, app.settings)]


# Is the engine running? The corner of the board, and a loud bar when it is not.

BEAT_LATE = timedelta(seconds=15)
SWEEP_LATE = timedelta(seconds=120)
NOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pulse:
    """`beat` and `swept`: the last heartbeat and the last comparison that succeeded; `alarms` what is wrong."""

    beat: datetime | None
    swept: datetime | None
    alarms: tuple[Sentence, ...]


def look(session: Transaction, app: App, duty: Duty, now: datetime) -> Pulse:
    """As the database has it now."""
    beat = session.nodes.last_beat()
    sweep = session.checks.sweep(NAME)
    swept = sweep.succeeded_through if sweep.error else sweep.ran_at
    return Pulse(
        beat, swept, (*_machine(beat, swept, sweep.error, now), *_carrier(session, now), *_people(app, duty, now))
    )


def _machine(beat: datetime | None, swept: datetime | None, error: str | None, now: datetime) -> list[Sentence]:
    found = []
    if beat is None or now - beat > BEAT_LATE:
        found.append(sentence("No engine heartbeat: nobody is being paged. Run: callbacks serve"))
    if beat and (swept is None or now - swept > SWEEP_LATE):
        lost = (
            "Missed-call reconciliation is not running (%(why)s): Twilio's call list cannot be read. "
            "Run: callbacks doctor"
        )
        found.append(sentence(lost, why=error or "-"))
    return found


def _carrier(session: Transaction, now: datetime) -> list[Sentence]:
    said = {
        "audit-token": "Twilio rejects our auth token, so calls and replies are refused. Run: callbacks doctor",
        "audit-refused": "Twilio's requests are being refused, so replies to pages are lost. Run: callbacks doctor",
    }
    return [sentence(said[v.slug]) for v in webhooks(session, now)]


def _people(app: App, duty: Duty, now: datetime) -> list[Sentence]:
    if not duty.roster.people:
        return [sentence("The roster is empty: there is nobody to page. Run: callbacks roster load FILE")]
    gaps = uncovered(app.context.policy, duty, now, now + NOW)
    return [sentence("Nobody is on call for %(rotation)s now.", rotation=gap.rotation) for gap in gaps]
