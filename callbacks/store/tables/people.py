"""Who is woken and who calls: people, customers, rosters, handoffs, feeds, links."""

from datetime import datetime

from sqlalchemy import Column, DateTime, ForeignKey, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from callbacks.store.tables.naming import given_id


class PersonRow(SQLModel, table=True):
    """What we learnt about a person of the roster: is their text channel dead, when did a drill succeed."""

    __tablename__ = "person"

    name: str = Field(max_length=64, primary_key=True)
    role: str = Field(max_length=16)
    sms_dead_at: datetime | None = None
    sms_dead_why: str | None = Field(default=None, max_length=64)
    unreachable_texts: int = 0
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

    id: int = given_id()
    rotation: str = Field(max_length=64)
    at: datetime = Field(index=True)
    until: datetime
    outgoing: str | None = Field(default=None, max_length=64)
    incoming: str = Field(max_length=64, index=True)
    told_at: datetime
    confirmed_at: datetime | None = None
    escalated_at: datetime | None = None


class FeedRow(SQLModel, table=True):
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


class FeedShiftRow(SQLModel, table=True):
    """Who a calendar puts on call, from when until when. Rows of a rotation do not overlap."""

    __tablename__ = "feed_shift"

    rotation: str = Field(max_length=64, primary_key=True)
    start_at: datetime = Field(primary_key=True)
    end_at: datetime
    technician: str = Field(max_length=64)


class RosterRow(SQLModel, table=True):
    """One version of the roster; the last one is in force. The text has the overrides too, for nodes of the version
    before; of a version that such a node wrote (`has_rows` is not set) it alone has them."""

    __tablename__ = "roster"

    id: int = given_id()
    text: str = Field(sa_type=Text)
    loaded_at: datetime
    loaded_by: str = Field(max_length=120)
    has_rows: bool | None = None


class OverrideRow(SQLModel, table=True):
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


class MagicLinkRow(SQLModel, table=True):
    """The link in a page, by the digest of its token: opens one emergency to one person until it closes.
    `outbox_id`: the text that gave it out."""

    __tablename__ = "door"

    digest: str = Field(max_length=64, primary_key=True)
    emergency_id: int = Field(sa_column=Column(ForeignKey("emergency.id"), nullable=False, index=True))
    person: str = Field(max_length=64)
    outbox_id: str = Field(max_length=32)
    created_at: datetime
