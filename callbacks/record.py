"""An emergency as the outside reads it: the JSON of the API and of `show --json`. Times are RFC 3339 in UTC."""

from datetime import UTC, datetime
from typing import Any

from callbacks.emergency import promise
from callbacks.emergency.model import Emergency
from callbacks.emergency.promise import seven_times
from callbacks.messages import wording
from callbacks.oncall.schedule import Shift

Json = dict[str, Any]


def shift(s: Shift) -> Json:
    """One shift; `technician` null is a gap."""
    return {
        "rotation": s.rotation, "technician": s.technician, "from": rfc3339(s.start), "to": rfc3339(s.end),
        "override": s.override,
    }  # fmt: skip


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
    shown = {name: {"due_at": rfc3339(due), "outcome": v.outcome} for name, (due, v) in both.items()}
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


def rfc3339(at: datetime | None) -> str | None:
    """UTC with a Z; fractions only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _attempt(a: promise.Attempt) -> Json:
    return {"at": rfc3339(a.at), "by": a.by, "result": a.result, "talk_seconds": a.talk_seconds}
