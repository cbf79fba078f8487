"""What every route works with: one `Runtime`, made at start and kept on the application."""

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
class Runtime:
    """`open_house`: no login is asked for, because this is the demo. `templates` escape everything."""

    settings: Settings
    context: EngineContext
    links: Links
    templates: Jinja2Templates
    hub: Hub
    open_house: bool = False


def runtime(request: Request) -> Runtime:
    return cast(Runtime, request.app.state.runtime)


Here = Annotated[Runtime, Depends(runtime)]
