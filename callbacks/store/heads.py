"""Where the chains end, so that what is missing is found: emergencies, and the last facts of a ledger.

- Each opening is chained to the opening before it (`opening`), under a number without gaps: one counter row is locked
  from the number to the commit, so a transaction that is rolled back gives its number back.
- `seal`: a MAC under a key that is not in the database. One on the row of the heads, one on each emergency
  (`SEQ:MAC`): nobody without the key can make an older end look like the last one.
- A seal that did not hold is never made anew: it says BROKEN until an operator accepts what is there. Work goes on.
- A node of an older version neither chains nor seals: facts behind a seal are fine, and its openings are chained later.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from callbacks.store.checkpoint import GENESIS, Checkpoint, Seal
from callbacks.store.interface import Transaction
from callbacks.store.rows import EmergencyRow, HeadRow, OpeningRow

BROKEN = "broken"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Missing:
    """`emergency_id` None: it cannot be told which."""

    emergency_id: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class Openings:
    """The chain over emergencies as it stands: hash of the first fact by emergency; the first thing that is wrong."""

    first_hashes: dict[int, str]
    wrong: Missing | None


def give_number(session: Transaction, seal: Seal | None) -> int:
    """The next number, for a new emergency. Other openings wait until this transaction ends."""
    head = locked(session, seal)
    last_id = max(head.last_id, session.emergencies.newest_id() or 0) + 1
    session.heads.write(_sealed(head._replace(last_id=last_id), seal))
    return last_id


def chain(session: Transaction, emergency_id: int, first_hash: str, seal: Seal | None) -> None:
    """Chains an emergency, whose first fact is written and has this hash, to the opening before it."""
    head = locked(session, seal)
    number = head.openings + 1
    linked = _linked(head.head, number, emergency_id, first_hash)
    session.heads.add_opening(OpeningRow(number, emergency_id, first_hash, linked))
    session.heads.write(_sealed(head._replace(openings=number, head=linked), seal))


def chain_the_rest(session: Transaction, seal: Seal | None) -> int:
    """Chains what a node of an older version opened since, and seals it where it has no seal yet: what is chained has
    one. How many they were."""
    ids = session.heads.unchained(locked(session, seal).first_id)
    for emergency_id in ids:
        chain(session, emergency_id, session.ledger.hash_at(emergency_id, 1) or "", seal)
        row = session.emergencies.find(emergency_id)
        if seal is not None and row:
            fresh = ledger_seal(emergency_id, row.last_seq, row.head_hash, seal)
            session.heads.seal_first(emergency_id, fresh)
    return len(ids)


def add_checkpoint(session: Transaction, made: Checkpoint, seal: Seal | None) -> bool:
    """Puts the next line behind the last one; False when another node did so first."""
    head = locked(session, seal)
    if made.previous != head.anchor_head:
        return False
    session.heads.add_line(head.anchors + 1, made.head, made.line())
    session.heads.write(_sealed(head._replace(anchors=head.anchors + 1, anchor_head=made.head), seal))
    return True


def locked(session: Transaction, seal: Seal | None) -> HeadRow:
    """The row of the heads, held until the transaction ends. A row that is gone keeps no call from being opened."""
    head = session.heads.held()
    if head is None:
        newest = session.heads.newest_opening()
        openings, end = (newest.number, newest.head) if newest else (0, GENESIS)
        return HeadRow(1, 0, openings, end, 0, GENESIS, BROKEN)
    return head if holds(head, seal) else head._replace(seal=BROKEN)


def holds(head: HeadRow, seal: Seal | None) -> bool:
    """Whether the heads are as this software sealed them. Before the first opening there is no seal."""
    if seal is None or (head.seal == "" and not head.openings and not head.anchors):
        return head.seal != BROKEN
    return head.seal == seal(content(head))


def is_whole(row: EmergencyRow, hash_at: str | None, seal: Seal | None, is_chained: bool) -> bool:
    """Whether a ledger still holds the fact that it was sealed behind; `hash_at` is that fact's hash. What an older
    version wrote has no seal; what is chained has one."""
    if seal is None:
        return row.seal != BROKEN
    if row.seal is None:
        return not is_chained
    seq = sealed_through(row)
    return hash_at is not None and row.seal == ledger_seal(row.id, seq, hash_at, seal)


def sealed_through(row: EmergencyRow) -> int:
    """The number of the fact that the seal stands behind; 0 when there is none."""
    number = (row.seal or "").partition(":")[0]
    return int(number) if number.isdecimal() else 0


def seal_for(session: Transaction, row: EmergencyRow, seal: Seal | None) -> Seal | None:
    """What the next seal of this ledger is made with; one that says BROKEN when the present one does not hold. Asked
    before a fact is added."""
    if row.last_seq == 0 or seal is None:
        return seal
    through = sealed_through(row)
    hash_at: str | None = row.head_hash
    if through != row.last_seq:
        hash_at = session.ledger.hash_at(row.id, through) if through else None
    chained = row.seal is None and session.heads.is_chained(row.id)
    return seal if is_whole(row, hash_at, seal, chained) else _broken


def sealed(row: EmergencyRow, seal: Seal | None) -> EmergencyRow:
    """The ledger's row with a seal behind its last fact."""
    if seal is None:
        return row
    return replace(row, seal=BROKEN if seal is _broken else ledger_seal(row.id, row.last_seq, row.head_hash, seal))


def openings(session: Transaction, head: HeadRow | None, seal: Seal | None) -> Openings:
    """The chain over emergencies, recomputed up to `head`, which was read before: later ones are left out."""
    if head is None:
        return Openings({}, Missing(None, "the row of the ledgers' heads is missing"))
    previous, found, before = GENESIS, dict[int, str](), head.first_id - 1
    for expected, (number, emergency_id, first, there) in enumerate(session.heads.openings(head.openings), 1):
        if number != expected:
            return Openings(found, Missing(before + 1, f"opening {expected} is missing from the chain of emergencies"))
        if there != _linked(previous, number, emergency_id, first):
            return Openings(found, Missing(emergency_id, "the chain of emergencies does not hold here"))
        previous, before, found[emergency_id] = there, emergency_id, first
    if (len(found), previous) != (head.openings, head.head):
        return Openings(found, Missing(before + 1, "the chain of emergencies does not end where its head says"))
    if not holds(head, seal):
        why = "the head of all ledgers is not as it was sealed: it was changed, or CALLBACKS_SECRET_KEY was"
        return Openings(found, Missing(None, why))
    return Openings(found, _first_gone(session, found))


def accept(session: Transaction, seal: Seal | None) -> None:
    """Takes the heads as they are: sealed anew, no checkpoints."""
    head = locked(session, None)._replace(anchors=0, anchor_head=GENESIS)
    session.heads.drop_lines()
    session.heads.write(head._replace(seal=seal(content(head)) if seal else ""))


def seal_anew(session: Transaction, after: int, seal: Seal | None) -> int | None:
    """Seals a batch of ledgers as they are, behind emergency `after`; the last one's number, None at the end."""
    ends = session.heads.ends_behind(after, BATCH)
    for emergency_id, seq, hash_at in ends:
        session.heads.seal(emergency_id, seq, ledger_seal(emergency_id, seq, hash_at, seal) if seal else None)
    return ends[-1][0] if ends else None


def _first_gone(session: Transaction, first_hashes: dict[int, str]) -> Missing | None:
    """The first emergency that was opened and is not there, or whose ledger is there alone."""
    gone = first_hashes.keys() - set(session.ledger.emergencies())
    if gone:
        return Missing(min(gone), "the emergency is missing: the chain of emergencies has its opening")
    found = session.heads.lone_ledger()
    return Missing(found, "the emergency is missing: its facts are there") if found else None


def _sealed(head: HeadRow, seal: Seal | None) -> HeadRow:
    return head if seal is None or head.seal == BROKEN else head._replace(seal=seal(content(head)))


def content(head: HeadRow) -> bytes:
    """What the seal of the heads is made over."""
    parts: Sequence[object] = (
        "heads",
        head.first_id,
        head.last_id,
        head.openings,
        head.head,
        head.anchors,
        head.anchor_head,
    )
    return "|".join(map(str, parts)).encode()


def ledger_seal(emergency_id: int, seq: int, hash_at: str, seal: Seal) -> str:
    return f"{seq}:{seal(f'ledger|{emergency_id}|{seq}|{hash_at}'.encode())}"


def _linked(previous: str, number: int, emergency_id: int, first_hash: str) -> str:
    return hashlib.sha256(f"{previous}|{number}|{emergency_id}|{first_hash}".encode()).hexdigest()


def _broken(content: bytes) -> str:
    return BROKEN
