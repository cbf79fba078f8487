"""Changes of the address book, each with its line in the audit list: who did what to whose entry.

Of a number only the last two digits are told, of an edit the names of its fields, of a block no reason: the audit list
is not erased.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from callbacks.oncall.contacts import COLUMNS, Entry
from callbacks.store import audits, customers
from callbacks.store.tables import CustomerRow

SHOWN_DIGITS = 2


def save(session: Session, given: Entry, by: str, via: str, now: datetime) -> list[str]:
    """Adds or edits one; a line for the change, none when it is so already."""
    before = _entry(session, given.number)
    changes = customers.put_down(session, [given], now)
    if changes:
        after = _entry(session, given.number)
        fields = [name for name in COLUMNS if before is None or getattr(before, name) != getattr(after, name)]
        action = "customer.edited" if before else "customer.added"
        audits.put(session, now, by, via, action, _about(given.number), fields=fields)
    return changes


def take_file(session: Session, given: Sequence[Entry], by: str, via: str, now: datetime) -> list[str]:
    """Enters a file; a line for each entry that it adds or changes."""
    changes = customers.put_down(session, given, now)
    audits.put(session, now, by, via, "customer.imported", f"{len(changes)} changed", rows=len(given))
    return changes


def block(session: Session, number: str, by: str, why: str, via: str, now: datetime) -> None:
    customers.block(session, number, by, why, now)
    audits.put(session, now, by, via, "customer.blocked", _about(number))


def unblock(session: Session, number: str, by: str, via: str, now: datetime) -> bool:
    """False when the caller was not blocked. Who had blocked them, and when, stays in the audit list."""
    row = customers.known(session, number)
    was_by, was_at = (row.blocked_by, row.blocked_at) if row else (None, None)
    done = customers.unblock(session, number, now)
    if done and was_at:
        before = {"blocked_by": was_by, "blocked_at": was_at.isoformat()}
        audits.put(session, now, by, via, "customer.unblocked", _about(number), **before)
    return done


def forget(session: Session, number: str, by: str, via: str, now: datetime) -> CustomerRow | None:
    """Takes a caller out; None when there was no entry."""
    row = customers.forget(session, number)
    if row is not None:
        audits.put(session, now, by, via, "customer.forgotten", _about(number), was_blocked=row.blocked_at is not None)
    return row


def _entry(session: Session, number: str) -> Entry | None:
    session.flush()
    row = customers.known(session, number)
    return customers.as_entry(row) if row else None


def _about(number: str) -> str:
    return f"…{number[-SHOWN_DIGITS:]}"
