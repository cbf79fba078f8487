"""The tables in memory."""

from datetime import datetime
from typing import Any, NamedTuple

from callbacks.delivery.delivery_policy import Source
from callbacks.delivery.outbox_row import UNSETTLED
from callbacks.oncall.roster import Roster
from callbacks.oncall.schedule import Line
from callbacks.store.checkpoint import GENESIS
from callbacks.store.memory.tables import Table, Tables
from callbacks.store.rows import (
    AuditRow,
    CarrierRow,
    CustomerRow,
    EmergencyRow,
    Entry,
    Fact,
    FeedRow,
    HandoffRow,
    HeadRow,
    NoticeRow,
    OpeningRow,
    OutageRow,
    OutboxRow,
    PersonRow,
    RateRow,
    ReceivedRow,
    SubscriptionRow,
    SweepRow,
)


class Story(NamedTuple):
    """One ledger: as it was hashed, and as it is read."""

    emergency_id: int
    facts: tuple[Fact, ...]
    entries: tuple[Entry, ...]


class CheckpointLine(NamedTuple):
    """A checkpoint's line."""

    number: int
    head: str
    line: str


class Link(NamedTuple):
    """A link in a page."""

    digest: str
    emergency_id: int
    person: str
    outbox_id: str
    created_at: datetime


class Owed(NamedTuple):
    """What the carrier is still to delete."""

    sid: str
    message_sid: str | None
    since: datetime


class Node(NamedTuple):
    """A process that runs the engine, and its last heartbeat."""

    id: str
    beat_at: datetime
    stopped_at: datetime | None


class Data(Tables):
    """One attribute for each table. `tasks` has no rows: its keys are held by those who are alone at a task."""

    def __init__(self) -> None:
        super().__init__()
        self.emergencies: Table[int, EmergencyRow] = Table(
            lambda row: row.id, (lambda row: row.source_key,), subset=_is_live
        )
        self.ledger: Table[int, Story] = Table(lambda story: story.emergency_id)
        self.head: Table[int, HeadRow] = Table(lambda _: 1)
        self.head.put(1, HeadRow(1, 0, 0, GENESIS, 0, GENESIS, ""))  # as the migrations leave it
        self.openings: Table[int, OpeningRow] = Table(lambda row: row.number, (lambda row: row.emergency_id,))
        self.lines: Table[int, CheckpointLine] = Table(lambda line: line.number, (lambda line: line.head,))
        self.carrier: Table[str, CarrierRow] = Table(lambda row: row.sid)
        self.outbox: Table[str, OutboxRow] = Table(lambda row: row.id, subset=lambda row: row.state in UNSETTLED)
        self.rates: Table[str, RateRow] = Table(lambda row: row.key)
        self.links: Table[str, Link] = Table(lambda link: link.digest)
        self.owed: Table[str, Owed] = Table(lambda row: row.sid)
        self.nodes: Table[str, Node] = Table(lambda node: node.id)
        self.outages: Table[int, OutageRow] = Table(lambda row: row.id)
        self.received: Table[tuple[Source, str], ReceivedRow] = Table(
            lambda row: (row.source, row.external_id), subset=lambda row: row.mark is not None
        )
        self.audits: Table[int, AuditRow] = Table(lambda row: row.id)
        self.customers: Table[str, CustomerRow] = Table(lambda row: row.number)
        self.feeds: Table[str, FeedRow] = Table(lambda row: row.rotation)
        self.feed_shifts: Table[str, tuple[str, Line]] = Table(lambda row: row[0])
        self.handoffs: Table[int, HandoffRow] = Table(
            lambda row: row.id, (lambda row: (row.rotation, row.at),), subset=lambda row: row.confirmed_at is None
        )
        self.notices: Table[str, NoticeRow] = Table(lambda row: row.key)
        self.people: Table[str, PersonRow] = Table(lambda row: row.name, subset=lambda row: row.sms_dead_at is not None)
        self.rosters: Table[str, tuple[str, Roster]] = Table(lambda row: row[0])
        self.subscriptions: Table[str, SubscriptionRow] = Table(lambda row: row.id)
        self.sweeps: Table[str, SweepRow] = Table(lambda row: row.name)
        self.tasks: Table[str, Any] = Table(str)


def _is_live(row: EmergencyRow) -> bool:
    """Whether it is open, leased, or to be woken."""
    return row.is_open or row.wake_at is not None or row.lease_until is not None
