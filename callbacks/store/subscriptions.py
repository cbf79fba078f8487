"""What every store makes of its rows of subscriptions and of what is sent to them."""

import json
from typing import Any

from callbacks.lib.secret_box import SecretBox
from callbacks.store.rows import OutboxRow, SubscriptionRow

ERASED = "its words were erased"


def events_of(row: SubscriptionRow) -> tuple[str, ...]:
    return tuple(row.events.split(","))


def owner_of(subscription_id: str) -> str:
    """Whose secret it is, in the words that are sealed with it."""
    return f"webhook {subscription_id}"


def secret_of(row: SubscriptionRow, box: SecretBox) -> str | None:
    """What signs messages; None when there is none. Raises Unreadable."""
    return box.open(row.secret_sealed, owner_of(row.id)) if row.secret_sealed else row.secret or None


def payload(event_id: str, type_: str, body: str, **more: Any) -> str:
    """What an outbox row of this kind holds."""
    return json.dumps({"event": event_id, "type": type_, "body": body, **more}, ensure_ascii=False)


def unsaid(payload: str) -> str:
    """The same without its words."""
    return json.dumps({**json.loads(payload), "body": "", "answer": ""})


def told(row: OutboxRow) -> str:
    """The subscription that an outbox row is for; nodes of the version before write it as a person."""
    return row.subscription_id or row.person or ""
