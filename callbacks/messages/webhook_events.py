"""What other systems are told of an emergency, and how such a message looks and is signed.

- opened: once, not for a blocked caller. acknowledged: each new owner. at_risk: when supervisors are told so.
  reached: the first contact, again only if that one was taken back. missed: the promise is. resolved: once.
- The message and its signature follow the Standard Webhooks convention: `v1,` and the base64 of HMAC-SHA256 over
  "id.timestamp.body", under the bytes that the secret holds after `whsec_`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from callbacks.emergency import events as ev
from callbacks.emergency.model import Alert, Emergency
from callbacks.emergency.promise import first_contact

EVENTS = ("opened", "acknowledged", "at_risk", "reached", "missed", "resolved")
TEST = "test"
PREFIX = "whsec_"
SHORTEST_SECRET = 24
PAUSES = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 3600, 6 * 3600))
Json = dict[str, Any]


def announced(before: Emergency | None, new: Sequence[ev.Event], after: Emergency) -> tuple[str, ...]:
    """Which of EVENTS this decision's facts are, in the order of EVENTS."""
    found = {
        "opened": before is None and after.excluded_at is None,
        "acknowledged": after.owner is not None and (before is None or before.owner != after.owner),
        "at_risk": _told(new, Alert.AT_RISK),
        "reached": first_contact(after) is not None and (before is None or first_contact(before) is None),
        "missed": _told(new, Alert.MISSED),
        "resolved": after.resolved_at is not None and (before is None or before.resolved_at is None),
    }
    return tuple(name for name in EVENTS if found[name])


def type_of(event: str) -> str:
    """The message's type: emergency.opened, …, or webhook.test."""
    return "webhook.test" if event == TEST else f"emergency.{event}"


def message(event_id: str, event: str, at: datetime, drill: bool, record: Mapping[str, Any] | None) -> Json:
    """The body as JSON. `data` is the emergency as the API shows it, at that moment; empty in a test."""
    return {
        "id": event_id,
        "type": type_of(event),
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "drill": drill,
        "data": dict(record or {}),
    }


def headers(event_id: str, at: datetime, body: bytes, secret: str) -> dict[str, str]:
    """The three headers that let a receiver trust the body. Raises ValueError for a secret that is none."""
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(event_id, stamp, body, secret),
    }


def signature(event_id: str, stamp: str, body: bytes, secret: str) -> str:
    signed = f"{event_id}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def new_secret(random: bytes) -> str:
    """A secret made of these random bytes."""
    assert len(random) >= SHORTEST_SECRET
    return PREFIX + base64.b64encode(random).decode()


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many failed tries; None when it was the last."""
    return PAUSES[tries - 1] if 0 < tries <= len(PAUSES) else None


def _told(new: Sequence[ev.Event], about: Alert) -> bool:
    return any(isinstance(event, ev.SupervisorsTold) and event.about == about for event in new)


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        raise ValueError(f"a secret begins with {PREFIX}")
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
