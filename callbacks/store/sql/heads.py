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

from sqlalchemy import func, text
from sqlmodel import Session, col, delete, select, update

from callbacks.store.checkpoint import GENESIS, Checkpoint, Seal
from callbacks.store.rows import EmergencyRow
from callbacks.store.sql import tables as t

BROKEN = "broken"
ONLY = 1
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


class SqlHeads:
    """The questions and writes of `heads` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def give_number(self, seal: Seal | None) -> int:
        """The next number, for a new emergency. Other openings wait until this transaction ends."""
        head = locked(self.session, seal)
        newest = self.session.exec(select(func.max(t.Emergency.id))).one() or 0
        head.last_id = max(head.last_id, newest) + 1
        _sealed(head, seal)
        if (
            self.session.get_bind().dialect.name == "postgresql"
        ):  # for a node of an older version, which takes the sequence's
            self.session.execute(
                text("SELECT setval(pg_get_serial_sequence('emergency', 'id'), :last)"), {"last": head.last_id}
            )
        return head.last_id

    def chain(self, emergency_id: int, seal: Seal | None) -> None:
        """Chains an emergency, whose first fact is written, to the opening before it."""
        head = locked(self.session, seal)
        first = self.session.get_one(t.Ledger, (emergency_id, 1)).hash
        head.openings, head.head = head.openings + 1, _linked(head.head, head.openings + 1, emergency_id, first)
        self.session.add(t.Opening(number=head.openings, emergency_id=emergency_id, first_hash=first, head=head.head))
        _sealed(head, seal)

    def chain_the_rest(self, seal: Seal | None) -> int:
        """Chains what a node of an older version opened since; how many."""
        head = locked(self.session, seal)
        is_chained = select(t.Opening.number).where(col(t.Opening.emergency_id) == t.Emergency.id).exists()
        rest = (col(t.Emergency.id) >= head.first_id) & (col(t.Emergency.last_seq) > 0) & ~is_chained
        ids = self.session.exec(select(t.Emergency.id).where(rest).order_by(col(t.Emergency.id))).all()
        for emergency_id in ids:
            self.chain(emergency_id, seal)
            _seal_first(self.session, emergency_id, seal)
        return len(ids)

    def add_checkpoint(self, made: Checkpoint, seal: Seal | None) -> bool:
        """Puts the next line behind the last one; False when another node did so first."""
        head = locked(self.session, seal)
        if made.previous != head.anchor_head:
            return False
        head.anchors, head.anchor_head = head.anchors + 1, made.head
        self.session.add(t.Checkpoint(number=head.anchors, head=made.head, line=made.line()))
        _sealed(head, seal)
        return True

    def lines_behind(self, head: str) -> list[str]:
        """The lines that come after the one with this head; all of them for GENESIS."""
        after = self.session.exec(select(t.Checkpoint.number).where(t.Checkpoint.head == head)).first() or 0
        query = select(t.Checkpoint.line).where(t.Checkpoint.number > after).order_by(col(t.Checkpoint.number))
        return list(self.session.exec(query))

    def last_line(self) -> str | None:
        return self.session.exec(select(t.Checkpoint.line).order_by(col(t.Checkpoint.number).desc()).limit(1)).first()

    def knows_line(self, head: str) -> bool:
        return self.session.exec(select(t.Checkpoint.number).where(t.Checkpoint.head == head)).first() is not None

    def read(self) -> t.Head | None:
        return self.session.exec(select(t.Head)).first()

    def seal_for(self, row: EmergencyRow, seal: Seal | None) -> Seal | None:
        """What the next seal of this ledger is made with; one that says BROKEN when the present one does not hold.
        Asked before a fact is added."""
        if row.last_seq == 0 or seal is None:
            return seal
        through = sealed_through(row)
        hash_at: str | None = row.head_hash
        if through != row.last_seq:
            fact = self.session.get(t.Ledger, (row.id, through)) if through else None
            hash_at = fact.hash if fact else None
        chained = row.seal is None and _is_chained(self.session, row.id)
        return seal if is_whole(row, hash_at, seal, chained) else _broken

    def openings(self, head: t.Head | None, seal: Seal | None) -> Openings:
        """The chain over emergencies, recomputed up to `head`, which was read before: later ones are left out."""
        if head is None:
            return Openings({}, Missing(None, "the row of the ledgers' heads is missing"))
        columns = (t.Opening.number, t.Opening.emergency_id, t.Opening.first_hash, t.Opening.head)
        query = select(*columns).where(col(t.Opening.number) <= head.openings).order_by(col(t.Opening.number))
        previous, found, before = GENESIS, dict[int, str](), head.first_id - 1
        for expected, (number, emergency_id, first, there) in enumerate(self.session.exec(query), 1):
            if number != expected:
                return Openings(
                    found, Missing(before + 1, f"opening {expected} is missing from the chain of emergencies")
                )
            if there != _linked(previous, number, emergency_id, first):
                return Openings(found, Missing(emergency_id, "the chain of emergencies does not hold here"))
            previous, before, found[emergency_id] = there, emergency_id, first
        if (len(found), previous) != (head.openings, head.head):
            return Openings(found, Missing(before + 1, "the chain of emergencies does not end where its head says"))
        if not holds(head, seal):
            why = "the head of all ledgers is not as it was sealed: it was changed, or CALLBACKS_SECRET_KEY was"
            return Openings(found, Missing(None, why))
        return Openings(found, _first_gone(self.session, found))

    def accept(self, seal: Seal | None) -> None:
        """Takes the heads as they are: sealed anew, no checkpoints."""
        head = locked(self.session, None)
        self.session.execute(delete(t.Checkpoint))
        head.anchors, head.anchor_head = 0, GENESIS
        head.seal = seal(content(head)) if seal else ""
        self.session.add(head)

    def seal_anew(self, after: int, seal: Seal | None) -> int | None:
        """Seals a batch of ledgers as they are, behind emergency `after`; the last one's number, None at the end."""
        query = select(t.Emergency.id, t.Emergency.last_seq, t.Emergency.head_hash).where(col(t.Emergency.id) > after)
        rows = self.session.exec(query.order_by(col(t.Emergency.id)).limit(BATCH)).all()
        for emergency_id, seq, hash_at in rows:
            fresh = _ledger_seal(emergency_id, seq, hash_at, seal) if seal else None
            same = (col(t.Emergency.id) == emergency_id) & (col(t.Emergency.last_seq) == seq)
            self.session.execute(update(t.Emergency).where(same).values(seal=fresh))
        return rows[-1][0] if rows else None


def locked(session: Session, seal: Seal | None) -> t.Head:
    """The row of the heads, held until the transaction ends. A row that is gone keeps no call from being opened."""
    query = select(t.Head).with_for_update().execution_options(populate_existing=True)
    session.flush()
    head = session.exec(query).first()
    if head is None:
        newest = session.exec(select(t.Opening).order_by(col(t.Opening.number).desc()).limit(1)).first()
        head = t.Head(
            id=ONLY,
            first_id=1,
            last_id=0,
            openings=newest.number if newest else 0,
            anchors=0,
            head=newest.head if newest else GENESIS,
            anchor_head=GENESIS,
            seal=BROKEN,
        )
        session.add(head)
    elif not holds(head, seal):
        head.seal = BROKEN
    return head


def holds(head: t.Head, seal: Seal | None) -> bool:
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
    return hash_at is not None and row.seal == _ledger_seal(row.id, seq, hash_at, seal)


def sealed_through(row: EmergencyRow) -> int:
    """The number of the fact that the seal stands behind; 0 when there is none."""
    number = (row.seal or "").partition(":")[0]
    return int(number) if number.isdecimal() else 0


def sealed(row: EmergencyRow, seal: Seal | None) -> EmergencyRow:
    """The ledger's row with a seal behind its last fact."""
    if seal is None:
        return row
    return replace(row, seal=BROKEN if seal is _broken else _ledger_seal(row.id, row.last_seq, row.head_hash, seal))


def _seal_first(session: Session, emergency_id: int, seal: Seal | None) -> None:
    """Seals a ledger that has no seal yet, beside a node of an older version that may write to it: what is chained has
    a seal."""
    query = select(t.Emergency.last_seq, t.Emergency.head_hash).where(t.Emergency.id == emergency_id)
    seq, hash_at = session.exec(query).one()
    unsealed = (col(t.Emergency.id) == emergency_id) & col(t.Emergency.seal).is_(None)
    if seal is not None:
        fresh = _ledger_seal(emergency_id, seq, hash_at, seal)
        session.execute(update(t.Emergency).where(unsealed).values(seal=fresh))


def _first_gone(session: Session, first_hashes: dict[int, str]) -> Missing | None:
    """The first emergency that was opened and is not there, or whose ledger is there alone."""
    there = set(session.exec(select(t.Emergency.id)))
    gone = [emergency_id for emergency_id in first_hashes if emergency_id not in there]
    if gone:
        return Missing(min(gone), "the emergency is missing: the chain of emergencies has its opening")
    alone = select(t.Ledger.emergency_id).outerjoin(t.Emergency, col(t.Emergency.id) == t.Ledger.emergency_id)
    alone = alone.where(col(t.Ledger.seq) == 1, col(t.Emergency.id).is_(None))
    found = session.exec(alone.order_by(col(t.Ledger.emergency_id)).limit(1)).first()
    return Missing(found, "the emergency is missing: its facts are there") if found else None


def _is_chained(session: Session, emergency_id: int) -> bool:
    return session.exec(select(t.Opening.number).where(t.Opening.emergency_id == emergency_id)).first() is not None


def _sealed(head: t.Head, seal: Seal | None) -> None:
    if seal is not None and head.seal != BROKEN:
        head.seal = seal(content(head))


def content(head: t.Head) -> bytes:
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


def _ledger_seal(emergency_id: int, seq: int, hash_at: str, seal: Seal) -> str:
    return f"{seq}:{seal(f'ledger|{emergency_id}|{seq}|{hash_at}'.encode())}"


def _linked(previous: str, number: int, emergency_id: int, first_hash: str) -> str:
    return hashlib.sha256(f"{previous}|{number}|{emergency_id}|{first_hash}".encode()).hexdigest()


def _broken(content: bytes) -> str:
    return BROKEN
