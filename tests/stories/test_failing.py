"""One emergency that cannot be worked on: people are told of it, and it never stands in the way of another."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from callbacks.emergency.model import Emergency
from callbacks.engine.delivery import dispatch
from callbacks.engine.intake import handle, summary
from callbacks.engine.runtime.loop import Engine
from callbacks.store import ledger
from callbacks.store.sql import tables
from callbacks.store.sql.transaction import Transaction
from callbacks.telephony.gateway import CarrierError
from tests.night import Night, minutes, seconds


def failing(night: Night) -> None:
    """An open emergency, due now, whose ledger holds nothing: E-000002, beside a sound E-000001."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("you reached")
    with night.database.write() as session:
        now = night.clock.now()
        row = replace(summary.blank(2, "broken", now), wake_at=now, due_at=now + minutes(30))
        session.emergencies.add(row)


def unreadable(night: Night) -> None:
    """A fact of the only emergency, as another version might have written it."""
    with night.database.write() as session:
        row = session.get(tables.Emergency, 1)
        assert row is not None
        fact = ledger.Record("Acknowledged", night.clock.now(), {"who": "ana"}, None)
        facts = ledger.append(session, 1, row.last_seq, row.head_hash, [fact], night.clock.now())
        row.last_seq, row.head_hash = facts[-1].seq, facts[-1].hash
        session.add(row)


@pytest.mark.storage
def test_the_engine_starts_though_one_ledger_cannot_take_the_outage(night: Night) -> None:
    failing(night)
    night.engine.beat()
    night.clock.turn(seconds=60)
    Engine(night.context).register()
    assert "OutageRecorded" in [i["kind"] for i in night.get("/api/v1/emergencies/E-000001/ledger")["items"]]
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_supervisors_hear_of_it_again_and_again_though_the_notify_url_is_down(night: Night) -> None:
    """F56, I29."""
    heard: list[str] = []

    def broken(words: str) -> None:
        if not words.startswith("E-000002"):
            return  # the sound emergency is unconfirmed at its deadline, which is told too
        heard.append(words)
        if len(heard) < 4:
            raise CarrierError("a notify URL did not take the alarm")

    night.context = replace(night.context, alarm=broken)
    night.engine = Engine(night.context)
    failing(night)
    night.passes(seconds(29))
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()
    night.passes(seconds(31))
    night.sue.gets_sms("E-000002 is failing to process", "yourself")
    assert len(heard) == 4
    night.minutes_pass(5)
    night.sue.gets_sms("E-000002 is failing to process")
    assert len(heard) == 5
    night.minutes_pass(90)
    for _ in range(4):
        night.sue.gets_sms("E-000002 is failing to process")
    assert len(heard) == 9
    night.sue.gets_sms("UNCONFIRMED E-000001")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_ledger_that_cannot_be_read_stays_in_the_list(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the API and of `callbacks list`, which reads a batch at a time."""
    monkeypatch.setattr(summary, "BATCH", 1)
    monkeypatch.setenv("CALLBACKS_DATABASE_URL", night.settings.database_url)
    failing(night)
    sound, broken = night.emergencies()
    listed = CliRunner().invoke(cli, ["list"]).stdout
    assert [line.split()[:2] for line in listed.splitlines()[1:]] == [["E-000001", "P1"], ["E-000002", "P1"]]
    assert (sound["ref"], broken["ref"]) == ("E-000001", "E-000002")
    assert broken.keys() == sound.keys()
    assert "cannot be read" in broken["verdict"]["why"]
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_fact_that_cannot_be_read_is_kept_and_the_story_goes_on(night: Night) -> None:
    """F73."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    unreadable(night)
    night.minutes_pass(4)
    bob.gets_sms("E-000001").replies("1").gets_sms("is yours")
    assert night.facts().count("Acknowledged") == 2
    assert night.web.get("/emergencies/E-000001").status_code == 200
    night.nobody_else_was_contacted()


def cannot_be_folded(monkeypatch: pytest.MonkeyPatch, *refs: str) -> None:
    """Whatever loads one of these emergencies raises."""
    whole = summary.load

    def load(session: Transaction, emergency_id: int) -> Emergency | None:
        if f"E-{emergency_id:06d}" in refs:
            raise ZeroDivisionError("a bug of ours")
        return whole(session, emergency_id)

    for module in (dispatch, handle):
        monkeypatch.setattr(module, "load", load)


@pytest.mark.storage
@pytest.mark.parametrize("broken", ["E-000003", "E-000004"])
def test_a_page_of_a_broken_emergency_keeps_no_other_page_waiting(
    night: Night, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """I29: pages that wait for one phone are put together; one that cannot be named there leaves as it was written."""
    ana, _ = night.on_call("ana", "bob")
    for n in range(2000, 2004):
        night.customer.calls(caller_id=f"+1514555{n}").leaves_message(seconds(1))
    ana.gets_sms("E-000001").gets_sms("E-000002")
    cannot_be_folded(monkeypatch, broken)
    sound = "E-000004" if broken == "E-000003" else "E-000003"
    night.minutes_pass(2)
    ana.gets_sms(sound)
    ana.gets_sms(broken)
    states = {e["ref"]: bool(e["first_page_at"]) for e in night.emergencies()}
    assert states[sound] and not states[broken]
    monkeypatch.undo()
    night.minutes_pass(0.5)
    night.taken_up.update(m.sid for m in night.sent())
    night.network.errors.clear()  # reports about the broken one could not be taken in
    assert sum(broken in m.body and m.to_number == ana.number for m in night.sent()) == 1, "it was sent again"
    night.nobody_else_was_contacted()
