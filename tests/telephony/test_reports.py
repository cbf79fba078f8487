"""The carrier's forms, read with suspicion."""

import pytest

from callbacks.telephony.reports import Report


@pytest.mark.parametrize(
    "told",
    ["", "soon", "Fri, 31 Dec 9999 23:59:59 -2300", "Mon, 32 Jan 2026 00:00:00 +0000",
     "Mon, 01 Jan 99999 00:00:00 +0000", "Mon, 01 Jan 2026 00:00:00 +999999999999999999"],
)  # fmt: skip
def test_a_time_that_is_none_keeps_no_call_from_opening(told: str) -> None:
    assert Report([("Timestamp", told)]).timestamp() is None


def test_what_is_absent_is_told_from_what_is_empty() -> None:
    """A report of a recording has no caller's number at all; a withheld one may be empty."""
    report = Report([("From", ""), ("CallSid", "CA1")])
    assert "From" in report and "To" not in report
    assert (report["From"], report["To"]) == ("", "")
