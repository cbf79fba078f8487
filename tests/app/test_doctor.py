"""The doctor on a real node and a real sandbox: fit, unfit, and what it mends."""

import json
import platform
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from app.cli import main
from app.doctor import local
from app.doctor.examination import is_fit
from app.doctor.finding import Finding
from app.settings import load_settings
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import read_roster
from callbacks.policy.model import PUBLISHED
from callbacks.store.sql.database import Database
from tests.clock import NIGHT
from tests.conftest import fresh_database
from tests.core.pure import ROSTER
from tests.faults.desk import Desk

API = "http://127.0.0.1:9"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(fresh_database("sqlite", tmp_path), tmp_path)
    opened.start()
    yield opened
    opened.close()


def was_fit(desk: Desk) -> bool:
    database = Database(desk.environment["CALLBACKS_DATABASE_URL"])
    with closing(database), database.read() as session:
        return is_fit(session)


Told = tuple[int, str]
Run = Callable[..., Told]


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command on the machine of the node: what it exits with and what it prints."""

    def doctor(*words: str) -> Told:
        monkeypatch.chdir(desk.folder)
        for name, value in desk.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["callbacks", "doctor", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main.main()
        assert isinstance(left.value.code, int)
        return left.value.code, capsys.readouterr().out

    return doctor


def test_a_system_that_is_fit_and_one_whose_number_leads_elsewhere(desk: Desk, run: Run) -> None:
    assert not was_fit(desk), "nothing was checked yet"
    code, told = run()
    assert (code, told.splitlines()[-1]) == (0, "ready for tonight")
    assert was_fit(desk), "the page shows what the command found"
    desk.network.number.voice_url = "https://elsewhere.example/voice"
    code, told = run("--json")
    answer = json.loads(told)
    assert (code, answer["ok"]) == (1, False)
    assert not was_fit(desk)
    wrong = [check for check in answer["checks"] if check["ok"] is False]
    assert [check["name"] for check in wrong] == ["number"]
    assert all(check["why"] and check["fix"] for check in wrong)
    assert run("--fix")[0] == 0
    assert desk.network.number.voice_url == f"{desk.product_url}/twilio/voice"


def test_wrong_credentials_are_told_in_a_line_also_when_mending(desk: Desk, run: Run) -> None:
    """F34."""
    desk.environment["TWILIO_AUTH_TOKEN"] = "wrong"
    code, told = run("--fix")
    assert code == 1
    assert "could not be set" in told
    assert "TWILIO_AUTH_TOKEN" in told


def test_a_node_that_is_down_is_not_fit(desk: Desk, run: Run) -> None:
    """F86."""
    desk.kill()
    code, told = run()
    assert code == 1
    assert "public address" in told


def test_the_fallback_stands_alone_and_records(desk: Desk, run: Run) -> None:
    """F37."""
    code, told = run("--print-fallback")
    document = ElementTree.fromstring(told)
    record = document.find("Record")
    assert code == 0
    assert record is not None
    assert record.attrib["action"].startswith(desk.product_url)


def names(found: Iterator[Finding]) -> list[tuple[str, bool | None]]:
    return [(f.name, f.ok) for f in found]


def test_an_empty_roster_is_a_fault() -> None:
    assert names(local.roster(Duty(read_roster("")), PUBLISHED)) == [("roster", False)]


def test_a_roster_that_the_policy_does_not_know_is_a_fault() -> None:
    lonely = read_roster(ROSTER.replace('name = "backup"', 'name = "second"'))
    assert ("policy", False) in names(local.roster(Duty(lonely), PUBLISHED))


def test_supervisors_who_take_no_texts_are_a_fault() -> None:
    phone = 'phone = "+15145550199"\n'
    voice = ROSTER.replace(phone, phone + "sms = false\n")
    assert voice != ROSTER
    assert ("supervisors", False) in names(local.roster(Duty(read_roster(voice)), PUBLISHED))
    assert ("supervisors", False) not in names(local.roster(Duty(read_roster(ROSTER)), PUBLISHED))


def test_a_gap_in_the_next_week_is_a_fault() -> None:
    gap = '[[override]]\nrotation = "primary"\ntechnician = ""\nfrom = "2026-11-27T20:00"\nto = "2026-11-27T22:00"\n'
    found = list(local.gaps(Duty(read_roster(ROSTER + gap)), PUBLISHED, NIGHT))
    assert [(f.name, f.ok) for f in found] == [("gap", False)]
    assert "Fri 20:00 to Fri 22:00" in found[0].what
    later = NIGHT + timedelta(days=5)
    assert names(local.gaps(Duty(read_roster(ROSTER + gap)), PUBLISHED, later)) == [("gaps", True)]


def test_every_text_is_cheap_in_both_languages() -> None:
    assert names(local.texts()) == [("texts", True)]
    assert names(local.texts("https://callbacks.after-hours-support.example.com")) == [("texts", True)]
    long = list(local.texts(f"https://{'very-' * 20}long.example.com"))
    assert {(f.name, f.ok) for f in long} == {("texts", None)}
    assert "bundle (en) is too long for its link" in [f.what for f in long]


def test_what_is_missing_round_about_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(mode="demo", api_url=API, data_dir=tmp_path / "none-yet", heartbeat_url="", _env_file=None)
    assert [f.ok for f in (*local.heartbeat(settings), *local.disk(settings))] == [None, True]
    with_one = load_settings(
        mode="demo", api_url=API, data_dir=tmp_path, heartbeat_url="https://beats.example/x", _env_file=None
    )
    assert [f.ok for f in local.heartbeat(with_one)] == [True]
    monkeypatch.setattr(local, "LITTLE_MEGABYTES", 10**9)
    (full,) = local.disk(settings)
    assert full.ok is False and "page nobody" in str(full)


def test_a_slow_interpreter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By trying it: a distribution's old number may be mended."""
    (found,) = local.interpreter()
    assert found.ok is not False and platform.python_version() in found.what
    monkeypatch.setattr(local, "SimpleCookie", lambda _: None)
    assert [f.ok for f in local.interpreter()] == [True]
    monkeypatch.setattr(local, "SimpleCookie", lambda _: sum(range(10_000_000)))
    (found,) = local.interpreter()
    assert found.ok is None and "CVE-2024-7592" in found.what


@pytest.mark.parametrize(("url", "oks"), [
    ("sqlite:///var/callbacks.db", []), ("postgresql+psycopg:///callbacks", []),
    ("postgresql+psycopg://c@127.0.0.1/callbacks", []), ("postgresql+psycopg://c@localhost:5433/callbacks", []),
    ("postgresql+psycopg:///callbacks?host=/run/postgresql", []), ("postgresql+psycopg://c@db.example/callbacks", [None]),
    ("postgresql+psycopg://c@db.example/callbacks?sslmode=require", [None]),
    ("postgresql+psycopg:///callbacks?host=localhost,db.example", [None]),
    ("postgresql+psycopg:///callbacks?host=localhost:5432&host=db.example:5432", [None]),
    ("postgresql+psycopg://c@db.example/callbacks?sslmode=verify-full&sslrootcert=/ca.pem", [True]),
])  # fmt: skip
def test_an_unchecked_way_to_a_database_elsewhere_is_told(
    url: str, oks: list[bool | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    assert [f.ok for f in local.way_to_database(url)] == oks
