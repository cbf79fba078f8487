"""The `App` that every route uses, made at start and kept on the application."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.templating import Jinja2Templates

from app.http.live import Hub
from app.http.signed_links import Links
from app.settings import Settings
from callbacks.engine.context import EngineContext

HERE = Path(__file__).parent


@dataclass(frozen=True)
class App:
    """`without_login`: no login is asked for, because this is the demo. `templates` escape everything."""

    settings: Settings
    context: EngineContext
    links: Links
    templates: Jinja2Templates
    hub: Hub
    without_login: bool = False


def app_of(request: Request) -> App:
    return cast(App, request.app.state.app)


AppDep = Annotated[App, Depends(app_of)]
