"""What a call hears when its own document cannot be made: plain words, and the ways that lead on.

A failing document would be an application error to the ear and the end of the call: no message would be taken, no key
asked for. Failing to write down what a report says is another matter: that stays an error, so that the carrier sends
the report again.
"""

from collections.abc import Callable

import structlog
from fastapi import Response
from twilio.twiml.voice_response import VoiceResponse

from app.deps import Runtime
from app.doctor.fallback import fallback
from app.webhooks.carrier import document_response, xml
from callbacks.messages import wording
from callbacks.telephony import twiml

log = structlog.get_logger()


def drawn(what: str, make: Callable[[], VoiceResponse], otherwise: Callable[[], Response]) -> Response:
    """The document that `make` makes; `otherwise` when it cannot."""
    try:
        return xml(make())
    except Exception:
        log.error("document.failed", what=what, exc_info=True)
        return otherwise()


def greeting(here: Runtime) -> Response:
    """In every language of the policy, with the tone and the ways to the message; without menus."""
    return document_response(fallback(here.world))


def goodbye(*slugs: str) -> Response:
    return xml(twiml.goodbye(in_both(*slugs)))


def ask(address: str, slug: str) -> Response:
    """A question on a technician's leg, answered by a key at `address`."""
    return xml(twiml.ask(in_both(slug), address))


def in_both(*slugs: str) -> list[twiml.Said]:
    return [(language, wording.text(slug, language)) for language in ("en", "fr") for slug in slugs]
