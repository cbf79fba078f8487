"""Facts as rows and back: what another version wrote never takes the story with it."""

import dataclasses
from typing import Any

import pytest

from callbacks.emergency import events as ev
from callbacks.emergency.model import Via
from tests.clock import NIGHT


@pytest.mark.parametrize(
    "kind,body",
    [("Passed", {"by": 7}), ("Passed", {}), ("PageSent", {"page": None}), ("Teleported", {"to": "Mars"})],
)
def test_what_cannot_be_read_is_kept_as_unknown(kind: str, body: dict[str, Any]) -> None:
    read = ev.from_record(kind, NIGHT, body, None)
    assert read == ev.UnknownEvent(at=NIGHT, kind=kind, body=body)
    assert ev.to_record(read) == (kind, body, None)


def test_a_known_fact_may_have_fields_of_a_later_version() -> None:
    read = ev.from_record("Passed", NIGHT, {"by": "ana", "via": "sms", "mood": "tired"}, None)
    assert read == ev.Passed(at=NIGHT, by="ana", via=Via.SMS)


def test_an_old_fact_without_who_acted_for_whom_reads_as_their_own() -> None:
    for kind, body in {
        "Acknowledged": {"by": "ana", "role": "technician", "via": "sms"},
        "CallbackRequested": {"callback": "c1", "by": "ana", "via": "sms"},
        "CommandRefused": {"by": "ana", "command": "call", "why": "taken", "via": "sms"},
    }.items():
        read = ev.from_record(kind, NIGHT, body, None)
        assert getattr(read, "set_by", "unread") is None


# What a field in the chain may hold: references, the carrier's ids and words, our own closed words, names of the roster.
CHAINED = {
    "ref", "code", "call_sid", "recording_sid", "sid", "sha256", "callback", "page", "key", "found_by", "sign", "why",
    "status", "answered_by", "result", "how", "via", "about", "command", "channel", "role", "target", "language",
    "priority", "coverage", "message_sid", "media_sid", "kind", "content_type", "digits", "product", "by", "to", "person", "people", "set_by",
}  # fmt: skip


@pytest.mark.parametrize("kind", ev.EVENTS)
def test_what_people_say_stands_outside_the_chain(kind: str) -> None:
    """I34: a field of text is private, or one of those that hold nobody's words."""
    texts = {f.name for f in dataclasses.fields(ev.EVENTS[kind]) if "str" in str(f.type)}
    open_ones = {f.name for f in dataclasses.fields(ev.EVENTS[kind]) if not f.metadata.get("private")}
    assert texts & open_ones <= CHAINED
    assert not open_ones & {"number", "name", "company", "words", "note", "reason", "transcript"}
