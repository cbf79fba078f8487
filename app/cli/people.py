"""`roster check`, `roster load`, `roster export`, `oncall` and `token new`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import (
    current_database,
    instant,
    log_to_standard_error,
    not_right,
    read_file,
    say,
    say_json,
    table,
    told,
    wrong_usage,
)
from callbacks.lib.toml import FaultyFile
from callbacks.lib.wallclock import rfc3339
from callbacks.oncall.calendar_feed import MOST_BYTES, BrokenFeed, Feed, LeftOut
from callbacks.oncall.roster import (
    EMPTY,
    CalendarFeed,
    Override,
    Roster,
    compare,
    override_faults,
    read_roster,
    write_roster,
)
from callbacks.oncall.schedule import Feeds, on_call, override_span, shift_record, shifts

if TYPE_CHECKING:
    from callbacks.store.sql.people import Loaded
    from callbacks.store.sql.transaction import Transaction

INSTANT = timedelta(microseconds=1)
rosters = typer.Typer(help="People, rotations and overrides, as a TOML file.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def install(cli: typer.Typer) -> None:
    cli.add_typer(rosters, name="roster")
    cli.command()(oncall)


@rosters.command()
def check(file: Annotated[Path, typer.Argument()]) -> None:
    """Checks a roster file and its calendars; loads nothing.

    Example: callbacks roster check roster.toml
    """
    from callbacks.store.feeds import AFTER

    roster, faults, now = _read(file), list[str](), datetime.now(UTC)
    for feed in roster.calendars:
        try:
            found = _read_calendar(roster, feed, now, now + AFTER)
        except BrokenFeed as fault:
            faults.append(f"calendar of {feed.rotation}: {fault}")
        else:
            faults += _told_left_out({feed.rotation: found.left_out})
    if faults:
        not_right("\n".join(f"{file}: {line}" for line in faults))
    people = (roster.technicians, "technician"), (roster.supervisors, "supervisor"), (roster.rotation_names, "rotation")
    say("fine: " + ", ".join(f"{len(some)} {name}{'' if len(some) == 1 else 's'}" for some, name in people))


@rosters.command()
def load(file: Annotated[Path, typer.Argument()]) -> None:
    """Loads a roster file, all or nothing, and shows what changes; people whose shift changes now are told.

    Overrides that were added on the schedule page stay, unless the file lists them or no longer has their rotation or
    technician.

    Example: callbacks roster load roster.toml
    """
    from callbacks.engine.jobs.roster_publication import hold, put_in_force
    from callbacks.store.sql import people

    roster, database, by, now = _read(file), current_database(), getuser(), datetime.now(UTC)

    def once(session: "Transaction") -> tuple[Roster, people.Loaded]:
        hold(session)
        before = session.people.current_roster()
        put = partial(people.load_roster, session, roster, by, now)
        return before, put_in_force(session, now, put)

    before, loaded = database.transact(once)
    for line in [*compare(before, loaded.roster), *_overrides_of_page(before, loaded, now)]:
        say(line)
    say("loaded" if before != loaded.roster else "loaded; nothing changed")


def _overrides_of_page(before: Roster, loaded: "Loaded", now: datetime) -> Iterator[str]:
    """What became of the schedule page's overrides that are not over."""
    for o in loaded.kept:
        if override_span(loaded.roster, o)[1] > now:
            yield f"kept: {_told_override(o)}, added on the schedule page; remove it there"
    for o in loaded.dropped:
        if override_span(before, o)[1] > now:
            why = override_faults(loaded.roster, o)[0]
            yield f"REMOVED: {_told_override(o)}, added on the schedule page: {why.value} {why.problem} of this file"


def _told_override(o: Override) -> str:
    span = f"{o.start:%Y-%m-%d %H:%M} to {o.end:%Y-%m-%d %H:%M}"
    return f"override of {o.rotation}, {span}, {o.technician or 'nobody'}"


@rosters.command()
def export() -> None:
    """Prints the roster in force as TOML, including overrides from the schedule page, with who added each and why.

    Example: callbacks roster export > roster.toml
    """
    from callbacks.store.sql import people

    with current_database().read() as session:
        roster, notes = session.people.current_roster(), people.override_notes(session)
    say(write_roster(roster, notes).rstrip("\n"))


def oncall(
    at: Annotated[str | None, typer.Option("--at", metavar="T", help="Default: now.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="T")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="T")] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="FILE", help="Read this file instead of the database.")
    ] = None,
    rotation: Annotated[str | None, typer.Option("--rotation", metavar="NAME")] = None,
    json: Json = False,
) -> None:
    """Shows who is on call at a time, or the shifts in a period.

    Example: callbacks oncall --from 2026-11-24T00:00:00Z --to 2026-12-01T00:00:00Z --roster roster.toml
    """
    first, last = instant(since, "--from"), instant(until, "--to")
    if (first is None) != (last is None) or (at and first):
        wrong_usage("Give --at T, or --from T and --to T together.")
    if first and last and first >= last:
        wrong_usage("--from must come before --to.")
    begin, end = (first, last) if first and last else (now := instant(at, "--at") or datetime.now(UTC), now + INSTANT)
    known, feeds, left_out = _from_file(roster, begin, end) if roster else _in_force(begin, end)
    if rotation and rotation not in known.rotation_names:
        wrong_usage(f"--rotation: there is no {rotation!r}; use one of {', '.join(known.rotation_names) or 'none'}")
    for line in _told_left_out(left_out, rotation):
        typer.echo(line, err=True)
    if first and last:
        return _say_shifts(known, feeds, first, last, rotation, json)
    return _say_now(known, feeds, begin, rotation, json)


def _read(file: Path) -> Roster:
    if not file.is_file():
        wrong_usage(f"{file}: file not found; name a roster file")
    try:
        return read_roster(read_file(file))
    except FaultyFile as error:
        not_right("\n".join(told(file, error)))


LeftOuts = Mapping[str, Sequence[LeftOut]]


def _from_file(file: Path, start: datetime, end: datetime) -> tuple[Roster, Feeds, LeftOuts]:
    """A roster file and what its calendars say now, over the span."""
    roster = _read(file)
    try:
        found = {feed.rotation: _read_calendar(roster, feed, start, end) for feed in roster.calendars}
    except BrokenFeed as fault:
        not_right(f"{file}: calendar: {fault}")
    return roster, {n: f.shifts for n, f in found.items()}, {n: f.left_out for n, f in found.items()}


def _read_calendar(roster: Roster, feed: CalendarFeed, start: datetime, end: datetime) -> Feed:
    """Fetched and worked out as the engine does it. Raises BrokenFeed."""
    from app.settings import load_local_settings
    from callbacks.engine.jobs.feed_process import read_apart
    from callbacks.engine.jobs.feeds import fetch
    from callbacks.telephony.outgoing import CalendarClient

    log_to_standard_error()
    client = CalendarClient(load_local_settings().is_demo, MOST_BYTES + 1)
    return read_apart(fetch(feed.url, client), feed.rotation, roster, start, end)


def _in_force(start: datetime, end: datetime) -> tuple[Roster, Feeds, LeftOuts]:
    """The loaded roster and what the engine last read of its calendars."""
    from callbacks.engine.jobs import feeds as calendars
    from callbacks.store.sql import feeds as stored

    now = datetime.now(UTC)
    with current_database().read() as session:
        roster = session.people.current_roster()
        return roster, stored.between(session, roster, start, end), calendars.left_out(session, roster, now)


def _told_left_out(left_out: LeftOuts, rotation: str | None = None) -> list[str]:
    return [
        f"calendar of {name}: {item}" for name, items in left_out.items() if rotation in (None, name) for item in items
    ]


def _say_shifts(
    roster: Roster, feeds: Feeds, first: datetime, last: datetime, rotation: str | None, json: bool
) -> None:
    items = [shift_record(s) for s in shifts(roster, first, last, rotation, feeds)]
    if json:
        return say_json({"shifts": items})
    head = ["rotation", "technician", "from", "to", ""]
    rows = [
        [
            str(i["rotation"]),
            str(i["technician"] or "nobody"),
            str(i["from"]),
            str(i["to"]),
            "override" if i["override"] else "",
        ]
        for i in items
    ]
    return table([head, *rows])


def _say_now(roster: Roster, feeds: Feeds, at: datetime, rotation: str | None, json: bool) -> None:
    found = {name: who for name, who in on_call(roster, at, feeds).items() if rotation in (None, name)}
    if json:
        return say_json({"at": rfc3339(at), "on_call": found})
    if roster == EMPTY:
        return say("nobody: no roster is loaded; run: callbacks roster load FILE")
    return table([["rotation", "technician"], *([name, who or "nobody"] for name, who in found.items())])
