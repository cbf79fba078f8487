"""Expressions that several nouns build their statements from."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Insert, String, Table, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine
from sqlmodel import Session


def raw_times(session: Session) -> tuple[TypeEngine[Any], Callable[[Any], datetime]]:
    """The type that reads times as they lie in the database, and what makes an aware instant of one: for many rows, our
    tables' own type takes several times as long for each."""
    if session.get_bind().dialect.name == "sqlite":
        return String(), lambda text: datetime.fromisoformat(text + "+00:00")
    return DateTime(timezone=True), lambda at: at


def by_no_index(column: Any) -> Any:
    """The column's value, but no index of it is used: for what would lead past every row there ever was."""
    return func.coalesce(column, column)


def insert_if_new(table: Table) -> Mapping[str, Insert]:
    """By dialect: puts a row in, or does nothing where its key, or what is to be unique, is taken. Of two at once the
    second waits for the first."""
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }
