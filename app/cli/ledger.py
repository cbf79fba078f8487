"""`show`, `list`, `verify`, `evidence` and `checkpoints accept`: what the ledger says, and what proves it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import current_database, current_database_of, not_right, say, say_json, table, wrong_usage
from app.settings import load_local_settings
from callbacks.emergency.fold import fold
from callbacks.engine.intake import summary
from callbacks.engine.intake.summary import events_of
from callbacks.engine.jobs import checkpoints, verification
from callbacks.lib.wallclock import rfc3339
from callbacks.messages.catalog import LANGUAGES
from callbacks.reporting.record import record
from callbacks.store.sql import emergencies

if TYPE_CHECKING:
    from app.evidence.pack import Pack
    from callbacks.store.sql.database import Database

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def install(cli: typer.Typer) -> None:
    for command in (show, list_, verify, evidence):
        cli.command(name=command.__name__.rstrip("_"))(command)
    group = typer.Typer(help="Checkpoints that prove the ledgers complete.", no_args_is_help=True)
    group.callback()(lambda: None)  # a group of one command is a group all the same
    group.command()(accept)
    cli.add_typer(group, name="checkpoints")


def show(ref: Annotated[str, typer.Argument(help="Such as E-000042.")], json: Json = False) -> None:
    """Shows one emergency with its ledger and verdict.

    Example: callbacks show E-000042
    """
    with current_database().read() as session:
        row = emergencies.by_ref(session, ref)
        if row is None:
            not_right(f"There is no emergency {ref}; a reference looks like E-000042")
        entries = session.ledger.read(row.id)
    e = fold(events_of(entries))
    assert e is not None
    facts = record(e, datetime.now(UTC)).shown()
    items = [x.shown() for x in entries]
    if json:
        return say_json({**facts, "ledger": items})
    verdict = facts["verdict"]
    say(f"{e.ref}  {e.priority}  {facts['state']}  {verdict['outcome']} ({verdict['evidence']})")
    say(verdict["why"])
    say(f"called {facts['call_started_at']}  due {facts['due_at']}  owner {e.owner or 'nobody'}")
    for item in items:
        details = "  ".join(f"{k}={v}" for k, v in item["facts"].items() if k != "terms")
        say(f"  {item['seq']:>3}  {item['at']}  {item['kind']}  {details}")
    return None


def list_(open: Annotated[bool, typer.Option("--open", help="Only open ones.")] = False, json: Json = False) -> None:
    """Lists emergencies, oldest first.

    Example: callbacks list --open
    """
    with current_database().read() as session:
        rows = emergencies.listed(session, is_open=True if open else None)
        items = [one.shown() for one in summary.records(session, rows, datetime.now(UTC))]
    if json:
        return say_json({"items": items, "next_cursor": None})
    head = ["ref", "priority", "state", "due_at", "owner", "verdict", "evidence"]
    rows_ = [
        [
            i["ref"],
            i["priority"],
            i["state"],
            i["due_at"],
            i["acknowledged_by"] or "nobody",
            i["verdict"]["outcome"],
            i["verdict"]["evidence"],
        ]
        for i in items
    ]
    return table([head, *rows_])


def verify(
    json: Json = False,
    copy: Annotated[
        Path | None,
        typer.Option("--checkpoints", metavar="FILE", help="Another copy of the checkpoints."),
    ] = None,
) -> None:
    """Recomputes every chain, summary and verdict from the ledger, and looks for missing rows.

    Example: callbacks verify --checkpoints /mnt/elsewhere/anchors.jsonl
    """
    settings = load_local_settings()
    file, now = copy or settings.data_dir / checkpoints.NAME, datetime.now(UTC)
    database = current_database()
    with database.read() as session, _watched() as progress:
        try:
            if copy:
                copy.read_bytes()
            held = checkpoints.held(session, file)
        except (OSError, ValueError) as error:
            wrong_usage(f"{file}: {error}; name the anchors.jsonl of the data directory, or a copy of it")
        found = verification.report(session, held, settings.seal, partial(type(database), database.url), progress)
    if json:
        say_json(_reported(found, now))
    elif found.bad:
        where = f"first bad row: {found.bad.ref} fact {found.bad.seq}: " if found.bad.ref else ""
        say(f"{where}{found.bad.problem}")
    else:
        for line in _fine(found, now):
            say(line)
    raise typer.Exit(1 if found.bad else 0)


@contextmanager
def _watched() -> Iterator[verification.Progress | None]:
    """A bar on standard error, where somebody sees it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("ledgers", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _reported(found: verification.Report, now: datetime) -> dict[str, object]:
    until = found.covered_until
    return {
        "ok": found.bad is None,
        "first_bad_row": asdict(found.bad) if found.bad else None,
        "emergencies": found.emergencies,
        "not_chained": found.not_chained,
        "facts": found.facts,
        "checkpoints": {
            "lines": found.checkpoints,
            "newest": rfc3339(until),
            "age_seconds": round((now - until).total_seconds()) if until else None,
            "facts_behind": found.facts_behind,
        },
    }


def _fine(found: verification.Report, now: datetime) -> Iterator[str]:
    n = found.emergencies
    yield f"fine: {n} ledger{'' if n == 1 else 's'} recomputed"
    if found.not_chained:
        yield f"{found.not_chained} of them are not in the chain of emergencies: an older version opened them"
    if found.covered_until is None:
        yield f"no checkpoint yet: {found.facts_behind} facts are not covered"
    else:
        age = str(now - found.covered_until).partition(".")[0]
        held = f"{found.checkpoints} checkpoint{' holds' if found.checkpoints == 1 else 's hold'}"
        yield f"{held}; the newest is {age} old, facts recorded since: {found.facts_behind}"


def evidence(
    ref: Annotated[str, typer.Argument(help="Such as E-000042.")],
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="ZIP file to write; an existing file is never overwritten.")
    ],
    language: Annotated[str, typer.Option("--language", help="Language of the report: en or fr.")] = "en",
) -> None:
    """Exports one emergency as a ZIP that anybody can verify; the export is recorded in the audit log.

    Example: callbacks evidence E-000042 --output E-000042-evidence.zip
    """
    from app.evidence.pack import EXPORTED

    if language not in LANGUAGES:
        wrong_usage(f"--language: {language!r} is not one of {', '.join(LANGUAGES)}")
    database = current_database()
    made = _made(database, ref, language)
    try:
        with output.open("xb") as file:
            file.write(made.content)
    except OSError as error:
        wrong_usage(
            f"{output}: cannot be written ({error.strerror}); name a new file in a folder that you may write to"
        )
    with database.write() as session:
        session.audits.put(datetime.now(UTC), "command", "command", EXPORTED, made.ref, sha256=made.sha256)
    say(f"{output}: {len(made.content)} bytes, SHA-256 {made.sha256}")


def _made(database: "Database", ref: str, language: str) -> "Pack":
    from app.evidence.pack import pack
    from app.web.emergency.detail import story_of

    settings = load_local_settings()
    with database.read() as session:
        row = emergencies.by_ref(session, ref)
        if row is None:
            not_right(f"There is no emergency {ref}; a reference looks like E-000042")
        zone = session.people.current_roster().timezone
        return pack(session, story_of(session, row), settings.data_dir, settings.public_url, zone, language)


def accept(
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided this; recorded in the audit log.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Accepts the ledgers as they are now, after a restored backup, a lost checkpoint file or a changed secret key.

    The checkpoint file is moved aside and a new one is started. `verify` still reports faults within the chains.

    Example: callbacks checkpoints accept --by sue
    """
    from app.settings import load_settings
    from app.wiring import build_context

    settings = load_settings()
    database = current_database_of(settings)
    if not yes:
        typer.confirm(
            "From now on nothing proves what the ledgers held before. Keep the old file. Continue", abort=True
        )
    aside = checkpoints.accept(build_context(settings, database), by)
    if aside:
        say(f"the old checkpoints are in {aside}; keep them")
    say("resealed; run callbacks verify. On other nodes, move anchors.jsonl away; a new one is written")
