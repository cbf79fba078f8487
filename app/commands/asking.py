"""`show`, `list`, `report` and `verify`: what the ledger says."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from app.commands.console import current_database, not_right, say, say_json, table, wrong_usage
from app.settings import load_local_settings
from app.wiring import load_policy
from callbacks import compliance
from callbacks.engine import proof
from callbacks.engine.stories import events_of
from callbacks.folding import fold
from callbacks.record import record, rfc3339
from callbacks.store import emergencies, ledger

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
FORMATS = ("table", "json", "csv")


def install(cli: typer.Typer) -> None:
    for command in (show, list_, report, verify):
        cli.command(name=command.__name__.rstrip("_"))(command)


def show(ref: Annotated[str, typer.Argument(help="Such as E-000042.")], json: Json = False) -> None:
    """One emergency with its ledger and verdict.

    Example: callbacks show E-000042
    """
    with current_database().read() as session:
        row = emergencies.by_ref(session, ref)
        if row is None or row.id is None:
            not_right(f"There is no emergency {ref}; a reference looks like E-000042")
        entries = ledger.read(session, row.id)
    e = fold(events_of(entries))
    assert e is not None
    facts = record(e, datetime.now(UTC))
    items = [_fact(x) for x in entries]
    if json:
        return say_json({**facts, "ledger": items})
    verdict = facts["verdict"]
    say(f"{e.ref}  {e.priority}  {facts['state']}  {verdict['outcome']} ({verdict['evidence']})")
    say(verdict["why"])
    say(f"called {facts['call_started_at']}  due {facts['due_at']}  owner {e.owner or 'nobody'}")
    for item in items:
        details = "  ".join(f"{k}={v}" for k, v in item["facts"].items() if k != "terms")  # type: ignore[attr-defined]
        say(f"  {item['seq']:>3}  {item['at']}  {item['kind']}  {details}")
    return None


def list_(
    open: Annotated[bool, typer.Option("--open", help="Only those that are open.")] = False, json: Json = False
) -> None:
    """Emergencies, oldest first.

    Example: callbacks list --open
    """
    now = datetime.now(UTC)
    with current_database().read() as session:
        rows = emergencies.listed(session, is_open=True if open else None)
        found = ledger.read_many(session, [r.id for r in rows if r.id is not None])
    items = [record(e, now) for entries in found.values() if (e := fold(events_of(entries)))]
    if json:
        return say_json({"items": items, "next_cursor": None})
    head = ["ref", "priority", "state", "due_at", "owner", "verdict", "evidence"]
    rows_ = [
        [i["ref"], i["priority"], i["state"], i["due_at"], i["acknowledged_by"] or "nobody", i["verdict"]["outcome"],
         i["verdict"]["evidence"]]
        for i in items
    ]  # fmt: skip
    return table([head, *rows_])


def report(
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM")] = None,
    first: Annotated[str | None, typer.Option("--from", metavar="D", help="First day, in support time.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="D", help="Last day, included.")] = None,
    format: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
) -> None:
    """How often the promise was kept.

    Example: callbacks report --month 2026-11 --format json
    """
    if format not in FORMATS:
        wrong_usage(f"--format: {format!r} is not one of {', '.join(FORMATS)}")
    begin, end = _days(month, first, last)
    zone = ZoneInfo(load_policy(load_local_settings()).support_hours.timezone)
    since, until = compliance.span(begin, end, zone)
    with current_database().read() as session:
        found = proof.judged(session, since, until, datetime.now(UTC))
    figures = compliance.figures(begin, end, found)
    if format == "json":
        return say_json(compliance.record(figures))
    if format == "csv":
        return say(compliance.as_csv(figures).rstrip())
    return _say_figures(figures)


def verify(json: Json = False) -> None:
    """Recomputes every chain, summary and verdict from the ledger.

    Example: callbacks verify
    """
    with current_database().read() as session:
        bad = proof.verify(session)
        n = len(emergencies.listed(session))
    if json:
        say_json({"ok": bad is None, "first_bad_row": asdict(bad) if bad else None})
    elif bad:
        say(f"first bad row: {bad.ref} fact {bad.seq}: {bad.problem}")
    else:
        say(f"fine: {n} ledger{'' if n == 1 else 's'} recomputed")
    raise typer.Exit(1 if bad else 0)


def _fact(entry: ledger.Entry) -> dict[str, object]:
    facts = {k: v for k, v in entry.body.items() if k != "commitment"} | (entry.private or {})
    return {
        "seq": entry.seq, "kind": entry.kind, "at": rfc3339(entry.at), "recorded_at": rfc3339(entry.recorded_at),
        "facts": facts, "hash": entry.hash,
    }  # fmt: skip


def _days(month: str | None, first: str | None, last: str | None) -> tuple[date, date]:
    try:
        if month and not first and not last:
            return compliance.month(month)
        if first and last and not month:
            begin, end = date.fromisoformat(first), date.fromisoformat(last)
            if begin <= end:
                return begin, end
    except ValueError:
        wrong_usage("Dates look like 2026-11-24 and months like 2026-11.")
    wrong_usage("Give --month YYYY-MM, or --from D and --to D with D in order.")


def _say_figures(f: compliance.Figures) -> None:
    def share(value: float | None, n: int) -> str:
        return f"{value:.1%} (n = {n})" if value is not None else "no case yet (n = 0)"

    decided = f.counts["met"] + f.counts["missed"]
    say(f"{f.first} to {f.last}: {f.n} {'emergency' if f.n == 1 else 'emergencies'}")
    for name, count in f.counts.items():
        say(f"  {name:<10} {count}")
    say(f"  compliance, met of met and missed: {share(f.compliance, decided)}")
    say(f"  with void counted against us:      {share(f.compliance_void_against, decided + f.counts['void'])}")
    for title, counts in (("resolution", f.resolution), ("priority", f.priority), ("coverage", f.coverage)):
        say(f"  by {title + ':':<12} " + (", ".join(f"{n} {name}" for name, n in counts.items()) or "none"))
    if f.counts["met"]:
        say("  met by evidence: " + ", ".join(f"{n} {name}" for name, n in f.evidence.items()))
    if f.median_seconds is not None:
        say(f"  median {f.median_seconds} s, slowest {f.slowest_seconds} s to the conversation (n = {f.counts['met']})")
