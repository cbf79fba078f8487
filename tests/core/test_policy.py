"""The policy file: every fault named, every rule with a case that breaks it."""

import pytest

from callbacks.lib.toml import FaultyFile, format_duration, parse_duration
from callbacks.policy.lint import lint, worst_case
from callbacks.policy.model import PUBLISHED, Priority, read_policy

ROTATIONS = ("primary", "backup")
STEP = '[[escalation]]\nafter = "{after}"\npage = "{page}"\nby = {by}\n'


def step(after: str, page: str = "primary", by: str = '["sms"]') -> str:
    return STEP.format(after=after, page=page, by=by)


def test_the_published_policy_is_fine() -> None:
    assert lint(PUBLISHED, ROTATIONS) == []
    assert read_policy("") == PUBLISHED


def test_a_part_of_a_table_is_laid_over_what_was_published() -> None:
    policy = read_policy('[promise]\ncallback_within = "45m"\n[priorities.P2]\nclock = "always"\n')
    assert policy.promise.callback_within == parse_duration("45m")
    assert policy.promise.contact_after == PUBLISHED.promise.contact_after
    assert policy.priorities[Priority.P2].clock == "always"
    assert policy.priorities[Priority.P1] == PUBLISHED.priorities[Priority.P1]


def test_what_texts_may_cost_is_as_published_until_a_file_says_otherwise() -> None:
    keys = "texts_per_customer_per_day = 3\ncustomer_texts_per_hour = 40\nrelayed_notes_every = '90s'"
    published, given = PUBLISHED.limits, read_policy(f"[limits]\n{keys}\n").limits
    assert (published.texts_per_customer_per_day, published.customer_texts_per_hour) == (12, 200)
    assert published.relayed_notes_every == parse_duration("5m")
    assert (given.texts_per_customer_per_day, given.customer_texts_per_hour) == (3, 40)
    assert given.relayed_notes_every == parse_duration("90s")


def test_steps_replace_the_escalation_policy_as_a_whole() -> None:
    assert len(read_policy(step("0m")).escalation) == 1


UNREADABLE = {
    "broken TOML": ("[promise", "file"),
    "unknown table": ("[bogus]\na = 1", "bogus"),
    "unknown key": ('[promise]\ncallback = "30m"', "promise.callback"),
    "bad duration": ('[promise]\ncallback_within = "30 minutes"', "promise.callback_within"),
    "negative duration": ('[promise]\ncallback_within = "-5m"', "promise.callback_within"),
    "number for a duration": ("[promise]\ncallback_within = 30", "promise.callback_within"),
    "bad choice": ('[promise]\nclock_starts = "noon"', "promise.clock_starts"),
    "bad zone": ('[support_hours]\ntimezone = "Mars/Base"', "support_hours.timezone"),
    "bad clock": ('[support_hours]\nopen = "7h30"', "support_hours.open"),
    "bad date": ('[support_hours]\nclosed_on = ["24 December"]', "support_hours.closed_on[1]"),
    "bad day": ('[support_hours]\ndays = ["monday"]', "support_hours.days[1]"),
    "bad channel": (step("0m", by='["fax"]'), "escalation[1].by[1]"),
    "a step without a target": ('[[escalation]]\nafter = "0m"\nby = ["sms"]\n', "escalation[1].page"),
    "bad prefix": ('[limits]\nbridge_prefixes = ["1"]', "limits.bridge_prefixes[1]"),
    "no texts at all": ("[limits]\ntexts_per_customer_per_day = 0", "limits.texts_per_customer_per_day"),
    "less than no texts": ("[limits]\ncustomer_texts_per_hour = -1", "limits.customer_texts_per_hour"),
    "a truth for a number": (
        "[limits]\npages_per_technician_per_minute = true",
        "limits.pages_per_technician_per_minute",
    ),
}


@pytest.mark.parametrize("text,key", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_policy_names_key_value_and_cure(text: str, key: str) -> None:
    with pytest.raises(FaultyFile) as caught:
        read_policy(text)
    fault = caught.value.faults[0]
    assert fault.key == key
    assert fault.problem
    assert fault.fix


def test_all_faults_are_found_at_once() -> None:
    with pytest.raises(FaultyFile) as caught:
        read_policy('[promise]\ncallback_within = "x"\ncontact_after = "y"\n[bogus]\n')
    assert len(caught.value.faults) == 3


LINTED = {
    "last step too late": (step("0m") + step("16m", "backup"), "escalation[2].after"),
    "long message": ('[intake]\nmax_message = "15m"', "escalation[4].after"),
    "step at the deadline": (step("0m") + step("30m", "backup"), "escalation[2].after"),
    "out of order": (step("4m") + step("1m", "backup"), "escalation[2].after"),
    "notes without a pause": ('[limits]\nrelayed_notes_every = "0s"', "limits.relayed_notes_every"),
    "repeats": (step("0m") + step("0m"), "escalation[2]"),
    "repeats in other words": (step("0m", by='["sms", "voice"]') + step("0m", by='["voice", "sms"]'), "escalation[2]"),
    "a channel twice": (step("0m", by='["sms", "sms"]'), "escalation[1].by"),
    "unknown rotation": (step("0m", "nightshift"), "escalation[1].page"),
    "reminder outside": ('[after_acknowledge]\nnag_before = "31m"', "after_acknowledge.nag_before"),
    "reminder after taking back": ('[after_acknowledge]\nnag_before = "9m"', "after_acknowledge.nag_before"),
    "no time to react": ('[priorities.P1]\nreact_within = "5h"', "priorities.P1.react_within"),
    "hours upside down": ('[support_hours]\nopen = "18:00"\nclose = "07:30"', "support_hours.open"),
    "a date in both lists": (
        "[support_hours]\nopen_on = [2026-12-25]\nclosed_on = [2026-12-25]",
        "support_hours.open_on",
    ),
    "a calendar nobody has": ('[support_hours]\nholidays = "XX-YY"', "support_hours.holidays"),
    "risk outside the promise": ('[promise]\nat_risk_before = "30m"', "promise.at_risk_before"),
    "a desk without its area code": ('[intake]\ndesk_number = "+15550150"', "intake.desk_number"),
    "a desk that costs": ('[intake]\ndesk_number = "+19005550150"', "intake.desk_number"),
    "a prefix of no country": ('[limits]\nbridge_prefixes = ["+1", "+8"]', "limits.bridge_prefixes"),
    "no open day": ("[support_hours]\ndays = []", "support_hours.days"),
    "no open day, and nothing waits for one": (
        '[support_hours]\ndays = []\n[intake]\ncan_wait_key = ""',
        "support_hours.days",
    ),
    "more open time than ever comes": (
        '[support_hours]\nopen = "07:30"\nclose = "07:31"\n[priorities.P3]\nreact_within = "80h"\nresolve_within = "90h"',
        "priorities.P3.react_within",
    ),
    "an end of the day that is a beginning": ('[support_hours]\nclose = "00:00"', "support_hours.open"),
    "paging without end": ('[escalation_repeat]\nevery = "0s"', "escalation_repeat.every"),
}


@pytest.mark.parametrize("text,key", LINTED.values(), ids=LINTED)
def test_a_policy_that_cannot_keep_its_promise_is_refused(text: str, key: str) -> None:
    faults = lint(read_policy(text), ROTATIONS)
    assert key in [fault.key for fault in faults]


def test_supervisors_and_everyone_are_always_known() -> None:
    assert lint(read_policy(step("0m", "supervisors") + step("2m", "everyone")), ()) == []


def test_without_a_roster_names_are_not_held_against_anything() -> None:
    assert lint(read_policy(step("0m", "nightshift")), None) == []


def test_the_clock_at_the_message_leaves_the_message_out() -> None:
    text = '[promise]\nclock_starts = "message"\n' + step("0m") + step("20m", "backup")
    assert lint(read_policy(text), ROTATIONS) == []


def test_a_promise_of_seconds_is_possible() -> None:
    text = (
        '[promise]\ncallback_within = "20s"\ncontact_after = "2s"\nat_risk_before = "5s"\n[intake]\nmax_message = "5s"\n'
        '[after_acknowledge]\nnag_before = "8s"\nreopen_before = "4s"\n' + step("0s") + step("2s", "backup")
    )
    assert lint(read_policy(text), ROTATIONS) == []


def test_the_worst_case_of_the_published_policy() -> None:
    worst = worst_case(PUBLISHED)
    assert [format_duration(at) for at, _, _ in worst.rings] == ["5m", "6m", "9m", "13m"]
    assert format_duration(worst.left) == "17m"


@pytest.mark.parametrize("text", ["1s", "90s", "30m", "4h", "2d", "0s"])
def test_durations_read_back(text: str) -> None:
    assert parse_duration(format_duration(parse_duration(text))) == parse_duration(text)


def test_open_time_that_never_comes_is_fine_where_nothing_waits_for_it() -> None:
    hours = '[support_hours]\nopen = "07:30"\nclose = "07:31"\n'
    assert (
        lint(
            read_policy(
                hours + '[intake]\ncan_wait_key = ""\n[priorities.P3]\nreact_within = "80h"\nresolve_within = "90h"'
            ),
            None,
        )
        == []
    )


def test_around_the_clock_and_without_holidays_can_be_said() -> None:
    days = '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
    policy = read_policy(f'[support_hours]\nopen = "00:00"\nclose = "24:00"\nholidays = ""\ndays = {days}')
    assert lint(policy, None) == []
    assert (policy.support_hours.closes, policy.support_hours.holidays) == ("24:00", "")
