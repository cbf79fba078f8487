"""I23: what somebody with all rights on the database rewrites, chain and summary included, is found by a line kept elsewhere."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from callbacks.engine.jobs import checkpoints
from callbacks.store import checkpoint, ledger
from callbacks.store.sql import tables
from callbacks.store.sql.database import Database
from tests.clock import NIGHT
from tests.store.test_ledger import bad_row, emergency, unguarded

KEY = b"kept elsewhere"


def seal(content: bytes) -> str:
    return hmac.new(KEY, content, hashlib.sha256).hexdigest()


class Place:
    """What a checkpoint needs of a context."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.data_dir, self.seal, self.now = database, folder, seal, NIGHT
        self.told = list[str]()
        self.alarm = self.told.append
        self.clock = self.Clock(self)

    class Clock:
        def __init__(self, place: "Place") -> None:
            self.place = place

        def now(self) -> datetime:
            return self.place.now


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Any:
    return Place(database, tmp_path)


def lines(place: Any) -> list[checkpoint.Checkpoint]:
    return checkpoint.read((place.data_dir / checkpoints.NAME).read_text())


def differs(place: Any, key: Any = seal) -> checkpoint.Checkpoint | None:
    with place.database.read() as session:
        return checkpoints.first_that_differs(session, lines(place), key)


def filled(place: Any) -> None:
    for facts in (3, 4):
        emergency(place.database, facts)
    place.now = NIGHT + timedelta(hours=1)
    assert checkpoints.look(place) is not None


def test_a_line_an_hour_and_no_more(place: Any) -> None:
    filled(place)
    assert checkpoints.look(place) is None
    place.now += timedelta(minutes=59)
    assert checkpoints.look(place) is None
    place.now += timedelta(minutes=1)
    second = checkpoints.look(place)
    first = lines(place)[0]
    assert second is not None and (second.previous, second.facts, first.facts) == (first.head, 0, 7)
    place.now += timedelta(days=2)
    assert checkpoints.look(place) is not None
    assert len(lines(place)) == 3 and len(place.told) == 1 and first.head in place.told[0], "a quiet day is not told"
    assert differs(place) is None


def test_a_checkpoint_follows_a_verdict_as_soon_as_it_is_settled(place: Any) -> None:
    filled(place)
    with place.database.write() as session:
        row = session.get_one(tables.Emergency, 1)
        fact = ledger.Record("DeadlinePassed", place.now, {}, None)
        facts = ledger.append(session, 1, row.last_seq, row.head_hash, [fact], place.now)
        row.last_seq, row.head_hash = facts[-1].seq, facts[-1].hash
    assert checkpoints.look(place) is None, "a transaction of that instant may still be open"
    place.now += checkpoints.SETTLED
    made = checkpoints.look(place)
    assert made is not None and made.facts == 1
    place.now += timedelta(minutes=5)
    assert checkpoints.look(place) is None


def rewritten(database: Database, statement: str) -> None:
    """The change, and then every hash, commitment and head made to fit it: no check inside the database can tell."""
    unguarded(database, statement)
    with database.write() as session:
        for row in session.exec(select(tables.Emergency)).all():
            previous = ledger.GENESIS
            own = select(tables.Ledger).where(tables.Ledger.emergency_id == row.id)
            facts = session.exec(own.order_by(col(tables.Ledger.seq))).all()
            bodies = [(fact.kind, fact.at, fact.recorded_at, fact.body) for fact in facts]
            for fact in facts:
                session.delete(fact)
            session.flush()
            for seq, (kind, at, recorded, body) in enumerate(bodies, 1):
                previous = hashlib.sha256(f"{previous}{body}".encode()).hexdigest()
                session.add(
                    tables.Ledger(
                        emergency_id=row.id,
                        seq=seq,
                        kind=kind,
                        at=at,
                        recorded_at=recorded,
                        body=body,
                        hash=previous,
                    )
                )
            row.last_seq, row.head_hash = len(bodies), previous
            session.add(row)


CHANGES = {
    "the last fact taken away": "DELETE FROM ledger WHERE emergency_id = 1 AND seq = 3",
    "a fact in the middle taken away": "DELETE FROM ledger WHERE emergency_id = 2 AND seq = 2",
    "a whole emergency taken away": "DELETE FROM ledger WHERE emergency_id = 2",
    "a word changed": "UPDATE ledger SET body = replace(body, 'Noted', 'Edited') WHERE emergency_id = 1 AND seq = 2",
    "two facts exchanged": "UPDATE ledger SET seq = CASE seq WHEN 1 THEN 12 ELSE 11 END WHERE emergency_id = 1 AND seq < 3",
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_a_past_that_was_rewritten_is_found(place: Any, statement: str) -> None:
    """I23."""
    filled(place)
    rewritten(place.database, statement)
    found = differs(place)
    assert found is not None and found.until == lines(place)[0].until


def test_a_line_made_to_fit_lacks_the_key(place: Any) -> None:
    filled(place)
    rewritten(place.database, CHANGES["a word changed"])
    (place.data_dir / checkpoints.NAME).unlink()
    with place.database.write() as session:
        session.execute(text("DELETE FROM anchor"))
        session.execute(text("DELETE FROM ledger_head"))
    place.seal = lambda content: hmac.new(b"guessed", content, hashlib.sha256).hexdigest()
    checkpoints.look(place)
    assert differs(place, None) is None, "without the key it fits"
    assert differs(place) is not None
    file = place.data_dir / checkpoints.NAME
    file.write_text(re.sub(r'"mac": "[0-9a-f]+"', '"mac": ""', file.read_text()))
    assert lines(place)[0].mac == "" and differs(place) is not None, "a line without its MAC holds nothing"


def test_erasing_a_person_breaks_no_line(place: Any) -> None:
    """I34."""
    filled(place)
    with place.database.write() as session:
        session.execute(text("DELETE FROM private"))
        assert session.exec(select(tables.Private)).all() == []
    assert differs(place) is None and bad_row(place.database) is None


def test_what_a_crash_cut_off_is_written_anew(place: Any) -> None:
    filled(place)
    file = place.data_dir / checkpoints.NAME
    whole = file.read_text()
    file.write_text(whole + whole[:40])
    place.now += timedelta(days=2)
    assert checkpoints.look(place) is not None
    assert len(lines(place)) == 2 and differs(place) is None
    with pytest.raises(ValueError, match="not a checkpoint file"):
        checkpoint.read("nonsense")
