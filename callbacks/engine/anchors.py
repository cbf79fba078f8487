"""Once a day, the day's ledgers as one line in a file beside the database; told to the notify URLs if facts were added.

A chain inside one database proves accidents only: whoever may write there may write it anew.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from callbacks import anchor
from callbacks.engine.world import World
from callbacks.store.tables import LedgerRow

NAME = "anchors.jsonl"
EVERY, SETTLED = timedelta(days=1), timedelta(minutes=5)  # a transaction that is still open has no later time than that
FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def look(world: World) -> anchor.Anchor | None:
    """Anchors what was recorded since the last line, once a day; a line that is cut off by a crash is written anew."""
    file, until = world.data_dir / NAME, world.clock.now() - SETTLED
    kept = _kept(file)
    since = datetime.fromisoformat(kept[-1].until) if kept else FIRST
    if until - since < EVERY:
        return None
    with world.database.read() as session:
        made = anchor.make(until, _hashes(session, since, until), kept[-1].head if kept else anchor.GENESIS, world.seal)
    _put(file, "".join(f"{one.line()}\n" for one in (*kept, made)))
    if world.alarm and made.facts:  # a quiet day is in the next line told: heads are chained
        world.alarm(f"Ledger up to {made.until[:16]}Z: {made.facts} facts, head {made.head}")
    return made


def first_that_differs(
    session: Session, lines: Sequence[anchor.Anchor], seal: anchor.Seal | None
) -> anchor.Anchor | None:
    """The first line that the ledgers of today do not give; `seal` None leaves the keyed part out. With one, a line
    that lacks its MAC does not hold."""
    previous, since = anchor.GENESIS, FIRST
    for line in lines:
        until = datetime.fromisoformat(line.until)
        again = anchor.make(until, _hashes(session, since, until), previous, seal)
        if again.head != line.head or (seal is not None and again.mac != line.mac):
            return line
        previous, since = line.head, until
    return None


def _hashes(session: Session, since: datetime, until: datetime) -> Iterator[str]:
    span = col(LedgerRow.recorded_at) > since, col(LedgerRow.recorded_at) <= until
    yield from session.exec(
        select(LedgerRow.hash).where(*span).order_by(col(LedgerRow.emergency_id), col(LedgerRow.seq))
    )


def _put(file: Path, text: str) -> None:
    """Whole or not at all: a crash in the middle leaves the file that was there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.replace(fresh, file)


def _kept(file: Path) -> list[anchor.Anchor]:
    """The whole lines there are; what a crash cut off is made again."""
    if not file.exists():
        return []
    whole = [line for line in file.read_text("utf-8").splitlines() if line.endswith("}")]
    return anchor.read("\n".join(whole))
