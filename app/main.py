"""The web application: routes put together around one `Runtime`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from app import media, problems
from app.api import actions as api_actions
from app.api import emergencies, health, oncall, report
from app.deps import HERE, Runtime
from app.links import Links
from app.pages import actions, board, customers, manual
from app.pages import oncall as oncall_page
from app.settings import Settings
from app.webhooks import bridge, check, page, sms, status, voice
from callbacks.engine.world import World

POLICY = (
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_app(settings: Settings, world: World, close: Callable[[], None] | None = None) -> FastAPI:
    """The product's application. `close` runs when the server stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        if close:
            close()

    app = FastAPI(title="Callbacks", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", lifespan=lifespan)
    templates = Jinja2Templates(HERE / "templates")
    app.state.runtime = Runtime(settings, world, Links(settings.signing_key), templates)
    problems.install(app)
    app.middleware("http")(_headers)
    for part in (
        voice,
        sms,
        status,
        page,
        bridge,
        check,
        emergencies,
        api_actions,
        oncall,
        report,
        health,
        media,
        board,
        actions,
        manual,
        oncall_page,
        customers,
    ):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return app


async def _headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Every answer carries the same guards."""
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
