"""The roster in force, its overrides as rows, and what we learnt about its people's phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import CompoundSelect, bindparam, case, func, literal_column, null, select, union_all
from sqlmodel import Session, SQLModel, col

from callbacks.oncall.roster import EMPTY, Override, Roster, override_faults, write_roster
from callbacks.oncall.schedule import Line
from callbacks.store.people import BasePeople, InForce, roster_of
from callbacks.store.rows import PersonRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.audits import SqlAudits
from callbacks.store.sql.feeds import SqlFeeds
from callbacks.store.sql.values import Values

MINUTES = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A roster file put in force. `kept`: overrides of the schedule page that stay beside the file's; `dropped`: those
    for whose rotation or technician the file has no place."""

    roster: Roster
    kept: tuple[Override, ...]
    dropped: tuple[Override, ...]


class SqlPeople(BasePeople):
    """The questions and writes of `people` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def in_force(self) -> InForce:
        rows: dict[str, list[tuple[Any, ...]]] = {"override": [], "roster": [], "dead": [], "feed": []}
        for what, *values in self.session.execute(IN_FORCE):
            rows[what].append(tuple(values))
        text, has_rows = next(((text, has_rows) for text, *_, has_rows in rows["roster"]), (None, 0))
        overrides = sorted(rows["override"], key=itemgetter(4))
        return InForce(
            roster_of(text, tuple(row[:4] for row in overrides) if has_rows else None),
            frozenset(row[0] for row in rows["dead"]),
            {rotation: version for rotation, version, *_ in rows["feed"]},
        )

    def roster_before(self) -> Roster:
        rows = self.session.scalars(select(t.Roster).order_by(col(t.Roster.id).desc()).limit(2)).all()
        return roster_of(rows[1].text, None) if len(rows) > 1 else EMPTY

    def _lines(self, found: InForce, now: datetime) -> dict[str, Line]:
        return SqlFeeds(self.session).known(found.roster, found.versions, now)

    def _get(self, name: str) -> PersonRow | None:
        return PEOPLE.first(self.session, PERSON, {"name": name})

    def _set(self, row: PersonRow) -> None:
        PEOPLE.set(self.session, row)


def _in_force() -> CompoundSelect[Any]:
    """All that decides who can be woken, in one round trip: it is asked in nearly every transaction. The first part
    gives the columns their types."""
    every: dict[str, Any] = SQLModel.metadata.tables
    roster, override, person, feed = (every[name] for name in ("roster", "roster_override", "person", "feed"))
    o, newest = override.c, select(func.max(roster.c.id)).scalar_subquery()
    has_rows = case((roster.c.has_rows, 1), else_=0)
    return union_all(
        select(literal_column("'override'"), o.rotation, o.technician, o.start, o.end, o.id),
        select(literal_column("'roster'"), roster.c.text, null(), null(), null(), has_rows).where(
            roster.c.id == newest
        ),
        select(literal_column("'dead'"), person.c.name, null(), null(), null(), null()).where(
            person.c.sms_dead_at.is_not(None)
        ),
        select(literal_column("'feed'"), feed.c.rotation, feed.c.version, null(), null(), null()).where(
            feed.c.version.is_not(None)
        ),
    )


IN_FORCE = _in_force()
PEOPLE = Values(t.Person, PersonRow)
PERSON = PEOPLE.select().where(PEOPLE.table.c.name == bindparam("name")).with_for_update()


def override_notes(session: Session) -> list[str]:
    """Who added each override and why, in the roster's order; none of one that a node of the version before wrote."""
    newest = _newest(session)
    rows = session.scalars(select(t.Override).order_by(col(t.Override.id))) if newest and newest.has_rows else ()
    return [f"{row.reason} ({row.added_by})" if row.reason else "" for row in rows]


def load_roster(session: Session, roster: Roster, by: str, now: datetime) -> Loaded:
    """Puts a roster file in force. Its overrides take the place of those of the file before. Those of the schedule page
    stay behind them, so that they hold, unless the file lists them itself or cannot have them."""
    known = _overrides(session)
    of_page = [row for row in known if not row.in_file and _override(row) not in roster.overrides]
    kept = [row for row in of_page if not override_faults(roster, _override(row))]
    before = {_override(row): row for row in known}
    listed = [_override_row(o, by, "", now, in_file=True, before=before.get(o)) for o in roster.overrides]
    for row in known:
        session.delete(row)
    session.add_all([*listed, *(_override_row(_override(row), by, "", now, before=row) for row in kept)])
    values = tuple(map(_override, kept))
    whole = _put(session, roster.with_overrides(values), by, now)
    dropped = tuple(_override(row) for row in of_page if row not in kept)
    for override in dropped:
        _audit(session, now, by, "command", "override.removed", override, "not possible with the loaded file")
    return Loaded(whole, values, dropped)


def change_overrides(
    session: Session,
    added: Sequence[Override],
    removed: Sequence[Override],
    who: tuple[str, str],
    reason: str,
    now: datetime,
) -> None:
    """`who`: a name, and by what way they came. Raises ValueError when one to remove is not there; nothing changed
    then."""
    by, via = who
    roster = SqlPeople(session).current_roster().with_overrides(added, removed)
    rows = _overrides(session)
    for override in removed:
        row = next(row for row in reversed(rows) if _override(row) == override)
        rows.remove(row)
        session.delete(row)
        _audit(session, now, by, via, "override.removed", override, reason)
    for override in added:
        session.add(_override_row(override, by, reason, now))
        _audit(session, now, by, via, "override.added", override, reason)
    _put(session, roster, by, now)


def _audit(session: Session, now: datetime, by: str, via: str, action: str, o: Override, reason: str) -> None:
    about = f"{o.rotation} {o.start:{MINUTES}} {o.end:{MINUTES}}"
    SqlAudits(session).put(now, by, via, action, about, to=o.technician, reason=reason)


def _put(session: Session, roster: Roster, by: str, now: datetime) -> Roster:
    session.add(t.Roster(text=write_roster(roster), loaded_at=now, loaded_by=by, has_rows=True))
    session.flush()
    return roster


def _newest(session: Session) -> t.Roster | None:
    return session.scalars(select(t.Roster).order_by(col(t.Roster.id).desc()).limit(1)).first()


def _overrides(session: Session) -> list[t.Override]:
    """The rows in order. Those of a version that a node of the version before wrote are made from its text."""
    newest = _newest(session)
    if newest and not newest.has_rows:
        for row in session.scalars(select(t.Override)):
            session.delete(row)
        overrides = roster_of(newest.text, None).overrides
        session.add_all(_override_row(o, newest.loaded_by, "", newest.loaded_at) for o in overrides)
        newest.has_rows = True
        session.flush()
    return list(session.scalars(select(t.Override).order_by(col(t.Override.id))))


def _override_row(
    o: Override, by: str, reason: str, now: datetime, in_file: bool = False, before: t.Override | None = None
) -> t.Override:
    """`before`: the same override as it stood, whose who and why stay."""
    if before:
        by, reason, now = before.added_by, before.reason, before.added_at
    return t.Override(
        rotation=o.rotation,
        technician=o.technician,
        start=o.start,
        end=o.end,
        in_file=in_file,
        added_at=now,
        added_by=by,
        reason=reason,
    )


def _override(row: t.Override) -> Override:
    return Override(row.rotation, row.technician, row.start, row.end)


def last_drills(session: Session) -> dict[str, datetime]:
    """When a drill last woke each person; nobody whom none ever woke."""
    return {row.name: row.verified_at for row in PEOPLE.all(session, PEOPLE.select()) if row.verified_at}
