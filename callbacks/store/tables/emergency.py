"""The promise: emergencies with their facts, what is owed to the carrier, and what it reported."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.delivery_policy import Direction
from callbacks.delivery.outbox_row import Medium, OutboxKind, OutboxState
from callbacks.emergency.model import Evidence, Outcome, Resolution, State
from callbacks.store.tables.naming import closed, closed_or_null, given_id


def _where(name: str, column: str, sqlite: str, postgres: str = "") -> Index:
    """An index of some rows only."""
    return Index(name, column, sqlite_where=text(sqlite), postgresql_where=text(postgres or sqlite))


class EmergencyRow(SQLModel, table=True):
    """Summary of one emergency, rebuildable from its ledger; also the row that wakes and leases it. `version` says
    which software's summary it is: an older one is made anew from the ledger. `seal`: see `store/heads`."""

    __tablename__ = "emergency"
    __table_args__ = (
        Index("ix_emergency_call_started_at", "call_started_at"),
        Index("ix_emergency_is_open_due_at", "is_open", "due_at"),
        _where("ix_emergency_lease_until", "lease_until", "lease_until IS NOT NULL"),
        _where("ix_emergency_audio_kept", "opened_at", "audio_kept = 1", "audio_kept"),
        _where("ix_emergency_drill", "opened_at", "drill = 1", "drill"),
    )

    id: int = given_id()
    source_key: str = Field(max_length=80, unique=True)
    call_sid: str | None = Field(default=None, max_length=34, index=True)
    state: State = closed(State, 16)
    priority: str = Field(max_length=4)
    drill: bool
    found_by: str = Field(max_length=16)
    number: str | None = Field(default=None, max_length=32, index=True)
    withheld: bool
    name: str | None = Field(default=None, max_length=200)
    language: str = Field(max_length=2)
    code: str = Field(max_length=4, index=True)
    call_started_at: datetime
    message_ended_at: datetime | None = None
    opened_at: datetime = Field(index=True)
    due_at: datetime = Field(index=True)
    first_page_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = Field(default=None, max_length=64)
    contact_at: datetime | None = None
    resolved_at: datetime | None = None
    recording_sid: str | None = Field(default=None, max_length=34)
    message_seconds: int | None = None
    audio_kept: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    outcome: Outcome = closed(Outcome, 16, index=True)
    evidence: Evidence = closed(Evidence, 16)
    seconds: int | None = None
    our_outage: bool
    first_priority: str | None = Field(default=None, max_length=4)
    clock_started_at: datetime | None = None
    first_acknowledged_at: datetime | None = None
    first_attempt_at: datetime | None = None
    contact_by: str | None = Field(default=None, max_length=64)
    withdrawn_at: datetime | None = None
    resolve_due_at: datetime | None = None
    resolved_how: Resolution | None = closed_or_null(Resolution, 16)
    coverage: str | None = Field(default=None, max_length=16)
    excluded_why: str | None = Field(default=None, max_length=200)
    last_kind: str | None = Field(default=None, max_length=48)
    last_at: datetime | None = None
    version: int = 0
    is_open: bool
    last_seq: int
    head_hash: str = Field(max_length=64)
    seal: str | None = Field(default=None, max_length=80)
    wake_at: datetime | None = Field(default=None, index=True)
    owner: str | None = Field(default=None, max_length=64)
    fence: int = 0
    lease_until: datetime | None = None
    failures: int = 0


class LedgerRow(SQLModel, table=True):
    """One fact. `body` is the canonical JSON exactly as it was hashed; triggers refuse change."""

    __tablename__ = "ledger"

    emergency_id: int = Field(sa_column=Column(ForeignKey("emergency.id"), primary_key=True, autoincrement=False))
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(max_length=48)
    at: datetime
    recorded_at: datetime = Field(index=True)
    body: str = Field(sa_type=Text)
    hash: str = Field(max_length=64)


class OpeningRow(SQLModel, table=True):
    """The chain over emergencies, in the order of their openings; triggers refuse change."""

    __tablename__ = "opening"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    emergency_id: int = Field(unique=True)
    first_hash: str = Field(max_length=64)
    head: str = Field(max_length=64)


class HeadRow(SQLModel, table=True):
    """One row: where the chain over emergencies and that of the checkpoints end. `first_id`: emergencies with a lower
    number are not chained; `last_id`: the number given last; `seal`: see `store/heads`."""

    __tablename__ = "ledger_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    first_id: int
    last_id: int
    openings: int
    head: str = Field(max_length=64)
    anchors: int
    anchor_head: str = Field(max_length=64)
    seal: str = Field(max_length=64)


class CheckpointRow(SQLModel, table=True):
    """A line of the checkpoint file, so that every node's file can have it."""

    __tablename__ = "anchor"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    head: str = Field(max_length=64, unique=True)
    line: str = Field(sa_type=Text)


class PrivateRow(SQLModel, table=True):
    """Numbers, names and words of one fact, outside the chain: the chain holds a salted commitment."""

    __tablename__ = "private"

    emergency_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    salt: str = Field(max_length=32)
    data: str = Field(sa_type=Text)


class OutboxRow(SQLModel, table=True):
    """Something to do at the carrier: see `delivery/outbox_row.py`.
    `bundle`: the row whose text or call carries this page. `about`: the sentence that it says. `recording_sid`: what is
    fetched. `absent_from`: an earlier try may have been carried out, and counts as absent from then on."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_kind_created_at", "kind", "created_at"),
        Index("ix_outbox_state_due_at", "state", "due_at"),
        Index("ix_outbox_state_lease_until", "state", "lease_until"),
        Index("ix_outbox_person_sent_at", "person", "sent_at"),
        _where("ix_outbox_words", "created_at", "number IS NOT NULL OR text IS NOT NULL"),
    )

    id: str = Field(max_length=32, primary_key=True)
    emergency_id: int | None = Field(default=None, index=True)
    kind: OutboxKind = closed(OutboxKind, 32)
    person: str | None = Field(default=None, max_length=64)
    channel: Medium = closed(Medium, 16)
    number: str | None = Field(default=None, max_length=32)
    text: str | None = Field(default=None, sa_type=Text)
    subscription_id: str | None = Field(default=None, max_length=16)
    about: str | None = Field(default=None, max_length=48)
    recording_sid: str | None = Field(default=None, max_length=34)
    payload: str = Field(default="{}", sa_type=Text)
    state: OutboxState = closed(OutboxState, 16)
    due_at: datetime = Field(index=True)
    expires_at: datetime | None = None
    attempts: int = 0
    owner: str | None = Field(default=None, max_length=64)
    fence: int = 0
    lease_until: datetime | None = None
    absent_from: datetime | None = None
    sid: str | None = Field(default=None, max_length=34, index=True)
    bundle: str | None = Field(default=None, max_length=32, index=True)
    sent_at: datetime | None = Field(default=None, index=True)
    error: str | None = Field(default=None, max_length=200)
    created_at: datetime
    finished_at: datetime | None = None


class CallerChoice(StrEnum):
    """What an inbound caller chose, or was given: it can wait, it is about something else than what they called about
    before, the desk answered or not, they are blocked."""

    WAIT = "wait"
    OTHER = "other"
    OTHER_WAITS = "other-wait"
    DESK = "desk"
    NO_DESK = "no-desk"
    BLOCKED = "blocked"


class CarrierRow(SQLModel, table=True):
    """A call, message or recording as the carrier last reported it; `rank` never goes back. `language`: what an inbound
    caller chose."""

    __tablename__ = "carrier"
    __table_args__ = (_where("ix_carrier_words", "updated_at", "to_number <> ''"),)

    sid: str = Field(max_length=34, primary_key=True)
    kind: str = Field(max_length=12)
    direction: Direction = closed(Direction, 24)
    from_number: str = Field(max_length=64, index=True)
    to_number: str = Field(max_length=64)
    parent_sid: str | None = Field(default=None, max_length=34)
    status: str = Field(max_length=24)
    rank: int = 0
    outbox_id: str | None = Field(default=None, max_length=32, index=True)
    emergency_id: int | None = Field(default=None, index=True)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: int | None = None
    answered_by: str | None = Field(default=None, max_length=24)
    language: str | None = Field(default=None, max_length=2)
    choice: CallerChoice | None = closed_or_null(CallerChoice, 16)
    first_seen_at: datetime
    updated_at: datetime


class Source(StrEnum):
    """What a webhook told: of a customer's call, of a text to us, of a call or text of ours, of a callback; or what
    somebody did with a link, or that a call got its document."""

    VOICE = "voice"
    ACTION = "action"
    RECORDING = "recording"
    AFTER = "after"
    ENDED = "ended"
    SMS = "sms"
    STATUS_MESSAGE = "status-message"
    STATUS_CALL = "status-call"
    LEG = "leg"
    DIAL = "dial"
    MACHINE = "machine"
    LINK = "link"
    DOCUMENT = "document"


class ReceivedRow(SQLModel, table=True):
    """A webhook as it came; the unique pair is what makes a repeat harmless. `note`: what it was answered. `mark`: what
    the text of this `person` may have tried."""

    __tablename__ = "received"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        _where("ix_received_words", "at", "form <> '[]'"),
        _where("ix_received_emergency_id", "emergency_id", "emergency_id IS NOT NULL"),
    )

    id: int = given_id()
    source: Source = closed(Source, 48)
    external_id: str = Field(max_length=160)
    at: datetime = Field(index=True)
    form: str = Field(sa_type=Text)
    emergency_id: int | None = None
    note: str | None = Field(default=None, max_length=200)
    mark: Mark | None = closed_or_null(Mark, 16)
    person: str | None = Field(default=None, max_length=64)
