"""The ledger: facts per emergency, dense and chained.

- `hash` = SHA-256(previous hash ‖ canonical JSON of the fact); the first one chains to 64 zeros.
- Private fields are kept in a table of their own; the fact holds SHA-256(salt ‖ their canonical JSON), so that
  they can be erased and the chain stays whole.
- The pair of emergency and number is the lock: of two writers one gets `Conflict`.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json

from callbacks.emergency.events import exclusion_of
from callbacks.emergency.model import ref_of
from callbacks.store.interface import Transaction
from callbacks.store.rows import COMMITMENT, EmergencyRow, Entry, Fact

GENESIS = "0" * 64
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
class BadRow:
    """The first thing that does not add up."""

    ref: str
    seq: int
    problem: str


Complain = Callable[[EmergencyRow, list[Entry]], str | None]
See = Callable[[Sequence[Fact]], None]


def append(
    session: Transaction, emergency_id: int, after_seq: int, previous: str, records: Sequence[Record], now: datetime
) -> list[Fact]:
    """Adds facts behind `after_seq`, whose hash is `previous`. Raises Conflict where another writer was first."""
    facts = chained(session.token, emergency_id, after_seq, previous, records, now)
    session.ledger.add(facts)
    return facts


def chained(
    token: Callable[[int], str],
    emergency_id: int,
    after_seq: int,
    previous: str,
    records: Sequence[Record],
    now: datetime,
) -> list[Fact]:
    """The facts as they are added. `token` gives the salts."""
    facts = []
    for seq, record in enumerate(records, after_seq + 1):
        body, salt, data = record.body, None, None
        if record.private is not None:
            salt, data = token(16), canonical(record.private)
            body = body | {COMMITMENT: _sha(salt + data)}
        text = canonical(_chained(emergency_id, seq, record.kind, record.at, now, body))
        previous = _sha(previous + text)
        facts.append(Fact(emergency_id, seq, record.kind, record.at, now, text, previous, salt, data))
    return facts


def entries_of(facts: Sequence[Fact]) -> list[Entry]:
    """One ledger as it stands, from its rows."""
    return without_erased_words([_entry(fact, _parsed(fact.body)) for fact in facts])


def without_erased_words(entries: list[Entry]) -> list[Entry]:
    """The reason of an exclusion that a version up to 0.1.0 put into the chain is not told any more once the private
    parts of its ledger are erased."""
    if not entries or entries[0].private is not None or COMMITMENT not in entries[0].body:
        return entries
    return [_without_reason(x) if x.kind == "Excluded" and COMMITMENT not in x.body else x for x in entries]


def _without_reason(entry: Entry) -> Entry:
    return replace(entry, body=entry.body | {"why": exclusion_of(str(entry.body.get("why"))).value})


def verify(session: Transaction, ids: Sequence[int], complain: Complain, see: See) -> BadRow | None:
    """Recomputes the chains of some emergencies, and asks `complain` about each; the first bad row, or None. `see` is
    shown each ledger once, in rising order."""
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        facts = session.ledger.facts(batch)
        for row in session.emergencies.some(batch):
            see(facts.get(row.id, ()))
            bad = _verify_one(row, facts.get(row.id, ()), complain)
            if bad and (bad := _looked_at_again(session, row.id, complain)):
                return bad
    return None


def _looked_at_again(session: Transaction, emergency_id: int, complain: Complain) -> BadRow | None:
    """A fact may have come between the reading of the summary and that of the ledger: bad is what stays bad."""
    bad = None
    for _ in range(LOOKS):
        row, facts = session.emergencies.some([emergency_id])[0], session.ledger.facts([emergency_id])
        bad = _verify_one(row, facts.get(emergency_id, ()), complain)
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
