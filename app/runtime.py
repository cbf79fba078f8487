"""The `App` that every route uses, made at start and kept on the application."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request
from fastapi.templating import Jinja2Templates

from app.http.live import Hub
from app.http.signed_links import Links
from app.settings import Settings
from callbacks.engine.context import EngineContext
from callbacks.store.sql.database import Database, sql_store
from callbacks.store.sql.transaction import Transaction

T = TypeVar("T")
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

    @property
    def database(self) -> Database:
        """The store of the context, as pages ask it."""
        return sql_store(self.context.database)

    def commit(self, step: Callable[[Transaction], T]) -> T:
        """`step` in a transaction; then what it made due is worked on."""
        found = self.database.transact(step)
        self.context.wake.set()
        return found


def app_of(request: Request) -> App:
    return cast(App, request.app.state.app)


AppDep = Annotated[App, Depends(app_of)]
