"""Whom an event means: in the phrases that calendars write, by attendee, in any form of the same letters."""

import unicodedata

import pytest

from callbacks.oncall.calendar_feed import LeftOut, Why, known, read_feed
from callbacks.oncall.roster import read_roster
from tests.core.test_calendars import END, START, ZONE, event, feed

ROSTER = read_roster(
    'timezone = "America/Toronto"\n'
    '[[technician]]\nname = "ana"\nfull_name = "Ana Roy"\nphone = "+15145550111"\nemail = "ana.roy@example.com"\n'
    '[[technician]]\nname = "bob"\nfull_name = "Bob Chen"\nphone = "+15145550112"\n'
    '[[technician]]\nname = "rene"\nfull_name = "René Côté"\nphone = "+15145550113"\n'
    '[[technician]]\nname = "roysmith"\nfull_name = "Ana Roy Smith"\nphone = "+15145550114"\n'
    '[[supervisor]]\nname = "sue"\nfull_name = "Sue Tremblay"\nphone = "+15145550199"\nemail = "sue@example.com"\n'
)
SHIFT = (":20261103T140000Z", ":20261103T220000Z")


def meant(summary: str, *more: str) -> str | Why:
    found = read_feed(feed(event(summary, *SHIFT, *more, uid="u1")), "backup", known(ROSTER), START, END, ZONE)
    if found.shifts:
        assert not found.left_out
        return found.shifts[0].technician or ""
    (left_out,) = found.left_out
    assert left_out.uid == "u1"
    return left_out.why


@pytest.mark.parametrize(
    "summary,who",
    [
        ("On Call - Bob Chen - Support", "bob"), ("On Call - Bob Chen - Support Schedule", "bob"),
        ("Bob Chen is on call for Support", "bob"), ("Bob Chen - Support_rotation", "bob"),
        ("ana.roy@example.com - Support_schedule", "ana"), ("[L1] bob", "bob"), ("[L2] Support: Bob Chen", "bob"),
        ("On call: Ana Roy", "ana"), ("Ana Roy (backup)", "ana"), ("bob (support)", "bob"), ("Garde de Bob", "bob"),
        ("bob/backup", "bob"), ("Bob's shift", "bob"), ("BOB CHEN ON CALL", "bob"), ("On-call\\, Bob Chen", "bob"),
        ("Ana Roy Smith on call", "roysmith"), ("Support: Ana Roy", "ana"),
        ("Ana\u00a0Roy", "ana"), ("Ana  Roy", "ana"), ("\u200eAna Roy", "ana"), ("Rene\u0301 Co\u0302te\u0301", "rene"),
        ("On call - RENÉ CÔTÉ", "rene"),
    ],
)  # fmt: skip
def test_a_name_inside_a_phrase_counts(summary: str, who: str) -> None:
    assert meant(summary) == who
    assert meant(unicodedata.normalize("NFD", summary)) == who


@pytest.mark.parametrize(
    "summary,why",
    [
        ("Busy", Why.UNKNOWN), ("Ana Roi", Why.UNKNOWN), ("Bobby Chen", Why.UNKNOWN), ("On call: Bob-Marc", Why.UNKNOWN),
        ("anatomy course", Why.UNKNOWN), ("bob@elsewhere.example", Why.UNKNOWN), ("", Why.UNKNOWN),
        ("Bob Chen and Ana Roy", Why.SEVERAL), ("Canceled: Ana Roy", Why.CALLED_OFF), ("Annulé : Ana Roy", Why.CALLED_OFF),
    ],
)  # fmt: skip
def test_what_means_nobody_or_several_is_left_out(summary: str, why: Why) -> None:
    assert meant(summary) == why


@pytest.mark.parametrize(
    "attendees,who",
    [
        (["ATTENDEE;CN=Bob Chen:mailto:b@example.com"], "bob"), (["ATTENDEE:mailto:ANA.ROY@example.com"], "ana"),
        (["ATTENDEE:ana.roy@example.com"], "ana"), (['ATTENDEE;CN="Chen; Bob":mailto:sue@example.com'], "sue"),
        (["ATTENDEE;PARTSTAT=DECLINED;CN=Ana Roy:mailto:x@example.com", "ATTENDEE;CN=Bob Chen:mailto:y@example.com"], "bob"),
        (["ATTENDEE;CN=Ana Roy:mailto:x@example.com", "ATTENDEE;CN=Bob Chen:mailto:y@example.com"], Why.SEVERAL),
    ],
)  # fmt: skip
def test_an_attendee_counts_where_the_summary_names_nobody(attendees: list[str], who: str | Why) -> None:
    assert meant("Support on call", *attendees) == who
    assert meant("Bob Chen", *attendees) == "bob"


@pytest.mark.parametrize(
    "summary",
    [
        "Bob Chen (PTO)", "Not Ana Roy", "Ana Roy - vacation", "Ana Roy (congé)", "OFF: Ana", "ana OOO", "Ana Roy - out of office",
        "Ana Roy on leave", "Bob Chen: sick leave", "Bob Chen's day off", "bob away", "Ana Roy is not on call", "No Bob Chen",
        "Bob Chen isn’t available", "Support without Ana Roy", "On call except bob", "Ana Roy (holiday)", "Holidays - Ana Roy",
        "Ana Roy unavailable", "Ana Roy (cancelled)", "🏖️ Ana Roy", "🚫 bob", "Out: Bob Chen", "ANA ROY - VACATION",
        "Ana Roy - vacances", "Congés Ana Roy", "Conge Ana Roy", "Bob Chen absent", "Absence : Ana Roy", "Ana Roy n'est pas de garde",
        "Pas Ana Roy", "Garde sauf Bob Chen", "René Côté malade", "Ana Roy - arrêt maladie", "Ana Roy indisponible",
        "Bob Chen RTT", "Repos Bob Chen", "Garde sans René Côté", "Ana Roy (annulée)", "Congé parental - Ana Roy",
    ],
)  # fmt: skip
def test_a_word_for_absence_puts_nobody_on_call(summary: str) -> None:
    assert meant(summary) is Why.ABSENT
    assert meant(unicodedata.normalize("NFD", summary)) is Why.ABSENT


@pytest.mark.parametrize(
    "summary,who",
    [
        ("Off-hours support: Ana Roy", "ana"), ("Off hours - Bob Chen", "bob"), ("Out of hours: Ana Roy", "ana"),
        ("Holiday on call: Bob Chen", "bob"), ("Ana Roy - holiday coverage", "ana"), ("Hand off to Bob Chen", "bob"),
        ("Non-stop support: Ana Roy", "ana"), ("Vacation de nuit : Ana Roy", "ana"), ("Garde no 2 Ana Roy", "ana"),
        ("Outage desk: Bob Chen", "bob"), ("Jour férié : Ana Roy", "ana"),
    ],
)  # fmt: skip
def test_words_about_hours_are_no_absence(summary: str, who: str) -> None:
    assert meant(summary) == who


def test_an_absence_with_an_attendee_puts_nobody_on_call() -> None:
    assert meant("Vacation", "ATTENDEE;CN=Ana Roy:mailto:a@example.com") is Why.ABSENT
    assert meant("Vacation") is Why.UNKNOWN
    assert meant("Bob Chen (PTO) - Ana Roy covers") is Why.SEVERAL


def test_a_name_alone_is_no_absence_whatever_it_is() -> None:
    roster = read_roster(
        'timezone = "America/Toronto"\n[[technician]]\nname = "off"\nfull_name = "Away Leave"\nphone = "+15145550111"\n'
    )
    found = read_feed(feed(event("On call: Away Leave", *SHIFT, uid="u1")), "backup", known(roster), START, END, ZONE)
    assert [s.technician for s in found.shifts] == ["off"]


def test_what_is_left_out_names_itself() -> None:
    told = str(LeftOut(Why.UNKNOWN, "abc@x", "Zoé (backup)"))
    assert told == '"Zoé (backup)" names nobody on the roster; left out (UID abc@x)'
