"""The ledger: facts per emergency, dense and chained.

- `hash` = SHA-256(previous hash ‖ canonical JSON of the fact); the first one chains to 64 zeros.
- Private fields lie in a table of their own; the fact holds SHA-256(salt ‖ their canonical JSON), so that
  they can be erased and the chain stays whole.
- The primary key (emergency, seq) is the lock: of two writers one gets `Conflict`.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import ColumnElement, func, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from callbacks.emergency.events import exclusion_of
from callbacks.emergency.model import ref_of
from callbacks.lib.wallclock import rfc3339
from callbacks.store.rows import EmergencyRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.emergencies import EMERGENCIES, SqlEmergencies
from callbacks.store.sql.expressions import raw_times

GENESIS = "0" * 64
COMMITMENT = "commitment"
BATCH = 100
LOOKS = 3
PAUSE = 0.05
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

    def shown(self) -> Json:
        """As the API and the command line give it: private fields read null once erased."""
        return {
            "seq": self.seq,
            "kind": self.kind,
            "at": rfc3339(self.at),
            "recorded_at": rfc3339(self.recorded_at),
            "facts": {k: v for k, v in self.body.items() if k != COMMITMENT} | (self.private or {}),
            "hash": self.hash,
        }


@dataclass(frozen=True, slots=True)
class BadRow:
    """The first thing that does not add up."""

    ref: str
    seq: int
    problem: str


class Fact(NamedTuple):
    """A row of the ledger beside its private part."""

    emergency_id: int
    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    body: str
    hash: str
    salt: str | None
    data: str | None


Complain = Callable[[EmergencyRow, list[Entry]], str | None]
See = Callable[[Sequence[Fact]], None]
_OF_SAME_FACT = (col(t.Private.emergency_id) == t.Ledger.emergency_id) & (col(t.Private.seq) == t.Ledger.seq)


class SqlLedger:
    """The questions and writes of `ledger` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def append(
        self, emergency_id: int, after_seq: int, previous: str, records: Sequence[Record], now: datetime
    ) -> tuple[int, str]:
        """Adds facts behind `after_seq`; the new last seq and head. Raises Conflict on flush or commit."""
        seq = after_seq
        for record in records:
            seq += 1
            body = record.body
            if record.private is not None:
                salt, data = secrets.token_hex(16), canonical(record.private)
                body = body | {COMMITMENT: _sha(salt + data)}
                self.session.add(t.Private(emergency_id=emergency_id, seq=seq, salt=salt, data=data))
            text = canonical(_chained(emergency_id, seq, record.kind, record.at, now, body))
            previous = _sha(previous + text)
            self.session.add(
                t.Ledger(
                    emergency_id=emergency_id,
                    seq=seq,
                    kind=record.kind,
                    at=record.at,
                    recorded_at=now,
                    body=text,
                    hash=previous,
                )
            )
        self.session.flush()
        return seq, previous

    def read(self, emergency_id: int) -> list[Entry]:
        """One ledger, oldest fact first."""
        return self.read_many([emergency_id]).get(emergency_id, [])

    def read_many(self, ids: Sequence[int]) -> dict[int, list[Entry]]:
        """Several ledgers by emergency id."""
        found = _facts(self.session, ids)
        entries = {i: [_entry(f, _parsed(f.body)) for f in facts] for i, facts in found.items()}
        return {i: without_erased_words(facts) for i, facts in entries.items()}

    def is_any_of(self, since: datetime, until: datetime, kinds: Collection[str]) -> bool:
        """Whether a fact of these kinds was recorded behind `since`, up to `until`."""
        query = select(t.Ledger.seq).where(*_recorded(since, until), col(t.Ledger.kind).in_(kinds)).limit(1)
        return self.session.exec(query).first() is not None

    def count(self, since: datetime, until: datetime) -> int:
        """How many facts were recorded in the same span."""
        return self.session.exec(select(func.count()).select_from(t.Ledger).where(*_recorded(since, until))).one()

    def hashes(self, since: datetime, until: datetime) -> Iterator[str]:
        """Of the facts of the same span, by emergency and number."""
        query = select(t.Ledger.hash).where(*_recorded(since, until))
        yield from self.session.exec(query.order_by(col(t.Ledger.emergency_id), col(t.Ledger.seq)))

    def emergencies(self) -> Sequence[int]:
        """The ids of all that have a ledger, in rising order."""
        return self.session.exec(select(t.Emergency.id).order_by(col(t.Emergency.id))).all()

    def verify(self, ids: Sequence[int], complain: Complain, see: See) -> BadRow | None:
        """Recomputes the chains of some emergencies, and asks `complain` about each; the first bad row, or None. `see`
        is shown each ledger once, in rising order."""
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            of_batch = EMERGENCIES.select().where(col(t.Emergency.id).in_(batch)).order_by(col(t.Emergency.id))
            rows = EMERGENCIES.all(self.session, of_batch)
            facts = _facts(self.session, batch)
            for row in rows:
                see(facts.get(row.id, ()))
                bad = _verify_one(row, facts.get(row.id, ()), complain)
                if bad and (bad := _looked_at_again(self.session, row.id, complain)):
                    return bad
        return None


def without_erased_words(entries: list[Entry]) -> list[Entry]:
    """The reason of an exclusion that a version up to 0.1.0 put into the chain is not told any more once the private
    parts of its ledger are erased."""
    if not entries or entries[0].private is not None or COMMITMENT not in entries[0].body:
        return entries
    return [_without_reason(x) if x.kind == "Excluded" and COMMITMENT not in x.body else x for x in entries]


def _without_reason(entry: Entry) -> Entry:
    return replace(entry, body=entry.body | {"why": exclusion_of(str(entry.body.get("why"))).value})


def _recorded(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(t.Ledger.recorded_at) > since, col(t.Ledger.recorded_at) <= until


def _looked_at_again(session: Session, emergency_id: int, complain: Complain) -> BadRow | None:
    """A fact may have come between the reading of the summary and that of the ledger: bad is what stays bad."""
    bad = None
    for _ in range(LOOKS):
        row, facts = SqlEmergencies(session).find(emergency_id), _facts(session, [emergency_id])
        bad = _verify_one(row, facts.get(emergency_id, ()), complain) if row else None
        if bad is None:
            return None
        time.sleep(PAUSE)
    return bad


def canonical(value: Any) -> str:
    """The one spelling of a JSON value that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _facts(session: Session, ids: Sequence[int]) -> dict[int, list[Fact]]:
    """Plain rows, each with its private part: objects would cost more than all the hashing."""
    raw, instant = raw_times(session)
    columns: list[Any] = [getattr(t.Ledger, name) for name in Fact._fields[:7]]
    columns[3:5] = [type_coerce(at, raw) for at in columns[3:5]]
    rows = session.execute(
        select_columns(*columns, col(t.Private.salt), col(t.Private.data))
        .outerjoin(t.Private, _OF_SAME_FACT)
        .where(col(t.Ledger.emergency_id).in_(ids))
        .order_by(col(t.Ledger.emergency_id), col(t.Ledger.seq))
    )
    found: dict[int, list[Fact]] = {}
    for row in rows:
        emergency_id, seq, kind, at, recorded_at, *rest = row
        fact = Fact(emergency_id, seq, kind, instant(at), instant(recorded_at), *rest)
        found.setdefault(emergency_id, []).append(fact)
    return found


def _parsed(text: str) -> Json:
    """JSON by the faster reader; what that one refuses is left to Python's own."""
    try:
        found: Json = from_json(text)
    except ValueError:
        found = json.loads(text)
    return found


def _verify_one(row: EmergencyRow, facts: Sequence[Fact], complain: Complain) -> BadRow | None:
    ref, previous, entries = ref_of(row.id), GENESIS, []
    for expected, fact in enumerate(facts, 1):
        content = _parsed(fact.body)
        problem = _problem(fact, content, expected, previous)
        if problem:
            return BadRow(ref, fact.seq, problem)
        previous = fact.hash
        entries.append(_entry(fact, content))
    if (len(facts), previous) != (row.last_seq, row.head_hash):
        return BadRow(ref, len(facts), "the chain does not end where the summary says")
    complaint = complain(row, without_erased_words(entries))
    return BadRow(ref, len(facts), complaint) if complaint else None


def _problem(fact: Fact, content: Json, expected: int, previous: str) -> str | None:
    if fact.seq != expected:
        return f"fact {expected} is missing"
    if _sha(previous + fact.body) != fact.hash:
        return "the hash does not match"
    same = (content["kind"], content["at"], content["recorded_at"], content["seq"], content["emergency_id"])
    if same != (fact.kind, stamp(fact.at), stamp(fact.recorded_at), fact.seq, fact.emergency_id):
        return "the columns differ from what was hashed"
    if fact.salt is not None and _sha(fact.salt + (fact.data or "")) != content["body"].get(COMMITMENT):
        return "the private part differs from its commitment"
    return None


def _entry(fact: Fact, content: Json) -> Entry:
    """`content` is what its body holds."""
    hidden = _parsed(fact.data) if fact.data is not None else None
    return Entry(fact.seq, fact.kind, fact.at, fact.recorded_at, content["body"], hidden, fact.hash)


def _chained(emergency_id: int, seq: int, kind: str, at: datetime, recorded_at: datetime, body: Json) -> Json:
    return {
        "emergency_id": emergency_id,
        "seq": seq,
        "kind": kind,
        "at": stamp(at),
        "recorded_at": stamp(recorded_at),
        "body": body,
    }


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RawFact:
    """A fact exactly as it was hashed; `salt` and `private` are None when there was nothing private, or it is
    erased."""

    seq: int
    body: str
    hash: str
    salt: str | None
    private: str | None


def raw_facts(session: Session, emergency_id: int) -> list[RawFact]:
    """The chain of one emergency, oldest fact first."""
    beside = (col(t.Private.emergency_id) == t.Ledger.emergency_id) & (col(t.Private.seq) == t.Ledger.seq)
    rows = session.exec(
        select(t.Ledger, t.Private)
        .join(t.Private, beside, isouter=True)
        .where(t.Ledger.emergency_id == emergency_id)
        .order_by(col(t.Ledger.seq))
    )
    return [RawFact(f.seq, f.body, f.hash, p.salt if p else None, p.data if p else None) for f, p in rows]
