"""The address book from the command line: what it prints, what it refuses, and how it leaves."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import cli
from callbacks.emergency.model import Evidence, Outcome, State
from callbacks.store.sql import tables
from callbacks.store.sql.database import Database

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
PRIYA, LUC = "+15145550142", "+15145550163"
BOOK = f"number,name,company,language,notes\n{PRIYA},Priya Shah,Acme,en,=400 seats\n{LUC},Luc Gagnon,,fr,\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs `callbacks customers …` on a migrated database in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBACKS_DATABASE_URL", f"sqlite:///{tmp_path / 'x.db'}")

    def call(*words: str) -> Result:
        return CliRunner().invoke(cli, ["customers", *words])

    assert CliRunner().invoke(cli, ["migrate"]).exit_code == 0
    (tmp_path / "book.csv").write_text(BOOK)
    return call


def database(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'x.db'}")


def items(run: Any) -> list[dict[str, Any]]:
    return list(json.loads(run("list", "--json").stdout)["items"])


def test_a_dry_run_tells_what_an_import_then_does(run) -> None:  # type: ignore[no-untyped-def]
    dry = run("import", "book.csv", "--dry-run")
    assert (dry.exit_code, items(run)) == (0, [])
    assert f"+ {PRIYA} Priya Shah, Acme, en" in dry.stdout
    assert "2 of 2 would change; nothing was changed" in dry.stdout
    done = run("import", "book.csv")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:2] == dry.stdout.splitlines()[:2]
    assert "2 of 2 changed" in done.stdout
    assert [i["name"] for i in items(run)] == ["Priya Shah", "Luc Gagnon"]
    assert "0 of 2 changed" in run("import", "book.csv").stdout


def test_an_import_with_a_fault_changes_nothing_and_names_each(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "bad.csv").write_text(f"number,language\n{PRIYA},en\n12,xx\n")
    for more in ([], ["--dry-run"]):
        told = run("import", "bad.csv", *more)
        assert told.exit_code == 1
        lines = told.stderr.splitlines()
        assert [line.split(" = ")[0] for line in lines] == ["bad.csv: line 3, number", "bad.csv: line 3, language"]
        assert items(run) == []


def test_a_file_that_cannot_be_read_leaves_with_2(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "latin.csv").write_bytes("number,name\n5145550142,André\n".encode("latin-1"))
    for name, why in (("nowhere.csv", "cannot be read"), ("latin.csv", "is not UTF-8"), (".", "cannot be read")):
        told = run("import", name)
        assert told.exit_code == 2
        assert why in told.stderr


def test_an_export_reads_back_as_no_change(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("import", "book.csv")
    exported = run("export").stdout
    assert f"{PRIYA},Priya Shah,Acme,en,'=400 seats" in exported
    (tmp_path / "again.csv").write_text(exported)
    assert "0 of 2 changed" in run("import", "again.csv").stdout


def test_an_import_leaves_blocks_and_columns_it_does_not_have(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("import", "book.csv")
    run("block", LUC, "--by", "sue", "--reason", "sells roofs")
    (tmp_path / "names.csv").write_text(f"number,name\n{LUC},Luc G.\n")
    assert run("import", "names.csv").stdout.startswith(f"~ {LUC} name 'Luc Gagnon' becomes 'Luc G.'\n")
    luc = items(run)[1]
    assert (luc["name"], luc["language"], luc["blocked"]["why"]) == ("Luc G.", "fr", "sells roofs")


def test_one_caller_is_put_down_and_emptied(run) -> None:  # type: ignore[no-untyped-def]
    assert run("set", "514-555-0142", "--name", "Priya", "--language", "EN").exit_code == 0
    assert run("set", PRIYA, "--name", "").stdout == f"~ {PRIYA} name 'Priya' becomes ''\n"
    assert run("set", PRIYA, "--language", "en").stdout == "nothing changed\n"
    assert (items(run)[0]["name"], items(run)[0]["language"]) == (None, "en")


@pytest.mark.parametrize(
    "words",
    [("set", PRIYA), ("set", PRIYA, "--language", "german"), ("set", "12", "--name", "x"), ("set", PRIYA, "--name", "a\x1b[2Jb"),
     ("show", "anonymous"), ("block", PRIYA), ("block", PRIYA, "--by", "sue"), ("block", PRIYA, "--by", "sue", "--reason", " "),
     ("block", PRIYA, "--by", "", "--reason", "x"), ("block", PRIYA, "--by", "sue", "--reason", "x" * 201),
     ("block", "+266696687", "--by", "sue", "--reason", "x"), ("unblock", "911"), ("forget", "")],
)  # fmt: skip
def test_wrong_usage_leaves_with_2_and_changes_nothing(run, words: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    told = run(*words)
    assert told.exit_code == 2
    assert told.stderr
    assert items(run) == []


def test_a_caller_is_blocked_with_a_reason_and_served_again(run) -> None:  # type: ignore[no-untyped-def]
    told = run("block", LUC, "--by", "sue", "--reason", "sells roofs")
    assert told.exit_code == 0
    assert "hear a polite refusal and nobody is paged" in told.stdout
    assert f"callbacks customers unblock {LUC}" in told.stdout
    blocked = json.loads(run("show", LUC, "--json").stdout)["blocked"]
    assert (blocked["by"], blocked["why"]) == ("sue", "sells roofs")
    assert "by sue: sells roofs" in run("list").stdout
    assert run("unblock", LUC).exit_code == 0
    assert "not blocked" in run("show", LUC).stdout
    assert run("unblock", LUC).exit_code == 1


def test_forgetting_takes_the_entry_and_the_block(run) -> None:  # type: ignore[no-untyped-def]
    run("import", "book.csv")
    run("block", LUC, "--by", "sue", "--reason", "sells roofs")
    assert "the block is gone with it" in run("forget", LUC).stdout
    assert run("forget", LUC).exit_code == 1
    assert [i["number"] for i in items(run)] == [PRIYA]


def test_a_caller_is_shown_with_what_happened(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with database(tmp_path).write() as session:
        session.add(emergency(PRIYA))
        session.customers.mark_sms(LUC, "30006", NOW)
    run("set", LUC, "--notes", "call the desk\nthen the owner")
    stranger = run("show", PRIYA)
    assert (stranger.exit_code, "not in the address book" in stranger.stdout, "E-000001" in stranger.stdout) == (
        0,
        True,
        True,
    )
    past = json.loads(run("show", PRIYA, "--json").stdout)
    assert (past["in_book"], past["emergencies"][0]["ref"], past["blocked"]) == (False, "E-000001", None)
    luc = run("show", LUC).stdout
    for part in (
        "  then the owner",
        "not blocked",
        "texts are refused since 2026-11-24T07:00:00Z: 30006",
        "no emergency",
    ):
        assert part in luc
    assert run("show", "+15145550199").exit_code == 1


def emergency(number: str) -> tables.Emergency:
    return tables.Emergency(
        source_key="x", state=State.RESOLVED, priority="P1", drill=False, found_by="webhook", number=number, withheld=False, language="en",
        code="K7", call_started_at=NOW, opened_at=NOW, due_at=NOW, outcome=Outcome.MET, evidence=Evidence.CARRIER, our_outage=False, is_open=False,
        last_seq=1, head_hash="x",
    )  # fmt: skip


def test_an_empty_book_says_how_to_fill_it(run) -> None:  # type: ignore[no-untyped-def]
    assert "callbacks customers import FILE" in run("list").stdout
    assert run("export").stdout.strip() == "number,name,company,language,notes"
