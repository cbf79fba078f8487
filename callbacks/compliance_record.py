"""The figures as the outside reads them: JSON, and the same as CSV."""

import csv
import io
from collections.abc import Iterator

from callbacks.compliance import Figures
from callbacks.compliance_groups import Tally
from callbacks.lib.percentiles import Rate, Spread

Json = dict[str, object]
MOST_IN_A_GROUP, MOST_MISSES = 100, 1000


def record(f: Figures) -> Json:
    """The report as JSON. Of technicians and customers the first hundred stand in it, of misses the first thousand;
    `group_sizes` and `missed` say how many there are."""
    return {
        "from": f.first.isoformat(),
        "to": f.last.isoformat(),
        "n": f.n,
        **f.counts,
        "compliance": f.whole.published.share,
        "compliance_n": f.whole.published.whole,
        "compliance_interval": f.whole.published.interval,
        "compliance_void_against": f.whole.harsh.share,
        "compliance_void_against_n": f.whole.harsh.whole,
        "compliance_void_against_interval": f.whole.harsh.interval,
        "met_by_evidence": f.evidence,
        "our_outage": f.our_outage,
        "median_seconds": f.met_seconds.p50,
        "slowest_seconds": f.met_seconds.slowest,
        "resolution": f.resolution,
        "resolution_rate": _rate(f.resolved),
        "by_priority": f.priority,
        "by_coverage": f.coverage,
        "times": {name: _spread(s) for name, s in f.times.items()},
        "groups": {name: [_tally(t) for t in found[:MOST_IN_A_GROUP]] for name, found in f.groups.items()},
        "group_sizes": {name: len(found) for name, found in f.groups.items()},
        "misses": [f"E-{number:06d}" for number in f.misses[:MOST_MISSES]],
    }


def _tally(t: Tally) -> Json:
    return {
        "name": t.name,
        "n": t.n,
        **t.counts,
        "compliance": _rate(t.published),
        "compliance_void_against": _rate(t.harsh),
        "human": _spread(t.human),
    }


def _rate(r: Rate) -> Json:
    return {"share": r.share, "n": r.whole, "interval": r.interval}


def _spread(s: Spread) -> Json:
    return {"n": s.n, "p50_seconds": s.p50, "p90_seconds": s.p90, "slowest_seconds": s.slowest}


def as_csv(f: Figures) -> str:
    """The same figures as lines of figure and value; groups are written as group.name, lists by their members' names
    or by number. No cell can be a formula: a figure begins with a word of ours, values are numbers, dates, references
    or empty."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(["figure", "value"])
    lines.writerows(_lines("", record(f)))
    return out.getvalue()


def _lines(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for part, inner in value.items():
            yield from _lines(f"{name}.{part}" if name else part, inner)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, 1):
            yield from _listed(name, number, inner)
    else:
        yield name, "" if value is None else value


def _listed(name: str, number: int, value: object) -> Iterator[tuple[str, object]]:
    if not isinstance(value, dict):
        yield f"{name}.{number}", value
        return
    own = value["name"] if value["name"] is not None else "none"
    yield from _lines(f"{name}.{own}", {k: v for k, v in value.items() if k != "name"})
