"""What is asked of a database session is looked at when it opens; what cannot be used ends in one line."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from app.wiring import open_database
from callbacks.store.sql.database import BOUNDS, READ_BACK, Database, DatabaseFault, listen
from callbacks.store.sql.migrations import migrate
from tests import conftest, pooler, postgres

HOST = "127.0.0.1"


@pytest.fixture
def server(tmp_path: Path) -> str:
    return conftest.fresh_database("postgres", tmp_path)


@pytest.fixture
def make_pooler() -> Iterator[Callable[[str], pooler.Pooler]]:
    running: list[pooler.Pooler] = []

    def make(mode: str) -> pooler.Pooler:
        try:
            running.append(pooler.Pooler(mode))
        except pooler.NoPooler as why:
            conftest.unavailable("pooler", str(why), pooler.ENABLE)
        return running[-1]

    yield make
    for one in running:
        one.close()


def opened(url: str) -> Database:
    database = Database(url)
    database.check()
    return database


def refusal(url: str) -> str:
    with pytest.raises(DatabaseFault) as caught:
        opened(url)
    line = str(caught.value)
    assert "\n" not in line and line.startswith("CALLBACKS_DATABASE_URL: ")
    return line


def as_admin(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


@pytest.mark.postgres
def test_a_session_has_what_was_asked_for_whatever_the_database_says(server: str) -> None:
    name = server.rsplit("/", 1)[1]
    for change in ("DateStyle = 'SQL, DMY'", "TimeZone = 'America/Toronto'", "statement_timeout = 0",
                   "default_transaction_isolation = 'serializable'", "client_encoding = 'LATIN1'"):  # fmt: skip
        as_admin(server, f'ALTER DATABASE "{name}" SET {change}')
    database = opened(server)
    with database.read() as session:
        found = {n: session.execute(text(f"SHOW {n}")).scalar() for n in READ_BACK}
        assert found == {n: BOUNDS[n] for n in READ_BACK}
        session.execute(text("INSERT INTO notice (key, at) VALUES ('’ 😀', now())"))
        [(key, at)] = session.execute(text("SELECT key, at FROM notice")).all()
        assert (key, at.utcoffset() is not None) == ("’ 😀", True)
    assert database.now().tzinfo is not None
    database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_of_another_encoding_is_refused(server: str, encoding: str) -> None:
    base, name = server.rsplit("/", 1)
    as_admin(
        f"{base}/postgres",
        f"CREATE DATABASE \"{name}_x\" ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    )
    assert f"encoding is {encoding}; create one with ENCODING 'UTF8'" in refusal(f"{server}_x")
    assert not Database(f"{server}_x").healthy()


@pytest.mark.postgres
def test_a_pooler_that_keeps_no_session_is_refused(server: str, make_pooler: Callable[[str], pooler.Pooler]) -> None:
    line = refusal(make_pooler("transaction").url(server))
    assert "pooler in transaction mode" in line and "pool_mode = session" in line


@pytest.mark.postgres
def test_behind_a_pooler_that_keeps_the_session_all_works(
    server: str, make_pooler: Callable[[str], pooler.Pooler]
) -> None:
    url = make_pooler("session").url(server)
    database = opened(url)
    migrate(database)
    with database.write() as session:
        assert session.execute(text("SHOW statement_timeout")).scalar() == "5s"
        for n in range(8):  # past the driver's threshold for preparing
            session.execute(text("INSERT INTO notice (key, at) VALUES (:key, now())"), {"key": f"n{n}"})
        raw: Any = session.connection().connection.driver_connection
        assert raw.prepare_threshold is None
    heard, stopping = threading.Event(), threading.Event()
    thread = threading.Thread(target=listen, args=(database, heard.set, stopping))
    thread.start()
    ends = time.monotonic() + 10
    while not heard.is_set() and time.monotonic() < ends:
        with database.write() as session:
            session.notify()
        heard.wait(0.2)
    stopping.set()
    thread.join()
    assert heard.is_set()
    database.close()


@pytest.mark.postgres
def test_a_server_that_takes_no_writes_is_refused(server: str) -> None:
    as_admin(server, f'ALTER DATABASE "{server.rsplit("/", 1)[1]}" SET default_transaction_read_only = on')
    assert "stand-in that takes no writes" in refusal(server)


@pytest.mark.postgres
def test_each_way_in_which_a_server_cannot_be_had_has_its_line(server: str) -> None:
    base, free = server.rsplit("/", 1)[0], postgres.free_port()
    stranger = base.replace("postgres@", "nobody_here@")
    for url, words in (
        (f"postgresql+psycopg://postgres@{HOST}:{free}/x", "no server answers at"),
        ("postgresql+psycopg://postgres@host.invalid/x", "no server answers at host.invalid:5432"),
        (f"{base}/none_such", "there is no database 'none_such'"), (f"{stranger}/postgres", "refuses user 'nobody_here'"),
        (f"{server}?sslmode=verify-full&sslrootcert=/none/ca.pem", "no certificate file '/none/ca.pem'"),
        (f"{server}?sslmode=require", "correct sslmode"), (f"{server}?colour=red", "after ?"),
    ):  # fmt: skip
        assert words in refusal(url), url


COMMANDS = [
    "list", "show E-000001", "migrate", "verify", "report --month 2026-10", "user list", "token list", "customers list",
    "serve --port 0", "engine", "drill", "reconcile", "oncall", "roster export", "erase +15145550142 --by sue",
    "evidence E-000001 --output x.zip", "user add a@example.com --role supervisor",
]  # fmt: skip


def test_every_command_tells_a_database_that_cannot_be_opened_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.db").write_text("this is a letter " * 100)
    (tmp_path / "file").write_text("x")
    urls = {
        "sqlite:///folder": "cannot be opened",
        "sqlite:///text.db": "not a SQLite database",
        "sqlite:///file/x.db": "cannot be opened",
    }
    refused = f"postgresql+psycopg://u:secret-word@{HOST}:{postgres.free_port()}/x"
    for name, value in (("CALLBACKS_MODE", "demo"), ("TWILIO_API_URL", f"http://{HOST}:9")):
        monkeypatch.setenv(name, value)
    for command in COMMANDS:
        for url, words in {**urls, refused: "no server answers"}.items():
            monkeypatch.setenv("CALLBACKS_DATABASE_URL", url)
            monkeypatch.setattr(sys, "argv", ["callbacks", *command.split()])
            with pytest.raises(SystemExit) as left:
                main.main()
            out, err = capsys.readouterr()
            assert (left.value.code, len(err.strip().splitlines())) == (2, 1), (command, url, out, err)
            assert words in err and "secret-word" not in err, (command, url, err)


def test_the_process_itself_leaves_with_two(tmp_path: Path) -> None:
    environment = {**os.environ, "CALLBACKS_DATABASE_URL": f"sqlite:///{tmp_path}"}
    done = subprocess.run([sys.executable, "-m", "app.cli", "list"], env=environment, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr.count(b"\n"), done.stdout) == (2, 1, b"")


@pytest.mark.parametrize("url", ["postgresql+psycopg://u@h:port/x", "postgresql+psycopg://u@h:99x/x"])
def test_an_address_that_is_none_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.settings import Settings

    settings = Settings(database_url=url, _env_file=None)
    with pytest.raises(DatabaseFault, match="is not an address"):
        open_database(settings)
