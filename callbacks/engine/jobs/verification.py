"""Everything recomputed from the ledgers: chains, summaries and verdicts, and whether anything is missing."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.emergency.fold import fold
from callbacks.emergency.model import Emergency, ref_of
from callbacks.engine.intake import summary
from callbacks.engine.intake.summary import events_of
from callbacks.engine.jobs.checkpoints import PROBLEMS, Held, Recount, State
from callbacks.store import emergencies, heads, ledger
from callbacks.store.checkpoint import Seal
from callbacks.store.database import Transaction
from callbacks.store.tables import EmergencyRow

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


def verify(session: Transaction, seal: Seal | None = None) -> ledger.BadRow | None:
    """The first row that does not add up, or None."""
    return report(session, Held(), seal).bad


def report(session: Transaction, held: Held, seal: Seal | None) -> Report:
    """The ledgers, held against the lines of a checkpoint file too. `seal` None looks at no seal."""
    head = heads.read(session)
    chain = heads.openings(session, head, seal)
    counted = Recount(held.lines)
    bad = _named(chain.wrong)
    if bad is None:

        def complain(row: EmergencyRow, entries: list[ledger.Entry]) -> str | None:
            return _missing(row, entries, chain, seal) or _complaint(row, entries)

        bad = ledger.verify(session, complain, counted.see)
    if bad is None and (why := _of_checkpoints(held, counted.problem(seal))):
        bad = ledger.BadRow("", 0, why)
    n, until = emergencies.count(session), held.lines[-1].ends if held.lines else None
    not_chained = n - len(chain.first_hashes)
    return Report(bad, n, max(not_chained, 0), counted.facts, len(held.lines), until, counted.behind)


def _of_checkpoints(held: Held, differs: str | None) -> str | None:
    """Lines that the database lacks are fine while its facts still give them: they are taken up."""
    return PROBLEMS[State.AHEAD] if differs and held.state is State.AHEAD else held.problem or differs


def _named(missing: heads.Missing | None) -> ledger.BadRow | None:
    if missing is None:
        return None
    return ledger.BadRow(ref_of(missing.emergency_id) if missing.emergency_id else "", 0, missing.problem)


def _missing(row: EmergencyRow, entries: list[ledger.Entry], chain: heads.Openings, seal: Seal | None) -> str | None:
    """What the ledger lacks that it had."""
    first = chain.first_hashes.get(row.id)
    if first is not None and (not entries or entries[0].hash != first):
        return "its first fact is not the one that the chain of emergencies has"
    through = heads.sealed_through(row)
    hash_at = entries[through - 1].hash if 0 < through <= len(entries) else None
    if heads.is_whole(row, hash_at, seal, first is not None):
        return None
    return "the ledger does not hold what it was sealed with: facts are missing, or CALLBACKS_SECRET_KEY was changed"


def _complaint(row: EmergencyRow, entries: list[ledger.Entry]) -> str | None:
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
