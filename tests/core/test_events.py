"""Facts as rows and back: what another version wrote never takes the story with it."""

from typing import Any

import pytest

from callbacks import events as ev
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
    assert read == ev.Passed(at=NIGHT, by="ana", via="sms")


def test_an_old_fact_without_who_acted_for_whom_reads_as_their_own() -> None:
    for kind, body in {
        "Acknowledged": {"by": "ana", "role": "technician", "via": "sms"},
        "CallbackRequested": {"callback": "c1", "by": "ana", "via": "sms"},
        "CommandRefused": {"by": "ana", "command": "call", "why": "taken", "via": "sms"},
    }.items():
        read = ev.from_record(kind, NIGHT, body, None)
        assert getattr(read, "set_by", "unread") is None
