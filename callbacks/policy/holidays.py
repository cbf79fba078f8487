"""Days on which support is closed by law, by calendar name.

`CA-QC` is the statutory list of Quebec's labour standards act and national holiday act; only 24 June and
1 July move, from a Sunday to the Monday. Other names come from the `holidays` package, if installed.
"""

import importlib
from datetime import date, timedelta
from functools import cache

SUNDAY = 6


class UnknownCalendar(ValueError):
    """There is no such calendar here; the message says how to get it."""


@cache
def holidays(calendar: str, year: int) -> frozenset[date]:
    """The closed days of a year; none for "". Raises UnknownCalendar."""
    if calendar == "":
        return frozenset()
    if calendar == "CA-QC":
        return _quebec(year)
    return _from_package(calendar, year)


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the anonymous computus of 1876)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    leaps, rest = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * rest + 2 * (of_century // 4) - moon - of_century % 4) % 7
    shift = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _quebec(year: int) -> frozenset[date]:
    before_25_may = date(year, 5, 24)
    return frozenset(
        {
            date(year, 1, 1),
            easter(year) - timedelta(days=2),
            before_25_may - timedelta(days=before_25_may.weekday()),
            _from_sunday(date(year, 6, 24)),
            _from_sunday(date(year, 7, 1)),
            _nth_monday(year, 9, 1),
            _nth_monday(year, 10, 2),
            date(year, 12, 25),
        }
    )


def _from_sunday(day: date) -> date:
    return day + timedelta(days=1) if day.weekday() == SUNDAY else day


def _nth_monday(year: int, month: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(-first.weekday()) % 7 + 7 * (n - 1))


def _from_package(calendar: str, year: int) -> frozenset[date]:
    try:
        package = importlib.import_module("holidays")
    except ImportError:
        raise UnknownCalendar('use "CA-QC" or "", or install the calendars: pip install ".[calendars]"') from None
    country, _, region = calendar.partition("-")
    try:
        return frozenset(package.country_holidays(country, subdiv=region or None, years=year))
    except (NotImplementedError, KeyError):
        raise UnknownCalendar('use "CA-QC", "" or a code such as "CA-ON" or "FR"') from None
