"""A customer asks to be forgotten, or time passes: nothing of them is left here or at the carrier, and the chain holds."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from callbacks.engine.intake.recordings import path_of
from callbacks.engine.jobs import erasure, verification
from callbacks.oncall.contacts import Entry
from callbacks.store.sql import audits, customers
from tests.night import Night

NUMBER, NAME, WORDS = "+15145550142", "Canary Quimby", "zebra xylophone"


def a_night_with_words(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    with night.database.write() as session:
        customers.put_down(session, [Entry(NUMBER, NAME, "Canary Works", "en", WORDS)], night.clock.now())
    night.customer_leaves_message()
    ana.gets_sms("E-000001", NAME).replies("1")
    ana.gets_sms("yours")
    ana.replies(f"note {WORDS}")
    ana.gets_sms("E-000001")
    night.customer.texts(f"please hurry {WORDS}")
    ana.gets_sms(WORDS)


def closed(night: Night) -> None:
    ana = night.people["ana"]
    ana.proves("4")
    ana.gets_sms("E-000001")
    ana.proves(f"6 done {WORDS}")
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
        erasure.customer(night.context, NUMBER, "sue")
    closed(night)
    night.minutes_pass(5)
    before = everything(night)
    assert all(word in before for word in (NUMBER, NAME, WORDS))
    sid = night.emergency()["recording_sid"]
    assert path_of(night.context.data_dir, sid).exists()
    sent = {m.sid for m in night.network.texts.all.values()}
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()
    done = erasure.customer(night.context, NUMBER, "sue")
    assert (done.emergencies, done.recordings, done.kept_at_carrier, done.was_in_book) == (["E-000001"], 1, [], True)
    after = everything(night)
    assert [word for word in (NUMBER, NAME, WORDS, NUMBER.removeprefix("+1")) if word in after] == []
    if night.database.is_sqlite:
        assert not any(word.encode() in (tmp_path / "callbacks.db").read_bytes() for word in (NUMBER, NAME, WORDS))
    assert not path_of(night.context.data_dir, sid).exists()
    assert night.network.calls.interpreter.recorder.all[sid].deleted
    assert not sent & set(night.network.texts.all)
    item = night.emergency()
    assert (item["customer"], item["verdict"]["outcome"]) == ({"number": None, "withheld": False, "name": None}, "met")
    with night.database.read() as session:
        assert verification.verify(session) is None
        assert [(row.who, row.action) for row in audits.latest(session)] == [("sue", "customer.erased")]
    again = erasure.customer(night.context, NUMBER, "sue")
    assert (again.emergencies, again.was_in_book) == ([], False)
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_what_the_carrier_keeps_is_deleted_by_the_next_command(night: Night) -> None:
    """Nobody knows the number any more by then, so what is owed is written down."""
    a_night_with_words(night)
    closed(night)
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()
    sid = night.emergency()["recording_sid"]
    night.knobs(rest={"refuse": {"status": 503, "code": 20503}})
    kept = erasure.customer(night.context, NUMBER, "sue").kept_at_carrier
    assert sid in kept and len(kept) > 3
    night.knobs(rest={"refuse": None})
    done = erasure.customer(night.context, NUMBER, "sue")
    assert (done.kept_at_carrier, done.carrier_records) == ([], len(kept))
    assert night.network.calls.interpreter.recorder.all[sid].deleted
    assert erasure.customer(night.context, NUMBER, "sue").carrier_records == 0
    night.nobody_else_was_contacted()
