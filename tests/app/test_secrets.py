"""The commands that look after what is sealed, and the settings of keys."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import cli
from app.http.signed_links import Links
from app.settings import SANDBOX_SECRET, SettingsFault, load_settings
from app.wiring import open_database
from callbacks.store.sql import users
from tests.conftest import fresh_database

OLD, NEW = "an-older-key-of-the-house", "the-key-of-today-9876543210"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs a command of the demo with keys, on a database with one second factor that is not sealed."""
    monkeypatch.chdir(tmp_path)
    url = fresh_database("sqlite", tmp_path)
    for name, value in {"MODE": "demo", "DATABASE_URL": url}.items():
        monkeypatch.setenv(f"CALLBACKS_{name}", value)
    monkeypatch.setenv("TWILIO_API_URL", "http://127.0.0.1:1")
    database = open_database(load_settings())
    with database.write() as session:
        row = users.add(session, "sue@example.com", "supervisor", None, "x", "t", datetime.now(UTC))
        row.totp_secret = "A" * 32
    database.close()

    def call(*words: str, key: str = NEW, before: str = "") -> Result:
        monkeypatch.setenv("CALLBACKS_SECRET_KEY", key)
        monkeypatch.setenv("CALLBACKS_SECRET_KEY_PREVIOUS", before)
        return CliRunner().invoke(cli, ["secrets", *words])

    return call


def test_a_key_is_changed_without_losing_a_secret(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert (run("check", key=OLD).exit_code, "not sealed: 1" in run("check", key=OLD).stdout) == (1, True)
    assert run("seal", key=OLD).stdout == "sealed: 1\n"
    assert run("check", key=OLD).exit_code == 0
    lost = run("check")
    assert lost.exit_code == 1 and "unreadable: 1" in lost.stdout and "CALLBACKS_SECRET_KEY_PREVIOUS" in lost.stderr
    waits = run("check", before=OLD)
    assert waits.exit_code == 1 and "KEY_PREVIOUS: 1" in waits.stdout
    assert run("seal", before=OLD).exit_code == 0
    assert run("check").exit_code == 0
    backup = tmp_path / "callbacks.db"
    assert b"A" * 32 not in backup.read_bytes()
    assert run("unseal").stdout.startswith("unsealed: 1;")
    assert run("check").stdout.count("not sealed: 1") == 1


def test_links_signed_with_a_key_from_before_hold_until_it_is_taken_out() -> None:
    link = Links([OLD]).calendar("technician", "ana", 7).removeprefix("/calendar/").removesuffix(".ics")
    assert Links([OLD, NEW]).calendar_of(link) == ("technician", "ana", 7)
    assert Links([NEW]).calendar_of(link) is None
    assert Links([NEW, OLD]).calendar("technician", "ana", 7) != Links([OLD, NEW]).calendar("technician", "ana", 7)


def test_the_demos_key_is_never_one_of_ours() -> None:
    with pytest.raises(SettingsFault) as fault:
        load_settings(
            mode="live", secret_key=NEW, secret_keys_before=f"{OLD} {SANDBOX_SECRET}", account="AC" + "0" * 32, auth_token="t",
            public_url="https://callbacks.example", _env_file=None,
        )  # fmt: skip
    assert ["CALLBACKS_SECRET_KEY_PREVIOUS" in line for line in fault.value.lines].count(True) == 1
