"""The ledger's rows: facts, and beside them their private parts."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, select, type_coerce
from sqlmodel import Session

from callbacks.store.ledger import RawFact, entries_of
from callbacks.store.rows import Entry, Fact
from callbacks.store.sql import tables as t
from callbacks.store.sql.expressions import raw_times

_LEDGER, _PRIVATE = t.Ledger.__table__, t.Private.__table__  # type: ignore[attr-defined]
_L, _P = _LEDGER.c, _PRIVATE.c
_BESIDE = _LEDGER.outerjoin(_PRIVATE, (_P.emergency_id == _L.emergency_id) & (_P.seq == _L.seq))
_ADD, _ADD_PRIVATE = insert(_LEDGER), insert(_PRIVATE)


def _facts_of(raw: Any) -> Select[Any]:
    """Plain rows, each with its private part: objects would cost more than all the hashing."""
    times = [type_coerce(at, raw) for at in (_L.at, _L.recorded_at)]
    columns = [_L.emergency_id, _L.seq, _L.kind, *times, _L.body, _L.hash, _P.salt, _P.data]
    ids = _L.emergency_id.in_(bindparam("ids", expanding=True))
    return select(*columns).select_from(_BESIDE).where(ids).order_by(_L.emergency_id, _L.seq)


_RAW = select(_L.seq, _L.body, _L.hash, _P.salt, _P.data).select_from(_BESIDE)
_RAW = _RAW.where(_L.emergency_id == bindparam("id")).order_by(_L.seq)
_HASH = select(_L.hash).where(_L.emergency_id == bindparam("id"), _L.seq == bindparam("seq"))
_EMERGENCIES = select(t.Emergency.__table__.c.id).order_by(t.Emergency.__table__.c.id)  # type: ignore[attr-defined]
_statements: dict[str, Select[Any]] = {}  # by dialect: each reads times in its own way


class SqlLedger:
    """The questions and writes of `ledger` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, facts: Sequence[Fact]) -> None:
        rows = [dict(zip(Fact._fields[:7], fact, strict=False)) for fact in facts]
        self.session.execute(_ADD, rows)
        private = [{n: getattr(f, n) for n in ("emergency_id", "seq", "salt", "data")} for f in facts if f.salt]
        if private:
            self.session.execute(_ADD_PRIVATE, private)

    def read(self, emergency_id: int) -> list[Entry]:
        return self.read_many([emergency_id]).get(emergency_id, [])

    def read_many(self, ids: Sequence[int]) -> dict[int, list[Entry]]:
        return {i: entries_of(facts) for i, facts in self.facts(ids).items()}

    def facts(self, ids: Sequence[int]) -> dict[int, list[Fact]]:
        raw, instant = raw_times(self.session)
        name = type(raw).__name__
        statement = _statements.get(name)
        if statement is None:
            statement = _statements[name] = _facts_of(raw)
        found: dict[int, list[Fact]] = {}
        for emergency_id, seq, kind, at, recorded_at, *rest in self.session.execute(statement, {"ids": ids}):
            fact = Fact(emergency_id, seq, kind, instant(at), instant(recorded_at), *rest)
            found.setdefault(emergency_id, []).append(fact)
        return found

    def hash_at(self, emergency_id: int, seq: int) -> str | None:
        return self.session.execute(_HASH, {"id": emergency_id, "seq": seq}).scalar()

    def is_any_of(self, since: datetime, until: datetime, kinds: Collection[str]) -> bool:
        query = select(_L.seq).where(*_recorded(since, until), _L.kind.in_(kinds)).limit(1)
        return self.session.execute(query).first() is not None

    def count(self, since: datetime, until: datetime) -> int:
        query = select(func.count()).select_from(_LEDGER).where(*_recorded(since, until))
        return int(self.session.execute(query).scalar_one())

    def hashes(self, since: datetime, until: datetime) -> Iterator[str]:
        query = select(_L.hash).where(*_recorded(since, until)).order_by(_L.emergency_id, _L.seq)
        yield from self.session.execute(query).scalars()

    def emergencies(self) -> Sequence[int]:
        return self.session.execute(_EMERGENCIES).scalars().all()


def raw_facts(session: Session, emergency_id: int) -> list[RawFact]:
    """The chain of one emergency, oldest fact first."""
    return [RawFact(*row) for row in session.execute(_RAW, {"id": emergency_id})]


def _recorded(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _L.recorded_at > since, _L.recorded_at <= until
