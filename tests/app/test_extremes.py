"""Values from the ends of what can be written: each is taken or refused with a line, never with a trace."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import demo
from app.cli import main
from app.settings import SettingsFault, load_local_settings
from callbacks.lib.toml import FaultyFile
from callbacks.oncall.roster import read_roster
from callbacks.policy.model import read_policy
from tests.app.test_rights import all_routes
from tests.conftest import fresh_database
from tests.night import Night

ENDS = [
    "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "1969-12-31T23:59:59Z",
    "2300-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "", "9" * 5000, "２０２６-11-24T07:00:00Z", "2026-02-30T00:00:00Z",
]  # fmt: skip
DAYS = ["9999-12-31", "0001-01-01", "1969-12-31", "2026-02-30", "", "9" * 5000, "９９９９-01-01"]
WITH_TIME = [
    "hours --at {0}", "hours --from {0} --to {0}", "hours --from 2026-11-24T00:00:00Z --to {0}", "deadline --from {0}",
    "oncall --roster {roster} --at {0}", "oncall --roster {roster} --from {0} --to {0}", "oncall --at {0}", "reconcile --since {0}",
]  # fmt: skip
WITH_DAY = ["report --month {0}", "report --from {0} --to {0}", "report --from 2026-01-01 --to {0}"]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBACKS_DATABASE_URL", fresh_database("sqlite", tmp_path))
    monkeypatch.setenv("CALLBACKS_MODE", "demo")
    monkeypatch.setenv("TWILIO_API_URL", "http://127.0.0.1:9")
    (tmp_path / "roster.toml").write_text(demo.SAMPLE_ROSTER.read_text())
    return tmp_path


def left_with(command: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["callbacks", *command])
    with pytest.raises(SystemExit) as left:
        main.main()
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.mark.parametrize("command", [*WITH_TIME, *WITH_DAY])
def test_a_command_refuses_times_at_the_ends_of_the_calendar(
    command: str, house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in ENDS if command in WITH_TIME else DAYS:
        words = [word.format(value, roster=house / "roster.toml") for word in command.split()]
        assert left_with(words, monkeypatch) == 2, (words, capsys.readouterr())
        err = capsys.readouterr().err
        assert err.strip() and "Traceback" not in err, (words, err)


@pytest.mark.parametrize("at", ["2026-11-24t07:00:00z", "2026-11-24T07:00:00z", "2026-11-24 07:00:00+00:00"])
def test_letters_of_a_time_may_be_small(at: str, house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    """RFC 3339, 5.6."""
    assert left_with(["hours", "--at", at], monkeypatch) == 0
    assert "2026-11-24T07:00:00Z" in capsys.readouterr().out


BOM = "\ufeff"


def test_a_byte_order_mark_is_no_part_of_a_file(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notepad and Excel put one before what they save."""
    sample = demo.SAMPLE_ROSTER.read_text()
    assert read_roster(BOM + sample) == read_roster(sample)
    assert read_policy(BOM + '[promise]\ncallback_within = "30m"\n')
    (house / "roster.toml").write_text(sample, "utf-8-sig")
    assert left_with(["roster", "check", "roster.toml"], monkeypatch) == 0
    (house / "policy.toml").write_text('[promise]\ncallback_within = "30m"\n', "utf-8-sig")
    assert left_with(["policy", "check", "policy.toml"], monkeypatch) == 0
    monkeypatch.delenv("CALLBACKS_DATABASE_URL")
    (house / ".env").write_text("CALLBACKS_DATABASE_URL=sqlite:///marked.db\n", "utf-8-sig")
    assert load_local_settings().database_url == "sqlite:///marked.db"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252"])
def test_a_file_in_another_encoding_is_told_in_a_line(
    encoding: str, house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, command in (("roster.toml", "roster check roster.toml"), ("policy.toml", "policy check policy.toml"),
                          ("book.csv", "customers import book.csv --dry-run"), (".env", "list")):  # fmt: skip
        (house / name).write_bytes("# Montréal\nnumber,name\n".encode(encoding))
        assert left_with(command.split(), monkeypatch) in (1, 2)
        told = "".join(capsys.readouterr())
        assert name in told and "Traceback" not in told, (name, told)
    with pytest.raises(SettingsFault, match="save it as UTF-8"):
        load_local_settings()


@pytest.mark.parametrize(
    ("encoding", "printed"), [("ascii", "李".encode()), ("latin-1", b"\\u674e"), ("cp1252", b"\\u674e")]
)
def test_a_terminal_that_cannot_print_a_letter_prints_the_line(
    encoding: str, printed: bytes, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the terminal says that it knows ASCII alone, typer takes it for one that knows UTF-8."""
    assert left_with(["customers", "set", "+15145550142", "--name", "李 Łukasz’s"], monkeypatch) == 0
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    environment["PYTHONPATH"] = str(Path(main.__file__).parents[2])
    listing = [sys.executable, "-m", "app.cli", "customers", "list"]
    done = subprocess.run(listing, env=environment, capture_output=True, timeout=120, cwd=house)
    assert done.returncode == 0, done.stderr
    assert printed in done.stdout and b"+15145550142" in done.stdout


ROSTER = 'timezone = "America/Toronto"\n[[technician]]\nname = "ana"\nfull_name = "{name}"\nphone = "+15145550111"\n[[rotation]]\nname = "primary"\nmembers = ["ana"]\nevery = "1w"\nstarts = "{starts}"\n'


@pytest.mark.parametrize(
    ("name", "starts", "words"),
    [("A\\u0007na", "2026-01-05T09:00", "control character"), ("A\\u0000", "2026-01-05T09:00", "control character"), ("A" * 5000, "2026-01-05T09:00", "4000"),
     ("A" * 121, "2026-01-05T09:00", "120"), ("A\\u2028b", "2026-01-05T09:00", "control character"), ("Ana", "0001-01-01T00:00", "1970"), ("Ana", "9999-12-31T23:59", "2199")],
)  # fmt: skip
def test_a_roster_holds_no_control_characters_endless_names_or_far_years(name: str, starts: str, words: str) -> None:
    with pytest.raises(FaultyFile) as caught:
        read_roster(ROSTER.format(name=name, starts=starts))
    assert words in " ".join(map(str, caught.value.faults)) and len(str(caught.value.faults[0])) < 300
    assert read_roster(ROSTER.format(name="Ana Roy", starts="2026-01-05T09:00"))


HOSTILE = [
    *ENDS[:6], ENDS[8], *DAYS[:3], "9" * 3000, "-1", "1e9", "9" * 20, "\x00", "\x1b[2J\n\u2028", "x" * 3000, "😀%'",
]  # fmt: skip


@pytest.fixture
def night(database_url: str, tmp_path: Path) -> Iterator[Night]:
    night = Night(database_url, tmp_path)
    yield night
    night.close()


def test_no_question_to_api_or_pages_is_answered_with_an_error_of_ours(night: Night) -> None:
    """Every route that reads, every parameter of its query, every value from the ends."""
    night.on_call("ana", "bob")
    night.web.cookies.set("callbacks_session", night.logged_in("supervisor", "sue"))
    night.web.headers["Authorization"] = f"Bearer {night.token('supervisor')}"
    night.web.headers["Connection"] = "close"  # one that was refused may end its connection
    asked, broken = 0, []
    for path, names in questions(night):
        for name in names:
            for value in HOSTILE:
                answer = night.web.get(path, params={name: value})
                asked += 1
                if answer.status_code >= 500:
                    broken.append((path, name, value[:40]))
    assert (broken, asked > 300) == ([], True)


def questions(night: Night) -> Iterator[tuple[str, list[str]]]:
    """(path, names of its query's parameters) of every route that is read."""
    app: Any = night.server._server.config.app
    for route in all_routes(app.product):
        names = [p.alias for p in all_of(route.dependant)] if "GET" in (route.methods or ()) else []
        path = route.path.replace("{ref}", "E-000001").replace("{rotation}", "primary")
        if names and "{" not in path and "live" not in path and "sso" not in path:
            yield path, names


def all_of(dependant: Any) -> list[Any]:
    return [*dependant.query_params, *(p for d in dependant.dependencies for p in all_of(d))]
