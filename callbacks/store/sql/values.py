"""Frozen values from tables, and back: plain statements, without the mapper's unit of work.

A statement that is asked for again and again is built once, with `bindparam`, where the module is loaded: building one
costs more than running it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Generic, TypeVar

from sqlalchemy import CursorResult, Executable, Select, Table, insert, select, update
from sqlmodel import Session, SQLModel

from callbacks.store.rows import differences

R = TypeVar("R")


class Values(Generic[R]):
    """The values of one table. `value` is a frozen dataclass whose fields are columns of the table; a column that no
    field names keeps its default, and a number of 0 is left to the database."""

    def __init__(self, table: type[SQLModel], value: type[R]) -> None:
        self.table: Table = table.__table__  # type: ignore[attr-defined]
        self.value, self.names = value, [field.name for field in fields(value)]  # type: ignore[arg-type]
        self.columns = [self.table.c[name] for name in self.names]
        self.key = list(self.table.primary_key.columns)
        self._insert = insert(self.table)
        column = self.table.autoincrement_column
        self.numbered = column.name if column is not None else None

    def select(self) -> Select[Any]:
        """All columns of a value, in the order of its fields: for `all` and `first`."""
        return select(*self.columns)

    def all(self, session: Session, statement: Executable, given: Mapping[str, Any] | None = None) -> list[R]:
        """The values that a statement of `select` finds. `given`: its parameters."""
        return [self.made(row) for row in session.execute(statement, given)]

    def first(self, session: Session, statement: Executable, given: Mapping[str, Any] | None = None) -> R | None:
        """The first of them, if there is any."""
        row = session.execute(statement, given).first()
        return self.made(row) if row else None

    def insert(self, session: Session, values: Sequence[R]) -> None:
        """Raises Conflict, from the transaction, where another has the key."""
        if values:
            rows = [self.given(value) for value in values]
            session.execute(self._insert, rows if len(rows) > 1 else rows[0])

    def values_of(self, value: R) -> dict[str, Any]:
        """By column, for a statement's parameters."""
        return {name: getattr(value, name) for name in self.names}

    def write(self, session: Session, before: R, after: R) -> None:
        """Writes what differs of a row that was read."""
        if changes := differences(before, after):  # type: ignore[arg-type]
            self.change(session, {column.name: getattr(before, column.name) for column in self.key}, changes)

    def change(self, session: Session, key: Mapping[str, Any], changes: Mapping[str, Any]) -> int:
        """Writes some columns of the row with this key; how many rows there were."""
        where = [self.table.c[name] == value for name, value in key.items()]
        done: CursorResult[Any] = session.execute(  # type: ignore[assignment]
            update(self.table).where(*where).values(**changes)
        )
        return done.rowcount

    def set(self, session: Session, value: R) -> None:
        """A row, new or in place of the one with its key. Raises Conflict as `insert` does."""
        changes = self.given(value)
        key = {column.name: changes.pop(column.name) for column in self.key}
        if not self.change(session, key, changes):
            self.insert(session, [value])

    def given(self, value: R) -> dict[str, Any]:
        """The columns of a value, less a number that the database gives."""
        return {name: of for name, of in self.values_of(value).items() if of or name != self.numbered}

    def made(self, row: Iterable[Any]) -> R:
        return self.value(**dict(zip(self.names, row, strict=True)))
