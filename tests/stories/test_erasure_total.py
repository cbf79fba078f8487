"""After `callbacks erase` the words are nowhere: not in any byte of the data folder, not in anything that can be taken out."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.auth import login_throttle
from app.cli.main import cli
from callbacks.engine.jobs import erasure, verification
from callbacks.oncall.contacts import Entry
from callbacks.store.sql import customers, database, sessions, strikes, subscriptions, users
from tests.lent import LentDatabase
from tests.night import Night
from tests.stories.test_erasure import everything
from tests.stories.test_links import Browser, link
from tests.stories.test_webhooks import Receiver, subscribe

NUMBER, NAME, COMPANY = "+15145550142", "Canary Quimby", "Quimby Works"
SAID = {kind: f"xyzzy-{kind}-plugh" for kind in ("book", "text", "note", "done", "link", "api", "customer", "hook")}
WORDS = [NUMBER, NUMBER[2:], NAME, COMPANY, *SAID.values()]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    server.words = SAID["hook"]
    yield server
    server.shutdown()
    server.server_close()


def a_night_full_of_words(night: Night, receiver: Receiver) -> None:
    """Every way in which a customer's words enter, and every way in which they leave."""
    ana, _ = night.on_call("ana", "bob")
    night.web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    subscribe(night, receiver.url)
    with night.database.write() as session:
        customers.put_down(session, [Entry(NUMBER, NAME, COMPANY, "en", SAID["book"])], night.clock.now())
    night.customer_leaves_message()
    Browser(night).presses(link(ana.gets_sms("E-000001", NAME)), "note", words=SAID["link"])
    ana.replies("1").gets_sms("yours")
    ana.replies(f"note {SAID['note']}").gets_sms("E-000001")
    night.customer.texts(f"please {SAID['customer']}")
    ana.gets_sms(SAID["customer"])
    head = {"Authorization": f"Bearer {night.token('supervisor')}", "Idempotency-Key": "k1"}
    answer = night.web.post("/api/v1/emergencies/E-000001/note", json={"by": "ana", "words": SAID["api"]}, headers=head)
    assert answer.status_code < 300, answer.text
    ana.proves("4").gets_sms("reached").proves(f"6 {SAID['done']}").gets_sms("is resolved")
    night.customer.texts(f"thanks {SAID['text']}")
    night.minutes_pass(6)
    ana.gets_sms(SAID["text"])
    assert receiver.got
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def erase(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """`callbacks erase`, with connections of its own, while the product runs."""
    given = {"CALLBACKS_DATABASE_URL": night.settings.database_url, "CALLBACKS_DATA_DIR": str(night.context.data_dir),
             "CALLBACKS_MODE": "demo", "CALLBACKS_PUBLIC_URL": night.address, "TWILIO_API_URL": night.address}  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(cli, ["erase", NUMBER, "--by", "sue", "--yes"])
    assert done.exit_code == 0, done.output
    assert "E-000001" in done.output


def taken_out(night: Night) -> str:
    """All that can be taken out: pages, API, CSV files, the evidence pack with all its files."""
    said = list[str]()
    for path in ("/api/v1/emergencies", "/api/v1/emergencies/E-000001", "/api/v1/emergencies/E-000001/ledger"):
        said.append(str(night.get(path)))
    for path in ("/", "/emergencies/E-000001", "/customers", "/webhooks", "/compliance?month=2026-11",
                 "/compliance.csv?month=2026-11", "/compliance/figures.csv?month=2026-11"):  # fmt: skip
        answer = night.web.get(path)
        assert answer.status_code == 200, path
        said.append(answer.text)
    packed = night.web.get("/emergencies/E-000001/evidence.zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        said += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return " ".join(said)


def in_files(folder: Path) -> dict[str, list[str]]:
    """Which words stand in which file of the folder, as UTF-8 or as JSON writes them."""
    found = {}
    for path in (p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        if here := [word for word in WORDS if word.encode() in content]:
            found[str(path.relative_to(folder))] = here
    return found


def test_nothing_is_left_in_any_table_file_or_export(
    night: Night, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I34: webhooks that were told, answers kept for repeats, summaries, forms, audio, and every byte of the files."""
    a_night_full_of_words(night, receiver)
    before = everything(night) + taken_out(night)
    assert [word for word in WORDS if word not in before] == []
    erase(night, monkeypatch)
    after = everything(night)
    assert [word for word in WORDS if word in after] == []
    assert [word for word in WORDS if word in taken_out(night)] == []
    assert in_files(tmp_path) == {}
    with night.database.read() as session:
        told = [row.id for row in subscriptions.deliveries(session, 9)]
    assert night.web.get(f"/webhooks/deliveries/{told[0]}").status_code == 200
    assert night.web.post(f"/webhooks/deliveries/{told[0]}/replay").status_code == 409
    night.nobody_else_was_contacted()


@pytest.fixture
def night_in_wal(make_night: Callable[..., Night], monkeypatch: pytest.MonkeyPatch) -> Night:
    """A night as an SQLite that may use it keeps one: with write-ahead logging."""
    monkeypatch.setattr(database, "wal_is_safe", lambda version: True)
    monkeypatch.setattr(LentDatabase, "_idle", {True: [], False: []})  # engines of this journal mode alone
    return make_night()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_is_left_in_the_write_ahead_log(
    night_in_wal: Night, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I34: the log keeps pages as they were until it is begun anew; it is emptied, while pages go on being read."""
    assert night_in_wal.database.journal_mode == "WAL"
    a_night_full_of_words(night_in_wal, receiver)
    assert (tmp_path / "callbacks.db-wal").stat().st_size > 0
    assert in_files(tmp_path)
    erase(night_in_wal, monkeypatch)
    assert in_files(tmp_path) == {}
    assert (tmp_path / "callbacks.db-wal").stat().st_size == 0
    night_in_wal.nobody_else_was_contacted()


OTHER, BROWSER, ADDRESS = "+15145550143", "Quimbrowser/1", "203.0.113.77"


@pytest.mark.storage
def test_a_database_past_its_time_holds_nobody(night: Night, receiver: Receiver, tmp_path: Path) -> None:
    """I34: a year later no cell and no byte holds a number, a name, words, an address or a browser of that night;
    also what machines wrote into the address book, sessions, counts of logins, links, webhooks, answers."""
    a_night_full_of_words(night, receiver)
    with night.database.write() as session:
        session.customers.forget(NUMBER)  # what people wrote stays until people take it out
        session.customers.remember_language(OTHER, "fr", night.clock.now())
        session.customers.mark_sms(NUMBER, "opted-out", night.clock.now())
        user = users.by_email(session, "supervisor.x@example.com")
        assert user is not None
        sessions.begin(session, user.id, night.clock.now(), True, BROWSER, ADDRESS)
        key = login_throttle.address_key(ADDRESS)
        strikes.count(session, {key: login_throttle.ADDRESS}, night.clock.now())
    night.minutes_pass(1)
    words = [*WORDS, OTHER, OTHER[2:], BROWSER, ADDRESS, key]
    before = everything(night)
    assert [word for word in words if word not in before] == [SAID["book"]]
    night.clock.turn(days=400)
    with night.database.write() as session:
        session.execute(text("DELETE FROM notice"))
    assert erasure.apply_retention(night.context) is not None
    after = everything(night)
    assert [word for word in words if word in after] == []
    for table in ("customer", "session", "strike", "door", "rate", "answer", "private"):
        with night.database.read() as session:
            assert session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() == 0, table
    assert in_files(tmp_path) == {}
    with night.database.read() as session:
        assert verification.verify(session, night.context.seal) is None
    night.nobody_else_was_contacted()
