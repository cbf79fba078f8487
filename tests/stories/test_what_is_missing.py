"""I23: ten ways to take something away from the past or to change it, by somebody with all rights on the database but
without the key; `callbacks verify` finds each."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from typer.testing import CliRunner

from app.cli.main import cli
from callbacks.engine.jobs import checkpoints
from callbacks.engine.jobs.audit import Auditor
from callbacks.engine.jobs.checkpoints import State
from callbacks.engine.jobs.drills import open_drill
from callbacks.store import heads
from callbacks.store.ledger import GENESIS, canonical
from callbacks.store.sql import tables
from callbacks.store.sql.transaction import Transaction
from tests.night import Night, met, seconds

NEWEST = 4


def verify(night: Night, monkeypatch: pytest.MonkeyPatch, *more: str) -> dict[str, Any]:
    """What the command says, with its own connection and the settings of this night."""
    given = {"CALLBACKS_DATABASE_URL": night.settings.database_url, "CALLBACKS_DATA_DIR": str(night.context.data_dir),
             "CALLBACKS_MODE": "demo", "CALLBACKS_PUBLIC_URL": night.address, "TWILIO_API_URL": night.address}  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(cli, ["verify", "--json", *more])
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == (0 if told["ok"] else 1)
    return told


def a_past(night: Night) -> None:
    """Four emergencies: one reached and checkpointed, one open and checkpointed, two since the last checkpoint."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("yours")
    ana.is_called_back_by("3").presses("1")
    night.customer.answers(and_talks_for=seconds(90))
    assert night.verdict() == met(by="carrier")
    night.other_customer.calls().leaves_message()
    night.minutes_pass(3)
    assert checkpoints.look(night.context) is not None
    for _ in range(2):
        a_call(night)
    with night.database.read() as session:
        assert len(session.exec(select(tables.Emergency)).all()) == NEWEST


def a_call(night: Night) -> None:
    """Of somebody who shows no number: an emergency of its own."""
    night.customer.calls(caller_id="anonymous").leaves_message(seconds(5))


def unguarded(night: Night) -> None:
    with night.database.connect() as connection:
        if night.database.is_sqlite:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            drops = [f"DROP TRIGGER {name}" for name in names]
        else:
            drops = ["DROP TRIGGER ledger_is_append_only ON ledger", "DROP TRIGGER opening_is_append_only ON opening",
                     "ALTER TABLE ledger DROP CONSTRAINT fk_ledger_emergency_id_emergency",
                     "ALTER TABLE door DROP CONSTRAINT fk_door_emergency_id_emergency"]  # fmt: skip
        for statement in drops:
            connection.exec_driver_sql(statement)
        connection.commit()
    if night.database.is_sqlite:
        night.database._outside_transactions("PRAGMA foreign_keys=OFF")


def rechained(session: Transaction, emergency_id: int) -> None:
    """Every hash of a ledger and its end in the summary made to fit: whoever has no key can do all of this."""
    facts = session.exec(
        select(tables.Ledger).where(tables.Ledger.emergency_id == emergency_id).order_by(col(tables.Ledger.seq))
    ).all()
    previous = GENESIS
    for seq, fact in enumerate(facts, 1):
        content = json.loads(fact.body) | {"seq": seq}
        body = canonical(content)
        previous = hashlib.sha256((previous + body).encode()).hexdigest()
        session.execute(
            text("UPDATE ledger SET seq = :seq, body = :body, hash = :hash WHERE emergency_id = :id AND seq = :old"),
            {"seq": seq, "body": body, "hash": previous, "id": emergency_id, "old": fact.seq},
        )
        session.expunge(fact)
    session.execute(
        text("UPDATE emergency SET last_seq = :seq, head_hash = :hash WHERE id = :id"),
        {"seq": len(facts), "hash": previous, "id": emergency_id},
    )


def without(session: Transaction, *ids: int) -> None:
    for emergency_id in ids:
        for table, column in (("ledger", "emergency_id"), ("private", "emergency_id"), ("emergency", "id")):
            session.execute(text(f"DELETE FROM {table} WHERE {column} = :id"), {"id": emergency_id})


def an_emergency_in_the_middle(night: Night, session: Transaction) -> None:
    without(session, 2)


def the_newest_emergency_and_its_place_in_the_chain(night: Night, session: Transaction) -> None:
    without(session, NEWEST)
    session.execute(text(f"DELETE FROM opening WHERE number = {NEWEST}"))
    before = session.get_one(tables.Opening, NEWEST - 1).head
    session.execute(
        text("UPDATE ledger_head SET openings = openings - 1, last_id = last_id - 1, head = :head"), {"head": before}
    )


def all_emergencies(night: Night, session: Transaction) -> None:
    without(session, *range(1, NEWEST + 1))
    session.execute(text("DELETE FROM opening"))
    session.execute(text("DELETE FROM anchor"))
    session.execute(
        text("UPDATE ledger_head SET openings = 0, last_id = 0, anchors = 0, head = :g, anchor_head = :g, seal = ''"),
        {"g": GENESIS},
    )


def the_last_fact_of_a_ledger(night: Night, session: Transaction) -> None:
    last = session.get_one(tables.Emergency, NEWEST).last_seq
    session.execute(text(f"DELETE FROM ledger WHERE emergency_id = {NEWEST} AND seq = {last}"))
    session.execute(text(f"DELETE FROM private WHERE emergency_id = {NEWEST} AND seq = {last}"))
    rechained(session, NEWEST)


def a_fact_in_the_middle(night: Night, session: Transaction) -> None:
    session.execute(text(f"DELETE FROM ledger WHERE emergency_id = {NEWEST} AND seq = 2"))
    session.execute(text(f"DELETE FROM private WHERE emergency_id = {NEWEST} AND seq >= 2"))
    rechained(session, NEWEST)


def a_fact_changed_and_its_ledger_chained_anew(night: Night, session: Transaction) -> None:
    session.execute(
        text("UPDATE ledger SET body = replace(body, :old, :new) WHERE emergency_id = 1"),
        {"old": '"talk_seconds":', "new": '"talk_seconds":9'},
    )
    rechained(session, 1)


def a_verdict_in_the_summary(night: Night, session: Transaction) -> None:
    session.execute(text("UPDATE emergency SET outcome = 'met', evidence = 'carrier' WHERE id = 2"))


def two_ledgers_exchanged(night: Night, session: Transaction) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        session.execute(text(f"UPDATE ledger SET emergency_id = {new} WHERE emergency_id = {old}"))
        session.execute(text(f"UPDATE private SET emergency_id = {new} WHERE emergency_id = {old}"))
    one, other = (session.get_one(tables.Emergency, n) for n in (3, 4))
    one.last_seq, other.last_seq = other.last_seq, one.last_seq
    one.head_hash, other.head_hash = other.head_hash, one.head_hash
    one.seal, other.seal = other.seal, one.seal


def the_checkpoint_file(night: Night, session: Transaction) -> None:
    (night.context.data_dir / checkpoints.NAME).unlink()


def a_private_word(night: Night, session: Transaction) -> None:
    session.execute(text("UPDATE private SET data = replace(data, '+1514', '+1438') WHERE emergency_id = 1"))


WAYS: dict[Callable[[Night, Transaction], None], tuple[str, str]] = {
    an_emergency_in_the_middle: ("E-000002", "the emergency is missing"),
    the_newest_emergency_and_its_place_in_the_chain: ("", "not as it was sealed"),
    all_emergencies: ("", "the database is older than its checkpoints"),
    the_last_fact_of_a_ledger: ("E-000004", "does not hold what it was sealed with"),
    a_fact_in_the_middle: ("E-000004", "does not hold what it was sealed with"),
    a_fact_changed_and_its_ledger_chained_anew: ("E-000001", "does not hold what it was sealed with"),
    a_verdict_in_the_summary: ("E-000002", "the summary's outcome differs"),
    two_ledgers_exchanged: ("E-000003", "the columns differ from what was hashed"),
    the_checkpoint_file: ("", "the checkpoint file is missing"),
    a_private_word: ("E-000001", "differs from its commitment"),
}


@pytest.mark.storage
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_ten_ways_ten_found(
    night: Night, monkeypatch: pytest.MonkeyPatch, way: Callable[[Night, Transaction], None]
) -> None:
    """I23."""
    a_past(night)
    assert verify(night, monkeypatch)["ok"]
    unguarded(night)
    with night.database.write() as session:
        way(night, session)
    told = verify(night, monkeypatch)
    ref, problem = WAYS[way]
    assert told["first_bad_row"] is not None
    assert (told["first_bad_row"]["ref"], problem in told["first_bad_row"]["problem"]) == (ref, True), told
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.people["ana"].gets_sms("your phone is ringing").gets_sms("P1 E-000002").gets_sms("P1 E-000003").gets_sms(
        "P1 E-000004"
    )
    night.nobody_else_was_contacted()


def the_newest_emergency_alone(night: Night, session: Transaction) -> None:
    without(session, NEWEST)


def when_a_fact_was_written_down(night: Night, session: Transaction) -> None:
    session.execute(text("UPDATE ledger SET recorded_at = '2026-11-24 01:00:00' WHERE emergency_id = 1 AND seq = 3"))


def when_a_fact_happened_and_its_ledger_chained_anew(night: Night, session: Transaction) -> None:
    fact = session.get_one(tables.Ledger, (1, 3))
    body = json.loads(fact.body)
    body["at"] = "2026-11-24T01:00:00Z"
    changed = {"body": canonical(body)}
    session.execute(text("UPDATE ledger SET body = :body WHERE emergency_id = 1 AND seq = 3"), changed)
    session.expire_all()
    rechained(session, 1)


def two_facts_exchanged_and_chained_anew(night: Night, session: Transaction) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        session.execute(text(f"UPDATE ledger SET seq = {new} WHERE emergency_id = 1 AND seq = {old}"))
        session.execute(text(f"UPDATE private SET seq = {new} WHERE emergency_id = 1 AND seq = {old}"))
    rechained(session, 1)


def an_emergency_given_another_number(night: Night, session: Transaction) -> None:
    for table, column in (("ledger", "emergency_id"), ("private", "emergency_id"), ("emergency", "id")):
        session.execute(text(f"UPDATE {table} SET {column} = 9 WHERE {column} = 3"))


def who_had_it_in_the_summary(night: Night, session: Transaction) -> None:
    session.execute(text("UPDATE emergency SET acknowledged_by = 'bob' WHERE id = 1"))


def an_exclusion_in_the_summary(night: Night, session: Transaction) -> None:
    session.execute(text("UPDATE emergency SET excluded_why = 'a test' WHERE id = 2"))


def an_exclusion_made_up(night: Night, session: Transaction) -> None:
    """A fact that the verdict follows: the whole ledger and its summary fit, only the seal does not."""
    last = session.get_one(tables.Emergency, 2).last_seq
    fact = session.get_one(tables.Ledger, (2, last))
    body = json.loads(fact.body) | {"kind": "Excluded", "body": {"at": "2026-11-24T02:00:00Z", "why": "a test"}}
    session.execute(
        text("UPDATE ledger SET kind = 'Excluded', body = :body WHERE emergency_id = 2 AND seq = :seq"),
        {"body": canonical(body), "seq": last},
    )
    session.execute(text(f"DELETE FROM private WHERE emergency_id = 2 AND seq = {last}"))
    session.expire_all()
    rechained(session, 2)


def a_line_of_the_checkpoint_file(night: Night, session: Transaction) -> None:
    path = night.context.data_dir / checkpoints.NAME
    line = path.read_text()
    at = line.index('"hash"') + 12 if '"hash"' in line else len(line) // 2
    path.write_text(line[:at] + ("0" if line[at] != "0" else "1") + line[at + 1 :])


def all_lines_of_the_checkpoint_file(night: Night, session: Transaction) -> None:
    (night.context.data_dir / checkpoints.NAME).write_text("")


FURTHER = (
    the_newest_emergency_alone, when_a_fact_was_written_down, when_a_fact_happened_and_its_ledger_chained_anew,
    two_facts_exchanged_and_chained_anew, an_emergency_given_another_number, who_had_it_in_the_summary,
    an_exclusion_in_the_summary, an_exclusion_made_up, a_line_of_the_checkpoint_file, all_lines_of_the_checkpoint_file,
)  # fmt: skip


@pytest.mark.storage
@pytest.mark.parametrize("way", FURTHER, ids=lambda way: way.__name__)
def test_ten_further_ways_are_found_too(
    night: Night, monkeypatch: pytest.MonkeyPatch, way: Callable[[Night, Transaction], None]
) -> None:
    """I23."""
    a_past(night)
    unguarded(night)
    with night.database.write() as session:
        way(night, session)
    assert verify(night, monkeypatch)["first_bad_row"] is not None
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.people["ana"].gets_sms("your phone is ringing").gets_sms("P1 E-000002").gets_sms("P1 E-000003").gets_sms(
        "P1 E-000004"
    )
    night.nobody_else_was_contacted()


@pytest.mark.storage
@pytest.mark.parametrize(
    "way", [the_newest_emergency_and_its_place_in_the_chain, the_last_fact_of_a_ledger], ids=lambda way: way.__name__
)
def test_what_was_cut_off_is_not_healed_by_what_comes_after(
    night: Night, monkeypatch: pytest.MonkeyPatch, way: Callable[[Night, Transaction], None]
) -> None:
    """The next opening and the next fact go on all the same, and sign nothing that did not hold."""
    a_past(night)
    unguarded(night)
    with night.database.write() as session:
        way(night, session)
    a_call(night)
    night.minutes_pass(5)
    with night.database.read() as session:
        opened = session.exec(select(tables.Emergency).order_by(col(tables.Emergency.id).desc())).first()
        assert opened is not None and opened.first_page_at is not None
    assert not verify(night, monkeypatch)["ok"]
    night.customer.gets_all("we have your message", "is calling you now")
    night.people["ana"].gets_all("your phone is ringing", "P1 E-")
    night.people["bob"].gets_all("P1 E-")
    night.sue.gets_all("P1 E-")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_how_much_no_checkpoint_covers_is_said(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    a_past(night)
    told = verify(night, monkeypatch)
    with night.database.read() as session:
        facts = session.exec(select(tables.Ledger.recorded_at)).all()
    line = checkpoints.read_lines(night.context.data_dir / checkpoints.NAME)[-1]
    assert told["facts"] == len(facts)
    assert told["checkpoints"]["lines"] == 1
    assert told["checkpoints"]["facts_behind"] == sum(at > line.ends for at in facts) > 0
    assert told["not_chained"] == 0
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.people["ana"].gets_sms("your phone is ringing").gets_sms("P1 E-000002").gets_sms("P1 E-000003").gets_sms(
        "P1 E-000004"
    )
    night.nobody_else_was_contacted()


def test_supervisors_are_told_of_a_checkpoint_file_that_is_gone(night: Night) -> None:
    """Once a day; the heartbeat stays away as long."""
    a_past(night)
    told = list[str]()
    auditor = Auditor(replace(night.context, alarm=told.append))
    night.engine.beat()
    assert "audit-checkpoints" not in [found.slug for found in auditor.look()]
    (night.context.data_dir / checkpoints.NAME).unlink()
    for _ in range(2):
        assert [found.what for found in auditor.look() if found.slug == "audit-checkpoints"] == ["missing"]
        night.clock.turn(minutes=30)
    assert sum("proof of the ledgers" in words for words in told) == 1
    assert checkpoints.look(night.context) is None, "no file is begun over it"
    night.customer.gets_all("we have your message", "is calling you now")
    night.people["ana"].gets_all("your phone is ringing", "P1 E-")
    night.other_customer.gets_all("we have your message", "we promised to call you")
    night.sue.gets_all(
        "missed-call reconciliation",
        "the proof of the ledgers",
        "nothing is watching",
        "no engine heartbeat",
        "MISSED E-",
    )
    night.people["bob"].gets_all("overdue, call now")
    night.nobody_else_was_contacted()


def test_supervisors_are_told_of_a_checkpoint_file_that_takes_no_lines(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full: the lines are in the database alone, until there is room again."""
    a_past(night)
    told = list[str]()
    auditor = Auditor(replace(night.context, alarm=told.append))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def found() -> list[str]:
        night.engine.beat()
        return [violation.slug for violation in auditor.look() if "checkpoints" in violation.slug]

    with monkeypatch.context() as m:
        m.setattr(checkpoints, "_append", full)
        night.minutes_pass(61)
        with pytest.raises(OSError):
            checkpoints.look(night.context)
        assert found() == []
        night.clock.turn(minutes=6)
        assert found() == found() == ["audit-checkpoints-behind"]
    assert [words for words in told if "checkpoints cannot be written to" in words and "disk full" in words] == told[
        -1:
    ]
    checkpoints.look(night.context)
    assert found() == []
    night.customer.gets_all("we have your message", "is calling you now")
    night.people["ana"].gets_all("your phone is ringing", "P1 E-")
    night.other_customer.gets_all("we have your message", "we promised to call you")
    night.people["bob"].gets_all("P1 E-", "overdue, call now")
    night.sue.gets_all(
        "P1 E-",
        "AT RISK",
        "MISSED E-",
        "missed-call reconciliation",
        "nothing is watching",
        "ALARM: the ledgers' checkpoints cannot be",
    )
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("kind", ["directory", "device", "pipe"])
def test_what_is_no_plain_checkpoint_file_is_told_and_holds_nothing_up(
    night: Night, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A directory was told to nobody, and a device or pipe was read without end."""
    a_past(night)
    file = night.context.data_dir / checkpoints.NAME
    file.unlink()
    match kind:
        case "directory":
            file.mkdir()
        case "device":
            file.symlink_to("/dev/full")
        case _:
            os.mkfifo(file)
    assert checkpoints.look(night.context) is None
    found = Auditor(replace(night.context, alarm=list[str]().append)).look()
    assert [v.what for v in found if v.slug == "audit-checkpoints"] == [State.DIFFERENT.value]
    with monkeypatch.context() as m:
        m.setenv("CALLBACKS_DATABASE_URL", night.settings.database_url)
        m.setenv("CALLBACKS_DATA_DIR", str(night.context.data_dir))
        done = CliRunner().invoke(cli, ["verify"])
    assert (done.exit_code, "no plain file" in done.output) == (2, True), done.output
    night.customer.gets_all("we have your message", "is calling you now")
    night.people["ana"].gets_all("your phone is ringing", "P1 E-")
    night.sue.gets_all("missed-call reconciliation", "no engine heartbeat", "the proof of the ledgers")
    night.nobody_else_was_contacted()


def test_numbers_have_no_gaps_and_are_not_given_again(night: Night) -> None:
    night.on_call("ana", "bob")
    a_call(night)
    with pytest.raises(RuntimeError), night.database.write() as session:
        assert open_drill(night.context, session, "ana") == 2
        raise RuntimeError
    a_call(night)
    with night.database.read() as session:
        assert session.exec(select(tables.Emergency.id).order_by(col(tables.Emergency.id))).all() == [1, 2]
    unguarded(night)
    with night.database.write() as session:
        without(session, 2)
    a_call(night)
    with night.database.read() as session:
        assert session.exec(select(tables.Emergency.id).order_by(col(tables.Emergency.id))).all() == [1, 3]
    night.people["ana"].gets_sms("P1 E-000001").gets_sms("P1 E-000002")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_database_older_than_its_checkpoints_is_told_as_such_and_accepted(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F67: a failover forgot commits, or a backup was restored."""
    a_past(night)
    unguarded(night)
    with night.database.write() as session:
        all_emergencies(night, session)
    with night.database.read() as session:
        assert checkpoints.state_of(session, night.context.data_dir / checkpoints.NAME) is State.AHEAD
    assert checkpoints.look(night.context) is None
    a_call(night)
    told = verify(night, monkeypatch)
    assert "a failover lost commits" in told["first_bad_row"]["problem"]
    done = CliRunner().invoke(cli, ["checkpoints", "accept", "--by", "sue", "--yes"])
    assert done.exit_code == 0, done.output
    assert verify(night, monkeypatch)["ok"]
    assert (night.context.data_dir / f"{checkpoints.NAME}.before-1").exists()
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.people["ana"].gets_sms("your phone is ringing").gets_sms("P1 E-000002").gets_sms("P1 E-000003").gets_sms(
        "P1 E-000004"
    )
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_lines_that_a_failover_forgot_are_taken_up_again(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """F67: the facts are there, only the line of the last hour is not."""
    a_past(night)
    with night.database.read() as session:
        before = session.exec(select(tables.Head)).one()
    night.minutes_pass(90)
    assert checkpoints.look(night.context) is not None
    with night.database.write() as session:
        session.execute(text("DELETE FROM anchor WHERE number = 2"))
        head = heads.locked(session, None)._replace(anchors=before.anchors, anchor_head=before.anchor_head)
        session.heads.write(head._replace(seal=night.context.seal(heads.content(head)) if night.context.seal else ""))
    assert verify(night, monkeypatch)["ok"]
    checkpoints.look(night.context)
    with night.database.read() as session:
        assert session.exec(select(tables.Head)).one().anchors == 2
    assert verify(night, monkeypatch)["ok"]
    night.customer.gets_all("we have your message", "is calling you now")
    night.people["ana"].gets_all("your phone is ringing", "P1 E-")
    night.other_customer.gets_all("we have your message", "we promised to call you")
    night.people["bob"].gets_all("P1 E-")
    night.sue.gets_all("P1 E-", "AT RISK", "MISSED E-")
    night.nobody_else_was_contacted()


def test_another_node_gets_the_lines_that_this_one_made(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    a_past(night)
    second = replace(night.context, data_dir=night.context.data_dir / "second")
    night.clock.turn(minutes=90)
    assert checkpoints.look(second) is not None
    assert checkpoints.look(night.context) is None
    files = [(w.data_dir / checkpoints.NAME).read_text() for w in (night.context, second)]
    assert files[0] == files[1] and len(files[0].splitlines()) == 2
    night.customer.gets_all("we have your message", "is calling you now")
    night.people["ana"].gets_all("your phone is ringing", "P1 E-")
    night.other_customer.gets_all("we have your message", "we promised to call you")
    night.people["bob"].gets_all("overdue, call now")
    night.sue.gets_all("MISSED E-")
    night.nobody_else_was_contacted()
