"""The roster in force, its overrides as rows, and what we learnt about its people's phones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from callbacks.oncall.roster import EMPTY, Override, Roster, override_faults, reread_roster, write_roster
from callbacks.store.sql import tables as t
from callbacks.store.sql.audits import SqlAudits

MINUTES = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A roster file put in force. `kept`: overrides of the schedule page that stay beside the file's; `dropped`: those
    for whose rotation or technician the file has no place."""

    roster: Roster
    kept: tuple[Override, ...]
    dropped: tuple[Override, ...]


class SqlPeople:
    """The questions and writes of `people` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def current_roster(self) -> Roster:
        """The roster in force; the empty one before the first was loaded."""
        newest = _newest(self.session)
        if newest is None:
            return EMPTY
        if not newest.has_rows:
            return _parsed(newest.text)
        columns = select(t.Override.rotation, t.Override.technician, t.Override.start, t.Override.end)
        rows = self.session.exec(columns.order_by(col(t.Override.id))).all()
        return _with_rows(newest.text, tuple(map(tuple, rows)))

    def roster_before(self) -> Roster:
        """The one that was in force before the present one; the empty one if there was none."""
        rows = self.session.exec(select(t.Roster).order_by(col(t.Roster.id).desc()).limit(2)).all()
        return _parsed(rows[1].text) if len(rows) > 1 else EMPTY

    def sms_dead(self) -> frozenset[str]:
        """Names of the people whose texts are refused."""
        return frozenset(self.session.exec(select(t.Person.name).where(col(t.Person.sms_dead_at).is_not(None))))

    def mark_sms(self, name: str, role: str, dead_why: str | None, now: datetime) -> bool:
        """Marks the text channel dead (with a reason) or alive (None); True if that changed it."""
        row = _row(self.session, name, role)
        changed = (row.sms_dead_at is None) == (dead_why is not None)
        if changed:
            row.sms_dead_at, row.sms_dead_why = (now, dead_why) if dead_why else (None, None)
            row.unreachable_texts = 0
        return changed

    def count_unreachable(self, name: str, role: str) -> int:
        """How many texts in a row did not reach this phone, this one included."""
        row = _row(self.session, name, role)
        row.unreachable_texts += 1
        return row.unreachable_texts

    def forget_unreachable(self, name: str) -> None:
        """A text arrived."""
        row = self.session.get(t.Person, name)
        if row and row.unreachable_texts:
            row.unreachable_texts = 0

    def has_another_number(self, name: str) -> None:
        """What was learnt of the phone before does not hold for this one."""
        row = self.session.get(t.Person, name)
        if row:
            row.sms_dead_at, row.sms_dead_why, row.unreachable_texts = None, None, 0

    def verified(self, name: str, role: str, now: datetime) -> None:
        """A drill woke this person."""
        row = _row(self.session, name, role)
        row.verified_at = now

    def count_passive(self, name: str, role: str) -> int:
        """How many answers in a row led to nothing, this one included."""
        row = _row(self.session, name, role)
        row.passive_answers += 1
        return row.passive_answers

    def forget_passive(self, name: str) -> None:
        """They sent a command: a person is there."""
        row = self.session.get(t.Person, name)
        if row:
            row.passive_answers = 0


def override_notes(session: Session) -> list[str]:
    """Who added each override and why, in the roster's order; none of one that a node of the version before wrote."""
    newest = _newest(session)
    rows = session.exec(select(t.Override).order_by(col(t.Override.id))) if newest and newest.has_rows else ()
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
    return session.exec(select(t.Roster).order_by(col(t.Roster.id).desc()).limit(1)).first()


def _overrides(session: Session) -> list[t.Override]:
    """The rows in order. Those of a version that a node of the version before wrote are made from its text."""
    newest = _newest(session)
    if newest and not newest.has_rows:
        for row in session.exec(select(t.Override)):
            session.delete(row)
        overrides = _parsed(newest.text).overrides
        session.add_all(_override_row(o, newest.loaded_by, "", newest.loaded_at) for o in overrides)
        newest.has_rows = True
        session.flush()
    return list(session.exec(select(t.Override).order_by(col(t.Override.id))))


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
    woken = select(t.Person.name, t.Person.verified_at).where(col(t.Person.verified_at).is_not(None))
    return {name: at for name, at in session.exec(woken) if at}


def _row(session: Session, name: str, role: str) -> t.Person:
    """What is known of this person's phone; made when nothing was."""
    row = session.get(t.Person, name)
    if row is None:
        row = t.Person(name=name, role=role)
        session.add(row)
    return row


@lru_cache(maxsize=4)
def _parsed(text: str) -> Roster:
    return reread_roster(text)


@lru_cache(maxsize=4)
def _with_rows(text: str, rows: tuple[tuple[str, str, datetime, datetime], ...]) -> Roster:
    return replace(_parsed(text), overrides=tuple(Override(*row) for row in rows))
