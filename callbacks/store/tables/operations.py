"""What operating it needs: nodes and outages, sweeps, notices, policies, examinations, rates."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from callbacks.store.tables.naming import given_id


class NodeRow(SQLModel, table=True):
    """A process that serves or runs the engine, and its last heartbeat."""

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

    id: int = given_id()
    began_at: datetime
    ended_at: datetime = Field(index=True)


class SweepRow(SQLModel, table=True):
    """How far a comparison with the carrier's own lists has succeeded."""

    __tablename__ = "sweep"

    name: str = Field(max_length=32, primary_key=True)
    succeeded_through: datetime | None = None
    ran_at: datetime | None = None
    error: str | None = Field(default=None, max_length=200)


class NoticeRow(SQLModel, table=True):
    """Something that supervisors were told once, by a key of its own."""

    __tablename__ = "notice"

    key: str = Field(max_length=160, primary_key=True)
    at: datetime


class PolicyRow(SQLModel, table=True):
    """A policy that was in force from `since` on, as its file's text; "" is the published one, built in."""

    __tablename__ = "policy"

    id: int = given_id()
    digest: str = Field(max_length=64)
    text: str = Field(sa_type=Text)
    since: datetime


class ExaminationRow(SQLModel, table=True):
    """What the page of the carrier's checks found last; `result` is its JSON."""

    __tablename__ = "examination"

    id: int = given_id()
    at: datetime
    who: str = Field(max_length=120)
    result: str = Field(sa_type=Text)


class RateRow(SQLModel, table=True):
    """How many requests a key has made in the present window; shared by all nodes."""

    __tablename__ = "rate"

    key: str = Field(max_length=80, primary_key=True)
    window_at: datetime
    count: int = 0


class KeptRow(SQLModel, table=True):
    """A record of somebody who was erased here that the carrier did not delete: it is asked again. `message_sid`: of
    what came with a text, the text."""

    __tablename__ = "kept"

    sid: str = Field(max_length=34, primary_key=True)
    message_sid: str | None = Field(default=None, max_length=34)
    since: datetime
