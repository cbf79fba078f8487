"""`policy check`, `hours` and `deadline`: what was promised, and when support is open. No database needed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import instant, log_to_standard_error, not_right, read_file, say, say_json, told, wrong_usage
from app.settings import load_local_settings
from callbacks.lib.toml import Fault, FaultyFile, format_duration
from callbacks.lib.wallclock import rfc3339
from callbacks.oncall.roster import read_roster
from callbacks.policy.hours import NeverOpen, deadlines, is_open, next_close, next_open, periods
from callbacks.policy.lint import lint, worst_case
from callbacks.policy.model import PUBLISHED, Policy, read_policy

checks = typer.Typer(help="The support policy.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", metavar="F", help="Policy file; default: the one in force.")
]


def install(cli: typer.Typer) -> None:
    cli.add_typer(checks, name="policy")
    cli.command()(hours)
    cli.command()(deadline)


@checks.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="Policy file; default: the one in force.")] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="F", help="Roster to validate names against.")
    ] = None,
    json: Json = False,
) -> None:
    """Checks whether a policy can keep its promise, and shows the worst case.

    Example: callbacks policy check policy.toml --roster roster.toml
    """
    policy, faults = _faults_of(file)
    names, source = _rotations(roster)
    if policy:
        faults = lint(policy, names)
    if json:
        say_json({"ok": not faults, "faults": [_fault(f) for f in faults], "rotations": source})
    else:
        for line in told(file or "published policy", faults):
            say(line)
        if policy:
            _say_worst_case(policy)
        if names is None:
            say("rotation names: not checked (no roster given or loaded)")
        say("faulty" if faults else "fine")
    raise typer.Exit(1 if faults else 0)


def hours(
    at: Annotated[str | None, typer.Option("--at", metavar="T", help="Default: now.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="T")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="T")] = None,
    policy: PolicyFile = None,
    json: Json = False,
) -> None:
    """Shows whether support is open and when that changes, or the open periods.

    Example: callbacks hours --at 2026-12-24T17:00:00-05:00 --json
    """
    first, last = instant(since, "--from"), instant(until, "--to")
    if (first is None) != (last is None) or (at and first):
        wrong_usage("Give --at T, or --from T and --to T together.")
    table = _policy(policy).support_hours
    if first and last:
        spans = [{"from": rfc3339(a), "to": rfc3339(b)} for a, b in periods(table, first, last)]
        if json:
            return say_json({"periods": spans})
        return say("\n".join(f"{s['from']}  {s['to']}" for s in spans))
    now = instant(at, "--at") or datetime.now(UTC)
    answer = {
        "at": rfc3339(now),
        "open": is_open(table, now),
        "next_open": rfc3339(next_open(table, now)),
        "next_close": rfc3339(next_close(table, now)),
    }
    if json:
        return say_json(answer)
    say(f"{'open' if answer['open'] else 'closed'} at {answer['at']}")
    say(f"next open  {answer['next_open'] or 'never'}")
    return say(f"next close {answer['next_close'] or 'never'}")


def deadline(
    since: Annotated[str, typer.Option("--from", metavar="T", help="When the clock starts.")],
    policy: PolicyFile = None,
    json: Json = False,
) -> None:
    """Shows by when each priority must be reacted to and resolved.

    Example: callbacks deadline --from 2026-11-24T17:30:00-05:00
    """
    start = instant(since, "--from")
    assert start is not None
    try:
        found = deadlines(_policy(policy), start)
    except NeverOpen as never:
        not_right(f"a business deadline never comes: {never}; see: callbacks policy check")
    record = {n: {"react_by": rfc3339(d.react_by), "resolve_by": rfc3339(d.resolve_by)} for n, d in found.items()}
    if json:
        return say_json({"from": rfc3339(start), "deadlines": record})
    for name, d in record.items():
        say(f"{name}  react by {d['react_by']}  resolve by {d['resolve_by']}")
    return None


def _policy(path: Path | None) -> Policy:
    """A policy for asking; leaves with exit 1 when it is faulty."""
    policy, faults = _faults_of(path)
    if policy is None:
        not_right("\n".join(told(path or "policy", faults)))
    return policy


def _faults_of(path: Path | None) -> tuple[Policy | None, list[Fault]]:
    chosen = path or load_local_settings().policy_file
    if chosen is None:
        return PUBLISHED, []
    if not chosen.is_file():
        wrong_usage(f"{chosen}: file not found; name a policy file")
    try:
        return read_policy(read_file(chosen)), []
    except FaultyFile as error:
        return None, list(error.faults)


def _rotations(path: Path | None) -> tuple[tuple[str, ...] | None, str]:
    """The rotation names to hold a policy against, and where they come from."""
    if path:
        if not path.is_file():
            wrong_usage(f"{path}: file not found; name a roster file")
        try:
            return read_roster(read_file(path)).rotation_names, str(path)
        except FaultyFile as error:
            not_right("\n".join(told(path, error)))
    settings = load_local_settings()
    if settings.database_url.startswith("sqlite") and not Path(settings.database_url[10:]).is_file():
        return None, "not checked"
    from app.wiring import open_database
    from callbacks.store.sql.migrations import schema_is_current

    log_to_standard_error()
    database = open_database(settings, checked=False)
    if not database.healthy() or not schema_is_current(database):
        return None, "not checked"
    with database.read() as session:
        names = session.people.current_roster().rotation_names
    return (names, "loaded roster") if names else (None, "not checked")


def _say_worst_case(policy: Policy) -> None:
    worst = worst_case(policy)
    say("worst case, from the start of the clock (greeting and menus, up to a minute, not included):")
    for at, whom, channels in worst.rings:
        say(f"  {format_duration(at):>6}  {whom} by {' and '.join(channels)}")
    within = format_duration(policy.promise.callback_within)
    say(f"  {format_duration(worst.left)} of {within} remain to call the customer")


def _fault(fault: Fault) -> dict[str, str]:
    return {"key": fault.key, "value": fault.value, "problem": fault.problem, "fix": fault.fix}
