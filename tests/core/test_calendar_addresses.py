"""Addresses of calendars as they are handed out, and dates that no clock reaches."""

import pytest

from callbacks.lib.toml import FaultyFile
from callbacks.oncall.roster import read_roster, reread_roster, write_roster

CALENDAR = '[[calendar]]\nrotation = "primary"\nurl = "{url}"\n'
ANA = '[[technician]]\nname = "ana"\nphone = "+15145550111"\n'


@pytest.mark.parametrize(
    "url,means",
    [
        ("webcal://example.com/a.ics", "https://example.com/a.ics"), ("HTTPS://example.com/A.ics", "https://example.com/A.ics"),
        (" https://example.com/a.ics", "https://example.com/a.ics"), ("WebCal://example.com/a.ics ", "https://example.com/a.ics"),
        ("https://example.com/a.ics", "https://example.com/a.ics"), ("file:///etc/a.ics", "file:///etc/a.ics"),
        ("http://127.0.0.1:8000/a.ics", "http://127.0.0.1:8000/a.ics"),
    ],
)  # fmt: skip
def test_an_address_is_taken_as_it_is_handed_out(url: str, means: str) -> None:
    roster = read_roster(CALENDAR.format(url=url))
    assert roster.calendars[0].url == means
    assert read_roster(write_roster(roster)) == roster


@pytest.mark.parametrize(
    "url,problem",
    [
        ("https://", "does not name a host"), ("webcal:", "does not name a host"), ("https:///a.ics", "does not name a host"),
        ("file:", "does not name a file"), ("http://example.com/a.ics", "is not encrypted"),
        ("https://example.com:99999/a.ics", "cannot be read"), ("ftp://example.com/a.ics", "is not usable"),
        ("example.com/a.ics", "is not usable"), ("", "is not usable"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_read_is_refused_with_what_is_right(url: str, problem: str) -> None:
    with pytest.raises(FaultyFile) as refused:
        read_roster(CALENDAR.format(url=url))
    assert problem in str(refused.value.faults[0]) and "https://" in str(refused.value.faults[0])


def test_an_address_in_force_stays_readable() -> None:
    """What a later version refuses keeps nobody from being paged."""
    for url in ("https://", "http://example.com/a.ics"):
        assert reread_roster(CALENDAR.format(url=url)).calendars[0].url == url


@pytest.mark.parametrize("year", ["0001", "1969", "2200", "9999"])
def test_a_date_that_no_clock_reaches_is_refused(year: str) -> None:
    """At 9999-12-31 every page failed: the roster was accepted, and asking who is on call went past the last year."""
    rotation = f'[[rotation]]\nname = "a"\nmembers = ["ana"]\nevery = "1w"\nstarts = "{year}-12-31T23:00"\n'
    override = '[[override]]\nrotation = "a"\ntechnician = ""\nfrom = "{0}-01-01T00:00"\nto = "{0}-12-31T23:00"\n'
    with pytest.raises(FaultyFile, match="use a year from 1970 to 2199"):
        read_roster(ANA + rotation)
    with pytest.raises(FaultyFile, match="use a year from 1970 to 2199"):
        read_roster(ANA + rotation.replace(year, "2026") + override.format(year))
