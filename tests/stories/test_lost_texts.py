"""A technician's text whose webhook is lost is found by reconciliation with Twilio; what left and is not ours is told."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from callbacks.engine.context import EngineContext
from callbacks.engine.intake.texts import text_received
from callbacks.engine.reconcile import lost_texts, reconcile
from callbacks.store.sql import tables
from callbacks.telephony.reports import Report
from tests.night import Night, minutes, seconds


def sweep(night: Night) -> None:
    reconcile.sweep(night.context)


def test_a_lost_acknowledgement_is_applied(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.knobs(webhooks_down=True)
    ana.replies("1")
    assert night.emergency()["state"] == "open"
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    sweep(night)
    assert night.emergency()["state"] == "open", "a webhook may still come"
    night.passes(seconds(25))
    sweep(night)
    assert night.emergency()["acknowledged_by"] == "ana"
    ana.gets_sms("yours")
    night.passes(seconds(30))
    sweep(night)
    night.minutes_pass(5)
    assert night.facts().count("Acknowledged") == 1
    night.nobody_else_was_contacted()


def test_one_text_that_cannot_be_taken_in_keeps_no_other_waiting(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """I29: a text about a broken emergency came first, and the acknowledgement behind it was never read."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.knobs(webhooks_down=True)
    bob.replies("0")
    night.passes(seconds(2))
    ana.replies("1")
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    whole = text_received

    def broken(context: EngineContext, report: Report, written: datetime | None = None) -> None:
        if report["From"] == bob.number:
            raise ZeroDivisionError("a bug of ours")
        whole(context, report, written)

    monkeypatch.setattr(lost_texts, "text_received", broken)
    night.passes(seconds(30))
    sweep(night)
    ana.gets_sms("is yours")
    with night.database.read() as session:
        assert session.checks.sweep(lost_texts.NAME).error == "1 texts could not be taken in"
    monkeypatch.setattr(lost_texts, "text_received", whole)
    sweep(night)
    bob.gets_sms("No open")
    night.nobody_else_was_contacted()


def test_a_found_text_is_about_what_was_open_when_it_was_written(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1")
    ana.gets_sms("yours")
    ana.proves("4")
    ana.gets_sms("E-000001")
    ana.proves("6 done")
    ana.gets_sms("E-000001")
    night.knobs(webhooks_down=True)
    ana.replies("1")
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    night.passes(seconds(30))
    night.other_customer.calls().leaves_message()
    ana.gets_sms("E-000002")
    sweep(night)
    ana.gets_sms("open")  # it was about nothing that is open, and is answered so
    newest = night.emergencies()[1]
    assert (newest["ref"], newest["acknowledged_by"]) == ("E-000002", None)
    ana.replies("1")
    ana.gets_sms("E-000002")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_an_old_text_asks_for_nothing_and_is_kept(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    sweep(night)
    night.knobs(webhooks_down=True)
    ana.replies("1")
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    night.minutes_pass(4.5)
    bob.gets_sms("E-000001")
    bob.replies("1")
    bob.gets_sms("yours")
    bob.proves("4")
    bob.gets_sms("E-000001")
    night.passes(timedelta(minutes=62))
    night.sue.gets_sms("UNCONFIRMED")
    sweep(night)
    assert night.emergency()["acknowledged_by"] == "bob"
    assert "CommandRefused" not in night.facts()
    with night.database.read() as session:
        kept = session.exec(select(tables.Received.form).where(tables.Received.source == "sms")).all()
    assert sum('["Body", "1"]' in form for form in kept) == 2, "ana's and bob's"
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_what_left_from_our_number_and_is_not_ours_is_told_once_an_hour(night: Night) -> None:
    """I13."""
    night.on_call("ana", "bob")
    stranger = {"To": "+15145550177", "From": night.settings.support_number, "Body": "Buy now"}
    url = f"/2010-04-01/Accounts/{night.settings.account_sid}/Messages.json"
    account = (night.settings.account_sid, night.settings.webhook_tokens[0])
    assert night.web.post(url, data=stranger, auth=account).status_code == 201
    night.passes(minutes(1))
    sweep(night)
    night.settle()
    assert len(night.sent()) == 1, "an ambiguous send might still be settled"
    night.passes(minutes(2))
    for _ in range(2):
        sweep(night)
        night.passes(seconds(30))
    night.sue.gets_sms("1 calls or texts left our number that we did not send")
    night.taken_up |= {m.sid for m in night.sent() if m.to_number == "+15145550177"}
    night.nobody_else_was_contacted()


def test_pages_calls_and_bridges_are_ours(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").is_called_back_by("3").presses("1")
    ana.gets_sms("your phone is ringing")
    night.customer.answers(and_talks_for=seconds(60))
    ana.presses("1")
    night.passes(minutes(4))
    sweep(night)
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()
