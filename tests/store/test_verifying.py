"""Several processes find what one finds, and find the same thing first."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from app.cli.ledger import _watched
from app.settings import load_settings
from callbacks.engine.jobs import checkpoints, verification
from callbacks.store import checkpoint, heads
from callbacks.store.checkpoint import Seal
from callbacks.store.sql.database import Database
from tests.year import LOOKED_AT, YEAR, make_year

N = 30
HALF = YEAR + timedelta(days=180)


@pytest.fixture
def seal(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seal]:
    """The product's own, over some emergencies, half of which are chained."""
    monkeypatch.setattr(verification, "ENOUGH", 1)
    monkeypatch.setattr(verification, "PART", 4)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    settings = load_settings(
        mode="demo", api_url="http://127.0.0.1:9", database_url=database.url, data_dir=tmp_path, _env_file=None
    )
    make_year(database, N)
    with database.write() as session:
        head = heads.locked(session, settings.seal)
        session.heads.write(head._replace(first_id=N // 2))
        heads.chain_the_rest(session, settings.seal)
    yield settings.seal


def both(database: Database, held: checkpoints.Held, seal: Seal) -> verification.Report:
    """What one process says, once it is what several say, which did work through all of it."""
    said: list[tuple[int, int]] = []
    with database.read() as session, pytest.MonkeyPatch.context() as patch:
        alone = verification.report(session, held, seal)
        patch.setattr(verification, "_checked", None)  # this process would do nothing
        several = verification.report(
            session, held, seal, partial(Database, database.url), lambda *done: said.append(done)
        )
    assert several == alone
    assert alone.bad or said[-1] == (N, N)
    return alone


def lines(database: Database, seal: Seal) -> checkpoints.Held:
    """Two lines, the first half a year before the second."""
    with database.read() as session:
        first = checkpoint.make(HALF, session.ledger.hashes(checkpoints.FIRST, HALF), checkpoint.GENESIS, seal)
        rest = session.ledger.hashes(HALF, LOOKED_AT)
        return checkpoints.Held([first, checkpoint.make(LOOKED_AT, rest, first.head, seal)])


def spoil(database: Database, statement: str) -> None:
    with database.write() as session:
        session.execute(text(statement))


def test_sound_ledgers(database: Database, seal: Seal) -> None:
    found = both(database, lines(database, seal), seal)
    assert found.bad is None and found.facts > N and found.checkpoints == 2 and found.not_chained == N // 2 - 1


def test_the_lowest_bad_emergency_comes_first(database: Database, seal: Seal) -> None:
    spoil(database, "UPDATE emergency SET priority = 'P9' WHERE id IN (9, 22, 27)")
    found = both(database, lines(database, seal), seal).bad
    assert found and (found.ref, found.problem) == (
        "E-000009",
        "the summary's priority differs from what the ledger says",
    )


def test_a_private_part_and_a_first_fact(database: Database, seal: Seal) -> None:
    spoil(database, "UPDATE private SET data = '{}' WHERE emergency_id IN (18, 25)")
    spoil(database, "UPDATE emergency SET seal = 'broken' WHERE id = 26")
    found = both(database, lines(database, seal), seal).bad
    assert found and (found.ref, found.problem) == ("E-000018", "the private part differs from its commitment")


def test_a_seal(database: Database, seal: Seal) -> None:
    spoil(database, "UPDATE emergency SET seal = 'broken' WHERE id = 26")
    found = both(database, lines(database, seal), seal).bad
    assert found and found.ref == "E-000026"


def test_a_line_that_the_ledgers_do_not_give(database: Database, seal: Seal) -> None:
    true = lines(database, seal).lines
    false = checkpoint.made(true[0].until, true[0].facts + 1, true[0].digest, checkpoint.GENESIS, seal)
    found = both(database, checkpoints.Held([false]), seal).bad
    assert found and found.problem == f"what was recorded up to {false.until} is not what the checkpoint says"


def test_a_machine_without_room_for_processes(database: Database, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*given: object) -> None:
        raise OSError("no semaphores here")

    monkeypatch.setattr(verification, "ProcessPoolExecutor", no_room)
    with database.read() as session:
        assert verification.report(session, lines(database, seal), seal, partial(Database, database.url)).bad is None


def test_a_bar_is_for_a_terminal_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with _watched() as progress:
        assert progress is None
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with _watched() as progress:
        assert progress is not None
        progress(1, 2)
    assert capsys.readouterr().out == ""
