"""Every table. Storage only: values are frozen dataclasses elsewhere, and these classes validate nothing.

Plain `datetime` columns hold aware UTC on SQLite and PostgreSQL alike.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.delivery_policy import CallerChoice, Direction, Source
from callbacks.delivery.outbox_row import Medium, OutboxKind, OutboxState
from callbacks.emergency.model import Evidence, Outcome, Resolution, State

# How constraints are named, so that migrations can name them too, and how closed sets are kept.

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Closed(TypeDecorator[StrEnum]):
    """One of a closed set, kept as its text. A word of another version, which this one does not know, stays a word: it
    equals no member, and the row can still be read."""

    impl = String
    cache_ok = True

    def __init__(self, values: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.values = values

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return self.values._value2member_map_.get(value, value)


def given_id() -> Any:
    """A number that the database gives when the row is flushed; a row that was read has it."""
    return Field(default=None, primary_key=True)


def closed(values: type[StrEnum], length: int, *, index: bool = False) -> Any:
    """A column of a closed set."""
    return Field(sa_column=Column(Closed(values, length), index=index, nullable=False))


def closed_or_null(values: type[StrEnum], length: int) -> Any:
    return Field(default=None, sa_column=Column(Closed(values, length)))


# Access: tokens, users, sessions, answers kept for repeats, audits, subscriptions.


class Token(SQLModel, table=True):
    """An API token, by its digest."""

    __tablename__ = "token"

    id: str = Field(max_length=16, primary_key=True)
    digest: str = Field(max_length=64, unique=True)
    role: str = Field(max_length=16)
    name: str = Field(default="", max_length=64)
    person: str | None = Field(default=None, max_length=64)
    created_at: datetime
    created_by: str = Field(default="", max_length=120)
    used_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class User(SQLModel, table=True):
    """Somebody who logs in. `person` is their name on the roster; `password` an argon2id hash, None for those who
    come by single sign-on alone; `totp_sealed` the second factor (`totp_secret`: not sealed yet); `totp_step` the last
    time step whose code was used, so that none is used twice."""

    __tablename__ = "user"

    id: int = given_id()
    email: str = Field(max_length=254, unique=True)
    role: str = Field(max_length=16)
    person: str | None = Field(default=None, max_length=64)
    language: str | None = Field(default=None, max_length=2)
    password: str | None = Field(default=None, max_length=200)
    must_change: bool = False
    password_since: datetime | None = None
    totp_secret: str | None = Field(default=None, max_length=64)
    totp_sealed: str | None = Field(default=None, max_length=400)
    totp_since: datetime | None = None
    totp_step: int | None = None
    sso_subject: str | None = Field(default=None, max_length=255, unique=True)
    created_at: datetime
    created_by: str = Field(max_length=120)
    seen_at: datetime | None = None
    disabled_at: datetime | None = None


class Session(SQLModel, table=True):
    """A browser that is logged in, by the digest of its cookie; `passed` once the second factor was given."""

    __tablename__ = "session"

    digest: str = Field(max_length=64, primary_key=True)
    id: str = Field(max_length=16, unique=True)
    user_id: int = Field(sa_column=Column(ForeignKey("user.id"), nullable=False, index=True))
    created_at: datetime
    seen_at: datetime
    passed: bool = False
    agent: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=64)
    revoked_at: datetime | None = None


class Strike(SQLModel, table=True):
    """Failures in a row under a key (a digest of an account or an address), and until when it has to wait."""

    __tablename__ = "strike"

    key: str = Field(max_length=80, primary_key=True)
    count: int = 0
    last_at: datetime
    wait_until: datetime | None = None


class Answer(SQLModel, table=True):
    """What the API answered under an idempotency key. `key` is a digest of the token, what it asked for and the key;
    `request` one of the body."""

    __tablename__ = "answer"

    key: str = Field(max_length=64, primary_key=True)
    request: str = Field(max_length=64)
    status: int
    body: str = Field(sa_type=Text)
    at: datetime = Field(index=True)


class Audit(SQLModel, table=True):
    """What a person did that is no fact of one emergency: people, roster, tokens, exports, logins."""

    __tablename__ = "audit"

    id: int = given_id()
    at: datetime = Field(index=True)
    who: str = Field(max_length=120)
    via: str = Field(max_length=16)
    action: str = Field(max_length=48, index=True)
    about: str = Field(default="", max_length=200)
    details: str = Field(default="{}", sa_type=Text)


class Subscription(SQLModel, table=True):
    """Somebody else's address that is told of emergencies. `events` is a comma-separated list; `secret_sealed` signs
    (`secret`: not sealed yet)."""

    __tablename__ = "subscription"

    id: str = Field(max_length=16, primary_key=True)
    url: str = Field(sa_type=Text)
    secret: str = Field(default="", max_length=80)
    secret_sealed: str | None = Field(default=None, max_length=400)
    events: str = Field(max_length=200)
    created_at: datetime
    created_by: str = Field(max_length=120)
    disabled_at: datetime | None = None


# The promise: emergencies with their facts, what is owed to the carrier, and what it reported.


def _where(name: str, column: str, sqlite: str, postgres: str = "") -> Index:
    """An index of some rows only."""
    return Index(name, column, sqlite_where=text(sqlite), postgresql_where=text(postgres or sqlite))


class Emergency(SQLModel, table=True):
    """Summary of one emergency, rebuildable from its ledger; also the row that wakes and leases it. `version` says
    which software's summary it is: an older one is made anew from the ledger. `seal`: see `store/sql/heads`."""

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


class Ledger(SQLModel, table=True):
    """One fact. `body` is the canonical JSON exactly as it was hashed; triggers refuse change."""

    __tablename__ = "ledger"

    emergency_id: int = Field(sa_column=Column(ForeignKey("emergency.id"), primary_key=True, autoincrement=False))
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(max_length=48)
    at: datetime
    recorded_at: datetime = Field(index=True)
    body: str = Field(sa_type=Text)
    hash: str = Field(max_length=64)


class Opening(SQLModel, table=True):
    """The chain over emergencies, in the order of their openings; triggers refuse change."""

    __tablename__ = "opening"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    emergency_id: int = Field(unique=True)
    first_hash: str = Field(max_length=64)
    head: str = Field(max_length=64)


class Head(SQLModel, table=True):
    """One row: where the chain over emergencies and that of the checkpoints end. `first_id`: emergencies with a lower
    number are not chained; `last_id`: the number given last; `seal`: see `store/sql/heads`."""

    __tablename__ = "ledger_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    first_id: int
    last_id: int
    openings: int
    head: str = Field(max_length=64)
    anchors: int
    anchor_head: str = Field(max_length=64)
    seal: str = Field(max_length=64)


class Checkpoint(SQLModel, table=True):
    """A line of the checkpoint file, so that every node's file can have it."""

    __tablename__ = "anchor"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    head: str = Field(max_length=64, unique=True)
    line: str = Field(sa_type=Text)


class Private(SQLModel, table=True):
    """Numbers, names and words of one fact, outside the chain: the chain holds a salted commitment."""

    __tablename__ = "private"

    emergency_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    salt: str = Field(max_length=32)
    data: str = Field(sa_type=Text)


class Outbox(SQLModel, table=True):
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


class Carrier(SQLModel, table=True):
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


class Received(SQLModel, table=True):
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


# What operating it needs: nodes and outages, sweeps, notices, policies, examinations, rates.


class Node(SQLModel, table=True):
    """A process that serves or runs the engine, and its last heartbeat."""

    __tablename__ = "node"

    id: str = Field(max_length=64, primary_key=True)
    role: str = Field(max_length=16)
    version: str = Field(max_length=32)
    started_at: datetime
    beat_at: datetime = Field(index=True)
    stopped_at: datetime | None = None


class Outage(SQLModel, table=True):
    """A span without any engine, seen from the beats afterwards."""

    __tablename__ = "outage"

    id: int = given_id()
    began_at: datetime
    ended_at: datetime = Field(index=True)


class Sweep(SQLModel, table=True):
    """How far a comparison with the carrier's own lists has succeeded."""

    __tablename__ = "sweep"

    name: str = Field(max_length=32, primary_key=True)
    succeeded_through: datetime | None = None
    ran_at: datetime | None = None
    error: str | None = Field(default=None, max_length=200)


class Notice(SQLModel, table=True):
    """Something that supervisors were told once, by a key of its own."""

    __tablename__ = "notice"

    key: str = Field(max_length=160, primary_key=True)
    at: datetime


class Policy(SQLModel, table=True):
    """A policy that was in force from `since` on, as its file's text; "" is the published one, built in."""

    __tablename__ = "policy"

    id: int = given_id()
    digest: str = Field(max_length=64)
    text: str = Field(sa_type=Text)
    since: datetime


class Examination(SQLModel, table=True):
    """What the page of the carrier's checks found last; `result` is its JSON."""

    __tablename__ = "examination"

    id: int = given_id()
    at: datetime
    who: str = Field(max_length=120)
    result: str = Field(sa_type=Text)


class Rate(SQLModel, table=True):
    """How many requests a key has made in the present window; shared by all nodes."""

    __tablename__ = "rate"

    key: str = Field(max_length=80, primary_key=True)
    window_at: datetime
    count: int = 0


class Kept(SQLModel, table=True):
    """A record of somebody who was erased here that the carrier did not delete: it is asked again. `message_sid`: of
    what came with a text, the text."""

    __tablename__ = "kept"

    sid: str = Field(max_length=34, primary_key=True)
    message_sid: str | None = Field(default=None, max_length=34)
    since: datetime


# Who is woken and who calls: people, customers, rosters, handoffs, feeds, links.


class Person(SQLModel, table=True):
    """What we learnt about a person of the roster: is their text channel dead, when did a drill succeed."""

    __tablename__ = "person"

    name: str = Field(max_length=64, primary_key=True)
    role: str = Field(max_length=16)
    sms_dead_at: datetime | None = None
    sms_dead_why: str | None = Field(default=None, max_length=64)
    unreachable_texts: int = 0
    passive_answers: int = 0
    verified_at: datetime | None = None


class Customer(SQLModel, table=True):
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


class Handoff(SQLModel, table=True):
    """A change of turn that both people were told of; `confirmed_at` by the incoming one."""

    __tablename__ = "handoff"
    __table_args__ = (UniqueConstraint("rotation", "at"),)

    id: int = given_id()
    rotation: str = Field(max_length=64)
    at: datetime = Field(index=True)
    until: datetime
    outgoing: str | None = Field(default=None, max_length=64)
    incoming: str = Field(max_length=64, index=True)
    told_at: datetime
    confirmed_at: datetime | None = None
    escalated_at: datetime | None = None


class Feed(SQLModel, table=True):
    """A calendar that a rotation is read from: how reading it went. Its shifts are rows of their own.

    `version` changes with the shifts; None before the first reading. `digest` and `read_at`: of what they were worked
    out, and when. `left_out`: the events that were not used, as JSON. `told_at`: supervisors know that it is broken.
    `content` is what the version before kept; it is worked out once and otherwise left to nodes of that version.
    """

    __tablename__ = "feed"

    rotation: str = Field(max_length=64, primary_key=True)
    url: str = Field(sa_type=Text)
    content: str | None = Field(default=None, sa_type=Text)
    good_at: datetime | None = None
    tried_at: datetime
    error: str | None = Field(default=None, max_length=200)
    version: str | None = Field(default=None, max_length=32)
    digest: str | None = Field(default=None, max_length=64)
    read_at: datetime | None = None
    left_out: str = Field(default="[]", sa_type=Text, sa_column_kwargs={"server_default": "[]"})
    failed_at: datetime | None = None
    told_at: datetime | None = None


class FeedShift(SQLModel, table=True):
    """Who a calendar puts on call, from when until when. Rows of a rotation do not overlap."""

    __tablename__ = "feed_shift"

    rotation: str = Field(max_length=64, primary_key=True)
    start_at: datetime = Field(primary_key=True)
    end_at: datetime
    technician: str = Field(max_length=64)


class Roster(SQLModel, table=True):
    """One version of the roster; the last one is in force. The text has the overrides too, for nodes of the version
    before; of a version that such a node wrote (`has_rows` is not set) it alone has them."""

    __tablename__ = "roster"

    id: int = given_id()
    text: str = Field(sa_type=Text)
    loaded_at: datetime
    loaded_by: str = Field(max_length=120)
    has_rows: bool | None = None


class Override(SQLModel, table=True):
    """An override of the roster in force, in its rotation's wall clock time. Of overlapping ones the later row holds.
    `in_file`: the file that was loaded last lists it."""

    __tablename__ = "roster_override"

    id: int | None = Field(default=None, primary_key=True)
    rotation: str = Field(max_length=64)
    technician: str = Field(max_length=64)
    start: datetime = Field(sa_type=DateTime)
    end: datetime = Field(sa_type=DateTime)
    in_file: bool
    added_at: datetime
    added_by: str = Field(max_length=120)
    reason: str = Field(max_length=200)


class MagicLink(SQLModel, table=True):
    """The link in a page, by the digest of its token: opens one emergency to one person until it closes.
    `outbox_id`: the text that gave it out."""

    __tablename__ = "door"

    digest: str = Field(max_length=64, primary_key=True)
    emergency_id: int = Field(sa_column=Column(ForeignKey("emergency.id"), nullable=False, index=True))
    person: str = Field(max_length=64)
    outbox_id: str = Field(max_length=32)
    created_at: datetime
