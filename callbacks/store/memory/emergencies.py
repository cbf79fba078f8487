"""Emergencies in memory. What is asked in every webhook and wake-up looks at the live ones alone: open, leased, or to
be woken."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callbacks.delivery.delivery_policy import CallerChoice, Direction
from callbacks.delivery.outbox_row import OutboxKind
from callbacks.emergency.model import Outcome, State
from callbacks.emergency.promise import EmergencyOutcome
from callbacks.policy.model import Priority
from callbacks.store.memory.data import Data
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import Drill, EmergencyRow, differences
from callbacks.store.summaries import drill_of, is_untold, outcome_of


class MemoryEmergencies:
    """The questions and writes of `emergencies` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def find(self, emergency_id: int | None) -> EmergencyRow | None:
        return self.changes.get(self.data.emergencies, emergency_id) if emergency_id else None

    def add(self, row: EmergencyRow) -> None:
        self.changes.add(self.data.emergencies, row)

    def change(self, before: EmergencyRow, after: EmergencyRow) -> None:
        row, changes = self.find(before.id), differences(before, after)
        if row and changes:
            self.changes.set(self.data.emergencies, replace(row, **changes))

    def each(self, since: datetime, until: datetime) -> Iterator[EmergencyRow]:
        yield from sorted(self._all(lambda row: since <= row.call_started_at < until), key=_number)

    def newest_id(self) -> int | None:
        return max((row.id for row in self._all()), default=None)

    def is_any_before(self, at: datetime) -> bool:
        return any(row.call_started_at < at for row in self._all())

    def opened_since(self, since: datetime) -> int:
        return sum(row.opened_at > since for row in self._all())

    def count(self) -> int:
        return sum(1 for _ in self._all())

    # Whose call it was: by the carrier's SID, or by the caller's number.

    def opened_by(self, key: str) -> EmergencyRow | None:
        return self.changes.unique(self.data.emergencies, 0, key)

    def of_call(self, sid: str) -> EmergencyRow | None:
        seen = self.changes.get(self.data.carrier, sid)
        return self.opened_by(sid) or (self.find(seen.emergency_id) if seen else None)

    def of_number(self, number: str, limit: int) -> Sequence[EmergencyRow]:
        return _newest(self._all(lambda row: self._is_of(row, number)))[:limit]

    def open_of_number(self, number: str, besides: int, limit: int) -> Sequence[EmergencyRow]:
        return _newest(row for row in self._open() if row.id != besides and self._is_of(row, number))[:limit]

    def unreached_of_number(self, number: str, since: datetime, limit: int) -> Sequence[EmergencyRow]:
        def is_waiting(row: EmergencyRow) -> bool:
            unreached = row.contact_at is None and row.state in (State.OPEN, State.ACKNOWLEDGED)
            return unreached and not row.drill and row.opened_at > since and self._is_of(row, number)

        return _newest(filter(is_waiting, self._open()))[:limit]

    def opened_with(self, number: str, choices: Sequence[CallerChoice], since: datetime) -> int:
        def is_one(row: EmergencyRow) -> bool:
            seen = self.changes.get(self.data.carrier, row.call_sid) if row.call_sid else None
            return seen is not None and seen.from_number == number and seen.choice in choices

        return sum(row.opened_at > since and is_one(row) for row in self._all())

    def _is_of(self, row: EmergencyRow, number: str) -> bool:
        seen = self.changes.get(self.data.carrier, row.call_sid) if row.call_sid else None
        called = seen is not None and seen.from_number == number and seen.direction == Direction.INBOUND
        return called or row.number == number

    # Codes: which are held, and who may mean which emergency by one.

    def codes_held(self, since: datetime) -> set[str]:
        worked_on = {row.code for row in self._all() if row.last_at and row.last_at > since}
        return worked_on | self.codes_in_use(since)

    def codes_in_use(self, since: datetime) -> set[str]:
        return {row.code for row in self._all() if row.is_open or row.opened_at > since}

    def open_with_code(self, code: str | None) -> int | None:
        return next((row.id for row in self._open() if row.code == code), None)

    def told_to(self, person: str, since: datetime, *, and_open: bool) -> Sequence[EmergencyRow]:
        told = {row.emergency_id for row in self.changes.all(self.data.outbox) if row.person == person}

        def is_theirs(row: EmergencyRow) -> bool:
            return row.id in told and (row.is_open or row.opened_at > since)

        return _newest(row for row in self._all() if is_theirs(row) or (and_open and row.is_open))

    # What a sweep, an outage or another version leaves to be done.

    def without_audio(self, since: datetime, unpaged_since: datetime, until: datetime) -> list[EmergencyRow]:
        fetched = {
            (row.emergency_id, row.recording_sid)
            for row in self.changes.all(self.data.outbox)
            if row.kind == OutboxKind.FETCH and row.recording_sid
        }

        def is_one(row: EmergencyRow) -> bool:
            unpaged = row.outcome == Outcome.EXCLUDED and row.message_ended_at is None and row.is_open
            begins = unpaged_since if unpaged else since
            return row.call_sid is not None and min(since, begins) < row.opened_at < until

        found = [row for row in self._all(is_one) if (row.id, row.recording_sid) not in fetched]
        return sorted(found, key=lambda row: row.opened_at, reverse=True)

    def due_within(self, since: datetime, until: datetime) -> list[int]:
        return [row.id for row in self._all() if row.call_started_at < until and row.due_at > since]

    def outdated(self, after: int, version: int, limit: int) -> list[int]:
        return sorted(row.id for row in self._all() if row.id > after and row.version < version)[:limit]

    def some(self, ids: Sequence[int]) -> Sequence[EmergencyRow]:
        return [row for emergency_id in sorted(ids) if (row := self.find(emergency_id))]

    def held(self, ids: Sequence[int]) -> Sequence[EmergencyRow]:
        mine = [emergency_id for emergency_id in ids if self.changes.hold(self.data.emergencies, emergency_id)]
        return [row for emergency_id in mine if (row := self.find(emergency_id))]

    def outcomes(
        self, since: datetime, until: datetime, version: int, now: datetime
    ) -> tuple[list[EmergencyOutcome], list[int]]:
        rows = list(self._all(lambda row: since <= row.call_started_at < until))
        untold = [row.id for row in rows if is_untold(row, version, now)]
        return [outcome_of(row, now) for row in rows if not is_untold(row, version, now)], untold

    def drills_open_since(self, before: datetime) -> Sequence[Drill]:
        rows = [row for row in self._open() if row.drill and row.opened_at < before]
        paged = {row.emergency_id: row.person for row in self.changes.all(self.data.outbox) if row.person}
        return [drill_of(row, paged.get(row.id) or "") for row in rows]

    def somebody_waits(self) -> bool:
        def waits(row: EmergencyRow) -> bool:
            owed = row.outcome in (Outcome.PENDING, Outcome.MISSED) and row.contact_at is None
            return owed and not row.drill and row.priority == Priority.P1

        return any(map(waits, self._open()))

    # Which node works on which due emergency.

    def claim_wakes(self, now: datetime, owner: str, lease: timedelta, limit: int) -> list[tuple[int, int]]:
        def is_due(row: EmergencyRow) -> bool:
            return row.wake_at is not None and row.wake_at <= now and (not row.lease_until or row.lease_until <= now)

        claimed: list[tuple[int, int]] = []
        for row in sorted(filter(is_due, self._live()), key=lambda row: row.due_at):
            if len(claimed) < limit and self.changes.hold(self.data.emergencies, row.id):
                leased = replace(row, owner=owner, lease_until=now + lease, fence=row.fence + 1)
                self.changes.set(self.data.emergencies, leased)
                claimed.append((row.id, leased.fence))
        return claimed

    def give_back(self, emergency_id: int, fence: int, *, done: bool) -> None:
        row = self.find(emergency_id)
        if row and row.fence == fence:
            failures = 0 if done else row.failures
            self.changes.set(self.data.emergencies, replace(row, owner=None, lease_until=None, failures=failures))

    def put_off(self, emergency_id: int, fence: int, until: datetime) -> int | None:
        row = self.find(emergency_id)
        if row is None or row.fence != fence:
            return None
        failures = row.failures + 1
        asleep = replace(row, owner=None, lease_until=None, failures=failures, wake_at=until)
        self.changes.set(self.data.emergencies, asleep)
        return failures

    def expire_claims(self, now: datetime) -> None:
        for row in [row for row in self._live() if row.lease_until]:
            self.changes.set(self.data.emergencies, replace(row, lease_until=now))

    def next_wake(self) -> datetime | None:
        return min((row.lease_until or row.wake_at for row in self._live() if row.wake_at), default=None)

    def _all(self, which: Callable[[EmergencyRow], bool] | None = None) -> Iterator[EmergencyRow]:
        return filter(which, self.changes.all(self.data.emergencies))

    def _live(self) -> Iterator[EmergencyRow]:
        return self.changes.some(self.data.emergencies)

    def _open(self) -> Iterator[EmergencyRow]:
        return (row for row in self._live() if row.is_open)


def _number(row: EmergencyRow) -> int:
    return row.id


def _newest(rows: Iterator[EmergencyRow]) -> list[EmergencyRow]:
    return sorted(rows, key=_number, reverse=True)
