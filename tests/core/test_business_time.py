"""Business deadlines, worked out by hand from the contract, and an oracle that walks the clock minute by minute.

A row reads: support hours, start, length, deadline; times are wall clock in the zone of the hours, and an offset is
written where the clock shows that time twice. A deadline is the first instant by which that much open time has passed.
The hand table never asks the code: weekday, uniqueness and existence of each written time are checked here.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.policy.hours import NeverOpen, deadlines, is_open, open_time_deadline
from callbacks.policy.model import END_OF_DAY, PUBLISHED, WEEKDAYS, Priority, SupportHours, Weekday

EVERY_DAY, OFFICE = WEEKDAYS, WEEKDAYS[:5]


def hours(zone: str, span: str, days: tuple[Weekday, ...] = EVERY_DAY) -> SupportHours:
    first, last = (time.fromisoformat(text) for text in span.split("-"))
    return SupportHours(timezone=zone, open=first, close=last, days=days, holidays="")


def dates(text: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in text.split())


QC = PUBLISHED.support_hours  # Monday to Friday 07:30-18:00 in Toronto, the days of Quebec: 10 h 30 a day
HOURS = {
    "QC": QC,
    "QC, own days": replace(
        QC, closed_on=dates("2026-11-24 2026-12-05 2026-12-28"),
        open_on=dates("2026-11-28 2026-12-25 2028-06-24 2029-06-25"),
    ),
    "Toronto 00-06": hours("America/Toronto", "00:00-06:00"),
    "Toronto 02:30-10": hours("America/Toronto", "02:30-10:00"),
    "Toronto 02:10-02:50": hours("America/Toronto", "02:10-02:50"),
    "Toronto 00:30-02:30": hours("America/Toronto", "00:30-02:30"),
    "Toronto 01:30-05": hours("America/Toronto", "01:30-05:00"),
    "Toronto 00:30-01:30": hours("America/Toronto", "00:30-01:30"),
    "Toronto 01:15-01:45": hours("America/Toronto", "01:15-01:45"),
    "London 09-17": hours("Europe/London", "09:00-17:00", OFFICE),
    "London 00:30-05": hours("Europe/London", "00:30-05:00"),
    "London 01:30-03": hours("Europe/London", "01:30-03:00"),
    "Lord Howe 01-04": hours("Australia/Lord_Howe", "01:00-04:00"),
    "Lord Howe 02:15-04": hours("Australia/Lord_Howe", "02:15-04:00"),
    "Lord Howe 01:45-04": hours("Australia/Lord_Howe", "01:45-04:00"),
    "Lord Howe 00:30-01:45": hours("Australia/Lord_Howe", "00:30-01:45"),
    "St John's 00-04": hours("America/St_Johns", "00:00-04:00"),
    "St John's 08:30-16:30": hours("America/St_Johns", "08:30-16:30", OFFICE),
    "St John's 00-23:30": hours("America/St_Johns", "00:00-23:30"),
    "Kathmandu 10:15-17": hours("Asia/Kathmandu", "10:15-17:00", (Weekday.SUN, Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)),
    "Santiago 00-06": hours("America/Santiago", "00:00-06:00"),
    "Santiago 22-23:30": hours("America/Santiago", "22:00-23:30"),
    "Apia 09-17": hours("Pacific/Apia", "09:00-17:00", OFFICE),
    "Apia every day": hours("Pacific/Apia", "09:00-17:00"),
}  # fmt: skip

TABLE = """
# inside one day, and at its edges
QC | Tue 2026-11-24 17:00 | 1h | Tue 2026-11-24 18:00
QC | Tue 2026-11-24 12:00 | 1h | Tue 2026-11-24 13:00
QC | Tue 2026-11-24 07:30 | 1s | Tue 2026-11-24 07:30:01
QC | Tue 2026-11-24 07:29:59 | 1s | Tue 2026-11-24 07:30:01
QC | Tue 2026-11-24 07:29:59 | 1h | Tue 2026-11-24 08:30
QC | Tue 2026-11-24 07:30 | 1h | Tue 2026-11-24 08:30
QC | Tue 2026-11-24 07:30:01 | 1h | Tue 2026-11-24 08:30:01
QC | Tue 2026-11-24 00:00 | 1h | Tue 2026-11-24 08:30
QC | Tue 2026-11-24 17:00:01 | 1h | Wed 2026-11-25 07:30:01
QC | Tue 2026-11-24 17:59:59 | 1s | Tue 2026-11-24 18:00
QC | Tue 2026-11-24 17:59:59 | 2s | Wed 2026-11-25 07:30:01
QC | Tue 2026-11-24 17:59:59 | 1h | Wed 2026-11-25 08:29:59
QC | Tue 2026-11-24 18:00 | 1s | Wed 2026-11-25 07:30:01
QC | Tue 2026-11-24 18:00 | 1h | Wed 2026-11-25 08:30
QC | Tue 2026-11-24 18:00:01 | 1h | Wed 2026-11-25 08:30
QC | Tue 2026-11-24 23:59:59 | 1s | Wed 2026-11-25 07:30:01
QC | Tue 2026-11-24 14:00 | 4h | Tue 2026-11-24 18:00
QC | Tue 2026-11-24 14:00:01 | 4h | Wed 2026-11-25 07:30:01
QC | Tue 2026-11-24 07:30 | 10h30m | Tue 2026-11-24 18:00
QC | Tue 2026-11-24 07:30 | 10h30m1s | Wed 2026-11-25 07:30:01
# no length is no wait, open or not
QC | Tue 2026-11-24 12:00 | 0s | Tue 2026-11-24 12:00
QC | Tue 2026-11-24 18:00 | 0s | Tue 2026-11-24 18:00
QC | Sun 2026-11-29 12:00 | 0s | Sun 2026-11-29 12:00
QC | Fri 2026-12-25 12:00 | 0s | Fri 2026-12-25 12:00
# a weekend
QC | Fri 2026-11-27 17:45 | 15m | Fri 2026-11-27 18:00
QC | Fri 2026-11-27 17:45 | 15m1s | Mon 2026-11-30 07:30:01
QC | Fri 2026-11-27 17:45 | 1h | Mon 2026-11-30 08:15
QC | Fri 2026-11-27 17:45 | 4h | Mon 2026-11-30 11:15
QC | Fri 2026-11-27 16:00 | 4h | Mon 2026-11-30 09:30
QC | Fri 2026-11-27 17:59:59 | 2s | Mon 2026-11-30 07:30:01
QC | Fri 2026-11-27 18:00 | 1s | Mon 2026-11-30 07:30:01
QC | Sat 2026-11-28 00:00 | 4h | Mon 2026-11-30 11:30
QC | Sat 2026-11-28 12:00 | 1h | Mon 2026-11-30 08:30
QC | Sun 2026-11-29 23:59:59 | 1s | Mon 2026-11-30 07:30:01
# several days
QC | Tue 2026-11-24 12:00 | 24h | Thu 2026-11-26 15:00
QC | Mon 2026-11-23 07:30 | 2d | Fri 2026-11-27 13:30
QC | Mon 2026-11-23 07:30 | 52h30m | Fri 2026-11-27 18:00
QC | Mon 2026-11-23 07:30 | 52h30m1s | Mon 2026-11-30 07:30:01
QC | Fri 2026-11-27 17:45 | 72h | Tue 2026-12-08 16:15
# 1 January: Thursday, Friday, Saturday, Sunday (does not move), Monday
QC | Wed 2025-12-31 17:30 | 1h | Fri 2026-01-02 08:00
QC | Thu 2026-12-31 17:30 | 1h | Mon 2027-01-04 08:00
QC | Fri 2027-12-31 17:30 | 1h | Mon 2028-01-03 08:00
QC | Fri 2022-12-30 17:30 | 1h | Mon 2023-01-02 08:00
QC | Fri 2028-12-29 17:30 | 1h | Tue 2029-01-02 08:00
QC | Thu 2026-01-01 09:00 | 4h | Fri 2026-01-02 11:30
# Good Friday; Easter Monday is open
QC | Thu 2024-03-28 17:30 | 1h | Mon 2024-04-01 08:00
QC | Thu 2025-04-17 17:30 | 1h | Mon 2025-04-21 08:00
QC | Thu 2026-04-02 17:30 | 1h | Mon 2026-04-06 08:00
QC | Thu 2027-03-25 17:30 | 1h | Mon 2027-03-29 08:00
QC | Thu 2028-04-13 17:30 | 1h | Mon 2028-04-17 08:00
QC | Fri 2026-04-03 12:00 | 1s | Mon 2026-04-06 07:30:01
# the Monday before 25 May, also when the 25th is a Monday (2020, 2026), a Sunday (2025), a Tuesday (2027)
QC | Fri 2020-05-15 17:30 | 1h | Tue 2020-05-19 08:00
QC | Fri 2025-05-16 17:30 | 1h | Tue 2025-05-20 08:00
QC | Fri 2026-05-15 17:30 | 1h | Tue 2026-05-19 08:00
QC | Mon 2026-05-25 10:00 | 1h | Mon 2026-05-25 11:00
QC | Fri 2027-05-21 17:30 | 1h | Tue 2027-05-25 08:00
# 24 June: Wednesday, Thursday, Friday, Saturday (stays), Sunday (moves to the Monday)
QC | Tue 2026-06-23 17:30 | 1h | Thu 2026-06-25 08:00
QC | Wed 2027-06-23 17:30 | 1h | Fri 2027-06-25 08:00
QC | Thu 2022-06-23 17:30 | 1h | Mon 2022-06-27 08:00
QC | Fri 2028-06-23 17:30 | 1h | Mon 2028-06-26 08:00
QC | Fri 2018-06-22 17:30 | 1h | Tue 2018-06-26 08:00
QC | Fri 2029-06-22 17:30 | 1h | Tue 2029-06-26 08:00
QC | Mon 2029-06-25 09:00 | 1h | Tue 2029-06-26 08:30
# 1 July: Wednesday, Saturday (stays), Sunday (moves)
QC | Tue 2026-06-30 17:30 | 1h | Thu 2026-07-02 08:00
QC | Fri 2023-06-30 17:30 | 1h | Mon 2023-07-03 08:00
QC | Fri 2028-06-30 17:30 | 1h | Mon 2028-07-03 08:00
QC | Fri 2012-06-29 17:30 | 1h | Tue 2012-07-03 08:00
QC | Fri 2029-06-29 17:30 | 1h | Tue 2029-07-03 08:00
QC | Tue 2026-06-23 17:30 | 43h | Thu 2026-07-02 08:00
# Labour Day, also when September begins on it
QC | Fri 2025-08-29 17:30 | 1h | Tue 2025-09-02 08:00
QC | Fri 2026-09-04 17:30 | 1h | Tue 2026-09-08 08:00
QC | Fri 2027-09-03 17:30 | 1h | Tue 2027-09-07 08:00
# Thanksgiving, at its latest (2024), at its earliest (2029)
QC | Fri 2024-10-11 17:30 | 1h | Tue 2024-10-15 08:00
QC | Fri 2026-10-09 17:30 | 1h | Tue 2026-10-13 08:00
QC | Fri 2029-10-05 17:30 | 1h | Tue 2029-10-09 08:00
# 25 December: Friday, Saturday (stays), Sunday (stays), Monday, Tuesday
QC | Thu 2026-12-24 17:30 | 1h | Mon 2026-12-28 08:00
QC | Fri 2027-12-24 17:30 | 1h | Mon 2027-12-27 08:00
QC | Fri 2022-12-23 17:30 | 1h | Mon 2022-12-26 08:00
QC | Fri 2028-12-22 17:30 | 1h | Tue 2028-12-26 08:00
QC | Mon 2029-12-24 17:30 | 1h | Wed 2029-12-26 08:00
QC | Thu 2026-12-24 07:30 | 42h | Wed 2026-12-30 18:00
QC | Thu 2026-12-24 07:30 | 52h30m1s | Mon 2027-01-04 07:30:01
# no day of Quebec's list: Family Day, the civic holiday, 30 September, 11 November
QC | Mon 2026-02-16 10:00 | 1h | Mon 2026-02-16 11:00
QC | Mon 2026-08-03 10:00 | 1h | Mon 2026-08-03 11:00
QC | Wed 2026-09-30 10:00 | 1h | Wed 2026-09-30 11:00
QC | Wed 2026-11-11 10:00 | 1h | Wed 2026-11-11 11:00
# leap days, and years without
QC | Thu 2024-02-29 17:45 | 1h | Fri 2024-03-01 08:15
QC | Mon 2028-02-28 17:30 | 1h | Tue 2028-02-29 08:00
QC | Tue 2028-02-29 17:30 | 1h | Wed 2028-03-01 08:00
QC | Mon 2028-02-28 07:30 | 31h30m | Wed 2028-03-01 18:00
QC | Fri 2026-02-27 17:30 | 1h | Mon 2026-03-02 08:00
# closed_on closes a Tuesday (and says nothing new of a Saturday); open_on opens a Saturday and holidays
QC, own days | Mon 2026-11-23 17:30 | 1h | Wed 2026-11-25 08:00
QC, own days | Tue 2026-11-24 12:00 | 1s | Wed 2026-11-25 07:30:01
QC, own days | Tue 2026-11-24 12:00 | 0s | Tue 2026-11-24 12:00
QC, own days | Fri 2026-11-27 17:45 | 1h | Sat 2026-11-28 08:15
QC, own days | Fri 2026-11-27 07:30 | 21h | Sat 2026-11-28 18:00
QC, own days | Fri 2026-11-27 07:30 | 21h1s | Mon 2026-11-30 07:30:01
QC, own days | Sat 2026-11-28 17:30 | 1h | Mon 2026-11-30 08:00
QC, own days | Fri 2026-12-04 17:30 | 1h | Mon 2026-12-07 08:00
QC, own days | Thu 2026-12-24 17:30 | 1h | Fri 2026-12-25 08:00
QC, own days | Fri 2026-12-25 17:30 | 1h | Tue 2026-12-29 08:00
QC, own days | Fri 2028-06-23 17:30 | 1h | Sat 2028-06-24 08:00
QC, own days | Fri 2029-06-22 17:30 | 1h | Mon 2029-06-25 08:00
# the clocks change over a weekend that is closed
QC | Fri 2026-03-06 17:30 | 1h | Mon 2026-03-09 08:00
QC | Fri 2026-03-06 07:30 | 21h | Mon 2026-03-09 18:00
QC | Fri 2026-10-30 17:30 | 1h | Mon 2026-11-02 08:00
QC | Fri 2026-10-30 07:30 | 21h | Mon 2026-11-02 18:00
# Toronto, spring: hours that hold the change have five instead of six
Toronto 00-06 | Sat 2026-03-07 05:30 | 1h | Sun 2026-03-08 00:30
Toronto 00-06 | Sun 2026-03-08 00:00 | 1h | Sun 2026-03-08 01:00
Toronto 00-06 | Sun 2026-03-08 00:00 | 1h59m59s | Sun 2026-03-08 01:59:59
Toronto 00-06 | Sun 2026-03-08 00:00 | 2h | Sun 2026-03-08 03:00
Toronto 00-06 | Sun 2026-03-08 01:30 | 1h | Sun 2026-03-08 03:30
Toronto 00-06 | Sun 2026-03-08 00:00 | 5h | Sun 2026-03-08 06:00
Toronto 00-06 | Sun 2026-03-08 00:00 | 5h1s | Mon 2026-03-09 00:00:01
# Toronto, autumn: seven
Toronto 00-06 | Sun 2026-11-01 00:00 | 1h | Sun 2026-11-01 01:00 -04:00
Toronto 00-06 | Sun 2026-11-01 00:00 | 1h30m | Sun 2026-11-01 01:30 -04:00
Toronto 00-06 | Sun 2026-11-01 00:00 | 2h | Sun 2026-11-01 01:00 -05:00
Toronto 00-06 | Sun 2026-11-01 00:00 | 2h30m | Sun 2026-11-01 01:30 -05:00
Toronto 00-06 | Sun 2026-11-01 00:00 | 3h | Sun 2026-11-01 02:00
Toronto 00-06 | Sun 2026-11-01 00:00 | 7h | Sun 2026-11-01 06:00
Toronto 00-06 | Sun 2026-11-01 00:00 | 7h1s | Mon 2026-11-02 00:00:01
Toronto 00-06 | Sun 2026-11-01 01:30 -04:00 | 1h | Sun 2026-11-01 01:30 -05:00
Toronto 00-06 | Sun 2026-11-01 01:59:59 -04:00 | 1s | Sun 2026-11-01 01:00 -05:00
Toronto 00-06 | Sun 2026-11-01 01:30 -05:00 | 1h | Sun 2026-11-01 02:30
# an opening that does not exist is the first instant after the gap, that day only
Toronto 02:30-10 | Sat 2026-03-07 09:30 | 1h | Sun 2026-03-08 03:30
Toronto 02:30-10 | Sun 2026-03-08 00:00 | 1h | Sun 2026-03-08 04:00
Toronto 02:30-10 | Sun 2026-03-08 00:00 | 7h | Sun 2026-03-08 10:00
Toronto 02:30-10 | Sun 2026-03-08 00:00 | 7h1s | Mon 2026-03-09 02:30:01
# hours that lie inside the gap have no length that day
Toronto 02:10-02:50 | Sat 2026-03-07 02:20 | 40m | Mon 2026-03-09 02:20
Toronto 02:10-02:50 | Sun 2026-03-08 00:00 | 40m | Mon 2026-03-09 02:50
Toronto 02:10-02:50 | Sun 2026-03-08 12:00 | 10m | Mon 2026-03-09 02:20
Toronto 02:10-02:50 | Sun 2026-11-01 00:00 | 40m | Sun 2026-11-01 02:50
# a close that does not exist is the first instant after the gap
Toronto 00:30-02:30 | Sun 2026-03-08 00:30 | 1h29m59s | Sun 2026-03-08 01:59:59
Toronto 00:30-02:30 | Sun 2026-03-08 00:30 | 1h30m | Sun 2026-03-08 03:00
Toronto 00:30-02:30 | Sun 2026-03-08 00:30 | 1h30m1s | Mon 2026-03-09 00:30:01
Toronto 00:30-02:30 | Sun 2026-03-08 03:00 | 1s | Mon 2026-03-09 00:30:01
Toronto 00:30-02:30 | Sun 2026-11-01 00:30 | 3h | Sun 2026-11-01 02:30
Toronto 00:30-02:30 | Sun 2026-11-01 00:30 | 3h1s | Mon 2026-11-02 00:30:01
# an opening that happens twice is the first
Toronto 01:30-05 | Sun 2026-11-01 00:00 | 1s | Sun 2026-11-01 01:30:01 -04:00
Toronto 01:30-05 | Sun 2026-11-01 00:00 | 30m | Sun 2026-11-01 01:00 -05:00
Toronto 01:30-05 | Sun 2026-11-01 00:00 | 4h30m | Sun 2026-11-01 05:00
Toronto 01:30-05 | Sun 2026-11-01 00:00 | 4h30m1s | Mon 2026-11-02 01:30:01
Toronto 01:30-05 | Sun 2026-11-01 01:15 -04:00 | 15m | Sun 2026-11-01 01:45 -04:00
Toronto 01:30-05 | Sun 2026-11-01 01:15 -05:00 | 15m | Sun 2026-11-01 01:30 -05:00
# a close that happens twice is the last
Toronto 00:30-01:30 | Sun 2026-11-01 00:30 | 1h | Sun 2026-11-01 01:30 -04:00
Toronto 00:30-01:30 | Sun 2026-11-01 00:30 | 2h | Sun 2026-11-01 01:30 -05:00
Toronto 00:30-01:30 | Sun 2026-11-01 00:30 | 2h1s | Mon 2026-11-02 00:30:01
Toronto 00:30-01:30 | Sun 2026-11-01 01:45 -04:00 | 30m | Sun 2026-11-01 01:15 -05:00
Toronto 00:30-01:30 | Sun 2026-11-01 01:30 -05:00 | 1s | Mon 2026-11-02 00:30:01
Toronto 00:30-01:30 | Sun 2026-03-08 00:30 | 1h | Sun 2026-03-08 01:30
# both happen twice: from the first opening to the last close
Toronto 01:15-01:45 | Sun 2026-11-01 00:00 | 30m | Sun 2026-11-01 01:45 -04:00
Toronto 01:15-01:45 | Sun 2026-11-01 00:00 | 1h30m | Sun 2026-11-01 01:45 -05:00
Toronto 01:15-01:45 | Sun 2026-11-01 00:00 | 1h30m1s | Mon 2026-11-02 01:15:01
Toronto 01:15-01:45 | Sun 2026-03-08 00:00 | 30m | Sun 2026-03-08 01:45
# London
London 09-17 | Fri 2026-03-27 16:30 | 1h | Mon 2026-03-30 09:30
London 09-17 | Fri 2026-10-23 16:30 | 1h | Mon 2026-10-26 09:30
London 09-17 | Fri 2026-12-25 09:00 | 8h | Fri 2026-12-25 17:00
London 00:30-05 | Sun 2026-03-29 00:30 | 30m | Sun 2026-03-29 02:00
London 00:30-05 | Sun 2026-03-29 00:30 | 3h30m | Sun 2026-03-29 05:00
London 00:30-05 | Sun 2026-03-29 00:30 | 3h30m1s | Mon 2026-03-30 00:30:01
London 00:30-05 | Sun 2026-10-25 00:30 | 1h | Sun 2026-10-25 01:30 +01:00
London 00:30-05 | Sun 2026-10-25 00:30 | 1h30m | Sun 2026-10-25 01:00 +00:00
London 00:30-05 | Sun 2026-10-25 00:30 | 2h | Sun 2026-10-25 01:30 +00:00
London 00:30-05 | Sun 2026-10-25 00:30 | 5h30m | Sun 2026-10-25 05:00
London 00:30-05 | Sun 2026-10-25 00:30 | 5h30m1s | Mon 2026-10-26 00:30:01
London 01:30-03 | Sun 2026-03-29 00:00 | 30m | Sun 2026-03-29 02:30
London 01:30-03 | Sun 2026-03-29 00:00 | 1h | Sun 2026-03-29 03:00
London 01:30-03 | Sun 2026-03-29 00:00 | 1h1s | Mon 2026-03-30 01:30:01
London 01:30-03 | Sun 2026-10-25 00:00 | 1h | Sun 2026-10-25 01:30 +00:00
London 01:30-03 | Sun 2026-10-25 00:00 | 2h30m | Sun 2026-10-25 03:00
# Lord Howe changes by half an hour: spring 02:00 is 02:30, autumn 02:00 is 01:30 again
Lord Howe 01-04 | Sun 2026-10-04 01:00 | 59m59s | Sun 2026-10-04 01:59:59
Lord Howe 01-04 | Sun 2026-10-04 01:00 | 1h | Sun 2026-10-04 02:30
Lord Howe 01-04 | Sun 2026-10-04 01:00 | 2h30m | Sun 2026-10-04 04:00
Lord Howe 01-04 | Sun 2026-10-04 01:00 | 2h30m1s | Mon 2026-10-05 01:00:01
Lord Howe 01-04 | Sun 2026-04-05 01:00 | 30m | Sun 2026-04-05 01:30 +11:00
Lord Howe 01-04 | Sun 2026-04-05 01:00 | 1h | Sun 2026-04-05 01:30 +10:30
Lord Howe 01-04 | Sun 2026-04-05 01:00 | 1h15m | Sun 2026-04-05 01:45 +10:30
Lord Howe 01-04 | Sun 2026-04-05 01:00 | 3h30m | Sun 2026-04-05 04:00
Lord Howe 01-04 | Sun 2026-04-05 01:00 | 3h30m1s | Mon 2026-04-06 01:00:01
Lord Howe 02:15-04 | Sun 2026-10-04 00:00 | 30m | Sun 2026-10-04 03:00
Lord Howe 02:15-04 | Sun 2026-10-04 00:00 | 1h30m | Sun 2026-10-04 04:00
Lord Howe 02:15-04 | Sun 2026-10-04 00:00 | 1h30m1s | Mon 2026-10-05 02:15:01
Lord Howe 01:45-04 | Sun 2026-04-05 00:00 | 15m | Sun 2026-04-05 01:30 +10:30
Lord Howe 01:45-04 | Sun 2026-04-05 00:00 | 2h45m | Sun 2026-04-05 04:00
Lord Howe 00:30-01:45 | Sun 2026-04-05 00:30 | 1h45m | Sun 2026-04-05 01:45 +10:30
Lord Howe 00:30-01:45 | Sun 2026-04-05 00:30 | 1h45m1s | Mon 2026-04-06 00:30:01
# St John's; until 2011 it changed at 00:01
St John's 08:30-16:30 | Fri 2026-10-30 16:00 | 1h | Mon 2026-11-02 09:00
St John's 00-04 | Sun 2026-03-08 00:00 | 2h | Sun 2026-03-08 03:00
St John's 00-04 | Sun 2026-03-08 00:00 | 3h | Sun 2026-03-08 04:00
St John's 00-04 | Sun 2026-03-08 00:00 | 3h1s | Mon 2026-03-09 00:00:01
St John's 00-04 | Sun 2026-11-01 00:00 | 1h30m | Sun 2026-11-01 01:30 -02:30
St John's 00-04 | Sun 2026-11-01 00:00 | 2h30m | Sun 2026-11-01 01:30 -03:30
St John's 00-04 | Sun 2026-11-01 00:00 | 5h | Sun 2026-11-01 04:00
St John's 00-04 | Sun 2026-11-01 00:00 | 5h1s | Mon 2026-11-02 00:00:01
St John's 00-04 | Sun 2010-03-14 00:00 | 1m | Sun 2010-03-14 01:01
St John's 00-04 | Sun 2010-03-14 00:00 | 3h | Sun 2010-03-14 04:00
# Kathmandu: a quarter of an hour off, no change, open on Sundays
Kathmandu 10:15-17 | Fri 2026-03-06 16:45 | 1h | Sun 2026-03-08 11:00
Kathmandu 10:15-17 | Sun 2026-03-08 10:15 | 6h45m | Sun 2026-03-08 17:00
Kathmandu 10:15-17 | Sun 2026-03-08 10:15 | 6h45m1s | Mon 2026-03-09 10:15:01
Kathmandu 10:15-17 | Fri 2026-10-30 16:45 | 1h | Sun 2026-11-01 11:00
Kathmandu 10:15-17 | Tue 2028-02-29 16:59:59 | 2s | Wed 2028-03-01 10:15:01
# Santiago changes at midnight: no 00:00 in spring, 23:00 to 24:00 twice in autumn
Santiago 00-06 | Sat 2026-09-05 12:00 | 1h | Sun 2026-09-06 02:00
Santiago 00-06 | Sat 2026-09-05 12:00 | 5h1s | Mon 2026-09-07 00:00:01
Santiago 22-23:30 | Sat 2026-04-04 22:00 | 1h30m | Sat 2026-04-04 23:30 -03:00
Santiago 22-23:30 | Sat 2026-04-04 22:00 | 2h30m | Sat 2026-04-04 23:30 -04:00
Santiago 22-23:30 | Sat 2026-04-04 22:00 | 2h30m1s | Sun 2026-04-05 22:00:01
# Apia had no 30 December 2011
Apia 09-17 | Thu 2011-12-29 16:30 | 1h | Mon 2012-01-02 09:30
Apia every day | Thu 2011-12-29 16:30 | 1h | Sat 2011-12-31 09:30
"""
UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def rows() -> list[tuple[str, str, str, str]]:
    lines = [line for line in TABLE.strip().splitlines() if not line.startswith("#")]
    return [(a, b, c, d) for a, b, c, d in ([cell.strip() for cell in line.split("|")] for line in lines)]


def instant(text: str, zone: ZoneInfo) -> datetime:
    """The UTC instant of a written time; a time that the clock shows twice, or never, must not be written bare."""
    weekday, day, clock, *offset = text.split()
    wall = datetime.fromisoformat(f"{day} {clock}")
    assert f"{wall:%a}" == weekday, f"{day} is a {wall:%A}"
    both = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    if offset:
        written = datetime.fromisoformat(f"{day}T{clock}{offset[0]}").astimezone(UTC)
        assert written in both and both[0] != both[1], "the offset is not needed, or not one of the two"
        return written
    assert both[0] == both[1], f"{text} happens twice or never: write its offset"
    return both[0]


def length(text: str) -> timedelta:
    return timedelta(seconds=sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)([dhms])", text)))


@pytest.mark.parametrize("name,start,span,expected", rows(), ids=[" + ".join(row[:3]) for row in rows()])
def test_a_deadline_worked_out_by_hand(name: str, start: str, span: str, expected: str) -> None:
    zone = ZoneInfo(HOURS[name].timezone)
    assert open_time_deadline(HOURS[name], instant(start, zone), length(span)) == instant(expected, zone)


OPEN = """
QC | Tue 2026-11-24 07:29:59 | no
QC | Tue 2026-11-24 07:30 | yes
QC | Tue 2026-11-24 17:59:59 | yes
QC | Tue 2026-11-24 18:00 | no
QC, own days | Tue 2026-11-24 12:00 | no
QC, own days | Fri 2026-12-25 17:59:59 | yes
QC, own days | Fri 2026-12-25 18:00 | no
Toronto 02:30-10 | Sun 2026-03-08 01:59:59 | no
Toronto 02:30-10 | Sun 2026-03-08 03:00 | yes
Toronto 02:10-02:50 | Sun 2026-03-08 03:00 | no
Toronto 00:30-02:30 | Sun 2026-03-08 01:59:59 | yes
Toronto 00:30-02:30 | Sun 2026-03-08 03:00 | no
Toronto 01:30-05 | Sun 2026-11-01 01:29:59 -04:00 | no
Toronto 01:30-05 | Sun 2026-11-01 01:30 -04:00 | yes
Toronto 01:30-05 | Sun 2026-11-01 01:00 -05:00 | yes
Toronto 00:30-01:30 | Sun 2026-11-01 01:30 -04:00 | yes
Toronto 00:30-01:30 | Sun 2026-11-01 01:29:59 -05:00 | yes
Toronto 00:30-01:30 | Sun 2026-11-01 01:30 -05:00 | no
Lord Howe 00:30-01:45 | Sun 2026-04-05 01:45 +11:00 | yes
Lord Howe 00:30-01:45 | Sun 2026-04-05 01:45 +10:30 | no
Santiago 22-23:30 | Sat 2026-04-04 23:30 -03:00 | yes
Santiago 22-23:30 | Sat 2026-04-04 23:30 -04:00 | no
"""


@pytest.mark.parametrize("line", OPEN.strip().splitlines())
def test_open_or_closed_at_the_edges(line: str) -> None:
    name, at, expected = (cell.strip() for cell in line.split("|"))
    assert is_open(HOURS[name], instant(at, ZoneInfo(HOURS[name].timezone))) is (expected == "yes")


def test_the_table_is_long_and_says_nothing_twice() -> None:
    assert len({row[:3] for row in rows()}) == len(rows()) >= 90


def test_the_priorities_of_the_policy_count_on_their_own_clocks() -> None:
    zone = ZoneInfo("America/Toronto")
    found = deadlines(PUBLISHED, instant("Thu 2026-12-24 17:30", zone))
    assert found[Priority.P1].react_by == instant("Thu 2026-12-24 18:00", zone)
    assert found[Priority.P1].resolve_by == instant("Thu 2026-12-24 21:30", zone)
    assert found[Priority.P2].react_by == instant("Mon 2026-12-28 08:00", zone)
    assert found[Priority.P2].resolve_by == instant("Fri 2026-12-25 17:30", zone)
    assert found[Priority.P3].react_by == instant("Mon 2026-12-28 11:00", zone)
    assert found[Priority.P3].resolve_by == instant("Sun 2026-12-27 17:30", zone)


def test_time_is_counted_once_where_the_clock_went_back_over_midnight() -> None:
    """St John's, until 2011: at 00:01 it was 23:01 again, so Saturday's close came after Sunday's opening."""
    rule, zone = HOURS["St John's 00-23:30"], ZoneInfo("America/St_Johns")
    start, expected = instant("Sat 2010-11-06 23:00", zone), instant("Sun 2010-11-07 00:00 -03:30", zone)
    assert open_time_deadline(rule, start, timedelta(hours=2)) == expected


def test_hours_that_never_come_have_no_deadline() -> None:
    with pytest.raises(NeverOpen):
        open_time_deadline(replace(QC, days=()), datetime(2026, 11, 24, tzinfo=UTC), timedelta(seconds=1))


# --- the oracle: walk the clock; nothing below asks the code that is tested ---

GOOD_FRIDAYS = dates(
    "2023-04-07 2024-03-29 2025-04-18 2026-04-03 2027-03-26 2028-04-14 2029-03-30 2030-04-19 2031-04-11"
)
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
FOLD = 180  # minutes; no clock goes back further than this in the zones below
ZONES = ("America/Toronto", "Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu",
         "America/Santiago", "Africa/Cairo", "Atlantic/Azores")  # fmt: skip
CHANGES = tuple(
    datetime.fromisoformat(f"2026-{day}T00:00+00:00")
    for day in ("03-08", "11-01", "03-29", "10-25", "04-04", "10-03", "09-05", "04-23", "10-29")
)
ORDINARY = tuple(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(0, 7 * 365, 13))


def is_statutory(day: date) -> bool:
    """Quebec's list, read off the calendar day by day."""
    month_day, monday = (day.month, day.day), day.weekday() == 0
    if month_day in ((1, 1), (6, 24), (7, 1), (12, 25)) and not (day.month in (6, 7) and day.weekday() == 6):
        return True
    if month_day in ((6, 25), (7, 2)) and monday:
        return True
    if monday and (day.month, (day.day - 1) // 7) in ((9, 0), (10, 1)):
        return True
    return day in GOOD_FRIDAYS or (monday and day.month == 5 and 18 <= day.day <= 24)


def works_on(rule: SupportHours, day: date) -> bool:
    if day in rule.open_on or day in rule.closed_on:
        return day in rule.open_on
    usual = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()] in rule.days
    return usual and not (rule.holidays and is_statutory(day))


@cache
def walls(zone: str, day: int) -> list[datetime]:
    """What the clock on the wall shows at each minute of a UTC day (counted from EPOCH)."""
    place, first = ZoneInfo(zone), EPOCH + timedelta(days=day)
    return [(first + timedelta(minutes=n)).astimezone(place).replace(tzinfo=None, fold=0) for n in range(1440)]


def shown(zone: str, minute: int) -> datetime:
    return walls(zone, minute // 1440)[minute % 1440]


def open_minutes(rule: SupportHours, first: int) -> Iterator[tuple[int, bool]]:
    """Each minute from `first`, and whether support is open in it. A day's hours have begun once the clock has ever shown
    their opening or later, and last as long as it will still show their close or a time before it."""
    zone, minute = rule.timezone, first
    highest = max(shown(zone, m) for m in range(first - FOLD, first))
    while True:
        highest = max(highest, shown(zone, minute))
        now, later = shown(zone, minute), shown(zone, minute + FOLD)
        went_back = later - now < timedelta(minutes=FOLD)
        lowest = min(shown(zone, m) for m in range(minute + 1, minute + FOLD)) if went_back else later
        days = {highest.date(), lowest.date(), (now - timedelta(days=1)).date()}
        yield minute, any(works_on(rule, day) and _holds(rule, day, now, lowest, highest) for day in days)
        minute += 1


def _holds(rule: SupportHours, day: date, now: datetime, lowest: datetime, highest: datetime) -> bool:
    """`lowest`: the earliest time that the clock will show from the next minute on."""
    return datetime.combine(day, rule.open) <= highest and (now < _end(rule, day) or lowest <= _end(rule, day))


def _end(rule: SupportHours, day: date) -> datetime:
    """24:00 is the midnight after."""
    at_midnight = rule.close == END_OF_DAY
    return datetime.combine(day + timedelta(days=1), time()) if at_midnight else datetime.combine(day, rule.close)


def walked(rule: SupportHours, start: datetime, span: timedelta) -> datetime:
    """Where `span` of open time runs out, second by second inside the first and the last minute."""
    first, into = divmod(int((start - EPOCH).total_seconds()), 60)
    left = int(span.total_seconds())
    for minute, opened in open_minutes(rule, first):
        here = 60 - into if minute == first else 60
        if opened and left <= here:
            return EPOCH + timedelta(minutes=minute + 1, seconds=left - here)
        left -= here if opened else 0
    raise AssertionError("never")


@st.composite
def some_hours(draw: st.DrawFn, near: date) -> SupportHours:
    quarter = timedelta(minutes=15)
    first = draw(st.integers(0, 90))
    last = draw(st.one_of(st.integers(first + 1, min(95, first + 42)), st.none()))
    around = [near + timedelta(days=n) for n in range(-1, 5)]
    special = draw(st.dictionaries(st.sampled_from(around), st.booleans(), max_size=2))
    return SupportHours(
        timezone=draw(st.sampled_from(ZONES)), open=(datetime.min + first * quarter).time(),
        close=(datetime.min + last * quarter).time() if last else END_OF_DAY, days=draw(st.sampled_from([EVERY_DAY, OFFICE, ("sat", "sun")])),
        holidays=draw(st.sampled_from(["CA-QC", ""])), open_on=tuple(d for d, yes in special.items() if yes),
        closed_on=tuple(d for d, yes in special.items() if not yes),
    )  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> tuple[SupportHours, datetime, timedelta]:
    day = draw(st.one_of(st.sampled_from(CHANGES), st.sampled_from(ORDINARY)))
    rule = draw(some_hours(day.date()))
    start = day + timedelta(seconds=draw(st.integers(-86400, 2 * 86400)))
    of_a_day = _end(rule, day.date()) - datetime.combine(day.date(), rule.open)
    most = 2 * int(of_a_day.total_seconds())
    return rule, start, timedelta(seconds=draw(st.integers(1, most)))


@settings(max_examples=250, deadline=None)
@given(questions())
def test_the_walk_ends_where_the_code_says(asked: tuple[SupportHours, datetime, timedelta]) -> None:
    rule, start, span = asked
    assert open_time_deadline(rule, start, span) == walked(rule, start, span)


@settings(max_examples=250, deadline=None)
@given(questions())
def test_the_walk_is_open_when_the_code_says(asked: tuple[SupportHours, datetime, timedelta]) -> None:
    rule, start, _ = asked
    minute = int((start - EPOCH).total_seconds()) // 60
    assert is_open(rule, start) is next(open_minutes(rule, minute))[1]


def test_the_walk_agrees_with_the_hand() -> None:
    """The oracle is held against the hand-worked table too, where it is short enough to walk."""
    near = [row for row in rows() if "2026-0" in row[1] or "2026-1" in row[1]]
    assert len(near) > 100
    for name, start, span, expected in near:
        if length(span) > timedelta():
            rule, zone = HOURS[name], ZoneInfo(HOURS[name].timezone)
            assert walked(rule, instant(start, zone), length(span)) == instant(expected, zone), (name, start, span)
