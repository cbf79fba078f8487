"""A supervisor asks in the morning whether every promise was kept, and if not, why; the month is told by itself."""

import csv
import io
from dataclasses import replace

import pytest
from sqlmodel import col, select, update

from app import pdf
from callbacks.engine.intake import summary
from callbacks.engine.jobs import periodic, verification
from callbacks.engine.jobs.periodic import SummaryBackfill
from callbacks.engine.runtime.loop import Engine
from callbacks.oncall.contacts import Entry
from callbacks.store.sql import audits, customers, tables
from tests.night import Night, seconds

MONTH = "/compliance?month=2026-11"


def one_met_one_missed(night: Night) -> None:
    """Ana bridges the first customer; for the second Sue takes it, tries nothing in time and calls too late."""
    ana, _ = night.on_call("ana", "bob")
    with night.database.write() as session:
        entry = Entry(night.other_customer.number, name='=HYPERLINK("http://x")', company="<b>Roy</b>")
        customers.put_down(session, [entry], night.clock.now())
    night.customer_leaves_message()
    ana.is_called_back_by("3").presses("1")
    night.customer.answers(and_talks_for=seconds(90))
    ana.presses("1").proves("6 restarted")
    night.other_customer.calls().leaves_message()
    night.minutes_pass(12)
    night.sue.replies("1")
    night.minutes_pass(25)
    night.sue.proves("4").proves("6 fixed")
    # What everybody was told on the way is other stories' business.
    night.taken_up |= {m.sid for m in night.sent()}


def test_the_morning_after(night: Night) -> None:
    one_met_one_missed(night)
    shown = night.web.get(MONTH)
    assert shown.status_code == 200
    for part in (
        ">1 of 2<", "95 % interval 9.5 to 90.5 %", 'data-testid="n-missed">1<', 'href="/emergencies/E-000002"',
        "Ana Roy was paged at 02:02", "it was acknowledged at 02:14, and Sue Tremblay has had it since 02:39",
        "the first attempt was at 02:39; the deadline was 02:31; the customer was reached at 02:39.",
        "&lt;b&gt;Roy&lt;/b&gt;", 'role="img" aria-labelledby="dots-title dots-desc"', "October 2026", "December 2026",
    ):  # fmt: skip
        assert part in shown.text, part
    assert "<b>Roy" not in shown.text
    assert "style=" not in shown.text.split("<main")[1]
    in_french = night.web.get(MONTH, headers={"accept-language": "fr"}).text
    assert "la première tentative a eu lieu à 02:39" in in_french
    assert "novembre 2026" in in_french
    assert "No emergencies in this period." in night.web.get("/compliance?from=2026-10-01&to=2026-10-07").text
    for wrong in ("month=2026-13", "from=2026-11-02&to=2026-11-01", "from=0001-01-01&to=2026-11-01", "from=2026-11-01"):
        assert night.web.get(f"/compliance?{wrong}").status_code == 422, wrong
    told = night.get("/api/v1/report?from=2026-11-24&to=2026-11-24")
    assert (told["compliance"], told["compliance_interval"], told["misses"]) == (0.5, [0.0945, 0.9055], ["E-000002"])
    assert told["times"]["human"]["n"] == 2
    assert [t["name"] for t in told["groups"]["technician"]] == ["sue", "ana"]
    with night.database.read() as session:
        assert verification.verify(session) is None
    night.nobody_else_was_contacted()


def test_it_is_taken_along(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """CSV that no spreadsheet runs, a PDF, and a note of who took it."""
    one_met_one_missed(night)
    rows = list(csv.DictReader(io.StringIO(night.web.get("/compliance.csv?month=2026-11").text, newline="")))
    assert [(r["ref"], r["outcome"], r["technician"]) for r in rows] == [
        ("E-000001", "met", "ana"),
        ("E-000002", "missed", "sue"),
    ]
    assert rows[1]["name"].startswith("'=HYPERLINK")
    assert rows[1]["number"] == night.other_customer.number
    assert rows[1]["seconds_to_human"] == rows[1]["seconds_to_resolution"]
    figures = night.web.get("/compliance/figures.csv?month=2026-11").text
    assert "compliance,0.5\r\n" in figures
    assert not [cell for row in csv.reader(io.StringIO(figures)) for cell in row if cell[:1] in tuple("=+-@\t\r")]
    paper = night.web.get("/compliance.pdf?month=2026-11")
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")
    with night.database.read() as session:
        taken = [row.details for row in audits.latest(session, action="compliance")]
    assert [what for details in taken for what in ("pdf", "figures as csv", "emergencies") if what in details] == [
        "pdf", "figures as csv", "emergencies"]  # fmt: skip
    monkeypatch.setattr(pdf, "available", lambda: False)
    assert night.web.get("/compliance.pdf?month=2026-11").status_code == 503
    assert ".[pdf]" in night.web.get(MONTH).text
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_the_month_is_told_once_when_support_has_opened(night: Night) -> None:
    heard: list[str] = []
    one_met_one_missed(night)
    context = replace(night.context, alarm=heard.append)
    night.it_is("2026-12-01 07:29")
    assert not periodic.send_monthly_report(context)
    night.it_is("2026-12-01 07:30")
    assert periodic.send_monthly_report(context)
    assert not periodic.send_monthly_report(context)
    Engine(context).run_once()
    with night.database.read() as session:
        told = session.exec(select(tables.Outbox).where(tables.Outbox.about == "month")).one()
    assert (told.state, told.kind) == ("done", "alarm")
    assert [line for line in heard if "2026-11-01 to 2026-11-30" in line] == heard
    for part in (
        "1 of 2 (95 % interval 9.5 to 90.5 %)",
        "Missed: E-000002.",
        f"{night.address}/compliance?month=2026-11",
    ):
        assert part in heard[0]
    assert "%" not in heard[0].replace(" %", "").replace("95 %", "")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_summaries_of_an_older_version_are_folded_until_they_are_renewed(night: Night) -> None:
    one_met_one_missed(night)
    before = night.get("/api/v1/report?from=2026-11-24&to=2026-11-24")
    gone = dict.fromkeys(("first_priority", "clock_started_at", "resolve_due_at", "contact_by"))
    with night.database.write() as session:
        session.execute(update(tables.Emergency).values(version=0, **gone))
    assert night.get("/api/v1/report?from=2026-11-24&to=2026-11-24") == before
    with night.database.read() as session:
        wakes = set(session.exec(select(tables.Emergency.id, tables.Emergency.wake_at, tables.Emergency.fence)))
    backfill = SummaryBackfill(night.context)
    assert (backfill.look(), backfill.look()) == (2, 0)
    with night.database.read() as session:
        assert set(session.exec(select(tables.Emergency.id, tables.Emergency.wake_at, tables.Emergency.fence))) == wakes
        assert set(session.exec(select(tables.Emergency.version))) == {summary.VERSION}
        assert verification.verify(session) is None
    assert night.get("/api/v1/report?from=2026-11-24&to=2026-11-24") == before
    with night.database.write() as session:
        session.execute(update(tables.Emergency).where(col(tables.Emergency.id) == 2).values(contact_by="bob"))
    with night.database.read() as session:
        bad = verification.verify(session)
    assert bad is not None and (bad.ref, "contact_by" in bad.problem) == ("E-000002", True)
    night.nobody_else_was_contacted()


def test_between_the_deadline_and_the_timer_the_report_is_right_to_the_second(night: Night) -> None:
    """The engine stands still: nobody has written the miss down, and the report says it all the same."""
    night.on_call("ana", "bob")
    night.customer_leaves_message()
    night.taken_up |= {m.sid for m in night.sent()}
    night.clock.turn(minutes=29)
    assert night.get("/api/v1/report?from=2026-11-24&to=2026-11-24")["pending"] == 1
    night.clock.turn(minutes=2)
    told = night.get("/api/v1/report?from=2026-11-24&to=2026-11-24")
    assert (told["pending"], told["missed"], told["misses"]) == (0, 1, ["E-000001"])
    night.people["bob"].gets_sms("P1 E-000001")
    night.sue.gets_sms("MISSED E-")
    night.customer.gets_sms("we promised to call you")
    night.nobody_else_was_contacted()
