"""The row of the heads, openings and checkpoints' lines."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlmodel import Session

from callbacks.store.rows import HeadRow, OpeningRow
from callbacks.store.sql import tables as t

ONLY = 1
_HEAD, _OPENING, _LINE = t.Head.__table__, t.Opening.__table__, t.Checkpoint.__table__  # type: ignore[attr-defined]
_E, _L = t.Emergency.__table__.c, t.Ledger.__table__.c  # type: ignore[attr-defined]
_READ = select(*[_HEAD.c[name] for name in HeadRow._fields])
_HELD = _READ.with_for_update()
_OPENINGS = select(*[_OPENING.c[name] for name in OpeningRow._fields])
_NEWEST = _OPENINGS.order_by(_OPENING.c.number.desc()).limit(1)
_THROUGH = _OPENINGS.where(_OPENING.c.number <= bindparam("last")).order_by(_OPENING.c.number)
_IS_CHAINED = select(_OPENING.c.number).where(_OPENING.c.emergency_id == bindparam("id"))
_ADD_OPENING, _ADD_HEAD, _WRITE = insert(_OPENING), insert(_HEAD), update(_HEAD)
_KNOWN = select(_LINE.c.number).where(_LINE.c.head == bindparam("head"))
# For a node of an older version, which takes the sequence's.
_SET_SEQUENCE = text("SELECT setval(pg_get_serial_sequence('emergency', 'id'), :last)")


class SqlHeads:
    """The questions and writes of `heads` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._held: HeadRow | None = None

    def read(self) -> HeadRow | None:
        return self._head(_READ)

    def held(self) -> HeadRow | None:
        if self._held is None:
            self._held = self._head(_HELD)
        return self._held

    def write(self, head: HeadRow) -> None:
        before, self._held = self._held, head
        if before is None:
            self.session.execute(_ADD_HEAD, {"id": ONLY, **head._asdict()})
        else:
            self.session.execute(_WRITE, head._asdict())
        is_new = head.last_id > (before.last_id if before else 0)
        if is_new and self.session.get_bind().dialect.name == "postgresql":
            self.session.execute(_SET_SEQUENCE, {"last": head.last_id})

    def add_opening(self, row: OpeningRow) -> None:
        self.session.execute(_ADD_OPENING, row._asdict())

    def newest_opening(self) -> OpeningRow | None:
        found = self.session.execute(_NEWEST).first()
        return OpeningRow(*found) if found else None

    def openings(self, through: int) -> Iterator[OpeningRow]:
        yield from (OpeningRow(*row) for row in self.session.execute(_THROUGH, {"last": through}))

    def is_chained(self, emergency_id: int) -> bool:
        return self.session.execute(_IS_CHAINED, {"id": emergency_id}).first() is not None

    def unchained(self, first_id: int) -> Sequence[int]:
        is_chained = select(_OPENING.c.number).where(_OPENING.c.emergency_id == _E.id).exists()
        rest = select(_E.id).where(_E.id >= first_id, _E.last_seq > 0, ~is_chained)
        return self.session.execute(rest.order_by(_E.id)).scalars().all()

    def lone_ledger(self) -> int | None:
        alone = select(_L.emergency_id).select_from(t.Ledger).outerjoin(t.Emergency, _E.id == _L.emergency_id)
        alone = alone.where(_L.seq == 1, _E.id.is_(None)).order_by(_L.emergency_id).limit(1)
        return self.session.execute(alone).scalar()

    def ends_behind(self, after: int, limit: int) -> Sequence[tuple[int, int, str]]:
        ends = select(_E.id, _E.last_seq, _E.head_hash).where(_E.id > after).order_by(_E.id).limit(limit)
        return [(row[0], row[1], row[2]) for row in self.session.execute(ends)]

    def seal(self, emergency_id: int, seq: int, seal: str | None) -> None:
        same = (_E.id == emergency_id) & (_E.last_seq == seq)
        self.session.execute(update(t.Emergency).where(same).values(seal=seal))

    def seal_first(self, emergency_id: int, seal: str) -> None:
        unsealed = (_E.id == emergency_id) & _E.seal.is_(None)
        self.session.execute(update(t.Emergency).where(unsealed).values(seal=seal))

    def add_line(self, number: int, head: str, line: str) -> None:
        self.session.execute(insert(_LINE), {"number": number, "head": head, "line": line})

    def lines_behind(self, head: str) -> list[str]:
        after = self.session.execute(_KNOWN, {"head": head}).scalar() or 0
        query = select(_LINE.c.line).where(_LINE.c.number > after).order_by(_LINE.c.number)
        return list(self.session.execute(query).scalars())

    def last_line(self) -> str | None:
        return self.session.execute(select(_LINE.c.line).order_by(_LINE.c.number.desc()).limit(1)).scalar()

    def knows_line(self, head: str) -> bool:
        return self.session.execute(_KNOWN, {"head": head}).first() is not None

    def drop_lines(self) -> None:
        self.session.execute(delete(_LINE))

    def _head(self, statement: Any) -> HeadRow | None:
        found = self.session.execute(statement).first()
        return HeadRow(*found) if found else None
