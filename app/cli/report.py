"""`report`: how often the promise was kept, as lines, JSON, CSV or PDF."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from app import pdf
from app.cli.console import current_database, say, say_json, wrong_usage
from app.settings import load_local_settings
from app.web.reports import compliance_report
from app.web.reports.compliance_report import Words
from app.wiring import load_policy
from callbacks.emergency.model import Outcome, ref_of
from callbacks.emergency.promise import EmergencyOutcome
from callbacks.engine.jobs.export import outcomes_between
from callbacks.oncall.coverage import Duty
from callbacks.policy.model import Policy
from callbacks.reporting import compliance
from callbacks.reporting.compliance import rate_text
from callbacks.reporting.record import as_csv
from callbacks.reporting.record import report as record_of
from callbacks.store.sql.database import Database

FORMATS = ("table", "json", "csv", "pdf")
MOST_MISSES = 50
MOST_EXPLAINED = 200


def install(cli: typer.Typer) -> None:
    cli.command(name="report")(report)


def report(
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM")] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="D", help="First day, in the support time zone.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="D", help="Last day, included.")] = None,
    format: Annotated[str, typer.Option("--format", help="table, json, csv or pdf.")] = "table",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="PDF file to write; default: standard output.")
    ] = None,
) -> None:
    """Reports how often the promise was kept.

    Example: callbacks report --month 2026-11 --format json
    """
    if format not in FORMATS:
        wrong_usage(f"--format: {format!r} is not one of {', '.join(FORMATS)}")
    if format == "pdf" and not pdf.available():
        wrong_usage(pdf.MISSING)
    if output and format != "pdf":
        wrong_usage("--output goes with --format pdf; the other formats are text for your shell to redirect")
    try:
        begin, end = compliance.period(month, first, last)
    except ValueError as wrong:
        wrong_usage(f"{wrong} Use --month YYYY-MM, or --from D and --to D.")
    policy, database, now = load_policy(load_local_settings()), current_database(), datetime.now(UTC)
    zone = ZoneInfo(policy.support_hours.timezone)
    with database.read() as session:
        found = outcomes_between(session, *compliance.span(begin, end, zone), now)
    figures = compliance.figures(begin, end, found, zone)
    if format == "json":
        return say_json(record_of(figures).shown())
    if format == "csv":
        return say(as_csv(figures).replace("\r\n", "\n").rstrip())  # a terminal's line ends
    if format == "pdf":
        return _write(_paper(database, policy, figures, found, now), output)
    return _say_figures(figures)


def _paper(
    database: Database, policy: Policy, figures: compliance.Figures, found: list[EmergencyOutcome], now: datetime
) -> bytes:
    words = Words("en")
    with database.read() as session:
        duty, zone = Duty(session.people.current_roster()), policy.support_hours.timezone
        misses = compliance_report.explained(session, figures.misses[:MOST_EXPLAINED], duty, zone, words)
    return compliance_report.on_paper(policy, words, figures, found, misses, now)


def _write(made: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(made)
        return
    try:
        output.write_bytes(made)
    except OSError as error:
        wrong_usage(f"{output}: cannot be written ({error}); name a file in a folder that you may write to")


def _say_figures(f: compliance.Figures) -> None:
    say(f"{f.first} to {f.last}: {f.n} {'emergency' if f.n == 1 else 'emergencies'}")
    for outcome, count in f.counts.items():
        say(f"  {outcome:<10} {count}")
    say(f"  compliance, met / (met + missed):  {rate_text(f.whole.published)}")
    say(f"  strict, void counted as missed:    {rate_text(f.whole.strict)}")
    for title, counts in (("resolution", f.resolution), ("priority", f.priority), ("coverage", f.coverage)):
        say(f"  by {title + ':':<12} " + (", ".join(f"{n} {name}" for name, n in counts.items()) or "none"))
    if f.counts[Outcome.MET]:
        say("  met by evidence: " + ", ".join(f"{n} {evidence}" for evidence, n in f.evidence.items()))
    for name, s in f.times.items():
        title = name.replace("_", " ") + ":"
        if s.n:
            say(f"  to {title:<17} P50 {s.p50} s, P90 {s.p90} s, slowest {s.slowest} s (n = {s.n})")
    for number in f.misses[:MOST_MISSES]:
        say(f"  missed: {ref_of(number)}")
