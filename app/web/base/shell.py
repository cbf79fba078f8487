"""What every page shares: language, navigation, local times and the user."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from functools import cache, partial
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.datastructures import FormData

from app.auth.guard import page, visitor
from app.auth.rights import Principal
from app.http.live import KEEP_ALIVE_SECONDS, Full
from app.http.peers import is_loopback
from app.runtime import HERE, App, AppDep
from app.settings import Settings
from app.web.base.language import COOKIE, SECURE_COOKIE, gettext, language_of, ngettext, outcome_name, said, say
from callbacks.emergency.model import ref_of
from callbacks.lib.sentence import sentence
from callbacks.lib.wallclock import rfc3339
from callbacks.messages import wording
from callbacks.messages.catalog import LANGUAGES

# (address, name, right): pages in the order of the navigation. Users without the right do not see the page.
NAVIGATION = (
    ("/", "Board", "emergency.read"),
    ("/schedule", "Schedule", "schedule.read"),
    ("/compliance", "Compliance", "compliance.read"),
    ("/customers", "Customers", "customer.read"),
    ("/people", "People", "people.read"),
    ("/policy", "Policy", "policy.read"),
    ("/carrier", "Carrier", "carrier.check"),
    ("/webhooks", "Webhooks", "webhook.read"),
)

DAYS_BY_NAME = 7


@cache
def make_templates() -> Jinja2Templates:
    """Templates that escape everything and refuse a name that nobody set."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals |= {"outcome_name": outcome_name, "ref_of": ref_of}
    return Jinja2Templates(env=env)


def show(
    request: Request,
    app: App,
    who: Principal | None,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
    language: str | None = None,
) -> HTMLResponse:
    """A page for `who`, in their language unless another is given. `context` may not take the shell's own names."""
    now = app.context.clock.now()
    language = language or language_of(request, who.language if who else None)
    zone = context.get("zone") or app.context.policy.support_hours.timezone
    shell = {
        "who": who,
        "language": language,
        "languages": LANGUAGES,
        "navigation": [(path, name) for path, name, right in NAVIGATION if who and who.may(right)],
        "path": request.url.path,
        "server_time": rfc3339(now),
        "countdown": partial(countdown, language, now),
        "zone": zone,
        "said": partial(said, language),
        "month_name": partial(format_skeleton, "yMMMM", locale=language),
        "sandbox": app.settings.is_demo,
        "public_url": app.settings.public_url.rstrip("/"),
        **_times(zone, language, now),
    }
    clash = shell.keys() & context.keys() - {"zone"}
    assert not clash, f"the shell's own: {sorted(clash)}"
    return app.templates.TemplateResponse(request, template, {**shell, **context}, status)


def countdown(language: str, now: datetime, due: datetime) -> str:
    """What live.js counts on from: whole minutes, then minutes and seconds; late once it is past."""
    left = int((due - now).total_seconds())
    minutes, seconds = divmod(abs(left), 60)
    length = f"{minutes}:{seconds:02d}" if minutes < 5 else f"{minutes} min"
    if minutes >= 60:
        length = f"{minutes // 60} h {minutes % 60:02d}"
    return say(language, "%(t)s left" if left >= 0 else "late by %(t)s", t=length)


def _times(zone: str, language: str, now: datetime) -> dict[str, Any]:
    """Local times for templates; each takes an instant, an RFC 3339 text, or nothing. `local_near` names the day too
    when it is not today's, and the date when its weekday would not say enough."""

    def shown(make: Any) -> Any:
        return lambda at: make(datetime.fromisoformat(at) if isinstance(at, str) else at) if at else ""

    return {
        "local": shown(lambda at: wording.local_time(at, zone)),
        "local_clock": shown(lambda at: wording.local_clock(at, zone)),
        "local_date": shown(lambda at: wording.local_date(at, zone)),
        "local_day": shown(lambda at: wording.local_day(at, zone, language)),
        "local_near": shown(lambda at: _near(at, zone, language, now)),
    }


def _near(at: datetime, zone: str, language: str, now: datetime) -> str:
    days = abs((at.astimezone(ZoneInfo(zone)).date() - now.astimezone(ZoneInfo(zone)).date()).days)
    if days == 0:
        return wording.local_time(at, zone)
    return wording.local_day(at, zone, language) if days < DAYS_BY_NAME else wording.local_date(at, zone)


# Forms are taken from our own pages only, and only as long as such a form can be.
#
# - A browser says where a form came from in Sec-Fetch-Site and Origin; either one naming another site refuses it.
# Programs send neither. Over plain HTTP away from this machine browsers leave Sec-Fetch-Site out.
# - Our pages' Referrer-Policy is `same-origin`: under `no-referrer` browsers write `Origin: null` on our own forms.
# - The demo asks for no login, so a strange Host (a name made to point at this machine) must not vouch for itself.

MOST_FORM = 64 * 1024
MOST_FIELDS = 50
OWN = ("same-origin", "none")


def same_site(request: Request, app: AppDep) -> None:
    """Raises 403 for a form of another site."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    vouched_for = site in OWN and origin == "null"
    is_foreign = site is not None and site not in OWN
    is_foreign |= origin is not None and not _is_ours(origin, request.headers.get("host", ""), app.settings)
    if is_foreign and not vouched_for:
        raise HTTPException(403, "This form came from another site; open the page here and send it again")


def no_other_site(request: Request, app: AppDep) -> None:
    """Raises 403 for a form that a browser says is another site's. For pages under `no-referrer` whose address is a
    secret: `Origin: null` on their forms says nothing, and only who has the secret can send one."""
    if request.headers.get("sec-fetch-site", "none") not in OWN:
        raise HTTPException(403, "This form came from another site; open the page here and send it again")


def own_form(most: int = MOST_FORM, check: Callable[[Request, Any], None] = same_site) -> Callable[..., Any]:
    """A dependency: the form of our own page. Raises 403, 411 without a length, 413 above `most` bytes."""

    async def read(request: Request, app: AppDep) -> AsyncIterator[FormData]:
        check(request, app)
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            raise HTTPException(411, "Send the form with its length")
        if int(length) > most:
            raise HTTPException(413, sentence("The limit is %(most)s KiB", most=most // 1024))
        async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=most) as form:
            yield form

    return read


def _is_ours(origin: str, host: str, settings: Settings) -> bool:
    try:
        asked, public = urlsplit(origin), urlsplit(settings.public_url)
    except ValueError:
        return False
    if (asked.scheme, asked.netloc) == (public.scheme, public.netloc):
        return True
    return asked.netloc == host and (is_loopback(asked.hostname or "") or not settings.is_demo)


# `/live`: server-sent events for open pages. An event `changed` says: fetch this page again.

router = APIRouter(include_in_schema=False)
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/live")
async def live(
    request: Request, app: AppDep, who: Annotated[Principal, Depends(page("emergency.read"))]
) -> StreamingResponse:
    """Ends when the server stops, when the page is left, and when its viewer may not look any more: asked after each
    quiet while, and as often when there is none."""
    changes = app.hub.changes(f"{who.via}:{who.user_id or who.name}")
    try:
        first = await anext(changes)
    except Full:
        raise HTTPException(503, "Too many pages are open; close some, or load the page again by hand") from None
    except StopAsyncIteration:
        raise HTTPException(503, "This node is stopping") from None
    stream = _events(request, app, first, changes)
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)


async def _events(
    request: Request, app: App, first: str | None, changes: AsyncIterator[str | None]
) -> AsyncIterator[str]:
    yield _event(first)
    asked_at = time.monotonic()
    async for found in changes:
        if time.monotonic() - asked_at >= KEEP_ALIVE_SECONDS or found is None:
            if not await run_in_threadpool(visitor, request, app):
                return
            asked_at = time.monotonic()
        if not app.hub.is_stopped:
            yield _event(found)


def _event(stamp: str | None) -> str:
    return f"id: {stamp}\nevent: changed\ndata: {stamp}\n\n" if stamp else ": still here\n\n"


# The language switch: a cookie, and back to where one was.

YEAR = 365 * 24 * 3600


@router.post("/language")
def choose(app: AppDep, form: Annotated[FormData, Depends(own_form())]) -> RedirectResponse:
    """Keeps the choice for a year."""
    answer = RedirectResponse(own_path(str(form.get("next") or "/")), 303)
    wanted = str(form.get("language") or "")
    if wanted in LANGUAGES:
        secure = app.settings.public_url.startswith("https")
        answer.set_cookie(
            SECURE_COOKIE if secure else COOKIE, wanted, max_age=YEAR, httponly=True, secure=secure, samesite="lax"
        )
    return answer


def own_path(wanted: str) -> str:
    """A path of ours, or the board: never another site's address."""
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted
    return wanted if is_ours and wanted.isprintable() else "/"
