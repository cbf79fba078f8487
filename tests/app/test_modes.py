"""Live or demo: only CALLBACKS_MODE opens the pages, only on this machine, and only then are published secrets good."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.main import create_app
from app.server import Server, listen_on
from app.settings import SANDBOX_ACCOUNT, SANDBOX_SECRET, SANDBOX_TOKEN, Mode, SettingsFault
from app.wiring import refuse_demo_of_live_system, remember_live
from callbacks.delivery.delivery_policy import Source
from callbacks.store.sql.database import Database
from tests import http
from tests.conftest import fresh_database
from tests.night import Night

OWN = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "2" * 32, "CALLBACKS_SECRET_KEY": "s" * 32}
PUBLISHED = {
    "TWILIO_ACCOUNT_SID": SANDBOX_ACCOUNT, "TWILIO_AUTH_TOKEN": SANDBOX_TOKEN, "CALLBACKS_SECRET_KEY": SANDBOX_SECRET,
}  # fmt: skip
EGRESS = {"TWILIO_API_URL": "http://127.0.0.1:9", "CALLBACKS_PUBLIC_URL": "https://callbacks.example"}


class Told(NamedTuple):
    code: int
    names: list[str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Told]:
    """A command with these settings and no others, in a folder with a migrated database."""

    def once(*words: str, **given: str) -> Told:
        for name in [name for name in os.environ if name.startswith(("CALLBACKS_", "TWILIO_"))]:
            monkeypatch.delenv(name)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(cli, words)
        if isinstance(done.exception, SettingsFault):
            return Told(2, [line.split(":")[0] for line in done.exception.lines])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Told(done.exit_code, [])

    monkeypatch.chdir(tmp_path)
    assert once("migrate") == Told(0, [])
    return once


def test_a_carriers_address_on_this_machine_opens_nothing(run: Callable[..., Told]) -> None:
    """A sandbox or a proxy on the way out: no default is taken, and what everybody knows is refused."""
    serve = ("serve", "--host", "0.0.0.0", "--port", "0")
    assert run(*serve, **EGRESS) == Told(2, list(OWN))
    assert run(*serve, **EGRESS, **PUBLISHED) == Told(2, list(OWN))
    told = run(*serve, **EGRESS, **OWN, TWILIO_AUTH_TOKEN_NEXT=SANDBOX_TOKEN)
    assert told == Told(2, ["TWILIO_AUTH_TOKEN_NEXT"])


def test_the_demo_starts_for_this_machine_alone(run: Callable[..., Told]) -> None:
    local = {"CALLBACKS_MODE": "demo", "TWILIO_API_URL": "http://127.0.0.1:9"}
    for host in ("0.0.0.0", "::"):
        assert run("serve", "--host", host, "--port", "0", **local) == Told(2, ["CALLBACKS_MODE"])
    for command in ("serve", "engine", "doctor"):
        away = run(command, **local | {"CALLBACKS_PUBLIC_URL": "https://callbacks.example"})
        assert away == Told(2, ["CALLBACKS_MODE"])


def test_the_demo_does_not_open_beside_live_settings(run: Callable[..., Told]) -> None:
    """In the folder of a production its engine would take pages from the database and send them to a sandbox."""
    for command in (("demo", "--port", "0"), ("serve", "--port", "0"), ("engine",)):
        mode = {} if command[0] == "demo" else {"CALLBACKS_MODE": "demo", "TWILIO_API_URL": "http://127.0.0.1:9"}
        assert run(*command, **OWN, **mode) == Told(2, ["TWILIO_ACCOUNT_SID"])


@pytest.mark.parametrize("known_by", ["start", "reports"])
def test_the_demo_does_not_open_a_live_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known_by: str) -> None:
    """CALLBACKS_DATABASE_URL alone names it: an export in the shell is enough."""
    url = fresh_database("sqlite", tmp_path)
    night = Night(url, tmp_path)
    if known_by == "start":
        live = night.settings.model_copy(update={"mode": Mode.LIVE})
        remember_live(live, night.context)
    else:
        with night.database.write() as session:
            assert session.received.is_new(
                Source.SMS, "SM1", [("AccountSid", OWN["TWILIO_ACCOUNT_SID"])], night.clock.now()
            )
    before = night.settings.model_copy(update={"mode": Mode.LIVE})
    refuse_demo_of_live_system(before, night.database)
    for name in [name for name in os.environ if name.startswith(("CALLBACKS_", "TWILIO_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CALLBACKS_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    for command in (["demo", "--port", "0"], ["serve", "--port", "0"], ["engine"]):
        if command[0] != "demo":
            monkeypatch.setenv("CALLBACKS_MODE", "demo")
            monkeypatch.setenv("TWILIO_API_URL", "http://127.0.0.1:9")
        done = CliRunner().invoke(cli, command)
        assert isinstance(done.exception, SettingsFault), done.exception
        assert [line.split(":")[0] for line in done.exception.lines] == ["CALLBACKS_DATABASE_URL"]


def test_a_demos_own_database_is_taken(tmp_path: Path) -> None:
    night = Night(fresh_database("sqlite", tmp_path), tmp_path)
    night.customer_leaves_message()
    remember_live(night.settings, night.context)
    refuse_demo_of_live_system(night.settings, night.database)
    refuse_demo_of_live_system(night.settings, Database(f"sqlite:///{tmp_path}/empty.db"))


def test_live_pages_ask_for_a_login_though_the_carrier_is_a_sandbox(tmp_path: Path) -> None:
    night, listener = Night(fresh_database("sqlite", tmp_path), tmp_path), listen_on("127.0.0.1", 0)
    live = night.settings.model_copy(update={"mode": Mode.LIVE, "auth_token": SANDBOX_TOKEN})
    server = Server(create_app(live, night.context), listener)
    server.start()
    with http.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as web:
        for path in ("/", "/people", "/customers", "/policy", "/carrier", "/schedule"):
            assert web.get(path).headers["location"] == f"/login?next={path}"
        assert web.post("/people/tokens", data={"role": "supervisor"}).headers["location"].startswith("/login")
    server.stop()
    night.close()


@pytest.mark.parametrize("words", [
    ("list",), ("list", "--json"), ("report", "--month", "2026-11"), ("verify",), ("verify", "--json"), ("oncall",),
    ("customers", "list"), ("user", "list"), ("token", "list"), ("roster", "export"), ("policy", "check"),
    ("hours", "--at", "2026-11-24T02:00:00Z"), ("deadline", "--from", "2026-11-24T02:00:00Z"), ("backup", "x.tar.gz"),
])  # fmt: skip
def test_what_reads_the_database_alone_needs_no_settings(words: tuple[str, ...], run: Callable[..., Told]) -> None:
    """As after `make run`, in the same folder."""
    assert run(*words) == Told(0, [])


@pytest.mark.parametrize("words", [("serve",), ("engine",), ("doctor",), ("drill",), ("reconcile",),
                                   ("erase", "+15145550142", "--by", "sue", "--yes")])  # fmt: skip
def test_what_speaks_with_the_carrier_says_what_is_missing(words: tuple[str, ...], run: Callable[..., Told]) -> None:
    assert run(*words) == Told(2, list(OWN))
