"""How constraints are named, so that migrations can name them too, and how closed sets are kept. Imported before any
table is made.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import Column, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Closed(TypeDecorator[StrEnum]):
    """One of a closed set, kept as its text. A word of another version, which this one does not know, stays a word: it
    equals no member, and the row can still be read."""

    impl = String
    cache_ok = True

    def __init__(self, values: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.values = values

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return self.values._value2member_map_.get(value, value)


def given_id() -> Any:
    """A number that the database gives when the row is flushed; a row that was read has it."""
    return Field(default=None, primary_key=True)


def closed(values: type[StrEnum], length: int, *, index: bool = False) -> Any:
    """A column of a closed set."""
    return Field(sa_column=Column(Closed(values, length), index=index, nullable=False))


def closed_or_null(values: type[StrEnum], length: int) -> Any:
    return Field(default=None, sa_column=Column(Closed(values, length)))
