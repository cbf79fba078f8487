"""An emergency as the outside reads it: the JSON of the API and of `show --json`. Times are RFC 3339 in UTC."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from callbacks.emergency import promise
from callbacks.emergency.model import Emergency, ref_of
from callbacks.emergency.promise import seven_times
from callbacks.lib.percentiles import Percentiles, Rate
from callbacks.lib.wallclock import rfc3339
from callbacks.messages import wording
from callbacks.reporting.compliance import Figures, Tally

Json = dict[str, Any]


def record(e: Emergency, now: datetime) -> Json:
    """The emergency at `now`, verdict included."""
    return {
        "ref": e.ref,
        "state": promise.state(e),
        "priority": e.priority,
        "drill": e.drill,
        "customer": {"number": e.number, "withheld": e.withheld, "name": e.name or e.company},
        "call_sid": e.call_sid,
        "recording_sid": e.recording_sid,
        "found_by": e.found_by,
        "call_started_at": rfc3339(e.call_started_at),
        "message_ended_at": rfc3339(e.message_ended_at),
        "opened_at": rfc3339(e.opened_at),
        "due_at": rfc3339(promise.due_at(e)),
        "first_page_at": rfc3339(e.first_page_at),
        "acknowledged_at": rfc3339(e.owned_since),
        "acknowledged_by": e.owner,
        "attempts": [_attempt(a) for a in promise.attempts_to_show(e, now)],
        "contact_at": rfc3339(promise.first_contact(e)),
        "resolved_at": rfc3339(e.resolved_at),
        "transcript": None,
        "message_seconds": e.message_seconds,
        "verdict": verdict(promise.judge(e, now)),
        "company": e.company,
        "times": {name: {"at": rfc3339(m.at), "source": m.source} for name, m in seven_times(e).items()},
        "clocks": _clocks(e, now),
        "resolution": _resolution(e, now),
        "reclassified": _reclassified(e, now),
        "coverage": {"product": e.product, "coverage": e.coverage},
    }


def _clocks(e: Emergency, now: datetime) -> Json:
    """Both ways to count, and which of them decides."""
    both = promise.by_both_clocks(e, now)
    shown: Json = {name: {"due_at": rfc3339(due), "outcome": v.outcome} for name, (due, v) in both.items()}
    return {"decides": e.terms.clock_starts, **shown}


def _resolution(e: Emergency, now: datetime) -> Json:
    """The second verdict: resolved, or worked around, in time."""
    outcome = promise.resolution(e, now)
    return {"due_at": rfc3339(promise.resolve_by(e)), "outcome": outcome, "how": e.resolved_how}


def _reclassified(e: Emergency, now: datetime) -> Json | None:
    """What the reaction would be judged by under the priority it has now; the original clock decides."""
    if e.priority == e.first_priority:
        return None
    due = promise.react_by(e, e.priority)
    outcome = promise.judge_by(e, now, due).outcome
    return {"from": e.first_priority, "to": e.priority, "due_at": rfc3339(due), "outcome": outcome}


def verdict(v: promise.Verdict) -> Json:
    """The verdict, with one sentence that says what decided."""
    return {
        "outcome": v.outcome,
        "evidence": v.evidence,
        "seconds": v.seconds,
        "our_outage": v.our_outage,
        "why": wording.explain(v),
    }


def _attempt(a: promise.Attempt) -> Json:
    return {"at": rfc3339(a.at), "by": a.by, "result": a.result, "talk_seconds": a.talk_seconds}


# The figures as the outside reads them: JSON, and the same as CSV.

JsonValue = dict[str, object]
MOST_IN_A_GROUP = 100
MOST_MISSES = 1000


def figures_record(f: Figures) -> JsonValue:
    """The report as JSON. Of technicians and customers the first hundred stand in it, of misses the first thousand;
    `group_sizes` and `missed` say how many there are."""
    return {
        "from": f.first.isoformat(),
        "to": f.last.isoformat(),
        "n": f.n,
        **{str(outcome): n for outcome, n in f.counts.items()},
        "compliance": f.whole.published.share,
        "compliance_n": f.whole.published.whole,
        "compliance_interval": f.whole.published.interval,
        "compliance_void_against": f.whole.strict.share,
        "compliance_void_against_n": f.whole.strict.whole,
        "compliance_void_against_interval": f.whole.strict.interval,
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
        "misses": [ref_of(number) for number in f.misses[:MOST_MISSES]],
    }


def _tally(t: Tally) -> JsonValue:
    return {
        "name": t.name,
        "n": t.n,
        **{str(outcome): n for outcome, n in t.counts.items()},
        "compliance": _rate(t.published),
        "compliance_void_against": _rate(t.strict),
        "human": _spread(t.human),
    }


def _rate(r: Rate) -> JsonValue:
    return {"share": r.share, "n": r.whole, "interval": r.interval}


def _spread(s: Percentiles) -> JsonValue:
    return {"n": s.n, "p50_seconds": s.p50, "p90_seconds": s.p90, "slowest_seconds": s.slowest}


def as_csv(f: Figures) -> str:
    """The same figures as lines of figure and value; groups are written as group.name, lists by their members' names
    or by number. No cell can be a formula: a figure begins with a word of ours, values are numbers, dates, references
    or empty."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(["figure", "value"])
    lines.writerows(_lines("", figures_record(f)))
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
