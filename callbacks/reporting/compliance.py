"""Figures over many verdicts: how often the promise was kept, with n beside every share.

- Compliance = met / (met + missed); void stands beside it, and once more counted against us. A miss while we were
  down is a miss in both: our outage is told, never excused.
- A share of nothing is null, never 0 or 100 %; a share has an interval, a time has percentiles.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from callbacks.emergency.model import Evidence, Outcome, ref_of
from callbacks.emergency.promise import EmergencyOutcome
from callbacks.lib.percentiles import Percentiles, Rate, percentiles, wilson
from callbacks.lib.wallclock import Wall, starts_at
from callbacks.messages.wording import length

# The same figures for some of the emergencies: by priority, technician, customer, hour of the day.

OUTCOMES = (Outcome.MET, Outcome.MISSED, Outcome.VOID, Outcome.WITHDRAWN, Outcome.EXCLUDED, Outcome.PENDING)


class Group(StrEnum):
    """By what figures are taken apart; the hour is that of the call, on our wall."""

    PRIORITY = "priority"
    TECHNICIAN = "technician"
    CUSTOMER = "customer"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Tally:
    """Some emergencies: how many of each outcome, the rates that makes, and the time to a human. `name` is None
    where there is none: nobody had it, or the caller's number is not known."""

    name: str | None
    counts: dict[Outcome, int]
    human: Percentiles

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def published(self) -> Rate:
        """Met of met and missed."""
        return Rate(self.counts[Outcome.MET], self.counts[Outcome.MET] + self.counts[Outcome.MISSED])

    @property
    def strict(self) -> Rate:
        """The same with void counted against us."""
        return Rate(
            self.counts[Outcome.MET], self.counts[Outcome.MET] + self.counts[Outcome.MISSED] + self.counts[Outcome.VOID]
        )


def tally(name: str | None, found: Sequence[EmergencyOutcome]) -> Tally:
    counts = Counter([j.outcome for j in found])
    return Tally(name, {outcome: counts[outcome] for outcome in OUTCOMES}, to_human(found))


def to_human(found: Iterable[EmergencyOutcome]) -> Percentiles:
    """Of everything that counts: neither excluded nor withdrawn."""
    return percentiles([j.to_human for j in found if j.outcome not in (Outcome.EXCLUDED, Outcome.WITHDRAWN)])


def grouped(found: Sequence[EmergencyOutcome], zone: ZoneInfo) -> dict[Group, tuple[Tally, ...]]:
    """Excluded emergencies (drills, blocked callers) are nobody's. Technicians and customers come
    with the most misses first, then the most emergencies; hours are local, those without a case left out."""
    counted = [j for j in found if j.outcome != Outcome.EXCLUDED]
    wall = Wall(zone)
    return {
        Group.PRIORITY: _by(counted, lambda j: j.priority, _by_name),
        Group.TECHNICIAN: _by(counted, lambda j: j.technician, _by_trouble),
        Group.CUSTOMER: _by(counted, lambda j: j.customer, _by_trouble),
        Group.HOUR: _by(counted, lambda j: f"{wall.time(j.started_at).hour:02d}", _by_name),
    }


def _by(
    found: Sequence[EmergencyOutcome],
    key: Callable[[EmergencyOutcome], str | None],
    order: Callable[[Tally], tuple[int | str, ...]],
) -> tuple[Tally, ...]:
    parts: dict[str | None, list[EmergencyOutcome]] = {}
    for j in found:
        parts.setdefault(key(j), []).append(j)
    return tuple(sorted((tally(name, part) for name, part in parts.items()), key=order))


def _by_name(t: Tally) -> tuple[int | str, ...]:
    return (t.name or "",)


def _by_trouble(t: Tally) -> tuple[int | str, ...]:
    return (-t.counts[Outcome.MISSED], -t.n, t.name or "")


EVIDENCE = (Evidence.CARRIER, Evidence.CUSTOMER, Evidence.DECLARED)
EARLIEST = date(2000, 1, 1)
LATEST = date(2999, 12, 31)
NO_PERIOD = "Give a month, or a first and a last day in order, between 2000 and 2999."
NO_DATES = "Months look like 2026-11 and days like 2026-11-24."
TIMES = ("first_page", "acknowledgement", "human", "resolution")


@dataclass(frozen=True, slots=True)
class Figures:
    """`first` and `last` are dates in the support time zone, both included. `times` are by TIMES, from the start of
    the clock, over everything not excluded; `human` leaves withdrawn ones out too. `misses` are ids, oldest first."""

    first: date
    last: date
    whole: Tally
    evidence: dict[Evidence, int]
    our_outage: int
    met_seconds: Percentiles
    resolution: dict[str, int]
    priority: dict[str, int]
    coverage: dict[str, int]
    times: Mapping[str, Percentiles]
    groups: Mapping[Group, tuple[Tally, ...]]
    misses: tuple[int, ...]

    @property
    def n(self) -> int:
        return self.whole.n

    @property
    def counts(self) -> dict[Outcome, int]:
        return self.whole.counts

    @property
    def resolved(self) -> Rate:
        """Resolved or worked around in time, of those where that is decided."""
        met = self.resolution.get(Outcome.MET, 0)
        return Rate(met, met + self.resolution.get(Outcome.MISSED, 0))


def figures(first: date, last: date, outcomes: Iterable[EmergencyOutcome], zone: ZoneInfo) -> Figures:
    """The figures of a period, its emergencies oldest first; hours of the day are on the wall in `zone`."""
    found = list(outcomes)
    met = [j for j in found if j.outcome == Outcome.MET]
    evidence = Counter([j.evidence for j in met])
    counted = [j for j in found if j.outcome != Outcome.EXCLUDED]
    return Figures(
        first=first,
        last=last,
        whole=tally("", found),
        evidence={name: evidence[name] for name in EVIDENCE},
        our_outage=sum([j.our_outage for j in found]),
        met_seconds=percentiles([j.seconds for j in met]),
        resolution=_count([j.resolution for j in found]),
        priority=_count([j.priority for j in found]),
        coverage=_count([j.coverage or "not said" for j in found]),
        times={
            "first_page": percentiles([j.to_page for j in counted]),
            "acknowledgement": percentiles([j.to_acknowledgement for j in counted]),
            "human": to_human(found),
            "resolution": percentiles([j.to_resolution for j in counted]),
        },
        groups=grouped(found, zone),
        misses=tuple(j.id for j in found if j.outcome == Outcome.MISSED),
    )


def _count(words: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open instants (UTC) of whole local days, both dates included. Raises ValueError."""
    if not EARLIEST <= first <= last <= LATEST:
        raise ValueError(NO_PERIOD)
    after = last + timedelta(days=1)
    return starts_at(datetime.combine(first, time()), zone), starts_at(datetime.combine(after, time()), zone)


def period(month_text: str | None, first: str | None, last: str | None) -> tuple[date, date]:
    """First and last day of a month, or of a range. Raises ValueError with what would be right."""
    if bool(month_text) == bool(first and last) or (month_text and (first or last)):
        raise ValueError(NO_PERIOD)
    try:
        begin, end = (
            month(month_text) if month_text else (date.fromisoformat(first or ""), date.fromisoformat(last or ""))
        )
    except (ValueError, OverflowError):
        raise ValueError(NO_DATES) from None
    if not EARLIEST <= begin <= end <= LATEST:
        raise ValueError(NO_PERIOD)
    return begin, end


def month(text: str) -> tuple[date, date]:
    """First and last day of YYYY-MM. Raises ValueError."""
    return month_of(datetime.strptime(text, "%Y-%m").date())


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the month that `day` is in."""
    first = day.replace(day=1)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first, following - timedelta(days=1)


# The figures as lines of plain text: what `callbacks report` prints and what supervisors get each month.

MOST_MISSES = 20


def report_text(f: Figures, address: str) -> str:
    """The month's mail: the rates with n and interval, the times, the misses by reference, the page's address."""
    return "\n".join([*_lines(f), "", f"All of it, with a sentence on each miss: {address}"])


def _lines(f: Figures) -> Iterator[str]:
    yield f"Callbacks, {f.first} to {f.last}: {f.n} {'emergency' if f.n == 1 else 'emergencies'}."
    yield "Promise kept (met of met and missed): " + rate_text(f.whole.published)
    yield "The same with void counted against us: " + rate_text(f.whole.strict)
    yield ", ".join(f"{count} {name}" for name, count in f.counts.items()) + "."
    if f.our_outage:
        yield f"{f.our_outage} of the missed while we were down; they count as missed."
    yield "Resolved or worked around in time: " + rate_text(f.resolved)
    for name, s in f.times.items():
        if s.n:
            durations = f"half within {length(s.p50)}, nine of ten within {length(s.p90)}, slowest {length(s.slowest)}"
            yield f"To {name.replace('_', ' ')}: {durations} (n = {s.n})."
    refs = [ref_of(number) for number in f.misses]
    if refs:
        more = f" and {len(refs) - MOST_MISSES} more" if len(refs) > MOST_MISSES else ""
        yield f"Missed: {', '.join(refs[:MOST_MISSES])}{more}."


def rate_text(r: Rate) -> str:
    """57 of 60, 95.0 % (95 % interval 86.3 to 98.3 %); no percentage where it would say more than is known."""
    exact = wilson(r.part, r.whole)
    if exact is None:
        return "no cases yet (n = 0)"
    low, high = (f"{end * 100:.1f}" for end in exact)
    shown = f"{r.part} of {r.whole}" if r.is_small else f"{r.part} of {r.whole}, {r.part / r.whole * 100:.1f} %"
    return f"{shown} (95 % interval {low} to {high} %)"
