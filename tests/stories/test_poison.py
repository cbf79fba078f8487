"""One emergency that cannot be worked on: people are told of it, and it never stands in the way of another."""

from callbacks.store import ledger
from callbacks.store.tables import EmergencyRow
from tests.night import Night


def unreadable(night: Night) -> None:
    """A fact of the only emergency, as another version might have written it."""
    with night.database.write() as session:
        row = session.get(EmergencyRow, 1)
        assert row is not None
        fact = ledger.Record("Acknowledged", night.clock.now(), {"who": "ana"}, None)
        row.last_seq, row.head_hash = ledger.append(session, 1, row.last_seq, row.head_hash, [fact], night.clock.now())
        session.add(row)


def test_a_fact_that_cannot_be_read_is_kept_and_the_story_goes_on(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    unreadable(night)
    night.minutes_pass(4)
    bob.gets_sms("E-000001").replies("1").gets_sms("is yours")
    assert night.facts().count("Acknowledged") == 2
    assert night.web.get("/emergencies/E-000001").status_code == 200
    night.nobody_else_was_contacted()
