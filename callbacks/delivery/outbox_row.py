"""A row of the outbox, something to do at the carrier, a receiver or the notify URLs: its states, kinds and lanes.

queued ──claim──▶ claimed ──▶ sent (the carrier accepted it) or done (nothing was sent: audio fetched, alarm given)
   ▲                │ ├─────▶ failed (given up) or cancelled (no longer wanted)
   └──try later─────┤ └─────▶ ambiguous (the carrier may have carried it out) ──claim──▶ claimed
A claim whose lease ran out is claimed again, as if it had been ambiguous.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class OutboxState(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    AMBIGUOUS = "ambiguous"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"


WAITING = (OutboxState.QUEUED, OutboxState.AMBIGUOUS)
UNSETTLED = (*WAITING, OutboxState.CLAIMED)


class OutboxKind(StrEnum):
    """`text` goes to a person of the roster; `alarm` to the notify URLs."""

    PAGE = "page"
    PAGE_CALL = "page-call"
    BRIDGE = "bridge"
    ALARM = "alarm"
    FETCH = "fetch"
    LOOK_UP = "look-up"
    TEXT = "text"
    CUSTOMER_TEXT = "customer-text"
    WEBHOOK = "webhook"


class About(StrEnum):
    """Texts that wait in a storm. Others are about what their sentence is called."""

    RECEIPT = "receipt"
    NOTE = "note"


class Medium(StrEnum):
    SMS = "sms"
    VOICE = "voice"
    HTTPS = "https"


class Lane(StrEnum):
    """Kinds that leave together, with workers of their own: a receiver that is slow holds up nobody's page. In the
    order in which they are claimed."""

    PAGES = "pages"
    URGENT = "urgent"
    PATIENT = "patient"
    TEXTS = "texts"
    WEBHOOKS = "webhooks"


WORKERS: Mapping[Lane, int] = {
    Lane.PAGES: 12,
    Lane.URGENT: 12,
    Lane.PATIENT: 4,
    Lane.TEXTS: 4,
    Lane.WEBHOOKS: 4,
}


@dataclass(frozen=True, slots=True)
class Handling:
    """`is_looked_up`: after an ambiguous send the carrier is asked for it before anything is sent again.
    `has_carrier`: it needs the carrier. `is_paging`: somebody's page may hang on it, so it may not wait for hours."""

    lane: Lane
    medium: Medium
    is_looked_up: bool = False
    has_carrier: bool = True
    is_paging: bool = True


HANDLING: Mapping[OutboxKind, Handling] = {
    OutboxKind.PAGE: Handling(Lane.PAGES, Medium.SMS, is_looked_up=True),
    OutboxKind.PAGE_CALL: Handling(Lane.PAGES, Medium.VOICE, is_looked_up=True),
    OutboxKind.BRIDGE: Handling(Lane.URGENT, Medium.VOICE, is_looked_up=True),
    OutboxKind.ALARM: Handling(Lane.URGENT, Medium.HTTPS, has_carrier=False),
    OutboxKind.FETCH: Handling(Lane.PATIENT, Medium.HTTPS),
    OutboxKind.LOOK_UP: Handling(Lane.PATIENT, Medium.HTTPS),
    OutboxKind.TEXT: Handling(Lane.TEXTS, Medium.SMS, is_looked_up=True),
    OutboxKind.CUSTOMER_TEXT: Handling(Lane.TEXTS, Medium.SMS, is_looked_up=True, is_paging=False),
    OutboxKind.WEBHOOK: Handling(Lane.WEBHOOKS, Medium.HTTPS, has_carrier=False, is_paging=False),
}


def kinds_of(lane: Lane) -> tuple[OutboxKind, ...]:
    return tuple(kind for kind, handling in HANDLING.items() if handling.lane is lane)


PATIENT = tuple(kind for kind, handling in HANDLING.items() if not handling.is_paging)
PAGES = kinds_of(Lane.PAGES)
TEXTS = kinds_of(Lane.TEXTS)
CALLS = tuple(kind for kind, handling in HANDLING.items() if handling.medium is Medium.VOICE)
# What a person of the roster reads on their phone.
TEXTS_TO_PEOPLE = (OutboxKind.PAGE, OutboxKind.TEXT)
