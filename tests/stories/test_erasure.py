"""A customer asks to be forgotten, or time passes: nothing of them is left here or at the carrier, and the chain holds."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, select

from callbacks.engine import erasure, proof
from callbacks.engine.recordings import path_of
from callbacks.policy import Retention
from callbacks.store import audits, customers
from callbacks.store.tables import PrivateRow
from tests.night import Night, minutes

NUMBER, NAME, WORDS = "+15145550142", "Canary Quimby", "zebra xylophone"


def a_night_with_words(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    with night.database.write() as session:
        customers.describe(session, NUMBER, night.clock.now(), NAME, "Canary Works", "en", WORDS)
    night.customer_leaves_message()
    ana.gets_sms("E-000001", NAME).replies("1")
    ana.gets_sms("yours")
    ana.replies(f"note {WORDS}")
    ana.gets_sms("E-000001")
    night.customer.texts(f"please hurry {WORDS}")
    ana.gets_sms(WORDS)


def closed(night: Night) -> None:
    ana = night.people["ana"]
    ana.replies("4")
    ana.gets_sms("E-000001")
    ana.replies(f"6 done {WORDS}")
    ana.gets_sms("E-000001")
    night.settle()


def everything(night: Night) -> str:
    """All cells of all tables, as text."""
    with night.database.read() as session:
        names = [n for n in SQLModel.metadata.tables if n not in ("roster",)]
        return " ".join(str(row) for n in names for row in session.execute(text(f'SELECT * FROM "{n}"')))


def test_who_asks_is_forgotten_everywhere(night: Night, tmp_path: Path) -> None:
    """I34."""
    a_night_with_words(night)
    with pytest.raises(erasure.StillOwed, match="E-000001"):
        erasure.customer(night.world, NUMBER, "sue")
    closed(night)
    night.minutes_pass(5)
    before = everything(night)
    assert all(word in before for word in (NUMBER, NAME, WORDS))
    sid = night.emergency()["recording_sid"]
    assert path_of(night.world.data_dir, sid).exists()
    sent = {m.sid for m in night.network.texts.all.values()}
    night.nobody_else_was_contacted()
    done = erasure.customer(night.world, NUMBER, "sue")
    assert (done.emergencies, done.recordings, done.kept_at_carrier, done.was_in_book) == (["E-000001"], 1, [], True)
    after = everything(night)
    assert [word for word in (NUMBER, NAME, WORDS, NUMBER.removeprefix("+1")) if word in after] == []
    if night.database.is_sqlite:
        assert not any(word.encode() in (tmp_path / "callbacks.db").read_bytes() for word in (NUMBER, NAME, WORDS))
    assert not path_of(night.world.data_dir, sid).exists()
    assert night.network.calls.interpreter.recorder.all[sid].deleted
    assert not sent & set(night.network.texts.all)
    item = night.emergency()
    assert (item["customer"], item["verdict"]["outcome"]) == ({"number": None, "withheld": False, "name": None}, "met")
    with night.database.read() as session:
        assert proof.verify(session) is None
        assert [(row.who, row.action) for row in audits.latest(session)] == [("sue", "customer.erased")]
    again = erasure.customer(night.world, NUMBER, "sue")
    assert (again.emergencies, again.was_in_book) == ([], False)


def test_time_erases_audio_first_then_words(night: Night) -> None:
    assert night.world.policy.retention == Retention()
    a_night_with_words(night)
    closed(night)
    sid = night.emergency()["recording_sid"]
    night.nobody_else_was_contacted()
    night.passes(timedelta(days=89))
    erasure.by_age(night.world)
    assert path_of(night.world.data_dir, sid).exists()
    night.passes(timedelta(days=2))
    assert erasure.by_age(night.world) is not None
    assert erasure.by_age(night.world) is None, "once a day"
    assert not path_of(night.world.data_dir, sid).exists()
    assert night.emergency()["customer"]["number"] == NUMBER
    night.passes(timedelta(days=280))
    done = erasure.by_age(night.world)
    assert done is not None and done.emergencies == ["E-000001"]
    assert night.emergency()["customer"]["number"] is None
    with night.database.read() as session:
        assert session.exec(select(PrivateRow)).all() == []
    with night.database.read() as session:
        assert proof.verify(session) is None


def test_an_open_emergency_is_never_touched_by_time(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("4")
    ana.gets_sms("E-000001")
    night.passes(minutes(40))
    night.nobody_else_was_contacted()
    night.passes(timedelta(days=400))
    erasure.by_age(night.world)
    assert night.emergency()["customer"]["number"] == NUMBER
