"""Every table. Storage only: values are frozen dataclasses elsewhere, and these classes validate nothing.

Plain `datetime` columns hold aware UTC on SQLite and PostgreSQL alike.
"""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class EmergencyRow(SQLModel, table=True):
    """Summary of one emergency, rebuildable from its ledger; also the row that wakes and leases it."""

    __tablename__ = "emergency"

    id: int | None = Field(default=None, primary_key=True)
    source_key: str = Field(max_length=80, unique=True)
    call_sid: str | None = Field(default=None, max_length=34, index=True)
    state: str = Field(max_length=16)
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
    outcome: str = Field(max_length=16, index=True)
    evidence: str = Field(max_length=16)
    seconds: int | None = None
    our_outage: bool
    is_open: bool = Field(index=True)
    last_seq: int
    head_hash: str = Field(max_length=64)
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
    recorded_at: datetime
    body: str = Field(sa_type=Text)
    hash: str = Field(max_length=64)


class PrivateRow(SQLModel, table=True):
    """Numbers, names and words of one fact, outside the chain: the chain holds a salted commitment."""

    __tablename__ = "private"

    emergency_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    salt: str = Field(max_length=32)
    data: str = Field(sa_type=Text)


class OutboxRow(SQLModel, table=True):
    """Something to do at the carrier. `state`: queued, claimed, ambiguous, sent, failed, cancelled, done.
    `bundle`: the row whose text or call carries this page."""

    __tablename__ = "outbox"

    id: str = Field(max_length=32, primary_key=True)
    emergency_id: int | None = Field(default=None, index=True)
    kind: str = Field(max_length=32)
    person: str | None = Field(default=None, max_length=64, index=True)
    channel: str = Field(max_length=16)
    number: str | None = Field(default=None, max_length=32)
    text: str | None = Field(default=None, sa_type=Text)
    payload: str = Field(default="{}", sa_type=Text)
    state: str = Field(max_length=16, index=True)
    due_at: datetime = Field(index=True)
    expires_at: datetime | None = None
    attempts: int = 0
    owner: str | None = Field(default=None, max_length=64)
    fence: int = 0
    lease_until: datetime | None = None
    sid: str | None = Field(default=None, max_length=34, index=True)
    bundle: str | None = Field(default=None, max_length=32, index=True)
    sent_at: datetime | None = Field(default=None, index=True)
    error: str | None = Field(default=None, max_length=200)
    created_at: datetime
    finished_at: datetime | None = None


class CarrierRow(SQLModel, table=True):
    """A call, message or recording as the carrier last reported it; `rank` never goes back. `language` and
    `choice` (wait, other, desk, blocked) are what an inbound caller chose or was given."""

    __tablename__ = "carrier"

    sid: str = Field(max_length=34, primary_key=True)
    kind: str = Field(max_length=12)
    direction: str = Field(max_length=24)
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
    choice: str | None = Field(default=None, max_length=16)
    first_seen_at: datetime
    updated_at: datetime


class ReceivedRow(SQLModel, table=True):
    """A webhook as it came; the unique pair is what makes a repeat harmless."""

    __tablename__ = "received"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=48)
    external_id: str = Field(max_length=160)
    at: datetime = Field(index=True)
    form: str = Field(sa_type=Text)
    emergency_id: int | None = None
    note: str | None = Field(default=None, max_length=200)


class NodeRow(SQLModel, table=True):
    """A process that serves or runs the engine, and its last sign of life."""

    __tablename__ = "node"

    id: str = Field(max_length=64, primary_key=True)
    role: str = Field(max_length=16)
    version: str = Field(max_length=32)
    started_at: datetime
    beat_at: datetime = Field(index=True)
    stopped_at: datetime | None = None


class OutageRow(SQLModel, table=True):
    """A span without any engine, seen from the beats afterwards."""

    __tablename__ = "outage"

    id: int | None = Field(default=None, primary_key=True)
    began_at: datetime
    ended_at: datetime = Field(index=True)


class PersonRow(SQLModel, table=True):
    """What we learnt about a person of the roster: is their text channel dead, when did a drill succeed."""

    __tablename__ = "person"

    name: str = Field(max_length=64, primary_key=True)
    role: str = Field(max_length=16)
    sms_dead_at: datetime | None = None
    sms_dead_why: str | None = Field(default=None, max_length=64)
    passive_answers: int = 0
    verified_at: datetime | None = None


class CustomerRow(SQLModel, table=True):
    """A caller of the address book, by number: who they are, what we learnt, whether they are blocked."""

    __tablename__ = "customer"

    number: str = Field(max_length=32, primary_key=True)
    name: str | None = Field(default=None, max_length=120)
    company: str | None = Field(default=None, max_length=120)
    notes: str | None = Field(default=None, sa_type=Text)
    language: str | None = Field(default=None, max_length=2)
    blocked_at: datetime | None = None
    blocked_by: str | None = Field(default=None, max_length=64)
    blocked_why: str | None = Field(default=None, max_length=200)
    sms_dead_at: datetime | None = None
    sms_dead_why: str | None = Field(default=None, max_length=64)
    updated_at: datetime


class HandoffRow(SQLModel, table=True):
    """A change of turn that both people were told of; `confirmed_at` by the incoming one."""

    __tablename__ = "handoff"
    __table_args__ = (UniqueConstraint("rotation", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    rotation: str = Field(max_length=64)
    at: datetime = Field(index=True)
    until: datetime
    outgoing: str | None = Field(default=None, max_length=64)
    incoming: str = Field(max_length=64, index=True)
    told_at: datetime
    confirmed_at: datetime | None = None
    escalated_at: datetime | None = None


class NoticeRow(SQLModel, table=True):
    """Something that supervisors were told once, by a key of its own."""

    __tablename__ = "notice"

    key: str = Field(max_length=160, primary_key=True)
    at: datetime


class FeedRow(SQLModel, table=True):
    """The last good copy of a calendar that a rotation is read from, and what went wrong since."""

    __tablename__ = "feed"

    rotation: str = Field(max_length=64, primary_key=True)
    url: str = Field(sa_type=Text)
    content: str | None = Field(default=None, sa_type=Text)
    good_at: datetime | None = None
    tried_at: datetime
    error: str | None = Field(default=None, max_length=200)


class RosterRow(SQLModel, table=True):
    """One version of the roster, as loaded; the last one is in force."""

    __tablename__ = "roster"

    id: int | None = Field(default=None, primary_key=True)
    text: str = Field(sa_type=Text)
    loaded_at: datetime
    loaded_by: str = Field(max_length=120)


class TokenRow(SQLModel, table=True):
    """An API token, by its digest."""

    __tablename__ = "token"

    id: str = Field(max_length=16, primary_key=True)
    digest: str = Field(max_length=64, unique=True)
    role: str = Field(max_length=16)
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class SweepRow(SQLModel, table=True):
    """How far a comparison with the carrier's own lists has succeeded."""

    __tablename__ = "sweep"

    name: str = Field(max_length=32, primary_key=True)
    succeeded_through: datetime | None = None
    ran_at: datetime | None = None
    error: str | None = Field(default=None, max_length=200)
