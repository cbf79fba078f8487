"""The auditor: the heartbeat beats only while all is well, and what is wrong reaches supervisors by another way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import delete, select

from callbacks.delivery.outbox_row import Medium, OutboxKind, OutboxState
from callbacks.emergency.decide import decide
from callbacks.engine.intake import summary
from callbacks.engine.jobs.audit import Auditor
from callbacks.engine.reconcile import reconcile
from callbacks.store.sql import tables
from callbacks.telephony.gateway import CarrierError
from tests.night import Night, Person, minutes, seconds


class Watch:
    """An auditor of the night's context, and what it said."""

    def __init__(self, night: Night) -> None:
        self.night, self.pings = night, 0
        self.alarms: list[str] = []
        self.auditor = Auditor(replace(night.context, alarm=self.alarms.append, heartbeat=self._ping))

    def _ping(self) -> None:
        self.pings += 1

    def finds(self) -> list[str]:
        """An audit with a fresh sign of life and a fresh sweep."""
        self.night.engine.beat()
        reconcile.sweep(self.night.context)
        return [v.slug for v in self.auditor.look()]


@pytest.fixture
def watch(night: Night) -> Watch:
    night.on_call("ana", "bob")
    return Watch(night)


def test_all_is_well_and_the_heart_beats(watch: Watch) -> None:
    assert watch.finds() == []
    assert watch.pings == 1
    watch.night.passes(seconds(15))
    assert (watch.finds(), watch.pings) == ([], 1)
    watch.night.passes(seconds(15))
    assert (watch.finds(), watch.pings) == ([], 2)
    watch.night.nobody_else_was_contacted()


@pytest.mark.storage
def test_an_engine_that_the_database_forgot_is_known_again_by_its_next_beat(watch: Watch) -> None:
    """F67: a standby that took over without the last commits knows nothing of a node that started just before."""
    with watch.night.database.write() as session:
        session.execute(delete(tables.Node))
    assert (watch.finds(), watch.pings) == ([], 1)
    watch.night.nobody_else_was_contacted()


def test_an_emergency_that_nothing_watches_is_told_once_in_a_while(watch: Watch) -> None:
    """I5."""
    night = watch.night
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    assert watch.finds() == []
    change(night, tables.Emergency, 1, wake_at=None)
    assert watch.finds() == ["audit-asleep"]
    assert "E-000001" in watch.alarms[0]
    night.sue.gets_sms("ALARM", "E-000001", "yourself")
    assert (watch.finds(), len(watch.alarms), watch.pings) == (["audit-asleep"], 1, 1)
    night.passes(minutes(15))
    assert watch.finds() == ["audit-asleep"]
    night.sue.gets_sms("ALARM", "E-000001")
    change(night, tables.Emergency, 1, lease_until=night.clock.now() + timedelta(seconds=5), wake_at=night.clock.now())
    assert watch.finds() == []
    change(night, tables.Emergency, 1, lease_until=None, is_open=False, wake_at=None)
    night.nobody_else_was_contacted()


def test_what_does_not_leave_is_told(watch: Watch) -> None:
    """I14."""
    night, now = watch.night, watch.night.clock.now()
    row = tables.Outbox(
        id="x" * 32, kind=OutboxKind.PAGE, person="ana", channel=Medium.SMS, number="+15145550111", text="x", state=OutboxState.CLAIMED,
        due_at=now - timedelta(minutes=2), lease_until=now + timedelta(seconds=5), created_at=now,
    )  # fmt: skip
    with night.database.write() as session:
        session.add(row)
    assert watch.finds() == []
    change(night, tables.Outbox, row.id, lease_until=now - timedelta(minutes=2))
    assert watch.finds() == ["audit-stuck"]
    change(night, tables.Outbox, row.id, state=OutboxState.CANCELLED)
    night.sue.gets_sms("not being sent", "page")
    assert watch.finds() == []
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_an_emergency_for_which_nothing_was_ever_sent_is_told(watch: Watch) -> None:
    night = watch.night
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    with night.database.write() as session:
        for row in session.exec(select(tables.Outbox)):
            row.emergency_id = None
    night.passes(seconds(20))
    assert watch.finds() == ["audit-unpaged"]
    night.sue.gets_sms("nobody was paged for E-000001")
    change(night, tables.Emergency, 1, is_open=False, wake_at=None)
    night.nobody_else_was_contacted()


def test_a_late_sweep_a_silent_engine_and_a_strange_number_are_told(watch: Watch) -> None:
    """F15, I32."""
    night = watch.night
    assert watch.finds() == []
    night.passes(minutes(3))
    assert [v.slug for v in watch.auditor.look()] == ["audit-sweep", "audit-engine"]
    night.sue.gets_sms("reconciliation")
    night.sue.gets_sms("no engine")
    night.network.number.voice_url = "https://elsewhere.example/voice"
    night.passes(minutes(5))
    assert watch.finds() == ["audit-number"]
    night.sue.gets_sms("doctor --fix")
    assert "audit" in night.web.get("/readyz").json()
    assert "callbacks_audit_violations 0.0" in night.metrics()
    night.passes(seconds(1))
    with night.database.write() as session:
        row = session.get(tables.Sweep, reconcile.NAME)
        assert row is not None
        row.error = "503"
    assert night.web.get("/readyz").json()["audit"] == "audit-sweep"
    assert night.web.get("/readyz").status_code == 200
    night.nobody_else_was_contacted()


def test_a_carrier_that_cannot_be_asked_stops_the_heart(watch: Watch) -> None:
    """I30."""
    watch.finds()
    watch.night.knobs(rest={"refuse": {"status": 503, "code": 20503}})
    found = [v.slug for v in watch.auditor.look()]
    assert found == ["audit-carrier"]
    assert watch.pings == 1
    assert len(watch.alarms) == 1
    watch.night.nobody_else_was_contacted()


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
    from callbacks.engine.intake import handle

    night = watch.night
    night.customer.calls().skips_menus()
    night.knobs(webhooks_down=True)
    night.customer.hangs_up()
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    whole = decide

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr(handle, "decide", broken)
    night.passes(minutes(1))
    assert watch.finds() == ["audit-sweep"]
    assert "1 calls could not be compared" in watch.alarms[0] and watch.pings == 0
    night.sue.gets_sms("ALARM", "Twilio console")
    monkeypatch.setattr(handle, "decide", whole)
    assert watch.finds() == []
    night.settle()
    night.people["ana"].gets_sms("514-555-0142")
    night.nobody_else_was_contacted()


TOM = '[[supervisor]]\nname = "tom"\nphone = "+15145550177"\n'


def test_a_supervisor_whose_texts_are_refused_keeps_no_other_from_hearing(night: Night) -> None:
    night.on_call("ana", "bob", extra=TOM)

    class Refusing:
        def send_text(self, to: str, *more: Any) -> str:
            if to == night.sue.number:
                raise CarrierError("400", refused=True, code=21610)
            return night.context.gateway.send_text(to, *more)

        def __getattr__(self, name: str) -> object:
            return getattr(night.context.gateway, name)

    refusing: Any = Refusing()
    night.passes(minutes(3))
    assert [v.slug for v in Auditor(replace(night.context, gateway=refusing)).look()] == ["audit-sweep", "audit-engine"]
    tom = Person(night, "tom", "+15145550177")
    tom.gets_sms("reconciliation")
    tom.gets_sms("no engine")
    night.nobody_else_was_contacted()


def test_what_nobody_could_be_told_is_tried_again_at_the_next_look(watch: Watch) -> None:
    """Neither the notify URLs nor the carrier took it: a quarter of an hour of silence would follow."""
    night = watch.night

    def deaf(words: str) -> None:
        raise CarrierError("a notify URL did not take the alarm")

    auditor = Auditor(replace(night.context, alarm=deaf))
    night.passes(minutes(3))
    night.knobs(rest={"refuse": {"status": 503, "code": 20503}})
    assert [v.slug for v in auditor.look()] == ["audit-sweep", "audit-engine", "audit-carrier"]
    night.knobs(rest={"refuse": None})
    night.passes(seconds(15))
    assert [v.slug for v in auditor.look()] == ["audit-sweep", "audit-engine"]
    night.sue.gets_sms("reconciliation")
    night.sue.gets_sms("no engine")
    night.passes(seconds(15))
    auditor.look()
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_of_two_nodes_one_tells(watch: Watch) -> None:
    """Also when each has another reason, and again by whichever looks first when it lasts."""
    night, other = watch.night, Watch(watch.night)
    night.passes(minutes(3))
    for auditor in (watch.auditor, other.auditor, watch.auditor):
        assert [v.slug for v in auditor.look()] == ["audit-sweep", "audit-engine"]
    assert (len(watch.alarms), len(other.alarms)) == (2, 0)
    night.sue.gets_sms("reconciliation")
    night.sue.gets_sms("no engine")
    with night.database.write() as session:
        session.merge(tables.Sweep(name=reconcile.NAME, error="503"))
    assert [v.slug for v in other.auditor.look()] == ["audit-sweep", "audit-engine"]
    assert other.alarms == []
    night.passes(minutes(15))
    other.auditor.look()
    watch.auditor.look()
    assert (len(watch.alarms), len(other.alarms)) == (2, 2)
    night.sue.gets_sms("reconciliation")
    night.sue.gets_sms("no engine")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_node_that_cannot_write_it_down_tells_all_the_same(watch: Watch) -> None:
    """To the notify URLs too: what another node tells may never arrive."""
    night, other = watch.night, Watch(watch.night)
    night.passes(minutes(3))
    watch.auditor.look()

    class ReadOnly:
        def transact(self, step: object) -> None:
            raise ConnectionError("the database takes no writes")

        def __getattr__(self, name: str) -> object:
            return getattr(night.database, name)

    read_only: Any = ReadOnly()
    other.auditor.context = replace(other.auditor.context, database=read_only)
    other.auditor.look()
    assert len(other.alarms) == 2
    other.auditor.look()
    assert len(other.alarms) == 2
    for words in ("reconciliation", "no engine") * 2:
        night.sue.gets_sms(words)
    night.nobody_else_was_contacted()


def test_a_node_that_died_while_it_told_leaves_it_to_the_other_for_a_minute_only(watch: Watch) -> None:
    night, other = watch.night, Watch(watch.night)

    class Killed(BaseException):
        """Of a process there is nothing left to catch it."""

    def dies(words: str) -> None:
        raise Killed

    night.passes(minutes(3))
    watch.auditor.context = replace(watch.auditor.context, alarm=dies)
    with pytest.raises(Killed):
        watch.auditor.look()
    other.auditor.look()
    assert len(other.alarms) == 1, "what the first had not come to"
    night.passes(minutes(1))
    other.auditor.look()
    assert len(other.alarms) == 2
    for words in ("no engine", "reconciliation"):
        night.sue.gets_sms(words)
    night.nobody_else_was_contacted()


def test_a_second_emergency_that_nothing_watches_is_told_at_once(watch: Watch) -> None:
    """I5: that one was told of the same a minute ago is no news about another."""
    night = watch.night
    for caller in (night.customer, night.other_customer):
        caller.calls().leaves_message(seconds(1))
    for ref in ("E-000001", "E-000002"):
        night.people["ana"].gets_sms(ref)
    change(night, tables.Emergency, 1, wake_at=None)
    assert watch.finds() == ["audit-asleep"]
    night.sue.gets_sms("E-000001")
    night.passes(seconds(60))
    change(night, tables.Emergency, 2, wake_at=None)
    assert watch.finds() == ["audit-asleep"]
    night.sue.gets_sms("E-000001, E-000002")
    night.passes(seconds(60))
    change(night, tables.Emergency, 1, is_open=False)
    assert watch.finds() == ["audit-asleep"]
    change(night, tables.Emergency, 2, is_open=False)
    night.nobody_else_was_contacted()


def test_what_is_no_page_covers_nobody(watch: Watch) -> None:
    """I7: audio that was asked for and a receipt to the customer wake no technician."""
    night = watch.night
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    with night.database.write() as session:
        for row in session.exec(select(tables.Outbox).where(tables.Outbox.kind == "page")):
            row.emergency_id = None
        assert {row.kind for row in session.exec(select(tables.Outbox)) if row.emergency_id} == {
            "fetch",
            "customer-text",
        }
    night.passes(seconds(20))
    assert watch.finds() == ["audit-unpaged"]
    night.sue.gets_sms("nobody was paged for E-000001")
    change(night, tables.Emergency, 1, is_open=False, wake_at=None)
    night.nobody_else_was_contacted()


def test_an_emergency_that_missed_its_promise_and_that_nothing_watches_is_told(watch: Watch) -> None:
    """I5, I9: nobody has called back yet, late or not."""
    night = watch.night
    night.customer_leaves_message()
    night.passes(minutes(45))
    night.taken_up.update(m.sid for m in night.sent())
    assert (watch.finds(), night.verdict()["outcome"]) == ([], "missed")
    change(night, tables.Emergency, 1, wake_at=None)
    assert watch.finds() == ["audit-asleep"]
    night.sue.gets_sms("nothing is watching E-000001")
    change(night, tables.Emergency, 1, is_open=False)
    night.nobody_else_was_contacted()


def test_an_owner_at_work_after_the_deadline_is_no_violation(watch: Watch) -> None:
    """Tried in vain in time: nothing is due any more, and nobody sleeps."""
    night = watch.night
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001").replies("1").gets_sms("is yours").proves("5").gets_sms("E-000001")
    night.passes(minutes(45))
    night.taken_up.update(m.sid for m in night.sent())
    assert (watch.finds(), night.verdict()["outcome"]) == ([], "void")
    night.nobody_else_was_contacted()


def test_an_emergency_that_cannot_be_worked_on_stops_the_heart(watch: Watch) -> None:
    """I29, I30: it is put off again and again, so it never sleeps; nobody is paged for it all the same."""
    night = watch.night
    with night.database.write() as session:
        now = night.clock.now()
        row = replace(summary.blank(1, "broken", now), wake_at=now, due_at=now + minutes(30), priority="P3")
        session.emergencies.add(row)
    night.passes(minutes(2))
    night.sue.gets_sms("E-000001 is failing to process")
    assert watch.finds() == ["audit-failing"]
    night.sue.gets_sms("ALARM", "E-000001")
    assert watch.pings == 0
    change(night, tables.Emergency, 1, is_open=False, wake_at=None)
    assert watch.finds() == []
    night.nobody_else_was_contacted()


def test_an_answer_that_nobody_foresaw_silences_no_other_finding(watch: Watch) -> None:
    night = watch.night

    class Odd:
        def account(self) -> object:
            raise AttributeError("'list' object has no attribute 'get'")

        def __getattr__(self, name: str) -> object:
            return getattr(night.context.gateway, name)

    odd: Any = Odd()
    auditor = Auditor(replace(night.context, gateway=odd))
    night.passes(minutes(3))
    assert [v.slug for v in auditor.look()] == ["audit-sweep", "audit-engine", "audit-carrier"]
    for words in ("reconciliation", "no engine", "does not answer"):
        night.sue.gets_sms(words)
    night.nobody_else_was_contacted()


def test_supervisors_known_before_are_told_that_the_database_is_away(watch: Watch) -> None:
    night = watch.night
    assert watch.finds() == []

    class Away:
        def __getattr__(self, name: str) -> object:
            raise ConnectionError("the database is away")

    away: Any = Away()
    watch.auditor.context = replace(watch.auditor.context, database=away)
    assert [v.slug for v in watch.auditor.look()] == ["audit-database"]
    night.sue.gets_sms("the database does not answer")
    watch.auditor.context = night.context
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_texts_that_cannot_be_compared_are_told(watch: Watch) -> None:
    """A lost acknowledgement or a leaked token would not be noticed."""
    night, sound = watch.night, watch.night.context
    assert watch.finds() == []

    class Deaf:
        def inbound_messages(self, since: object) -> object:
            raise CarrierError("403", refused=True)

        def __getattr__(self, name: str) -> object:
            return getattr(sound.gateway, name)

    deaf: Any = Deaf()
    night.context = replace(sound, gateway=deaf)
    assert watch.finds() == ["audit-texts"]
    night.sue.gets_sms("reconciliation of texts", "not running", "403")
    night.context = sound
    assert watch.finds() == []
    night.nobody_else_was_contacted()
