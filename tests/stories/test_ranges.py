"""Parts of a recording: the one that was asked for, or the whole; a list of thousands costs no more than that."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.http.signed_links import Links
from callbacks.engine.intake.recordings import path_of
from tests.conftest import fresh_database
from tests.night import Night

MIB = 1024 * 1024
MANY = 3000  # what fits into a head of 16 KiB
BOMBS = {
    "the same byte": ",".join(["0-0"] * MANY),
    "two bytes": ",".join(["0-0,0-1"] * (MANY // 2)),
    "all that follows": ",".join(["0-"] * MANY),
    "overlapping": ",".join(f"{n}-{n + 9}" for n in range(MANY // 2)),
    "apart": ",".join(f"{n}-{n}" for n in range(0, MANY, 2)),
    "the end": ",".join(["-1"] * MANY),
    "nothing": "," * 15_000,
    "digits": "0-" + "9" * 15_000,
    "spaces": " " * 15_000 + "0-0",
}
MALFORMED = ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-3", "bytes=--1", "items=0-1", "bytes=0-0-0", "bytes=0x1-2",
             "bytes=1e3-", "bytes = 0-1", "=0-1", "bytes=0-1;0-2", "bytes=٣-٤", "bytes=\xb2-\xb3"]  # fmt: skip
BEYOND = ["bytes=-0", "bytes=999999999999-"]
PART = st.text(alphabet="0123456789-, =bytes\t", max_size=40)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A night with a recording of 10 MB, the largest that we keep."""
    folder: Path = tmp_path_factory.mktemp("ranges")
    opened = Night(fresh_database("sqlite", folder), folder)
    ana, _ = opened.on_call("ana", "bob")
    opened.customer_leaves_message()
    ana.gets_sms("E-000001")
    path = path_of(opened.context.data_dir, opened.emergency()["recording_sid"])
    path.write_bytes(path.read_bytes()[:44] + b"\x00" * (10 * MIB - 44))
    yield opened
    opened.close()


def ask(night: Night, asked: str, path: str = "/api/v1/emergencies/E-000001/recording") -> httpx.Response:
    head: dict[str, bytes] = {
        "Range": asked.encode("utf-8"),
        "Authorization": f"Bearer {night.token('reader')}".encode(),
    }
    return night.web.get(path, headers=[(name.encode(), value) for name, value in head.items()])


@pytest.mark.parametrize("bomb", BOMBS)
def test_thousands_of_parts_cost_what_the_whole_file_costs(night: Night, bomb: str) -> None:
    """F89: no quadratic work (CVE-2025-62727), no answer that is larger than the file."""
    began = time.monotonic()
    answer = ask(night, f"bytes={BOMBS[bomb]}")
    assert time.monotonic() - began < 2
    assert answer.status_code == 200
    assert len(answer.content) == 10 * MIB
    night.nobody_else_was_contacted()


def right_answer(asked: str) -> int:
    """200 for the whole file, 206 for a part, 416 beyond the end."""
    found = re.fullmatch(r"bytes=(?:([0-9]{1,15})-([0-9]{0,15})|-([0-9]{1,15}))", asked)
    if found is None or (found[1] and found[2] and int(found[2]) < int(found[1])):
        return 200
    return 206 if (int(found[3]) if found[3] else int(found[1]) < 10 * MIB) else 416


@pytest.mark.parametrize("asked", MALFORMED)
def test_a_malformed_range_gets_the_whole_file(night: Night, asked: str) -> None:
    answer = ask(night, asked)
    assert (answer.status_code, len(answer.content)) == (200, 10 * MIB)
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("asked", BEYOND)
def test_a_range_beyond_the_end_gets_416(night: Night, asked: str) -> None:
    answer = ask(night, asked)
    assert (answer.status_code, len(answer.content)) == (416, 0)
    night.nobody_else_was_contacted()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=PART)
def test_any_range_gets_a_part_the_whole_or_416(night: Night, asked: str) -> None:
    header = f"bytes={asked}".strip()
    answer = ask(night, header)
    assert answer.status_code == right_answer(header)
    assert len(answer.content) <= 10 * MIB
    night.nobody_else_was_contacted()


@pytest.mark.parametrize(
    ("asked", "length"), [("0-43", 44), ("44-", 10 * MIB - 44), ("-100", 100), ("0-99999999999", 10 * MIB)]
)
def test_one_part_is_given_as_players_ask_for_it(night: Night, asked: str, length: int) -> None:
    answer = ask(night, f"bytes={asked}")
    assert (answer.status_code, len(answer.content)) == (206, length)
    assert answer.headers["content-range"].endswith(f"/{10 * MIB}")
    assert answer.headers["cache-control"] == "private, no-store"
    night.nobody_else_was_contacted()


def test_the_carriers_link_and_the_page_answer_as_the_api_does(night: Night) -> None:
    """Every door to a recording has the same bound."""
    night.web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    signed = Links(night.settings.signing_keys).audio(night.emergency()["recording_sid"])
    for path in (signed, "/emergencies/E-000001/recording"):
        began = time.monotonic()
        answer = ask(night, f"bytes={BOMBS['apart']}", path)
        assert (answer.status_code, len(answer.content)) == (200, 10 * MIB)
        assert time.monotonic() - began < 2
        assert ask(night, "bytes=0-43", path).status_code == 206
    night.nobody_else_was_contacted()
