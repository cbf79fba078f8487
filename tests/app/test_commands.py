"""The command line: what it prints, and how it leaves."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app import demo, pdf
from app.cli.main import cli

ROOT = Path(__file__).parents[2]
SAMPLE = str(demo.SAMPLE_ROSTER)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs a command in an empty folder, without settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBACKS_DATABASE_URL", f"sqlite:///{tmp_path / 'x.db'}")

    def call(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words))

    return call


@pytest.fixture
def ready(run):  # type: ignore[no-untyped-def]
    """A migrated database with the sample roster."""
    assert run("migrate").exit_code == 0
    assert run("roster", "load", SAMPLE).exit_code == 0
    return run


def test_the_policy_in_force_is_checked_and_shown(run) -> None:  # type: ignore[no-untyped-def]
    shown = run("policy", "check")
    assert shown.exit_code == 0
    assert "13m  supervisors" in shown.output
    assert "not checked" in shown.output


def test_a_faulty_policy_leaves_with_1_a_missing_one_with_2(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    broken, faulty = tmp_path / "broken.toml", tmp_path / "faulty.toml"
    broken.write_text("[promise")
    faulty.write_text('[promise]\ncallback_within = "10m"\n')
    assert run("policy", "check", str(broken)).exit_code == 1
    assert run("policy", "check", str(faulty)).exit_code == 1
    assert run("policy", "check", str(tmp_path / "nowhere.toml")).exit_code == 2
    answer = json.loads(run("policy", "check", str(faulty), "--json").stdout)
    assert answer["ok"] is False
    assert {"key", "value", "problem", "fix"} == set(answer["faults"][0])


def test_rotation_names_are_held_against_a_roster(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    policy = tmp_path / "p.toml"
    policy.write_text('[[escalation]]\nafter = "0m"\npage = "nightshift"\nby = ["sms"]\n')
    assert run("policy", "check", str(policy)).exit_code == 0
    told = run("policy", "check", str(policy), "--roster", SAMPLE)
    assert told.exit_code == 1
    assert "nightshift" in told.output


def test_a_deadline_that_never_comes_is_a_line(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "never.toml"
    path.write_text("[support_hours]\ndays = []\n")
    told = run("deadline", "--from", "2026-11-24T17:00:00-05:00", "--policy", str(path))
    assert told.exit_code == 1
    assert "never open for that long" in told.output
    checked = run("policy", "check", str(path))
    assert checked.exit_code == 1
    assert "support_hours.days = []: leaves no open day" in checked.output


def test_hours_and_deadlines_need_no_database(run) -> None:  # type: ignore[no-untyped-def]
    answer = json.loads(run("hours", "--at", "2026-11-24T12:00:00-05:00", "--json").stdout)
    assert answer == {
        "at": "2026-11-24T17:00:00Z", "open": True, "next_open": "2026-11-25T12:30:00Z", "next_close": "2026-11-24T23:00:00Z",
    }  # fmt: skip
    spans = json.loads(run("hours", "--from", "2026-11-24T00:00:00Z", "--to", "2026-11-25T00:00:00Z", "--json").stdout)
    assert spans == {"periods": [{"from": "2026-11-24T12:30:00Z", "to": "2026-11-24T23:00:00Z"}]}
    due = json.loads(run("deadline", "--from", "2026-11-24T17:00:00-05:00", "--json").stdout)
    assert due["deadlines"]["P2"] == {"react_by": "2026-11-24T23:00:00Z", "resolve_by": "2026-11-25T22:00:00Z"}


@pytest.mark.parametrize(
    "words", [("hours", "--at", "noon"), ("hours", "--from", "2026-11-24T00:00:00Z"), ("oncall", "--at", "2026-11-24"), ("nonsense",),
              ("report",), ("report", "--month", "November"), ("report", "--month", "2026-11", "--format", "xml")],
)  # fmt: skip
def test_wrong_usage_leaves_with_2(run, words: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    assert run(*words).exit_code == 2


def test_who_is_on_call_from_a_file(run) -> None:  # type: ignore[no-untyped-def]
    now = json.loads(run("oncall", "--at", "2026-11-24T07:00:00Z", "--roster", SAMPLE, "--json").stdout)
    assert set(now["on_call"]) == {"primary", "backup"}
    week = run("oncall", "--from", "2026-11-23T00:00:00Z", "--to", "2026-12-07T00:00:00Z", "--roster", SAMPLE, "--json")
    shifts = json.loads(week.stdout)["shifts"]
    assert {"rotation", "technician", "from", "to", "override"} == set(shifts[0])
    only = run("oncall", "--from", "2026-11-23T00:00:00Z", "--to", "2026-12-07T00:00:00Z", "--roster", SAMPLE, "--rotation",
               "backup", "--json")  # fmt: skip
    assert {s["rotation"] for s in json.loads(only.stdout)["shifts"]} == {"backup"}


def test_a_roster_is_checked_loaded_whole_and_exported(ready, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    faulty = tmp_path / "faulty.toml"
    faulty.write_text('timezone = "Mars/Base"\n[[technician]]\nname = "ana"\nphone = "12"\n')
    for command in ("check", "load"):
        told = ready("roster", command, str(faulty))
        assert told.exit_code == 1
        assert "technician[1].phone" in told.output
        assert "timezone" in told.output
    exported = tmp_path / "exported.toml"
    exported.write_text(ready("roster", "export").stdout)
    assert ready("roster", "check", str(exported)).exit_code == 0
    assert "nothing changed" in ready("roster", "load", str(exported)).output


@pytest.mark.parametrize(
    "phone,told",
    [("+15550111", "has no area code"), ("+11145550111", "invalid area code"), ("+19005550111", "premium")],
)
def test_a_roster_with_a_number_that_no_phone_has_is_refused(ready, tmp_path: Path, phone: str, told: str) -> None:  # type: ignore[no-untyped-def]
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(f'timezone = "UTC"\n[[supervisor]]\nname = "sue"\nphone = "{phone}"\n')
    for command in ("check", "load"):
        answer = ready("roster", command, str(faulty))
        assert answer.exit_code == 1
        assert f"supervisor[1].phone = '{phone}'" in answer.output
        assert told in answer.output


def test_an_unknown_reference_leaves_with_1(ready) -> None:  # type: ignore[no-untyped-def]
    told = ready("show", "E-000099")
    assert told.exit_code == 1
    assert "E-000042" in told.output


def test_an_empty_ledger_is_sound(ready) -> None:  # type: ignore[no-untyped-def]
    told = json.loads(ready("verify", "--json").stdout)
    assert (told["ok"], told["first_bad_row"], told["emergencies"]) == (True, None, 0)
    assert json.loads(ready("list", "--json").stdout) == {"items": [], "next_cursor": None}
    figures = json.loads(ready("report", "--month", "2026-11", "--format", "json").stdout)
    assert (figures["n"], figures["compliance"], figures["from"], figures["to"]) == (
        0,
        None,
        "2026-11-01",
        "2026-11-30",
    )


def test_a_token_is_printed_alone(ready) -> None:  # type: ignore[no-untyped-def]
    assert re.fullmatch(r"cb_[\w-]+\n", ready("token", "new", "--role", "reader").stdout)
    assert ready("token", "new", "--role", "king").exit_code == 2


def test_a_token_ends_after_a_year_unless_told_otherwise(ready) -> None:  # type: ignore[no-untyped-def]
    told = [
        ready("token", "new", "--role", "auditor", *more).stderr for more in ([], ["--forever"], ["--expires", "2d"])
    ]
    assert told[0].startswith("It expires at 20") and "never expires" in told[1]
    assert told[2].startswith("It expires at 20")
    assert ready("token", "new", "--role", "auditor", "--expires", "soon").exit_code == 2
    found = json.loads(ready("token", "list", "--json").stdout)["items"]
    lengths = sorted(
        (datetime.fromisoformat(t["expires_at"]) - datetime.fromisoformat(t["created_at"])).days
        for t in found
        if t["expires_at"]
    )
    assert lengths == [2, 365] and [t["expires_at"] for t in found].count(None) == 1


def test_whoever_is_disabled_leaves_tokens_that_are_named(ready) -> None:  # type: ignore[no-untyped-def]
    assert ready("user", "add", "bob@example.com", "--role", "technician", "--person", "bob").exit_code == 0
    ready("token", "new", "--role", "technician", "--person", "bob")
    assert "goes on" not in ready("user", "disable", "bob@example.com").stdout
    [token] = json.loads(ready("token", "list", "--json").stdout)["items"]
    assert token["revoked_at"] is not None


def test_a_user_is_given_another_role(ready) -> None:  # type: ignore[no-untyped-def]
    assert ready("user", "add", "bob@example.com", "--role", "technician").exit_code == 0
    assert ready("user", "change", "bob@example.com").exit_code == 2
    assert ready("user", "change", "bob@example.com", "--role", "king").exit_code == 2
    assert ready("user", "change", "nobody@example.com", "--role", "auditor").exit_code == 1
    assert ready("user", "change", "bob@example.com", "--person", "zoe").exit_code == 1
    assert (
        ready("user", "change", "bob@example.com", "--role", "supervisor").stdout
        == "bob@example.com: supervisor, bob\n"
    )
    assert ready("user", "change", "bob@example.com", "--person", "").stdout == "bob@example.com: supervisor\n"


def test_an_old_schema_is_refused(run) -> None:  # type: ignore[no-untyped-def]
    told = run("list")
    assert told.exit_code == 2
    assert "callbacks migrate" in told.output


def test_a_report_as_csv_holds_the_same_figures(ready) -> None:  # type: ignore[no-untyped-def]
    shown = ready("report", "--month", "2026-11", "--format", "csv")
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    assert lines[0] == "figure,value"
    assert "n,0" in lines
    assert "compliance," in lines


def test_a_report_on_paper_goes_to_a_file_or_leaves_with_2_without_the_extra(
    ready: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ready("report", "--month", "2026-11", "--format", "pdf", "--output", str(tmp_path / "november.pdf"))
    assert made.exit_code == 0, made.output
    assert (tmp_path / "november.pdf").read_bytes()[:5] == b"%PDF-"
    assert ready("report", "--month", "2026-11", "--format", "pdf").stdout_bytes[:5] == b"%PDF-"
    nowhere = ready("report", "--month", "2026-11", "--format", "pdf", "--output", str(tmp_path / "no" / "x.pdf"))
    assert (nowhere.exit_code, "cannot be written" in nowhere.output) == (2, True)
    assert ready("report", "--month", "9999-12").exit_code == 2
    monkeypatch.setattr(pdf, "available", lambda: False)
    told = ready("report", "--month", "2026-11", "--format", "pdf")
    assert (told.exit_code, ".[pdf]" in told.output) == (2, True)


def test_what_is_logged_stays_off_standard_output(ready, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """`--json` prints one document and nothing else; whoever reads the rest must find an answer there too."""
    environment = os.environ | {
        "CALLBACKS_DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}", "TWILIO_API_URL": "http://127.0.0.1:9",
        "CALLBACKS_MODE": "demo", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "reconcile"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert "sweep.failed" in done.stderr and "sweep.failed" not in done.stdout


def test_what_is_written_is_for_this_user_alone(tmp_path: Path) -> None:
    """A database, a recording, a backup: numbers, words, voices."""
    environment = os.environ | {"CALLBACKS_DATABASE_URL": f"sqlite:///{tmp_path / 'y.db'}", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "app.cli", "migrate"], env=environment, cwd=tmp_path, check=True)
    assert (tmp_path / "y.db").stat().st_mode & 0o077 == 0
