"""Everything recomputed from the ledgers: chains, summaries and verdicts, and whether anything is missing.

Many ledgers are read in parts by several processes, each with a connection of its own. The parts come back in rising
order, so what is found, and what is found first, is the same as in one process.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from callbacks.emergency.fold import fold
from callbacks.emergency.model import Emergency, ref_of
from callbacks.engine.intake import summary
from callbacks.engine.intake.summary import events_of
from callbacks.engine.jobs.checkpoints import PROBLEMS, Held, Recount, Seen, State
from callbacks.store import heads, ledger
from callbacks.store.checkpoint import Seal
from callbacks.store.interface import Store, Transaction
from callbacks.store.rows import EmergencyRow, Entry

log = structlog.get_logger()
PART = 200
ENOUGH = 4_000  # emergencies; with fewer, starting processes takes longer than they save
MOST_PROCESSES = 8
COMPARED = (
    "state",
    "priority",
    "due_at",
    "first_page_at",
    "acknowledged_by",
    "contact_at",
    "is_open",
    "call_sid",
    "outcome",
    "evidence",
    "seconds",
    "our_outage",
)
SINCE_FIGURES = (
    "number",
    "name",
    "first_priority",
    "clock_started_at",
    "first_acknowledged_at",
    "first_attempt_at",
    "contact_by",
    "withdrawn_at",
    "resolve_due_at",
    "resolved_at",
    "resolved_how",
    "coverage",
    "excluded_why",
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a look at everything came to. `not_chained`: emergencies that the chain of openings does not have, since
    they are older than it or an older version opened them; checkpoints alone cover these. `facts_behind`: facts that
    no checkpoint covers yet."""

    bad: ledger.BadRow | None
    emergencies: int
    not_chained: int
    facts: int
    checkpoints: int
    covered_until: datetime | None
    facts_behind: int


@dataclass(frozen=True, slots=True)
class Part:
    """Some emergencies, and the first hashes that the chain of openings has of them."""

    ids: Sequence[int]
    first_hashes: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Look:
    """What a part is held against."""

    ends: Sequence[datetime]
    seal: Seal | None


Progress = Callable[[int, int], None]
Found = tuple[Part, ledger.BadRow | None, Seen]


def verify(session: Transaction, seal: Seal | None = None) -> ledger.BadRow | None:
    """The first row that does not add up, or None."""
    return report(session, Held(), seal).bad


def report(
    session: Transaction,
    held: Held,
    seal: Seal | None,
    again: Callable[[], Store] | None = None,
    progress: Progress | None = None,
) -> Report:
    """The ledgers, held against the lines of a checkpoint file too. `seal` None looks at no seal. `again` opens the
    same store in another process: with it, several share the work where that is worth it. `progress`: emergencies done,
    and of how many."""
    head = session.heads.read()
    chain = heads.openings(session, head, seal)
    bad, counted = _named(chain.wrong), Recount(held.lines)
    if bad is None:
        bad, counted = _looked(session, held, chain, seal, again, progress or _unsaid)
    if bad is None and (why := _of_checkpoints(held, counted.problem(seal))):
        bad = ledger.BadRow("", 0, why)
    n, until = session.emergencies.count(), held.lines[-1].ends if held.lines else None
    not_chained = n - len(chain.first_hashes)
    return Report(bad, n, max(not_chained, 0), counted.facts, len(held.lines), until, counted.behind)


def _looked(
    session: Transaction,
    held: Held,
    chain: heads.Openings,
    seal: Seal | None,
    again: Callable[[], Store] | None,
    progress: Progress,
) -> tuple[ledger.BadRow | None, Recount]:
    """The first bad row, and the lines recomputed up to it."""
    ids, look = session.ledger.emergencies(), Look([line.ends for line in held.lines], seal)
    parts = [_part(ids[n : n + PART], chain) for n in range(0, len(ids), PART)]
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    if again and len(ids) >= ENOUGH and processes > 1:
        session.rest()  # while the others work
        try:
            return _first(_by_processes(again, parts, look, processes), held, len(ids), progress)
        except (BrokenProcessPool, OSError):  # a machine without the room for them
            log.warning("verify.in_one_process", exc_info=True)
    return _first((_checked(session, part, look) for part in parts), held, len(ids), progress)


def _part(ids: Sequence[int], chain: heads.Openings) -> Part:
    return Part(ids, {i: chain.first_hashes[i] for i in ids if i in chain.first_hashes})


def _first(found: Iterator[Found], held: Held, total: int, progress: Progress) -> tuple[ledger.BadRow | None, Recount]:
    counted, done = Recount(held.lines), 0
    for part, bad, seen in found:
        counted.add(seen)
        if bad:
            return bad, counted
        done += len(part.ids)
        progress(done, total)
    return None, counted


def _checked(session: Transaction, part: Part, look: Look) -> Found:
    seen = Seen()

    def complain(row: EmergencyRow, entries: list[Entry]) -> str | None:
        return _missing(row, entries, part.first_hashes, look.seal) or _complaint(row, entries)

    bad = ledger.verify(session, part.ids, complain, partial(seen.see, ends=look.ends))
    return part, bad, seen


def _unsaid(done: int, total: int) -> None:
    """Nobody watches."""


# The same by several processes.

_mine: list[tuple[Store, Look]] = []


def _by_processes(again: Callable[[], Store], parts: Sequence[Part], look: Look, processes: int) -> Iterator[Found]:
    """Spawned ones: a fork would share the connections and the locks of this one."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, _begin, (again, look)) as pool:
        yield from pool.map(_checked_here, parts)


def _begin(again: Callable[[], Store], look: Look) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _mine.append((again(), look))


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _checked_here(part: Part) -> Found:
    database, look = _mine[0]
    with database.read() as session:
        return _checked(session, part, look)


def _of_checkpoints(held: Held, differs: str | None) -> str | None:
    """Lines that the database lacks are fine while its facts still give them: they are taken up."""
    return PROBLEMS[State.AHEAD] if differs and held.state is State.AHEAD else held.problem or differs


def _named(missing: heads.Missing | None) -> ledger.BadRow | None:
    if missing is None:
        return None
    return ledger.BadRow(ref_of(missing.emergency_id) if missing.emergency_id else "", 0, missing.problem)


def _missing(row: EmergencyRow, entries: list[Entry], first_hashes: Mapping[int, str], seal: Seal | None) -> str | None:
    """What the ledger lacks that it had."""
    first = first_hashes.get(row.id)
    if first is not None and (not entries or entries[0].hash != first):
        return "its first fact is not the one that the chain of emergencies has"
    through = heads.sealed_through(row)
    hash_at = entries[through - 1].hash if 0 < through <= len(entries) else None
    if heads.is_whole(row, hash_at, seal, first is not None):
        return None
    return "the ledger does not hold what it was sealed with: facts are missing, or CALLBACKS_SECRET_KEY was changed"


def _complaint(row: EmergencyRow, entries: list[Entry]) -> str | None:
    after = fold(events_of(entries))
    if after is None:
        return "the ledger does not begin with an opening"
    return _difference(row, after, entries[-1].recorded_at)


def _difference(row: EmergencyRow, e: Emergency, at: datetime) -> str | None:
    """What the summary says otherwise than the ledger; the verdict as it was when last written. What figures are
    counted by is compared once this version has written it."""
    fresh = summary.columns(e, at)
    for name in COMPARED + (SINCE_FIGURES if row.version == summary.VERSION else ()):
        if fresh[name] != getattr(row, name):
            return f"the summary's {name} differs from what the ledger says"
    return None
