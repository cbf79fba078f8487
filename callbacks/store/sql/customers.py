"""The address book: callers by number, their language, who is blocked, and whose phone takes no texts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete
from sqlmodel import Session, col

from callbacks.oncall.contacts import COLUMNS, Entry, compare, matches, merged
from callbacks.store.customers import BaseCustomers
from callbacks.store.rows import CustomerRow, EmergencyRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.audits import SqlAudits
from callbacks.store.sql.emergencies import EMERGENCIES
from callbacks.store.sql.values import Values

WORDS = ("name", "company", "language", "notes")


CUSTOMERS = Values(t.Customer, CustomerRow)
NUMBER = CUSTOMERS.table.c["number"]
CUSTOMER = CUSTOMERS.select().where(bindparam("given") == NUMBER)
FORGET = delete(CUSTOMERS.table).where(bindparam("given") == NUMBER)


class SqlCustomers(BaseCustomers):
    """The questions and writes of `customers` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def _get(self, number: str) -> CustomerRow | None:
        return CUSTOMERS.first(self.session, CUSTOMER, {"given": number})

    def put(self, row: CustomerRow) -> None:
        CUSTOMERS.set(self.session, row)

    def forget(self, number: str) -> CustomerRow | None:
        row = self._get(number)
        if row is not None:
            self.session.execute(FORGET, {"given": number})
        return row


def _filled(row: CustomerRow, given: Entry, now: datetime) -> CustomerRow:
    said: dict[str, Any] = {name: value or None for name in WORDS if (value := getattr(given, name)) is not None}
    return replace(row, **said, updated_at=now)


def everybody(session: Session) -> list[CustomerRow]:
    return CUSTOMERS.all(session, CUSTOMERS.select().order_by(NUMBER))


def past_emergencies(session: Session, number: str, before_id: int) -> Sequence[EmergencyRow]:
    """Earlier emergencies of this number, newest first."""
    mine = EMERGENCIES.select().where(col(t.Emergency.number) == number, col(t.Emergency.id) < before_id)
    return EMERGENCIES.all(session, mine.order_by(col(t.Emergency.id).desc()).limit(5))


def emergencies_of(session: Session, number: str, limit: int = 20) -> Sequence[EmergencyRow]:
    """This number's emergencies, newest first."""
    mine = EMERGENCIES.select().where(col(t.Emergency.number) == number)
    return EMERGENCIES.all(session, mine.order_by(col(t.Emergency.id).desc()).limit(limit))


def as_entry(row: CustomerRow) -> Entry:
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
            row = _filled(rows.get(e.number) or CustomerRow(number=e.number, updated_at=now), e, now)
            SqlCustomers(session).put(row)
            rows[e.number] = row
    return compare(before, given)


def search(session: Session, wanted: str, limit: int) -> tuple[list[CustomerRow], int]:
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
    customers = SqlCustomers(session)
    row = customers.entry(number, now)
    customers.put(replace(row, blocked_at=now, blocked_by=by, blocked_why=why, updated_at=now))
    SqlAudits(session).put(now, by, via, "customer.blocked", _about(number))


def unblock(session: Session, number: str, by: str, via: str, now: datetime) -> bool:
    """False when the caller was not blocked. Who had blocked them, and when, stays in the audit list."""
    customers = SqlCustomers(session)
    row = customers.known(number)
    if row is None or row.blocked_at is None:
        return False
    before = {"blocked_by": row.blocked_by, "blocked_at": row.blocked_at.isoformat()}
    customers.put(replace(row, blocked_at=None, blocked_by=None, blocked_why=None, updated_at=now))
    SqlAudits(session).put(now, by, via, "customer.unblocked", _about(number), **before)
    return True


def take_out(session: Session, number: str, by: str, via: str, now: datetime) -> CustomerRow | None:
    """The same as `forget`, by a person."""
    row = SqlCustomers(session).forget(number)
    if row is not None:
        SqlAudits(session).put(
            now, by, via, "customer.forgotten", _about(number), was_blocked=row.blocked_at is not None
        )
    return row


def _entry(session: Session, number: str) -> Entry | None:
    row = SqlCustomers(session).known(number)
    return as_entry(row) if row else None


def _about(number: str) -> str:
    return f"…{number[-SHOWN_DIGITS:]}"
