"""What a command would come to, decided by the core and written nowhere: facts, texts and calls, and the verdict."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from app.deps import Runtime
from app.pages.language import say
from app.pages.story import line
from callbacks.emergency import promise
from callbacks.emergency.commands import Answer
from callbacks.emergency.decide import decide
from callbacks.emergency.events import Event, to_record
from callbacks.emergency.inputs import Commanded
from callbacks.emergency.model import Emergency
from callbacks.messages.effects import Effect, effects_of
from callbacks.store.ledger import Entry

EFFECTS = {
    "page": "%(who)s gets a page by text",
    "text": "%(who)s gets a text",
    "page-call": "The phone of %(who)s rings with a page",
    "bridge": "The phone of %(who)s rings from the support number; once they press 1, the customer is dialled",
    "customer-text": "The customer gets a text",
    "alarm": "The notify channels are told",
}


@dataclass(frozen=True, slots=True)
class Foresight:
    """`facts` and `effects` are sentences; outcomes are the verdict's, before and after."""

    answer: Answer
    facts: tuple[str, ...]
    effects: tuple[tuple[str, str], ...]
    before: str
    after: str


def foresee(session: Session, here: Runtime, e: Emergency, said: Commanded, language: str) -> Foresight:
    """What `said` would do now. The ledger may move on before it is really said; then it is decided anew."""
    now, duty = here.world.clock.now(), here.world.duty(session)
    decision = decide(e, said, now, duty)
    after = decision.after or e
    effects = [x for event in decision.events for x in effects_of(event, after, duty)]
    zone = duty.roster.timezone
    return Foresight(
        answer=decision.answer or Answer("done"),
        facts=tuple(_told(event, now, zone, language) for event in decision.events),
        effects=tuple((_effect(x, language), x.text or "") for x in effects if x.kind in EFFECTS),
        before=promise.judge(e, now).outcome,
        after=promise.judge(after, now).outcome,
    )


def _told(event: Event, now: datetime, zone: str, language: str) -> str:
    kind, body, private = to_record(event)
    return line(Entry(0, kind, event.at, now, body, private, ""), event, zone, language)


def _effect(effect: Effect, language: str) -> str:
    words = EFFECTS[effect.kind]
    return say(language, words, who=effect.person) if "%" in words else say(language, words)
