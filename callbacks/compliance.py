"""Figures over many verdicts: how often the promise was kept, with n beside every share.

- Compliance = met / (met + missed); void stands beside it, and once more counted against us.
- A share of nothing is null, never 0 or 100 %.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callbacks.wallclock import starts_at

OUTCOMES = ("met", "missed", "void", "withdrawn", "excluded", "pending")
EVIDENCE = ("carrier", "customer", "declared")


@dataclass(frozen=True, slots=True)
class Judged:
    """One emergency, reduced to what the figures need. `seconds` to the contact when met."""

    outcome: str
    evidence: str
    seconds: int | None
    our_outage: bool
    priority: str = "P1"
    resolution: str = "pending"
    coverage: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """`first` and `last` are dates in the support time zone, both included."""

    first: date
    last: date
    counts: dict[str, int]
    evidence: dict[str, int]
    our_outage: int
    median_seconds: int | None
    slowest_seconds: int | None
    resolution: dict[str, int]
    priority: dict[str, int]
    coverage: dict[str, int]

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def compliance(self) -> float | None:
        return _share(self.counts["met"], self.counts["met"] + self.counts["missed"])

    @property
    def compliance_void_against(self) -> float | None:
        return _share(self.counts["met"], self.counts["met"] + self.counts["missed"] + self.counts["void"])


def figures(first: date, last: date, judged: Iterable[Judged]) -> Figures:
    """The figures of a period."""
    found = list(judged)
    counts = Counter(j.outcome for j in found)
    met = [j for j in found if j.outcome == "met"]
    evidence = Counter(j.evidence for j in met)
    seconds = sorted(j.seconds for j in met if j.seconds is not None)
    return Figures(
        first=first,
        last=last,
        counts={name: counts[name] for name in OUTCOMES},
        evidence={name: evidence[name] for name in EVIDENCE},
        our_outage=sum(j.our_outage for j in found),
        median_seconds=seconds[(len(seconds) - 1) // 2] if seconds else None,
        slowest_seconds=seconds[-1] if seconds else None,
        resolution=_count(j.resolution for j in found),
        priority=_count(j.priority for j in found),
        coverage=_count(j.coverage or "not said" for j in found),
    )


def _count(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def record(f: Figures) -> dict[str, object]:
    """The report as JSON."""
    return {
        "from": f.first.isoformat(),
        "to": f.last.isoformat(),
        "n": f.n,
        **f.counts,
        "compliance": f.compliance,
        "compliance_n": f.counts["met"] + f.counts["missed"],
        "compliance_void_against": f.compliance_void_against,
        "compliance_void_against_n": f.counts["met"] + f.counts["missed"] + f.counts["void"],
        "met_by_evidence": f.evidence,
        "our_outage": f.our_outage,
        "median_seconds": f.median_seconds,
        "slowest_seconds": f.slowest_seconds,
        "resolution": f.resolution,
        "by_priority": f.priority,
        "by_coverage": f.coverage,
    }


def as_csv(f: Figures) -> str:
    """The same figures as lines of figure and value; groups are written as group.name. No cell can be a formula:
    names are ours and values are numbers, dates or empty."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["figure", "value"])
    for name, value in record(f).items():
        if isinstance(value, dict):
            lines.writerows([f"{name}.{part}", n] for part, n in value.items())
        else:
            lines.writerow([name, "" if value is None else value])
    return out.getvalue()


def span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open instants (UTC) of whole local days, both dates included."""
    after = last + timedelta(days=1)
    return starts_at(datetime.combine(first, time()), zone), starts_at(datetime.combine(after, time()), zone)


def month(text: str) -> tuple[date, date]:
    """First and last day of YYYY-MM. Raises ValueError."""
    first = datetime.strptime(text, "%Y-%m").date()
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first, following - timedelta(days=1)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
