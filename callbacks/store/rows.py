"""The rows that the store gives and takes."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.delivery_policy import CallerChoice, Direction, Source
from callbacks.emergency.model import Evidence, Outcome, Resolution, State
from callbacks.store.sql.tables import Customer as CustomerRow
from callbacks.store.sql.tables import Feed as FeedRow
from callbacks.store.sql.tables import Handoff as HandoffRow
from callbacks.store.sql.tables import Outage as OutageRow
from callbacks.store.sql.tables import Outbox as OutboxRow
from callbacks.store.sql.tables import Policy as PolicyRow
from callbacks.store.sql.tables import Session as SessionRow
from callbacks.store.sql.tables import Subscription as SubscriptionRow
from callbacks.store.sql.tables import Token as TokenRow
from callbacks.store.sql.tables import User as UserRow

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "CarrierRow",
    "CustomerRow",
    "Drill",
    "EmergencyRow",
    "FeedRow",
    "HandoffRow",
    "OutageRow",
    "OutboxRow",
    "PolicyRow",
    "ReceivedRow",
    "SessionRow",
    "SubscriptionRow",
    "TokenRow",
    "UserRow",
    "differences",
]


def differences(before: "DataclassInstance", after: "DataclassInstance") -> dict[str, Any]:
    """What a writer changed of a row that it read, by field: nothing else is written, so that what others changed
    meanwhile stays."""
    names = [field.name for field in fields(before)]
    return {name: value for name in names if (value := getattr(after, name)) != getattr(before, name)}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRow:
    """Summary of one emergency, rebuildable from its ledger; also the row that wakes and leases it. `version` says
    which software's summary it is: an older one is made anew from the ledger."""

    id: int
    source_key: str
    call_sid: str | None = None
    state: State
    priority: str
    drill: bool
    found_by: str
    number: str | None = None
    withheld: bool
    name: str | None = None
    language: str
    code: str
    call_started_at: datetime
    message_ended_at: datetime | None = None
    opened_at: datetime
    due_at: datetime
    first_page_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    contact_at: datetime | None = None
    resolved_at: datetime | None = None
    recording_sid: str | None = None
    message_seconds: int | None = None
    audio_kept: bool = False
    outcome: Outcome
    evidence: Evidence
    seconds: int | None = None
    our_outage: bool
    first_priority: str | None = None
    clock_started_at: datetime | None = None
    first_acknowledged_at: datetime | None = None
    first_attempt_at: datetime | None = None
    contact_by: str | None = None
    withdrawn_at: datetime | None = None
    resolve_due_at: datetime | None = None
    resolved_how: Resolution | None = None
    coverage: str | None = None
    excluded_why: str | None = None
    last_kind: str | None = None
    last_at: datetime | None = None
    version: int = 0
    is_open: bool
    last_seq: int
    head_hash: str
    seal: str | None = None
    wake_at: datetime | None = None
    owner: str | None = None
    fence: int = 0
    lease_until: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Drill:
    """`seconds` from the opening to the acknowledgement; None while, or because, nobody has answered."""

    id: int
    person: str
    at: datetime
    seconds: int | None
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierRow:
    """A call, message or recording as the carrier last reported it; `rank` never goes back. `language`: what an inbound
    caller chose."""

    sid: str
    kind: str
    direction: Direction
    from_number: str
    to_number: str
    parent_sid: str | None = None
    status: str
    rank: int = 0
    outbox_id: str | None = None
    emergency_id: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: int | None = None
    answered_by: str | None = None
    language: str | None = None
    choice: CallerChoice | None = None
    first_seen_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRow:
    """A webhook as it came; the unique pair of source and external id is what makes a repeat harmless. `note`: what it
    was answered. `mark`: what the text of this `person` may have tried."""

    id: int
    source: Source
    external_id: str
    at: datetime
    form: str
    emergency_id: int | None = None
    note: str | None = None
    mark: Mark | None = None
    person: str | None = None
