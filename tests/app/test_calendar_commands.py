"""`roster check` and `oncall` read a roster's calendars, and name every event that puts nobody on call."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import cli
from tests.core.test_calendars import event, feed
from tests.stories.test_feeds import ROSTER

AT = "2026-11-24T07:00:00Z"
ANA = event("On Call - Ana Roy - Support", ":20261101T000000Z", ":20271130T000000Z", uid="ana")
ZOE = event("On Call - Zoé Roux - Support", ":20261124T000000Z", ":20271130T000000Z", uid="zoe@pd")
BACKWARDS = event("bob", ":20270103T140000Z", ":20270103T120000Z", uid="back")
MINUTELY = event("bob", ":20270103T120000Z", ":20270103T120500Z", "RRULE:FREQ=MINUTELY", uid="often")


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.toml"
    path.write_text(ROSTER.format(path=tmp_path / "a.ics"), "utf-8")
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_a_check_reads_the_calendars(roster: Path) -> None:
    calendar = roster.parent / "a.ics"
    calendar.write_bytes(feed(ANA))
    assert run("roster", "check", roster).exit_code == 0
    calendar.write_bytes(feed(ANA, ZOE, BACKWARDS, MINUTELY))
    found = run("roster", "check", roster)
    assert found.exit_code == 1
    for words in ('"On Call - Zoé Roux - Support" names nobody on the roster', "zoe@pd", '"bob" ends before it starts', "UID back",
                  '"bob" repeats more often than hourly', "UID often"):  # fmt: skip
        assert words in found.output
    calendar.write_text("<html>")
    found = run("roster", "check", roster)
    assert found.exit_code == 1 and "calendar of primary: not a calendar" in found.output
    calendar.unlink()
    assert run("roster", "check", roster).exit_code == 1


def test_oncall_tells_of_whom_nobody_knows_and_keeps_standard_output_one_document(roster: Path) -> None:
    (roster.parent / "a.ics").write_bytes(feed(ZOE))
    found = run("oncall", "--roster", roster, "--at", AT, "--json")
    assert json.loads(found.stdout)["on_call"] == {"backup": "bob", "primary": None}
    assert "Zoé Roux" in found.stderr and "zoe@pd" in found.stderr and found.exit_code == 0
    assert "Zoé Roux" not in run("oncall", "--roster", roster, "--at", AT, "--rotation", "backup").output
