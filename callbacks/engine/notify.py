"""What people are told that is about no single emergency: by text, or as an alarm to the notify URLs too."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from callbacks.engine.context import EngineContext
from callbacks.engine.intake.handle import put_effects
from callbacks.messages.effects import CHANNELS, told
from callbacks.oncall.coverage import Contact, Duty
from callbacks.store.interface import Transaction


def notify(session: Transaction, recipients: Iterable[Contact], message: str, now: datetime, **facts: Any) -> None:
    """Puts a text to each into the outbox, with the caller's transaction; see `told`."""
    put_effects(session, None, told(recipients, message, **facts), now)


def raise_once(session: Transaction, duty: Duty, key: str, slug: str, now: datetime, **facts: Any) -> bool:
    """Tells supervisors and the notify URLs; False when it was raised under this key before."""
    if not session.notices.is_news(key, now):
        return False
    notify(session, [*duty.supervisors, CHANNELS], slug, now, **facts)
    return True


def raise_now(context: EngineContext, key: str, slug: str, now: datetime, **facts: Any) -> None:
    """The same in a transaction of its own."""
    context.commit(lambda session: raise_once(session, context.duty(session), key, slug, now, **facts))
