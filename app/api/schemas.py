"""What the API answers beside records: these models make the answers and the OpenAPI document."""

from typing import Any, Literal

from pydantic import Field

from callbacks.reporting.record import Emergency, Instant, Record


class Emergencies(Record):
    items: list[Emergency]
    next_cursor: str | None = Field(description="Asks for the next page; null on the last one.")


class Fact(Record):
    seq: int
    kind: str
    at: Instant
    recorded_at: Instant
    facts: dict[str, Any] = Field(description="What the fact says; erased words and numbers read null.")
    hash: str = Field(description="SHA-256 over the previous hash and this fact.")


class Ledger(Record):
    items: list[Fact]
    next_cursor: str | None


class OnCall(Record):
    at: Instant
    on_call: dict[str, str | None] = Field(description="By rotation: a name of the roster, or null in a gap.")


class Shift(Record):
    rotation: str
    technician: str | None = Field(description="A name of the roster; null is a gap.")
    from_: Instant = Field(alias="from")
    to: Instant
    override: bool


class Shifts(Record):
    shifts: list[Shift] = Field(description="They tile the asked time, rotation by rotation.")


class Alive(Record):
    status: Literal["ok"]


class Ready(Record):
    status: Literal["ready", "not ready"]
    database: str
    schema_: str = Field(alias="schema")
    engine: str
    audit: str = Field(description="What the auditor finds wrong; ok when nothing is.")
