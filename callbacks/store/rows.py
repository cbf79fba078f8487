"""The rows that the store gives and takes."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.delivery_policy import CallerChoice, Direction, Source
from callbacks.delivery.outbox_row import Medium, OutboxKind, OutboxState
from callbacks.emergency.model import Evidence, Outcome, Resolution, State
from callbacks.lib.wallclock import rfc3339

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

COMMITMENT = "commitment"


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


class Fact(NamedTuple):
    """A row of the ledger beside its private part."""

    emergency_id: int
    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    body: str
    hash: str
    salt: str | None
    data: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as it stands: `private` is None when there was none or it was erased."""

    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    body: dict[str, Any]
    private: dict[str, Any] | None
    hash: str

    def shown(self) -> dict[str, Any]:
        """As the API and the command line give it: private fields read null once erased."""
        return {
            "seq": self.seq,
            "kind": self.kind,
            "at": rfc3339(self.at),
            "recorded_at": rfc3339(self.recorded_at),
            "facts": {k: v for k, v in self.body.items() if k != COMMITMENT} | (self.private or {}),
            "hash": self.hash,
        }


class HeadRow(NamedTuple):
    """Where the chain over emergencies and that of the checkpoints end. `first_id`: emergencies with a lower number are
    not chained; `last_id`: the number given last; `seal`: see `store/heads.py`."""

    first_id: int
    last_id: int
    openings: int
    head: str
    anchors: int
    anchor_head: str
    seal: str


class OpeningRow(NamedTuple):
    """One emergency in the chain over emergencies."""

    number: int
    emergency_id: int
    first_hash: str
    head: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """What a person did outside one emergency. `details`: JSON."""

    id: int = 0
    at: datetime
    who: str
    via: str
    action: str
    about: str = ""
    details: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """A caller, by number."""

    number: str
    name: str | None = None
    company: str | None = None
    notes: str | None = None
    language: str | None = None
    blocked_at: datetime | None = None
    blocked_by: str | None = None
    blocked_why: str | None = None
    sms_dead_at: datetime | None = None
    sms_dead_why: str | None = None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A calendar that a rotation is read from: how reading it went, without the text that the version before kept."""

    rotation: str
    url: str
    good_at: datetime | None = None
    tried_at: datetime
    error: str | None = None
    version: str | None = None
    digest: str | None = None
    read_at: datetime | None = None
    left_out: str = "[]"
    failed_at: datetime | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRow:
    """A change of turn that both people were told of."""

    id: int = 0
    rotation: str
    at: datetime
    until: datetime
    outgoing: str | None = None
    incoming: str
    told_at: datetime
    confirmed_at: datetime | None = None
    escalated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """What supervisors were told, and when."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """What we learnt about somebody's phone."""

    name: str
    role: str
    sms_dead_at: datetime | None = None
    sms_dead_why: str | None = None
    unreachable_texts: int = 0
    passive_answers: int = 0
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A policy that was in force since then."""

    id: int = 0
    digest: str
    text: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRow:
    """Who is told of emergencies. `events`: their names, with commas; `secret` is "" once it is sealed."""

    id: str
    url: str
    secret: str = ""
    secret_sealed: str | None = None
    events: str
    created_at: datetime
    created_by: str
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRow:
    """How the last comparison of this name ended, and what all of them cover; nothing before the first."""

    name: str
    succeeded_through: datetime | None = None
    ran_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """Something to do at the carrier: see `delivery/outbox_row.py`. `bundle`: the row whose text or call carries this
    page. `about`: the sentence that it says. `recording_sid`: what is fetched. `absent_from`: an earlier try may have
    been carried out, and counts as absent from then on."""

    id: str
    emergency_id: int | None = None
    kind: OutboxKind
    person: str | None = None
    channel: Medium
    number: str | None = None
    text: str | None = None
    subscription_id: str | None = None
    about: str | None = None
    recording_sid: str | None = None
    payload: str = "{}"
    state: OutboxState
    due_at: datetime
    expires_at: datetime | None = None
    attempts: int = 0
    owner: str | None = None
    fence: int = 0
    lease_until: datetime | None = None
    absent_from: datetime | None = None
    sid: str | None = None
    bundle: str | None = None
    sent_at: datetime | None = None
    error: str | None = None
    created_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageRow:
    """A span without any engine, seen from the beats afterwards."""

    id: int = 0
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """How many requests a key has made in the present window; shared by all nodes."""

    key: str
    window_at: datetime
    count: int = 0
