"""F83, I28: an upgrade in the middle of a night."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app import demo
from app.auth.guard import SESSION
from app.auth.rights import WITH_FACTOR
from app.wiring import end_sessions_without_factor, seal_secrets
from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.outbox_row import About, Medium, OutboxKind
from callbacks.engine.jobs import checkpoints, erasure, feeds, verification
from callbacks.oncall.roster import read_roster, write_roster
from callbacks.store import checkpoint
from callbacks.store.sql import people, sessions, tables
from callbacks.store.sql.database import Database
from callbacks.store.sql.migrations import migrate
from tests import http, installation, postgres
from tests.conftest import unavailable
from tests.night import Customer, Night
from tests.store.test_ledger import unguarded
from tests.store.test_versions import columns

OLDER = "0.1.0"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ADDED = text(
    "INSERT INTO audit (at, who, via, action, about, details) VALUES "
    "(:at, 'sue', 'session', 'override.added', 'primary 2026-12-25T18:00 2026-12-25T20:00', :details)"
)
LOADED = text("INSERT INTO roster (text, loaded_at, loaded_by) VALUES (:text, :at, 'boss')")
BESIDE = 7  # the emergency that a node of the older version opens after the migration


@pytest.mark.storage
def test_rows_of_an_older_version_are_worked_on_after_the_upgrade(night: Night) -> None:
    """F83: An open emergency whose rows have only what the version before knew: its escalation goes on."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    older = Database(f"sqlite:///{Path(night.context.data_dir) / 'older.db'}")
    migrate(older, "0002")
    known = columns(older)["emergency"]
    older.close()
    with night.database.write() as session:
        for name, column in columns(night.database)["emergency"].items():
            if name not in known:
                session.execute(text(f"UPDATE emergency SET {name} = {column['default'] or 'NULL'}"))  # type: ignore[index]
    night.minutes_pass(4)
    bob.gets_sms("E-000001").proves("4").gets_sms("you reached the customer")
    assert night.verdict()["outcome"] == "met"
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def older_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'older.db'}"
    try:
        return postgres.new_database()
    except postgres.NoPostgres as why:
        unavailable("postgres", str(why), postgres.ENABLE)
        raise


@pytest.fixture
def stopped_at(older_url: str, tmp_path: Path) -> datetime:
    """What a node of 0.1.0 left, stopped in the middle of a night and migrated; when it was stopped."""
    at = installation.put_into(older_url, tmp_path, OLDER)
    database = Database(older_url)
    migrate(database)
    database.close()
    return at


@pytest.fixture
def upgraded(older_url: str, stopped_at: datetime, tmp_path: Path) -> Iterator[Night]:
    """The same, with nodes of this version."""
    night = Night(older_url, tmp_path)
    night.clock.turn_to(stopped_at)
    yield night
    night.close()


def test_what_rows_are_about_is_read_from_payloads_and_notes(older_url: str) -> None:
    """What queries asked of JSON and of the head of a note, of every row that somebody still asks."""
    absent = datetime(2026, 11, 24, 7, 0, 30, tzinfo=UTC)
    payloads = {
        "customer-text": ("queued", {"about": "receipt"}),
        "page": ("ambiguous", {"page": "1", "absent_from": absent.isoformat()}),
        "fetch": ("done", {"recording_sid": "RE1"}),
        "webhook": ("failed", {"event": "evt_1", "body": ""}),
    }
    put = "INSERT INTO outbox (id, kind, person, channel, payload, state, due_at, attempts, fence, created_at)"
    put += " VALUES (:kind, :kind, 'sub1', 'sms', :payload, :state, :at, 0, 0, :at)"
    keep = "INSERT INTO received (source, external_id, at, form, note) VALUES ('sms', :note, :at, '[]', :note)"
    database = Database(older_url)
    migrate(database, "0011")
    with database.write() as session:
        for kind, (state, held) in payloads.items():
            values = {"kind": kind, "state": state, "payload": json.dumps(held), "at": "2026-11-24 07:00:00"}
            session.execute(text(put), values)
        for note in ("wrong code ana", "word like a code bob", "noted"):
            session.execute(text(keep), {"note": note, "at": "2026-11-24 07:00:00"})
    migrate(database)
    with database.read() as session:
        rows = {row.kind: row for row in session.exec(select(tables.Outbox))}
        marks = {row.note: (row.mark, row.person) for row in session.exec(select(tables.Received))}
    assert rows[OutboxKind.CUSTOMER_TEXT].about == About.RECEIPT
    assert rows[OutboxKind.PAGE].absent_from == absent
    assert (rows[OutboxKind.FETCH].recording_sid, rows[OutboxKind.FETCH].channel) == ("RE1", Medium.HTTPS)
    assert rows[OutboxKind.WEBHOOK].subscription_id == "sub1"
    assert [rows[kind].absent_from for kind in rows if kind != OutboxKind.PAGE] == [None] * 3
    assert marks == {
        "wrong code ana": (Mark.WRONG_CODE, "ana"),
        "word like a code bob": (Mark.ODD_WORD, "bob"),
        "noted": (None, None),
    }
    database.close()


def report(night: Night) -> verification.Report:
    """What verify says."""
    with night.database.read() as session:
        held = checkpoints.held(session, night.context.data_dir / checkpoints.NAME)
        return verification.report(session, held, night.context.seal)


def code_of(night: Night, ref: str) -> str:
    with night.database.read() as session:
        return session.exec(select(tables.Emergency.code).where(tables.Emergency.id == int(ref[2:]))).one()


def outcomes(night: Night) -> list[tuple[str, str]]:
    return [(e["state"], e["verdict"]["outcome"]) for e in night.emergencies()]


def delete(night: Night, emergency_id: int) -> None:
    """An emergency whole, as somebody with the database's own rights could."""
    unguarded(night.database, f"DELETE FROM ledger WHERE emergency_id = {emergency_id}")
    with night.database.write() as session:
        session.execute(text(f"DELETE FROM door WHERE emergency_id = {emergency_id}"))
        session.execute(text(f"DELETE FROM emergency WHERE id = {emergency_id}"))


def test_an_open_night_of_the_older_version_goes_on(upgraded: Night) -> None:
    """F83: what was queued leaves, what escalates goes on escalating, a code of two characters proves."""
    ana, bob = upgraded.people["ana"], upgraded.people["bob"]
    assert outcomes(upgraded) == [
        ("resolved", "met"), ("withdrawn", "withdrawn"), ("withdrawn", "excluded"), ("resolved", "missed"),
        ("acknowledged", "pending"), ("open", "pending"), ("open", "pending"),
    ]  # fmt: skip
    ana.gets_sms("E-000007")
    upgraded.minutes_pass(3)
    code = code_of(upgraded, "E-000006")
    assert len(code) == 2
    bob.gets_sms(f"E-000006 #{code}").replies("4").gets_sms(f"4 {code}")
    assert outcomes(upgraded)[5] == ("open", "pending")
    bob.replies(f"4 {code}").gets_sms("E-000006: you reached the customer")
    bob.replies(f"{code}6 restarted").gets_sms("E-000006 is resolved")
    ana.replies(f"1 {code_of(upgraded, 'E-000007')}").gets_sms("E-000007 is yours")
    assert [state for state, _ in outcomes(upgraded)[5:]] == ["resolved", "acknowledged"]
    upgraded.other_customer.gets_sms("did we reach you?")
    upgraded.nobody_else_was_contacted()


def test_ledgers_of_the_older_version_verify_before_and_after_the_first_line(upgraded: Night) -> None:
    """I23: its checkpoint file is taken up, and goes on proving what was deleted."""
    before = report(upgraded)
    assert (before.bad, before.emergencies, before.not_chained, before.checkpoints) == (None, 7, 7, 1)
    upgraded.clock.turn(hours=2)
    assert checkpoints.look(upgraded.context) is not None
    after = report(upgraded)
    assert (after.bad, after.not_chained, after.checkpoints) == (None, 7, 2)
    upgraded.other_customer.number = "+15145550188"
    upgraded.other_customer.calls().leaves_message()
    assert (report(upgraded).bad, report(upgraded).emergencies, report(upgraded).not_chained) == (None, 8, 7)
    delete(upgraded, 2)
    bad = report(upgraded).bad
    assert bad is not None and "is not what the checkpoint says" in bad.problem
    upgraded.people["bob"].gets_all("overdue, call now")
    upgraded.sue.gets_all("MISSED E-")
    upgraded.people["ana"].gets_all("was taken back", "P1 E-")
    for number in ("+15145550142", "+15145550163", "+15145550177"):
        Customer(upgraded, "caller", number).gets_all("we promised to call you")
    upgraded.nobody_else_was_contacted()


@pytest.mark.storage
def test_what_a_node_of_the_older_version_opens_beside_is_chained_and_verifies(older_url: str, tmp_path: Path) -> None:
    """F83: it knows neither the chain nor the seals. What it opened is whole before and after it is chained, goes on
    being written by both, and its deletion is found."""
    at = installation.put_into(older_url, tmp_path, OLDER, without=BESIDE)
    database = Database(older_url)
    migrate(database)
    database.close()
    installation.put_beside(older_url, OLDER, BESIDE)
    with closing(Night(older_url, tmp_path)) as night:
        night.clock.turn_to(at + timedelta(hours=1))
        assert (report(night).bad, report(night).not_chained) == (None, 7)
        assert checkpoints.look(night.context) is not None
        assert (report(night).bad, report(night).not_chained) == (None, 6)
        night.settle()
        assert report(night).bad is None, "this version wrote to it"
        night.other_customer.number = "+15145550188"
        night.other_customer.calls().leaves_message()
        assert night.emergencies()[-1]["ref"] == "E-000008"
        assert (report(night).bad, report(night).not_chained) == (None, 6)
        delete(night, BESIDE)
        bad = report(night).bad
        assert bad is not None and bad.ref == "E-000007"
        assert bad.problem == "the emergency is missing: the chain of emergencies has its opening"
        night.people["bob"].gets_all("overdue, call now")
        night.sue.gets_all("MISSED E-")
        night.people["ana"].gets_all("was taken back", "P1 E-")
        night.customer.gets_all("we promised to call you")
        Customer(night, "caller", "+15145550163").gets_all("we promised to call you")
        Customer(night, "caller", "+15145550177").gets_all("we promised to call you")
        night.nobody_else_was_contacted()


def test_the_checkpoint_file_of_another_older_node_is_set_aside_and_not_an_alarm(upgraded: Night) -> None:
    """F83: each node of 0.1.0 had lines of its own. What the facts do not give stays an alarm."""
    file = upgraded.context.data_dir / checkpoints.NAME
    its_own = file.read_text()
    upgraded.clock.turn(hours=2)
    with upgraded.database.read() as session:
        until = datetime.fromisoformat(json.loads(its_own)["until"]) - timedelta(hours=3)
        other = checkpoint.make(
            until, session.ledger.hashes(checkpoints.FIRST, until), checkpoint.GENESIS, upgraded.context.seal
        )
    assert checkpoints.look(upgraded.context) is not None
    known = file.read_text()
    forged = other.line().replace(other.mac, "0" * 64)
    for line, kept in ((forged, False), (other.line(), True)):
        file.write_text(line + "\n")
        with upgraded.database.write() as session:
            session.notices.forget(checkpoints.PLACE)  # another machine
        checkpoints.look(upgraded.context)
        assert (file.read_text() == known) is kept
        assert (report(upgraded).bad is None) is kept
    assert file.with_name(f"{checkpoints.NAME}.before-1").read_text() == other.line() + "\n"
    upgraded.people["bob"].gets_all("overdue, call now")
    upgraded.sue.gets_all("MISSED E-")
    upgraded.people["ana"].gets_all("was taken back", "P1 E-")
    for number in ("+15145550142", "+15145550163", "+15145550177"):
        Customer(upgraded, "caller", number).gets_all("we promised to call you")
    upgraded.nobody_else_was_contacted()


def test_pages_packs_and_the_report_show_every_emergency_of_the_older_version(upgraded: Night) -> None:
    upgraded.settle()
    secret = upgraded.logged_in("supervisor", "sue")
    with http.Client(base_url=upgraded.address, cookies={SESSION: secret}, timeout=60) as browser:
        for page in ("/", "/schedule", "/compliance", "/people", "/customers", "/webhooks", "/account", "/policy"):
            assert browser.get(page).status_code == 200, page
        for n in range(1, 8):
            assert f"E-{n:06d}" in browser.get(f"/emergencies/E-{n:06d}").text
            assert browser.get(f"/emergencies/E-{n:06d}/evidence.zip").content[:2] == b"PK"
    told = upgraded.get("/api/v1/report?from=2026-11-01&to=2026-11-30")
    assert (told["n"], told["met"], told["missed"], told["withdrawn"], told["excluded"]) == (7, 1, 1, 1, 1)
    upgraded.people["ana"].gets_sms("P1 E-000007")
    upgraded.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_customer_of_the_older_version_is_erased_and_the_ledgers_verify(upgraded: Night) -> None:
    """I34: also the reason of an exclusion that 0.1.0 put into the chain is not told any more."""
    bob, number = upgraded.people["bob"], upgraded.other_customer.number
    upgraded.minutes_pass(3)
    code = code_of(upgraded, "E-000006")
    bob.gets_sms("E-000006").replies(f"4 {code}").replies(f"6 {code}")
    assert erasure.customer(upgraded.context, number, "sue") is not None
    assert report(upgraded).bad is None
    assert "threatens" not in json.dumps(upgraded.get("/api/v1/emergencies/E-000003/ledger"))
    assert number not in json.dumps(upgraded.emergencies())
    upgraded.people["ana"].gets_sms("P1 E-000007")
    upgraded.nobody_else_was_contacted()


def test_the_calendar_that_the_older_version_kept_as_text_serves_until_it_is_fetched(upgraded: Night) -> None:
    """Policy file is gone meanwhile."""
    feeds.take_old_copies(upgraded.context)
    assert upgraded.get("/api/v1/oncall")["on_call"]["third"] == "cleo"
    feeds.refresh(upgraded.context)
    assert upgraded.get("/api/v1/oncall")["on_call"]["third"] == "cleo"
    upgraded.people["ana"].gets_sms("P1 E-000007")
    upgraded.nobody_else_was_contacted()


@pytest.mark.storage
def test_overrides_of_the_older_version_become_rows_with_who_added_them(older_url: str) -> None:
    """And what a node of that version still writes beside newer ones holds, too."""
    override = (
        '[[override]]\nrotation = "primary"\ntechnician = "{}"\nfrom = "2026-12-2{}T18:00"\nto = 2026-12-2{}T20:00:00\n'
    )
    text_of = demo.SAMPLE_ROSTER.read_text("utf-8") + override.format("bob", 4, 4) + override.format("cleo", 5, 5)
    audited = {"at": NOON, "details": json.dumps({"to": "cleo", "reason": "Ana is ill"})}
    database = Database(older_url)
    migrate(database, "0012")
    with database.write() as session:
        session.execute(ADDED, audited)
        session.execute(LOADED, {"at": NOON, "text": text_of})
    migrate(database)
    with database.read() as session:
        assert session.people.current_roster() == read_roster(text_of)
        assert people.override_notes(session) == ["", "Ana is ill (sue)"]
        rows = session.exec(select(tables.Override.technician, tables.Override.in_file, tables.Override.added_by)).all()
        assert list(rows) == [("bob", True, "boss"), ("cleo", False, "sue")]
    beside = read_roster(text_of + override.format("ana", 6, 6))
    with database.write() as session:
        session.execute(LOADED, {"at": NOON, "text": write_roster(beside)})
    with database.write() as session:
        assert session.people.current_roster() == beside
        people.change_overrides(session, (), beside.overrides[:1], ("sue", "session"), "not needed", NOON)
        assert session.people.current_roster().overrides == beside.overrides[1:]
        assert session.people.roster_before() == beside
    database.close()


@pytest.mark.storage
def test_secrets_are_sealed_and_a_disabled_user_stays_out(upgraded: Night) -> None:
    seal_secrets(upgraded.context)
    assert upgraded.second_factor("sue@example.com") == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    with upgraded.database.read() as session:
        rows = session.exec(select(tables.User).order_by(col(tables.User.id))).all()
    assert [(row.totp_secret, bool(row.disabled_at)) for row in rows] == [(None, False), (None, True), (None, False)]
    upgraded.people["ana"].gets_sms("P1 E-000007")
    upgraded.nobody_else_was_contacted()


@pytest.mark.storage
def test_sessions_that_the_older_version_let_pass_without_a_second_factor_end(upgraded: Night) -> None:
    """An auditor's password was enough then; who comes by single sign-on alone, or has a factor, stays logged in."""
    now = upgraded.clock.now()
    with upgraded.database.write() as session:
        by_provider = tables.User(email="sso@example.com", role="auditor", created_at=now, created_by="test")
        session.add(by_provider)
        session.flush()
        sessions.begin(session, by_provider.id, now, True, "test", "127.0.0.1")
    end_sessions_without_factor(upgraded.context, WITH_FACTOR)
    with upgraded.database.read() as session:
        query = select(tables.User.email, tables.Session.revoked_at).join(
            tables.User, col(tables.Session.user_id) == tables.User.id
        )
        ended = {email: bool(at) for email, at in session.exec(query)}
    assert ended == {
        "sue@example.com": False, "gone@example.com": True, "audit@example.com": True, "sso@example.com": False,
    }  # fmt: skip
    upgraded.people["ana"].gets_sms("P1 E-000007")
    upgraded.nobody_else_was_contacted()


@pytest.mark.storage
def test_the_schema_goes_back_and_forth_under_an_open_night(
    older_url: str, stopped_at: datetime, tmp_path: Path
) -> None:
    database = Database(older_url)
    with database.read() as session:
        before = session.execute(text("SELECT count(*), max(hash) FROM ledger")).one()
    installation.step_back(database, "0005")
    migrate(database)
    with database.read() as session:
        assert session.execute(text("SELECT count(*), max(hash) FROM ledger")).one() == before
    database.close()
    with closing(Night(older_url, tmp_path)) as night:
        night.clock.turn_to(stopped_at)
        night.people["ana"].gets_sms("E-000007")
        assert report(night).bad is None
        night.nobody_else_was_contacted()
