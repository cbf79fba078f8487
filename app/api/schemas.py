"""What the API answers, described: these models make the OpenAPI document and are held against real answers by the
tests. They do not make the answers; fields beyond them may come, and a client has to ignore what it does not know."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

Outcome = Literal["pending", "met", "void", "missed", "withdrawn", "excluded"]


class Answer(BaseModel):
    model_config = ConfigDict(extra="allow")


class Customer(Answer):
    number: str | None = Field(description="E.164; null when withheld or not known yet.")
    withheld: bool
    name: str | None


class Attempt(Answer):
    at: datetime
    by: str = Field(description="A name of the roster.")
    result: Literal["bridged", "no-answer", "busy", "machine", "failed", "declared"]
    talk_seconds: int


class Verdict(Answer):
    outcome: Outcome
    evidence: Literal["carrier", "customer", "declared", "none"]
    seconds: int | None = Field(description="From the clock's start to the contact; null unless met.")
    our_outage: bool
    why: str = Field(description="One sentence that says what decided.")


class Moment(Answer):
    at: datetime | None
    source: Literal["carrier", "webhook", "person"] | None = Field(description="Who vouches for it.")


class Clock(Answer):
    due_at: datetime
    outcome: Outcome


class Clocks(Answer):
    """Empty for an emergency whose ledger cannot be read."""

    decides: Literal["call", "message"] | None = None
    call: Clock | None = None
    message: Clock | None = None


class ResolutionVerdict(Answer):
    due_at: datetime | None = None
    outcome: Outcome | None = None
    how: Literal["resolved", "workaround"] | None = None


class Reclassified(Answer):
    """What the reaction would be judged by under the present priority; the original clock decides."""

    from_: str = Field(alias="from")
    to: str
    due_at: datetime
    outcome: Outcome


class Covered(Answer):
    product: str | None = None
    coverage: Literal["inside", "outside", "billable"] | None = None


class Emergency(Answer):
    ref: str
    state: Literal["open", "acknowledged", "reached", "resolved", "withdrawn"]
    priority: Literal["P1", "P2", "P3"]
    drill: bool
    customer: Customer
    call_sid: str | None
    recording_sid: str | None
    found_by: Literal["webhook", "sweep"] | str
    call_started_at: datetime
    message_ended_at: datetime | None
    opened_at: datetime
    due_at: datetime = Field(description="The last instant at which a human callback keeps the promise.")
    first_page_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None = Field(description="A name of the roster.")
    attempts: list[Attempt]
    contact_at: datetime | None
    resolved_at: datetime | None
    transcript: str | None
    message_seconds: int | None
    verdict: Verdict
    company: str | None
    times: dict[str, Moment]
    clocks: Clocks
    resolution: ResolutionVerdict
    reclassified: Reclassified | None
    coverage: Covered


class Emergencies(Answer):
    items: list[Emergency]
    next_cursor: str | None = Field(description="Asks for the next page; null on the last one.")


class Fact(Answer):
    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    facts: dict[str, Any] = Field(description="What the fact says; erased words and numbers read null.")
    hash: str = Field(description="SHA-256 over the previous hash and this fact.")


class Ledger(Answer):
    items: list[Fact]
    next_cursor: str | None


class OnCall(Answer):
    at: datetime
    on_call: dict[str, str | None] = Field(description="By rotation: a name of the roster, or null in a gap.")


class Shift(Answer):
    rotation: str
    technician: str | None = Field(description="A name of the roster; null is a gap.")
    from_: datetime = Field(alias="from")
    to: datetime
    override: bool


class Shifts(Answer):
    shifts: list[Shift] = Field(description="They tile the asked time, rotation by rotation.")


class OnCallOrShifts(RootModel[OnCall | Shifts]):
    """Who is on call at an instant; with `from` and `to`, the shifts between them."""


class Report(Answer):
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
    compliance_void_against: float | None
    compliance_void_against_n: int
    met_by_evidence: dict[str, int]
    our_outage: int
    median_seconds: int | None
    slowest_seconds: int | None
    resolution: dict[str, int]
    by_priority: dict[str, int]
    by_coverage: dict[str, int]


class Alive(Answer):
    status: Literal["ok"]


class Ready(Answer):
    status: Literal["ready", "not ready"]
    database: str
    schema_: str = Field(alias="schema")
    engine: str


class Mistake(Answer):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="Where: body, query, path or header, and the field.")
    detail: str


class Problem(Answer):
    """An error, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = Field(None, description="What is wrong here, and what would be right.")
    errors: list[Mistake] | None = None
