"""Shares with their interval, percentiles, and the sentence on a miss, in the pure core."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.web.reports import compliance_report
from callbacks.emergency.inputs import OutageFound
from callbacks.lib.percentiles import Rate, percentiles, wilson
from callbacks.lib.wallclock import Wall, wall_time
from callbacks.messages.wording import length
from callbacks.reporting import compliance
from callbacks.reporting.compliance import rate_text
from callbacks.reporting.miss_explanation import explain_miss
from tests.core.pure import PureNight, at

TORONTO = "America/Toronto"


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(3, 3, 0.4385, 1.0), (0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)],
)
def test_wilsons_interval_is_the_published_one(part: int, whole: int, low: float, high: float) -> None:
    """The last two are R. G. Newcombe's worked examples (1998, method 3)."""
    assert Rate(part, whole).interval == (low, high)
    assert wilson(0, 0) is None


def test_three_of_three_is_never_a_hundred_per_cent() -> None:
    assert rate_text(Rate(3, 3)) == "3 of 3 (95 % interval 43.9 to 100.0 %)"
    assert rate_text(Rate(57, 60)) == "57 of 60, 95.0 % (95 % interval 86.3 to 98.3 %)"
    assert rate_text(Rate(0, 0)) == "no cases yet (n = 0)"


def test_a_percentile_is_a_time_that_was_measured() -> None:
    found = percentiles([10, None, 30, 20, 40, 50, 60, 70, 80, 90, 100])
    assert (found.n, found.p50, found.p90, found.slowest) == (10, 50, 90, 100)
    assert percentiles([7]).p90 == 7
    assert percentiles([None]).p50 is None
    assert (length(59), length(812), length(7320)) == ("59 s", "13 min 32 s", "2 h 02 min")


def test_a_period_is_a_month_or_two_days_in_order() -> None:
    assert compliance.period("2026-02", None, None) == (date(2026, 2, 1), date(2026, 2, 28))
    assert compliance.period(None, "2026-11-24", "2026-11-24") == (date(2026, 11, 24), date(2026, 11, 24))
    for wrong in (("2026-02", "2026-02-01", "2026-02-02"), (None, "2026-02-01", None), (None, None, None), ("x", None, None),
                  (None, "2026-02-02", "2026-02-01"), (None, "1999-12-31", "2026-01-01"), ("9999-12", None, None)):  # fmt: skip
        with pytest.raises(ValueError, match=r"[Mm]onth"):
            compliance.period(*wrong)


def test_the_sentence_on_a_miss_is_made_of_facts_in_order() -> None:
    night = PureNight()
    night.opens()
    night.sleeps(timedelta(minutes=5))
    night.takes(OutageFound(at=night.now, began_at=at(-10), ended_at=at(-1)))
    night.takes(OutageFound(at=night.now, began_at=at(1), ended_at=at(2)))
    night.sleeps(timedelta(minutes=35))
    assert explain_miss(night.it, "en", TORONTO, lambda name: {"ana": "Ana Roy"}.get(name, name)) == (
        "We were down from 02:01 to 02:02; Ana Roy was paged at 02:00, 02:01, 02:12, 02:13 … 02:25; bob was paged at "
        "02:04, 02:16, 02:28; sue was paged at 02:08, 02:20; nobody acknowledged before the deadline; nobody tried to "
        "call the customer; the deadline was 02:30."
    )
    night.says("bob", "reached")
    said = explain_miss(night.it, "fr", TORONTO, str)
    assert "la première tentative a eu lieu à 02:40; l'échéance était à 02:30; le client a été joint à 02:40." in said


def test_the_pictures_stay_inside_their_frame() -> None:
    assert (
        compliance_report.height(None, 1800)
        < compliance_report.height(10**9, 1800)
        == compliance_report.height(8 * 1800, 1800)
    )
    assert compliance_report.height(1801, 1800) < compliance_report.height(1800, 1800) == compliance_report.LINE
    assert compliance_report.height(-5, 1800) == compliance_report.BOTTOM
    empty = compliance_report.nights([], date(2026, 2, 1), date(2026, 2, 28), ZoneInfo(TORONTO))
    assert empty is not None and len(empty.nights) == 29
    assert compliance_report.nights([], date(2026, 1, 1), date(2028, 1, 1), ZoneInfo(TORONTO)) is None
    wall = Wall(ZoneInfo("Australia/Lord_Howe"))
    for hours in range(0, 24 * 365, 5):
        assert wall.time(at(hours * 60)) == wall_time(at(hours * 60), ZoneInfo("Australia/Lord_Howe"))
