"""The rows that count requests."""

from sqlalchemy import bindparam
from sqlmodel import Session

from callbacks.store.rows import RateRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.values import Values

RATES = Values(t.Rate, RateRow)
_FIND = RATES.select().where(RATES.table.c.key == bindparam("key"))
_HELD, _HELD_IF_FREE = _FIND.with_for_update(), _FIND.with_for_update(skip_locked=True)


class SqlRates:
    """The questions and writes of `rates` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def find(self, key: str) -> RateRow | None:
        return RATES.first(self.session, _FIND, {"key": key})

    def held(self, key: str) -> RateRow | None:
        return RATES.first(self.session, _HELD, {"key": key})

    def held_if_free(self, key: str) -> RateRow | None:
        return RATES.first(self.session, _HELD_IF_FREE, {"key": key})

    def add(self, row: RateRow) -> None:
        RATES.insert(self.session, [row])

    def set(self, row: RateRow) -> None:
        RATES.set(self.session, row)
