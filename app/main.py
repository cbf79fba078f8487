"""The web application: routes put together around one `App`."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from app.api import actions as api_actions
from app.api import emergencies, health, oncall, report
from app.api.limits import Gate
from app.evidence import pack
from app.http.live import Hub
from app.http.metrics import Meters, Traced
from app.http.middleware import Bounds, Headers, Hosts, Prefixed
from app.http.signed_links import Links
from app.runtime import HERE, App
from app.settings import Settings
from app.twilio import calls, documents, requests, sms, voice
from app.web.account import account, login
from app.web.admin import carrier, customers, manual, people, policy, webhooks
from app.web.base import refusals, shell
from app.web.board import board
from app.web.emergency import actions, detail, technician
from app.web.reports import compliance
from app.web.schedule import calendar, schedule
from callbacks.engine.context import EngineContext, untraced
from callbacks.store.sql.database import sql_store

PARTS = (
    voice,
    sms,
    calls,
    requests,
    emergencies,
    api_actions,
    oncall,
    report,
    health,
    documents,
    board,
    detail,
    actions,
    pack,
    manual,
    schedule,
    calendar,
    customers,
    login,
    shell,
    account,
    people,
    webhooks,
    policy,
    carrier,
    technician,
    compliance,
)


def create_app(
    settings: Settings, context: EngineContext, close: Callable[[], None] | None = None, without_login: bool = True
) -> FastAPI:
    """The product's application. `close` runs when the server stops. The demo asks nobody to log in unless
    `without_login` is False; live mode asks everybody."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        if close:
            close()

    app = FastAPI(
        title="Callbacks", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan, redirect_slashes=False
    )
    is_open = settings.is_demo and without_login
    app.state.app = App(
        settings,
        context,
        Links(settings.signing_keys),
        shell.make_templates(),
        Hub(sql_store(context.database)),
        is_open,
    )
    app.state.readiness = health.Readiness()
    refusals.install(app)
    app.add_middleware(Prefixed, public_url=settings.public_url)
    app.add_middleware(Hosts, public_url=settings.public_url)
    app.add_middleware(
        Headers, is_https=settings.public_url.startswith("https"), more={technician.PATH: technician.HEADERS}
    )
    app.add_middleware(Bounds)
    app.add_middleware(Gate)
    app.add_middleware(Meters)
    if context.span is not untraced:
        app.add_middleware(Traced, span=context.span)
    for part in PARTS:
        app.router.routes.extend(part.router.routes)  # as they are: including them would build each a second time
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return app
