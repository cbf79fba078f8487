"""Every CSV that we write, reopened: the same rows, and no cell that a spreadsheet would run, whatever the words are."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbacks.emergency.model import Evidence, Outcome
from callbacks.emergency.promise import EmergencyOutcome
from callbacks.engine.intake import summary
from callbacks.engine.jobs import export
from callbacks.oncall.contacts import Entry, harmless, write_book
from callbacks.reporting import compliance
from callbacks.reporting.record import as_csv
from callbacks.store.sql import customers
from tests.conftest import fresh_database
from tests.night import Night

STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\x00",
    "＝",
    "﹢",
    "＠",
    "\ufeff=",
    "\u200b@",
    " =",
    "'=",
    "''+",
    '"',
    ",=",
    "\r\n=",
    "\x01-",
]
PAYLOADS = ["cmd|' /C calc'!A0", 'HYPERLINK("http://evil","x")', "1+1", "SUM(A1:A9)", ""]
words = st.builds(
    lambda start, payload, more: start + payload + more,
    st.sampled_from(STARTS), st.sampled_from(PAYLOADS), st.text(st.characters(codec="utf-8"), max_size=12),
) | st.text(st.characters(codec="utf-8"), max_size=30)  # fmt: skip
bounded = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
OURS = re.compile(r"-?[0-9]+(\.[0-9]+)?|\+[0-9]{7,15}")  # our own numbers, and telephone numbers


def would_run(cell: str) -> bool:
    """As suspicious as any spreadsheet: blanks and what cannot be seen in front do not count, any width does."""
    if OURS.fullmatch(cell):
        return False
    seen = cell.lstrip("".join(c for c in cell if c.isspace() or unicodedata.category(c) in ("Cc", "Cf")))
    return cell[:1] in ("\t", "\r", "\n", "\x00") or unicodedata.normalize("NFKC", seen[:1]) in ("=", "+", "-", "@")


def reopened(text: str) -> list[list[str]]:
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [cell for row in found for cell in row if would_run(cell)] == []
    return found


def outcome_of(technician: str | None, customer: str | None) -> EmergencyOutcome:
    return EmergencyOutcome(
        1,
        Outcome.MISSED,
        Evidence.NONE,
        None,
        False,
        "P1",
        Outcome.MET,
        None,
        AT,
        1800,
        -3,
        None,
        40,
        None,
        technician,
        customer,
    )


@bounded
@given(name=words, company=words, notes=words)
def test_the_address_book_has_the_same_rows_and_nothing_that_runs(name: str, company: str, notes: str) -> None:
    book = [Entry("+15145550142", name, company, "en", notes), Entry("+15145550163", notes, name, "fr", company)]
    rows = reopened(write_book(book))
    assert rows[1:] == [
        [e.number, *(harmless(x or "") for x in (e.name, e.company, e.language, e.notes))] for e in book
    ]
    assert {len(row) for row in rows} == {5}


@bounded
@given(name=words, technician=words, why=words)
def test_the_emergencies_have_the_same_rows_and_nothing_that_runs(name: str, technician: str, why: str) -> None:
    row = replace(summary.blank(1, "key", AT), number="+15145550142", name=name, excluded_why=why)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([export.COLUMNS, export._line(row, outcome_of(technician, None))])
    head, line = reopened(out.getvalue())
    found = dict(zip(head, line, strict=True))
    given_words = {"name": name, "technician": technician, "excluded_why": why}
    assert {key: found[key] for key in given_words} == {key: harmless(word) for key, word in given_words.items()}
    assert (found["seconds_to_first_page"], found["number"]) == ("-3", "+15145550142")


@bounded
@given(technician=words, customer=words)
def test_the_figures_have_the_same_rows_and_nothing_that_runs(technician: str, customer: str) -> None:
    found = compliance.figures(
        date(2026, 11, 1), date(2026, 11, 30), [outcome_of(technician, customer)], ZoneInfo("UTC")
    )
    rows = reopened(as_csv(found))
    assert {len(row) for row in rows} == {2}
    assert [f"groups.technician.{technician}.n", "1"] in rows
    assert [f"groups.customer.{customer}.n", "1"] in rows


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    opened = Night(fresh_database("sqlite", tmp_path), tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", ["=1+1", "\t=1", " @x", "＝cmd", "a\r\n=1", "-3"])
def test_what_is_downloaded_has_nothing_that_runs(night: Night, name: str) -> None:
    """Over HTTP, as a supervisor gets it."""
    with night.database.write() as session:
        customers.put_down(session, [Entry("+15145550142", name, name, "en", name)], night.clock.now())
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    for path in ("/compliance.csv", "/compliance/figures.csv"):
        answer = night.web.get(f"{path}?month=2026-11")
        assert answer.status_code == 200
        assert len(reopened(answer.text)) > 1
