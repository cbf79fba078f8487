"""Shifts as an iCal feed for people's own calendars (RFC 5545). Gaps are left out; times are UTC."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from callbacks.schedule import Shift

LONGEST_LINE = 75
PIECE = 36
HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//callbacks//rota//EN", "REFRESH-INTERVAL;VALUE=DURATION:PT1H")


def write_feed(title: str, shifts: Iterable[Shift], names: Mapping[str, str], now: datetime, domain: str) -> bytes:
    """The feed's bytes; `names` gives the full name of each technician's short one."""
    lines = [*HEAD, f"X-WR-CALNAME:{_text(title)}"]
    for shift in shifts:
        lines += _event(shift, names, now, domain)
    folded = [piece for line in [*lines, "END:VCALENDAR"] for piece in _folded(line)]
    return "".join(f"{piece}\r\n" for piece in folded).encode()


def _event(shift: Shift, names: Mapping[str, str], now: datetime, domain: str) -> list[str]:
    if shift.technician is None:
        return []
    return [
        "BEGIN:VEVENT",
        f"UID:{shift.rotation}-{shift.technician}-{_stamp(shift.start)}@{domain}",
        f"DTSTAMP:{_stamp(now)}",
        f"DTSTART:{_stamp(shift.start)}",
        f"DTEND:{_stamp(shift.end)}",
        f"SUMMARY:{_text(names.get(shift.technician, shift.technician))}",
        f"CATEGORIES:{_text(shift.rotation)}",
        "END:VEVENT",
    ]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        words = words.replace(plain, escaped)
    return words


def _folded(line: str) -> list[str]:
    """No line is longer than 75 octets; section 3.1. A letter takes two at most in our names."""
    if len(line.encode()) <= LONGEST_LINE:
        return [line]
    first, *more = (line[n : n + PIECE] for n in range(0, len(line), PIECE))
    return [first, *(f" {piece}" for piece in more)]
