"""The address book: callers by number, their language, who is blocked, and whose phone takes no texts."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from callbacks.oncall.contacts import COLUMNS, Entry, compare, matches, merged
from callbacks.store.rows import EmergencyRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.audits import SqlAudits
from callbacks.store.sql.emergencies import EMERGENCIES


class SqlCustomers:
    """The questions and writes of `customers` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def known(self, number: str | None) -> t.Customer | None:
        """The caller's entry, if there is one."""
        return self.session.get(t.Customer, number) if number else None

    def remember_language(self, number: str | None, language: str, now: datetime) -> None:
        """The caller chose it; the next greeting is in it."""
        if number:
            row = entry(self.session, number, now)
            row.language, row.updated_at = language, now

    def mark_sms(self, number: str, dead_why: str | None, now: datetime) -> None:
        """This phone takes no texts (with a reason), or takes them again (None)."""
        row = entry(self.session, number, now)
        row.sms_dead_at, row.sms_dead_why, row.updated_at = (now if dead_why else None), dead_why, now

    def takes_texts(self, number: str) -> bool:
        row = self.known(number)
        return row is None or row.sms_dead_at is None

    def forget(self, number: str) -> t.Customer | None:
        """Takes a caller out, with the block and what we learnt; emergencies stay. None when there was no entry."""
        row = self.known(number)
        if row is not None:
            self.session.delete(row)
        return row


def entry(session: Session, number: str, now: datetime) -> t.Customer:
    """The caller's entry, made when there was none."""
    row = session.get(t.Customer, number)
    if row is None:
        row = t.Customer(number=number, updated_at=now)
        session.add(row)
    return row


def _fill(row: t.Customer, given: Entry, now: datetime) -> None:
    for field in ("name", "company", "language", "notes"):
        value = getattr(given, field)
        if value is not None:
            setattr(row, field, value or None)
    row.updated_at = now


def everybody(session: Session) -> Sequence[t.Customer]:
    return session.exec(select(t.Customer).order_by(col(t.Customer.number))).all()


def past_emergencies(session: Session, number: str, before_id: int) -> Sequence[EmergencyRow]:
    """Earlier emergencies of this number, newest first."""
    mine = EMERGENCIES.select().where(col(t.Emergency.number) == number, col(t.Emergency.id) < before_id)
    return EMERGENCIES.all(session, mine.order_by(col(t.Emergency.id).desc()).limit(5))


def emergencies_of(session: Session, number: str, limit: int = 20) -> Sequence[EmergencyRow]:
    """This number's emergencies, newest first."""
    mine = EMERGENCIES.select().where(col(t.Emergency.number) == number)
    return EMERGENCIES.all(session, mine.order_by(col(t.Emergency.id).desc()).limit(limit))


def as_entry(row: t.Customer) -> Entry:
    """What a row says of who the caller is."""
    return Entry(row.number, row.name or "", row.company or "", row.language or "", row.notes or "")


def book(session: Session) -> dict[str, Entry]:
    """Everybody's entry by number."""
    return {row.number: as_entry(row) for row in everybody(session)}


def put_down(session: Session, given: Sequence[Entry], now: datetime) -> list[str]:
    """Enters what is said of callers; one line for each that this adds or changes."""
    rows = {row.number: row for row in everybody(session)}
    before = {number: as_entry(row) for number, row in rows.items()}
    for e in given:
        if e.number not in before or merged(before[e.number], e) != before[e.number]:
            row = rows.get(e.number) or t.Customer(number=e.number, updated_at=now)
            _fill(row, e, now)
            session.add(row)
    return compare(before, given)


def search(session: Session, wanted: str, limit: int) -> tuple[Sequence[t.Customer], int]:
    """The first callers whose entries hold all the words, by number, and how many there are."""
    found = [row for row in everybody(session) if matches(as_entry(row), wanted)]
    return found[:limit], len(found)


# Changes of the address book by people, each with its line in the audit list: who did what to whose entry.
#
# Of a number only the last two digits are told, of an edit the names of its fields, of a block no reason: the audit
# list is not erased.

SHOWN_DIGITS = 2


def save(session: Session, given: Entry, by: str, via: str, now: datetime) -> list[str]:
    """Adds or edits one; a line for the change, none when it is so already."""
    before = _entry(session, given.number)
    changes = put_down(session, [given], now)
    if changes:
        after = _entry(session, given.number)
        fields = [name for name in COLUMNS if before is None or getattr(before, name) != getattr(after, name)]
        action = "customer.edited" if before else "customer.added"
        SqlAudits(session).put(now, by, via, action, _about(given.number), fields=fields)
    return changes


def take_file(session: Session, given: Sequence[Entry], by: str, via: str, now: datetime) -> list[str]:
    """Enters a file; a line for each entry that it adds or changes."""
    changes = put_down(session, given, now)
    SqlAudits(session).put(now, by, via, "customer.imported", f"{len(changes)} changed", rows=len(given))
    return changes


def block(session: Session, number: str, by: str, why: str, via: str, now: datetime) -> None:
    """From now on this caller hears a polite end; each call is kept and excluded."""
    row = entry(session, number, now)
    row.blocked_at, row.blocked_by, row.blocked_why, row.updated_at = now, by, why, now
    SqlAudits(session).put(now, by, via, "customer.blocked", _about(number))


def unblock(session: Session, number: str, by: str, via: str, now: datetime) -> bool:
    """False when the caller was not blocked. Who had blocked them, and when, stays in the audit list."""
    row = SqlCustomers(session).known(number)
    if row is None or row.blocked_at is None:
        return False
    before = {"blocked_by": row.blocked_by, "blocked_at": row.blocked_at.isoformat()}
    row.blocked_at = row.blocked_by = row.blocked_why = None
    row.updated_at = now
    SqlAudits(session).put(now, by, via, "customer.unblocked", _about(number), **before)
    return True


def take_out(session: Session, number: str, by: str, via: str, now: datetime) -> t.Customer | None:
    """The same as `forget`, by a person."""
    row = SqlCustomers(session).forget(number)
    if row is not None:
        SqlAudits(session).put(
            now, by, via, "customer.forgotten", _about(number), was_blocked=row.blocked_at is not None
        )
    return row


def _entry(session: Session, number: str) -> Entry | None:
    session.flush()
    row = SqlCustomers(session).known(number)
    return as_entry(row) if row else None


def _about(number: str) -> str:
    return f"…{number[-SHOWN_DIGITS:]}"
