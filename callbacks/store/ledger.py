"""The ledger: facts per emergency, dense and chained.

- `hash` = SHA-256(previous hash ‖ canonical JSON of the fact); the first one chains to 64 zeros.
- Private fields lie in a table of their own; the fact holds SHA-256(salt ‖ their canonical JSON), so that
  they can be erased and the chain stays whole.
- The primary key (emergency, seq) is the lock: of two writers one gets `Conflict`.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from callbacks.store.tables import EmergencyRow, LedgerRow, PrivateRow

GENESIS = "0" * 64
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """A fact to be written: `private` is kept outside the chain."""

    kind: str
    at: datetime
    body: Json
    private: Json | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as it stands: `private` is None when there was none or it was erased."""

    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    body: Json
    private: Json | None
    hash: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """The first thing that does not add up."""

    ref: str
    seq: int
    problem: str


def append(
    session: Session, emergency_id: int, after_seq: int, previous: str, records: Sequence[Record], now: datetime
) -> tuple[int, str]:
    """Adds facts behind `after_seq`; the new last seq and head. Raises Conflict on flush or commit."""
    seq = after_seq
    for record in records:
        seq += 1
        body = record.body
        if record.private is not None:
            salt, data = secrets.token_hex(16), canonical(record.private)
            body = body | {"commitment": _sha(salt + data)}
            session.add(PrivateRow(emergency_id=emergency_id, seq=seq, salt=salt, data=data))
        text = canonical(_chained(emergency_id, seq, record.kind, record.at, now, body))
        previous = _sha(previous + text)
        session.add(
            LedgerRow(
                emergency_id=emergency_id, seq=seq, kind=record.kind, at=record.at, recorded_at=now, body=text,
                hash=previous,
            )
        )  # fmt: skip
    session.flush()
    return seq, previous


def read(session: Session, emergency_id: int) -> list[Entry]:
    """One ledger, oldest fact first."""
    return read_many(session, [emergency_id]).get(emergency_id, [])


def read_many(session: Session, ids: Sequence[int]) -> dict[int, list[Entry]]:
    """Several ledgers by emergency id."""
    rows = session.exec(
        select(LedgerRow, PrivateRow)
        .join(
            PrivateRow,
            (col(PrivateRow.emergency_id) == LedgerRow.emergency_id) & (col(PrivateRow.seq) == LedgerRow.seq),
            isouter=True,
        )
        .where(col(LedgerRow.emergency_id).in_(ids))
        .order_by(col(LedgerRow.emergency_id), col(LedgerRow.seq))
    )
    found: dict[int, list[Entry]] = {}
    for row, private in rows:
        found.setdefault(row.emergency_id, []).append(_entry(row, private))
    return found


def verify(session: Session, complain: Callable[[EmergencyRow, list[Entry]], str | None]) -> BadRow | None:
    """Recomputes every chain, and asks `complain` about each emergency; the first bad row, or None."""
    for emergency_id in session.exec(select(EmergencyRow.id).order_by(col(EmergencyRow.id))).all():
        row = session.get(EmergencyRow, emergency_id)
        assert row is not None and row.id is not None
        bad = _verify_one(session, row, complain)
        session.expunge_all()
        if bad:
            return bad
    return None


def canonical(value: Any) -> str:
    """The one spelling of a JSON value that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _verify_one(
    session: Session, row: EmergencyRow, complain: Callable[[EmergencyRow, list[Entry]], str | None]
) -> BadRow | None:
    assert row.id is not None
    ref, previous, entries = f"E-{row.id:06d}", GENESIS, []
    found = session.exec(select(LedgerRow).where(LedgerRow.emergency_id == row.id).order_by(col(LedgerRow.seq))).all()
    for expected, fact in enumerate(found, 1):
        private = session.get(PrivateRow, (row.id, fact.seq))
        problem = _problem(fact, expected, previous, private)
        if problem:
            return BadRow(ref, fact.seq, problem)
        previous = fact.hash
        entries.append(_entry(fact, private))
    if (len(found), previous) != (row.last_seq, row.head_hash):
        return BadRow(ref, len(found), "the chain does not end where the summary says")
    complaint = complain(row, entries)
    return BadRow(ref, len(found), complaint) if complaint else None


def _problem(fact: LedgerRow, expected: int, previous: str, private: PrivateRow | None) -> str | None:
    if fact.seq != expected:
        return f"fact {expected} is missing"
    if _sha(previous + fact.body) != fact.hash:
        return "the hash does not match"
    content = json.loads(fact.body)
    same = (content["kind"], content["at"], content["recorded_at"], content["seq"], content["emergency_id"])
    if same != (fact.kind, stamp(fact.at), stamp(fact.recorded_at), fact.seq, fact.emergency_id):
        return "the columns differ from what was hashed"
    if private and _sha(private.salt + private.data) != content["body"].get("commitment"):
        return "the private part differs from its commitment"
    return None


def _entry(row: LedgerRow, private: PrivateRow | None) -> Entry:
    body = json.loads(row.body)["body"]
    hidden = json.loads(private.data) if private else None
    return Entry(row.seq, row.kind, row.at, row.recorded_at, body, hidden, row.hash)


def _chained(emergency_id: int, seq: int, kind: str, at: datetime, recorded_at: datetime, body: Json) -> Json:
    return {
        "emergency_id": emergency_id, "seq": seq, "kind": kind, "at": stamp(at),
        "recorded_at": stamp(recorded_at), "body": body,
    }  # fmt: skip


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
