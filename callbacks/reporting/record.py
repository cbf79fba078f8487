"""An emergency and the figures as the outside reads them: these models make the JSON of the API, of `--json`, of
webhooks and of evidence packs. Times are RFC 3339 in UTC. Fields may be added; nothing else changes.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from callbacks.emergency import model, promise
from callbacks.emergency.model import Coverage, Evidence, Outcome, Resolution, Result, State, ref_of
from callbacks.emergency.promise import seven_times
from callbacks.lib.wallclock import rfc3339
from callbacks.messages import wording
from callbacks.policy.model import ClockStart, Priority
from callbacks.reporting import compliance
from callbacks.reporting.compliance import Figures

Json = dict[str, Any]
Instant = Annotated[
    datetime, PlainSerializer(rfc3339, when_used="json"), WithJsonSchema({"type": "string", "format": "date-time"})
]


class Record(BaseModel):
    """What was not given is not shown."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, from_attributes=True)

    def shown(self) -> Json:
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Customer(Record):
    number: str | None = Field(description="E.164; null when withheld or not known yet.")
    withheld: bool
    name: str | None


class Attempt(Record):
    at: Instant
    by: str = Field(description="A name of the roster.")
    result: Result
    talk_seconds: int


class Verdict(Record):
    outcome: Outcome
    evidence: Evidence
    seconds: int | None = Field(description="From the clock's start to the contact; null unless met.")
    our_outage: bool
    why: str = Field(description="One sentence that says why.")


class Moment(Record):
    at: Instant | None
    source: Literal["carrier", "webhook", "person"] | None = Field(description="Where the evidence comes from.")


class Clock(Record):
    due_at: Instant
    outcome: Outcome


class Clocks(Record):
    """Empty for an emergency whose ledger cannot be read."""

    decides: ClockStart | None = None
    call: Clock | None = None
    message: Clock | None = None


class ResolutionVerdict(Record):
    due_at: Instant | None = None
    outcome: Outcome | None = None
    how: Resolution | None = None


class Reclassified(Record):
    """The reaction deadline under the present priority; the original clock decides."""

    from_: Priority = Field(alias="from")
    to: Priority
    due_at: Instant
    outcome: Outcome


class Covered(Record):
    product: str | None = None
    coverage: Coverage | None = None


class Emergency(Record):
    ref: str
    state: State
    priority: Priority
    drill: bool
    customer: Customer
    call_sid: str | None
    recording_sid: str | None
    found_by: str
    call_started_at: Instant
    message_ended_at: Instant | None
    opened_at: Instant
    due_at: Instant = Field(description="The last instant at which a human callback keeps the promise.")
    first_page_at: Instant | None
    acknowledged_at: Instant | None
    acknowledged_by: str | None = Field(description="A name of the roster.")
    attempts: list[Attempt]
    contact_at: Instant | None
    resolved_at: Instant | None
    transcript: str | None
    message_seconds: int | None
    verdict: Verdict
    company: str | None
    times: dict[str, Moment]
    clocks: Clocks
    resolution: ResolutionVerdict
    reclassified: Reclassified | None
    coverage: Covered


def record(e: model.Emergency, now: datetime) -> Emergency:
    """The emergency at `now`, verdict included."""
    return Emergency(
        ref=e.ref,
        state=promise.state(e),
        priority=e.priority,
        drill=e.drill,
        customer=Customer(number=e.number, withheld=e.withheld, name=e.name or e.company),
        call_sid=e.call_sid,
        recording_sid=e.recording_sid,
        found_by=e.found_by,
        call_started_at=e.call_started_at,
        message_ended_at=e.message_ended_at,
        opened_at=e.opened_at,
        due_at=promise.due_at(e),
        first_page_at=e.first_page_at,
        acknowledged_at=e.owned_since,
        acknowledged_by=e.owner,
        attempts=[Attempt.model_validate(a) for a in promise.attempts_to_show(e, now)],
        contact_at=promise.first_contact(e),
        resolved_at=e.resolved_at,
        transcript=None,
        message_seconds=e.message_seconds,
        verdict=verdict(promise.judge(e, now)),
        company=e.company,
        times={name: Moment.model_validate(m) for name, m in seven_times(e).items()},
        clocks=_clocks(e, now),
        resolution=_resolution(e, now),
        reclassified=_reclassified(e, now),
        coverage=Covered.model_validate(e),
    )


def _clocks(e: model.Emergency, now: datetime) -> Clocks:
    """Both ways to count, and which of them decides."""
    both = promise.by_both_clocks(e, now)
    shown = {name: Clock(due_at=due, outcome=v.outcome) for name, (due, v) in both.items()}
    return Clocks(decides=e.terms.clock_starts, **shown)


def _resolution(e: model.Emergency, now: datetime) -> ResolutionVerdict:
    """The second verdict: resolved, or worked around, in time."""
    outcome = promise.resolution(e, now)
    return ResolutionVerdict(due_at=promise.resolve_by(e), outcome=outcome, how=e.resolved_how)


def _reclassified(e: model.Emergency, now: datetime) -> Reclassified | None:
    if e.priority == e.first_priority:
        return None
    due = promise.react_by(e, e.priority)
    outcome = promise.judge_by(e, now, due).outcome
    return Reclassified(from_=e.first_priority, to=e.priority, due_at=due, outcome=outcome)


def verdict(v: promise.Verdict) -> Verdict:
    return Verdict(
        outcome=v.outcome,
        evidence=v.evidence,
        seconds=v.seconds,
        our_outage=v.our_outage,
        why=wording.explain(v),
    )


# The figures as the outside reads them: JSON, and the same as CSV.

MOST_IN_A_GROUP = 100
MOST_MISSES = 1000


class Share(Record):
    share: float | None
    n: int = Field(validation_alias="whole")
    interval: tuple[float, float] | None


class Percentiles(Record):
    n: int
    p50_seconds: int | None = Field(validation_alias="p50")
    p90_seconds: int | None = Field(validation_alias="p90")
    slowest_seconds: int | None = Field(validation_alias="slowest")


class Tally(Record):
    name: str | None
    n: int
    met: int
    missed: int
    void: int
    withdrawn: int
    excluded: int
    pending: int
    compliance: Share
    compliance_void_against: Share
    human: Percentiles


class Report(Record):
    from_: date = Field(alias="from")
    to: date
    n: int
    met: int
    missed: int
    void: int
    withdrawn: int
    excluded: int
    pending: int
    compliance: float | None = Field(description="met / (met + missed); null when there is none of either.")
    compliance_n: int
    compliance_interval: tuple[float, float] | None
    compliance_void_against: float | None
    compliance_void_against_n: int
    compliance_void_against_interval: tuple[float, float] | None
    met_by_evidence: dict[str, int]
    our_outage: int
    median_seconds: int | None
    slowest_seconds: int | None
    resolution: dict[str, int]
    resolution_rate: Share
    by_priority: dict[str, int]
    by_coverage: dict[str, int]
    times: dict[str, Percentiles]
    groups: dict[str, list[Tally]] = Field(description="At most a hundred of each; `group_sizes` says how many.")
    group_sizes: dict[str, int]
    misses: list[str] = Field(description="The first thousand references.")


def report(f: Figures) -> Report:
    """Lists the first hundred technicians and customers, and the first thousand misses."""
    return Report(
        from_=f.first,
        to=f.last,
        n=f.n,
        **_counts(f.counts),
        compliance=f.whole.published.share,
        compliance_n=f.whole.published.whole,
        compliance_interval=f.whole.published.interval,
        compliance_void_against=f.whole.strict.share,
        compliance_void_against_n=f.whole.strict.whole,
        compliance_void_against_interval=f.whole.strict.interval,
        met_by_evidence=f.evidence,
        our_outage=f.our_outage,
        median_seconds=f.met_seconds.p50,
        slowest_seconds=f.met_seconds.slowest,
        resolution=f.resolution,
        resolution_rate=Share.model_validate(f.resolved),
        by_priority=f.priority,
        by_coverage=f.coverage,
        times={name: Percentiles.model_validate(s) for name, s in f.times.items()},
        groups={name: [_tally(t) for t in found[:MOST_IN_A_GROUP]] for name, found in f.groups.items()},
        group_sizes={name: len(found) for name, found in f.groups.items()},
        misses=[ref_of(number) for number in f.misses[:MOST_MISSES]],
    )


def _counts(found: Mapping[Outcome, int]) -> Json:
    return {str(outcome): n for outcome, n in found.items()}


def _tally(t: compliance.Tally) -> Tally:
    return Tally(
        name=t.name,
        n=t.n,
        **_counts(t.counts),
        compliance=Share.model_validate(t.published),
        compliance_void_against=Share.model_validate(t.strict),
        human=Percentiles.model_validate(t.human),
    )


def as_csv(f: Figures) -> str:
    """The same figures as lines of figure and value; groups are written as group.name, lists by their members' names
    or by number. No cell can be a formula: a figure begins with a word of ours, values are numbers, dates, references
    or empty."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(["figure", "value"])
    lines.writerows(_lines("", report(f).shown()))
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
