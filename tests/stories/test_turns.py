"""Handoffs, gaps ahead, and the confirmation of the one who comes on."""

from datetime import UTC, datetime, timedelta

import pytest

from callbacks.engine.jobs import handoff_notices
from tests.clock import NIGHT
from tests.night import Night, minutes

WEEKLY = """
timezone = "America/Toronto"
[[technician]]
name = "ana"
full_name = "Ana Roy"
phone = "+15145550111"
[[technician]]
name = "bob"
full_name = "Bob Chen"
phone = "+15145550112"
[[supervisor]]
name = "sue"
phone = "+15145550199"
[[rotation]]
name = "primary"
members = ["ana", "bob"]
every = "1d"
starts = "2026-11-23T03:00"
[[rotation]]
name = "backup"
members = ["bob"]
every = "1w"
starts = "2026-01-05T09:00"
"""
HANDOFF = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # 03:00 in Toronto
GAP = '[[override]]\nrotation = "primary"\ntechnician = ""\nfrom = "2026-11-24T20:00"\nto = "2026-11-25T02:00"\n'


def look_at(night: Night, at: datetime) -> None:
    night.until(at)
    handoff_notices.check_handoffs(night.context)
    night.settle()


@pytest.mark.storage
def test_both_hear_of_a_handoff_and_the_incoming_one_confirms(night: Night) -> None:
    night.roster(WEEKLY)
    look_at(night, HANDOFF - minutes(1))
    night.nobody_else_was_contacted()
    look_at(night, HANDOFF + timedelta(seconds=20))
    ana, bob = night.people["ana"], night.people["bob"]
    bob.gets_sms("on call for primary", "until Wed 03:00", "Reply READY")
    ana.gets_sms("Bob Chen has taken over primary", "off call")
    bob.replies("ready").gets_sms("Confirmed: you are on call for primary")
    look_at(night, HANDOFF + minutes(30))
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_handoff_that_nobody_confirms_is_told_to_the_supervisor_once(night: Night) -> None:
    night.roster(WEEKLY)
    look_at(night, HANDOFF)
    night.people["bob"].gets_sms("on call")
    night.people["ana"].gets_sms("off call")
    look_at(night, HANDOFF + minutes(16))
    night.sue.gets_sms("Bob Chen has not confirmed primary since 03:00")
    look_at(night, HANDOFF + minutes(40))
    night.nobody_else_was_contacted()


def test_ready_without_a_handoff_says_so(night: Night) -> None:
    night.roster(WEEKLY)
    night.people["ana"].texts("ready").gets_sms("no handoff to confirm", "Send who")
    night.nobody_else_was_contacted()


def test_a_restart_tells_nothing_of_the_past(night: Night) -> None:
    night.roster(WEEKLY)
    look_at(night, HANDOFF + timedelta(hours=3))
    night.nobody_else_was_contacted()


def test_a_gap_ahead_is_told_once_and_a_day_before(night: Night) -> None:
    """I11."""
    night.roster(WEEKLY + GAP)
    look_at(night, NIGHT + minutes(1))
    night.sue.gets_sms("Nobody is on call for primary from Tue 20:00 to Wed 02:00", "override")
    look_at(night, NIGHT + minutes(30))
    night.nobody_else_was_contacted()


def gap(start: str, end: str) -> str:
    return f'[[override]]\nrotation = "primary"\ntechnician = ""\nfrom = "{start}"\nto = "{end}"\n'


def test_a_gap_seen_from_its_beginning_is_told_with_its_end_and_once_more_when_it_begins(night: Night) -> None:
    """Its end lies beyond the 36 hours that are looked at: every look made another text of it."""
    night.roster(WEEKLY + gap("2026-11-24T18:00", "2026-11-26T07:30"))
    for _ in range(30):
        look_at(night, night.clock.now() + timedelta(seconds=30))
    night.sue.gets_sms("from Tue 18:00 to Thu 07:30")
    night.nobody_else_was_contacted()
    handed_over_unconfirmed(night, datetime(2026, 11, 24, 23, 0, tzinfo=UTC))
    for _ in range(30):
        look_at(night, night.clock.now() + timedelta(seconds=30))
    night.sue.gets_sms("Nobody is on call for primary now, until Thu 07:30")
    night.nobody_else_was_contacted()


def handed_over_unconfirmed(night: Night, at: datetime) -> None:
    """Time passes without a look: nothing but the gap is told of."""
    night.until(at)


def test_a_gap_that_changes_is_told_again(night: Night) -> None:
    night.roster(WEEKLY + gap("2026-11-24T18:00", "2026-11-26T07:30"))
    look_at(night, NIGHT + minutes(1))
    night.sue.gets_sms("from Tue 18:00 to Thu 07:30")
    night.roster(WEEKLY + gap("2026-11-24T18:00", "2026-11-25T07:30"))
    look_at(night, NIGHT + minutes(2))
    night.sue.gets_sms("from Tue 18:00 to Wed 07:30")
    look_at(night, NIGHT + minutes(3))
    night.nobody_else_was_contacted()


def test_a_gap_without_an_end_says_so(night: Night) -> None:
    once = WEEKLY.replace('starts = "2026-11-23T03:00"', 'starts = "2027-02-01T09:00"')
    night.roster(once)
    look_at(night, NIGHT + minutes(1))
    night.sue.gets_sms("primary now, until Mon 2027-02-01 07:30")
    night.roster(WEEKLY + gap("2026-11-24T18:00", "2199-01-01T00:00"))
    look_at(night, NIGHT + minutes(2))
    night.sue.gets_sms("from Tue 18:00 to Tue 2199-01-01 00:00")
    night.nobody_else_was_contacted()


def test_a_gap_in_support_hours_is_no_gap(night: Night) -> None:
    by_day = '[[override]]\nrotation = "primary"\ntechnician = ""\nfrom = "2026-11-24T09:00"\nto = "2026-11-24T12:00"\n'
    night.roster(WEEKLY + by_day)
    look_at(night, NIGHT + minutes(1))
    night.nobody_else_was_contacted()
