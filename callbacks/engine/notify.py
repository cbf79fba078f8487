"""What supervisors are told that is about no single emergency: by text, or as an alarm to the notify URLs too."""

from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session

from callbacks.delivery.outbox_row import OutboxKind
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.handle import put_effects
from callbacks.messages import wording
from callbacks.messages.effects import Effect, text_effect
from callbacks.oncall.coverage import Duty
from callbacks.store import notices
from callbacks.store.database import with_retries


def to_supervisors(duty: Duty, slug: str, besides: str = "", **facts: Any) -> list[Effect]:
    """A text to each supervisor whose phone takes one, in their language; `besides` names who is left out."""
    able = [s for s in duty.supervisors if s.takes_texts and s.name != besides]
    return [text_effect(s, wording.general(slug, s.language, **facts)) for s in able]


def raise_once(session: Session, duty: Duty, key: str, slug: str, now: datetime, **facts: Any) -> bool:
    """Puts an alarm into the outbox with the caller's transaction; False when it was raised under this key before."""
    if not notices.is_news(session, key, now):
        return False
    to_channels = Effect(OutboxKind.ALARM, text=wording.general(slug, "en", **facts), payload={"about": slug})
    put_effects(session, None, [*to_supervisors(duty, slug, **facts), to_channels], now)
    return True


def to_person(session: Session, duty: Duty, name: str, slug: str, now: datetime, **facts: Any) -> None:
    """A text to one person of the roster, if their phone takes one."""
    contact = duty.contact(name)
    if contact and contact.takes_texts:
        put_effects(session, None, [text_effect(contact, wording.general(slug, contact.language, **facts))], now)


def raise_now(context: EngineContext, key: str, slug: str, now: datetime, **facts: Any) -> None:
    """The same in a transaction of its own."""
    with_retries(partial(_raise, context, key, slug, now, facts))
    context.wake.set()


def _raise(context: EngineContext, key: str, slug: str, now: datetime, facts: dict[str, Any]) -> None:
    with context.database.write() as session:
        raise_once(session, context.duty(session), key, slug, now, **facts)
