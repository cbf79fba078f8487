"""A million examples for what reads words: an answer or a refusal that is meant, never anything else."""

import contextlib
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from app.twilio.requests import read_form
from callbacks.engine.intake.recordings import is_audio
from callbacks.lib import phone
from callbacks.lib.toml import FaultyFile
from callbacks.messages.replies import read_customer, read_reply
from callbacks.oncall import contacts
from callbacks.oncall.calendar_feed import BrokenFeed, read_feed
from callbacks.oncall.roster import read_roster
from callbacks.policy.model import read_policy

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
grammar = st.text(alphabet="1234560ACKNOPSTansweryk7KRM #\n-'é１👍\u202e\x00", max_size=40)
toml = st.lists(
    st.sampled_from(['[promise]', '[[technician]]', 'name = "ana"', 'phone = "+15145550111"', "callback_within", '= "30m"', "\n", '"', "[", "]", "=", "1e9"]),
    max_size=25,
).map(" ".join)  # fmt: skip
ical = st.lists(
    st.sampled_from(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR", "DTSTART:20261101T000000Z", "DTEND:20261102T000000Z",
                     "RRULE:FREQ=DAILY;COUNT=9", "SUMMARY:ana", "UID:1", "DTSTART;TZID=Nowhere:20261101T000000", "X", "", "\x00"]),
    max_size=14,
).map("\r\n".join)  # fmt: skip


def forms(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert all(isinstance(part, str) for pair in read_form(body) for part in pair)


def replies(text: str) -> None:
    assert read_reply(text, ("K7", "R2M", "AB3C")).command


def customers(text: str) -> None:
    assert read_customer(text).meaning


def numbers(text: str) -> None:
    found = phone.normalise(text)
    assert found is None or (found.startswith("+") and found[1:].isdigit())


def headers(content: bytes) -> None:
    assert is_audio(content) in (True, False)


def rosters(text: str) -> None:
    with contextlib.suppress(FaultyFile):
        read_roster(text)


def policies(text: str) -> None:
    with contextlib.suppress(FaultyFile):
        read_policy(text)


def books(content: bytes) -> None:
    with contextlib.suppress(FaultyFile):
        contacts.read_book(contacts.decoded(content))


def feeds(text: str) -> None:
    with contextlib.suppress(BrokenFeed):
        read_feed(text.encode(), "backup", (), START, END, "America/Toronto")


WHAT: list[tuple[Callable[..., None], st.SearchStrategy[object], int]] = [
    (replies, grammar, 250_000), (replies, st.text(max_size=60), 100_000), (customers, grammar, 200_000),
    (forms, st.binary(max_size=80), 200_000), (numbers, st.text(alphabet="+0123456789 ()-.x", max_size=20), 100_000),
    (headers, st.binary(max_size=48), 100_000), (books, st.binary(max_size=80), 20_000), (rosters, toml, 15_000), (policies, toml, 10_000),
    (feeds, ical, 5_000),
]  # fmt: skip


def run(share: float, first: int) -> bool:
    """Whether nothing broke; prints how many examples there were. The same seed makes the same examples."""
    total = 0
    for n, (read, strategy, count) in enumerate(WHAT):
        examples, began = max(int(count * share), 10), time.monotonic()
        seen = 0

        def each(value: object) -> None:
            nonlocal seen
            seen += 1
            read(value)  # noqa: B023 - called within this turn of the loop

        wanted = settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        wanted(seed(first + n)(given(strategy)(each)))()
        total += seen
        sys.stdout.write(f"words {read.__name__}: {seen} examples in {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()
    sys.stdout.write(f"words: {total} examples\n")
    return True
