"""`simulate`: how often a policy would keep its promise with a roster, and which single change would help most."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.console import current_database, not_right, read_file, say, say_json, told, wrong_usage
from app.settings import load_local_settings
from app.wiring import open_database
from callbacks.engine.intake.summary import events_of
from callbacks.lib.toml import FaultyFile
from callbacks.oncall.roster import EMPTY, Roster, read_roster
from callbacks.policy.lint import lint
from callbacks.policy.model import PUBLISHED, Policy, read_policy
from callbacks.simulation.people import Habits
from callbacks.simulation.rehearsal import COUNTED, Kept, Rehearsal, Tried, bars, habits_of, rehearse, svg
from callbacks.store.sql import emergencies
from callbacks.store.sql.migrations import schema_is_current

MOST_NIGHTS = 100_000
LEARNT_FROM = 2000
ENOUGH = 5
PLAIN = 3.84  # of the nights that differ, more than chance would have (95 %)
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", metavar="F", help="Policy file; default: the one in force.")
]
RosterFile = Annotated[Path | None, typer.Option("--roster", metavar="F", help="Roster file; default: the loaded one.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def install(cli: typer.Typer) -> None:
    cli.command()(simulate)


def simulate(
    nights: Annotated[int, typer.Option("--nights", metavar="N", help="Number of nights, one emergency each.")] = 200,
    policy: PolicyFile = None,
    roster: RosterFile = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same answer.")] = 0,
    learn: Annotated[bool, typer.Option("--learn", help="Use each person's response history.")] = False,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE", help="Also write an SVG chart.")] = None,
    json: Json = False,
) -> None:
    """Simulates nights: how often the promise is kept, and what would raise it most.

    Example: callbacks simulate --nights 500 --roster roster.toml --picture promise.svg
    """
    if not 1 <= nights <= MOST_NIGHTS:
        wrong_usage(f"--nights: {nights} is out of range; use 1 to {MOST_NIGHTS}")
    if seed < 0:
        wrong_usage(f"--seed: {seed} is negative; use 0 or more")
    rules, source = _policy(policy)
    turns, whose = _roster(roster)
    habits = _habits(turns) if learn else {}
    found = rehearse(rules, turns, nights, seed, habits)
    facts = _facts(found, rules, nights, seed, source, whose, turns, habits)
    if picture:
        _draw(picture, found, nights, seed)
    if json:
        return say_json(facts)
    return _say(found, facts, rules)


# --- what it is asked about ---


def _policy(path: Path | None) -> tuple[Policy, str]:
    chosen = path or load_local_settings().policy_file
    if chosen is None:
        return PUBLISHED, "published policy"
    if not chosen.is_file():
        wrong_usage(f"{chosen}: file not found; name a policy file")
    try:
        return read_policy(read_file(chosen)), chosen.name
    except FaultyFile as error:
        not_right("\n".join(told(chosen, error)))


def _roster(path: Path | None) -> tuple[Roster, str]:
    if path:
        if not path.is_file():
            wrong_usage(f"{path}: file not found; name a roster file")
        try:
            return read_roster(read_file(path)), path.name
        except FaultyFile as error:
            not_right("\n".join(told(path, error)))
    loaded = _loaded()
    if loaded == EMPTY:
        not_right("No roster is loaded; name one with --roster F, or load one with: callbacks roster load F")
    return loaded, "loaded roster"


def _loaded() -> Roster:
    settings = load_local_settings()
    if settings.database_url.startswith("sqlite") and not Path(settings.database_url[10:]).is_file():
        return EMPTY
    database = open_database(settings, checked=False)
    if not database.healthy() or not schema_is_current(database):
        return EMPTY
    with database.read() as session:
        return session.people.current_roster()


def _habits(roster: Roster) -> dict[str, Habits]:
    """Of everybody on the roster who was paged often enough to say something."""
    with current_database().read() as session:
        ids = [row.id for row in emergencies.listed(session)[-LEARNT_FROM:]]
        stories = [
            events_of(x) for n in range(0, len(ids), 200) for x in session.ledger.read_many(ids[n : n + 200]).values()
        ]
    known = {p.name for p in roster.people}
    return {name: h for name, h in habits_of(stories).items() if name in known and h.paged >= ENOUGH}


# --- what it says ---


def _facts(
    found: Rehearsal,
    policy: Policy,
    nights: int,
    seed: int,
    source: str,
    whose: str,
    roster: Roster,
    habits: dict[str, Habits],
) -> dict[str, Any]:
    return {
        "nights": nights,
        "seed": seed,
        "policy": source,
        "roster": whose,
        "faults": [str(fault) for fault in lint(policy, roster.rotation_names)],
        "assumed": _assumed(roster, habits),
        "learnt": {name: {"paged": h.paged, "answered": len(h.answered_after)} for name, h in habits.items()},
        **_kept(found.now),
        "changes": [_tried(tried, found.now) for tried in found.tried],
    }


def _kept(kept: Kept) -> dict[str, Any]:
    low, high = kept.interval
    return {
        "n": kept.counted,
        **{name: kept.count(name) for name in (*COUNTED, "withdrawn", "excluded", "waiting", "broken")},
        "share": round(kept.share, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "median_seconds": kept.median_seconds,
    }


def _tried(tried: Tried, now: Kept) -> dict[str, Any]:
    gain = round(tried.kept.share - now.share, 4)
    beside = {"gain": gain, "better": tried.better, "worse": tried.worse}
    return {"change": tried.change.name, "what": tried.change.what, **beside, **_kept(tried.kept)}


def _assumed(roster: Roster, habits: dict[str, Habits]) -> list[str]:
    unknown = [p.name for p in roster.people if p.name not in habits]
    found = ["one caller a night, at a random time outside support hours, over eight weeks; a typical carrier"]
    if unknown:
        found.append(f"response modelled, no history: {', '.join(unknown)}")
    if habits:
        found.append(f"response learnt from history: {', '.join(habits)}")
    feeds = [feed.rotation for feed in roster.calendars]
    return [
        *found,
        *(f"rotation {name} comes from a calendar, which is not read here: nobody is on call" for name in feeds),
    ]


def _say(found: Rehearsal, facts: dict[str, Any], policy: Policy) -> None:
    now = found.now
    say(f"{facts['policy']}, {facts['roster']}, {facts['nights']} nights, seed {facts['seed']}")
    for line in (*facts["assumed"], *facts["faults"]):
        say(f"  {line}")
    say()
    say(
        f"kept {_percent(now)} of {now.counted}: {now.count('met')} met, {now.count('missed')} missed; "
        f"{now.count('void')} void"
    )
    for line in bars(now, int(policy.promise.callback_within.total_seconds())):
        say(line)
    say()
    say("with one change, on the same nights:")
    for tried in found.tried:
        gain = 100 * (tried.kept.share - now.share)
        say(f"  {gain:+5.1f}  {_percent(tried.kept)}  {tried.change.what} ({tried.better} better, {tried.worse} worse)")
    say(_best(found))


def _best(found: Rehearsal) -> str:
    best = found.tried[0] if found.tried else None
    if best is None or best.better <= best.worse:
        return "no single change tried here would help"
    odds = (best.better - best.worse) ** 2 / (best.better + best.worse)
    chance = "" if odds >= PLAIN else "; this may be chance: simulate more nights"
    return f"most would help: {best.change.what}{chance}"


def _percent(kept: Kept) -> str:
    low, high = kept.interval
    return f"{100 * kept.share:.1f} % ({100 * low:.1f}–{100 * high:.1f})"


def _draw(path: Path, found: Rehearsal, nights: int, seed: int) -> None:
    title = f"Promise kept in {nights} simulated nights (seed {seed}), with 95 % intervals"
    try:
        path.write_text(svg(found, title), "utf-8")
    except OSError as error:
        wrong_usage(f"{path}: cannot be written ({error.strerror}); name a file in a folder that exists")
