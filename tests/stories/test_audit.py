"""The auditor: the heartbeat beats only while all is well, and what is wrong reaches supervisors by another way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from callbacks.engine import reconcile
from callbacks.engine.audit import Auditor
from callbacks.store.tables import EmergencyRow, OutboxRow, SweepRow
from tests.night import Night, minutes, seconds


class Watch:
    """An auditor of the night's world, and what it said."""

    def __init__(self, night: Night) -> None:
        self.night, self.pings, self.alarms = night, 0, []
        self.auditor = Auditor(replace(night.world, alarm=self.alarms.append, heartbeat=self._ping))

    def _ping(self) -> None:
        self.pings += 1

    def finds(self) -> list[str]:
        """An audit with a fresh sign of life and a fresh sweep."""
        self.night.engine.beat()
        reconcile.sweep(self.night.world)
        return [v.slug for v in self.auditor.look()]


@pytest.fixture
def watch(night: Night) -> Iterator[Watch]:
    night.on_call("ana", "bob")
    yield Watch(night)
    night.nobody_else_was_contacted()


def test_all_is_well_and_the_heart_beats(watch: Watch) -> None:
    assert watch.finds() == []
    assert watch.pings == 1
    watch.night.passes(seconds(15))
    assert (watch.finds(), watch.pings) == ([], 1)
    watch.night.passes(seconds(15))
    assert (watch.finds(), watch.pings) == ([], 2)


def test_an_emergency_that_nothing_watches_is_told_once_in_a_while(watch: Watch) -> None:
    """I5."""
    night = watch.night
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    assert watch.finds() == []
    change(night, EmergencyRow, 1, wake_at=None)
    assert watch.finds() == ["audit-asleep"]
    assert "E-000001" in watch.alarms[0]
    night.sue.gets_sms("ALARM", "E-000001", "by hand")
    assert (watch.finds(), len(watch.alarms), watch.pings) == (["audit-asleep"], 1, 1)
    night.passes(minutes(15))
    assert watch.finds() == ["audit-asleep"]
    night.sue.gets_sms("ALARM", "E-000001")
    change(night, EmergencyRow, 1, lease_until=night.clock.now() + timedelta(seconds=5), wake_at=night.clock.now())
    assert watch.finds() == []
    change(night, EmergencyRow, 1, lease_until=None, is_open=False, wake_at=None)


def test_what_does_not_leave_is_told(watch: Watch) -> None:
    """I14."""
    night, now = watch.night, watch.night.clock.now()
    row = OutboxRow(
        id="x" * 32, kind="page", person="ana", channel="sms", number="+15145550111", text="x", state="claimed",
        due_at=now - timedelta(minutes=2), lease_until=now + timedelta(seconds=5), created_at=now,
    )  # fmt: skip
    with night.database.write() as session:
        session.add(row)
    assert watch.finds() == []
    change(night, OutboxRow, row.id, lease_until=now - timedelta(minutes=2))
    assert watch.finds() == ["audit-stuck"]
    change(night, OutboxRow, row.id, state="cancelled")
    night.sue.gets_sms("do not leave", "page")
    assert watch.finds() == []


def test_an_emergency_for_which_nothing_was_ever_sent_is_told(watch: Watch) -> None:
    night = watch.night
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    with night.database.write() as session:
        for row in session.exec(select(OutboxRow)):
            row.emergency_id = None
    night.passes(seconds(20))
    assert watch.finds() == ["audit-unpaged"]
    night.sue.gets_sms("nobody was paged for E-000001")
    change(night, EmergencyRow, 1, is_open=False, wake_at=None)


def test_a_late_sweep_a_silent_engine_and_a_strange_number_are_told(watch: Watch) -> None:
    """F15, I32."""
    night = watch.night
    assert watch.finds() == []
    night.passes(minutes(3))
    assert [v.slug for v in watch.auditor.look()] == ["audit-sweep", "audit-engine"]
    night.sue.gets_sms("lost calls")
    night.sue.gets_sms("no engine")
    night.network.number.voice_url = "https://elsewhere.example/voice"
    night.passes(minutes(5))
    assert watch.finds() == ["audit-number"]
    night.sue.gets_sms("doctor --fix")
    assert "audit" in night.web.get("/readyz").json()
    assert "callbacks_audit_violations 0.0" in night.web.get("/metrics").text
    with night.database.write() as session:
        row = session.get(SweepRow, reconcile.NAME)
        assert row is not None
        row.error = "503"
    assert night.web.get("/readyz").json()["audit"] == "audit-sweep"
    assert night.web.get("/readyz").status_code == 200


def test_a_carrier_that_cannot_be_asked_stops_the_heart(watch: Watch) -> None:
    """I30."""
    watch.finds()
    watch.night.knobs(rest={"refuse": {"status": 503, "code": 20503}})
    found = [v.slug for v in watch.auditor.look()]
    assert found == ["audit-carrier"]
    assert watch.pings == 1
    assert len(watch.alarms) == 1


def change(night: Night, table: type, key: object, **values: object) -> None:
    with night.database.write() as session:
        row = session.get(table, key)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)


def test_a_call_that_cannot_be_opened_is_told_by_a_way_without_the_core(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I29, F56: the core raises at the very opening: no emergency, no page of its own, but supervisors are told what to do."""
    from callbacks.engine import intake

    night = watch.night
    night.customer.calls().skips_menus()
    night.knobs(webhooks_down=True)
    night.customer.hangs_up()
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    whole = intake.decide

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr(intake, "decide", broken)
    night.passes(minutes(1))
    assert watch.finds() == ["audit-sweep"]
    assert "1 calls could not be compared" in watch.alarms[0] and watch.pings == 0
    night.sue.gets_sms("ALARM", "carrier's console")
    monkeypatch.setattr(intake, "decide", whole)
    assert watch.finds() == []
    night.settle()
    night.people["ana"].gets_sms("514-555-0142")
