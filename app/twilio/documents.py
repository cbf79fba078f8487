"""Documents of last resort, answers within a deadline, and the message's audio behind a signed link.

A failing document would be an application error to the ear and the end of the call: no message would be taken, no key
asked for. Failing to write down what a report says is another matter: that stays an error, so that the carrier sends
the report again.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import TypeVar
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse
from twilio.twiml.voice_response import VoiceResponse

from app.api.emergencies import Audio
from app.doctor.carrier import fallback
from app.runtime import App, AppDep
from app.twilio.requests import document_response, xml
from callbacks.engine.intake.recordings import path_of
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


def greeting(app: App) -> Response:
    """In every language of the policy, with the tone and the ways to the message; without menus."""
    return document_response(fallback(app.context))


def goodbye(*slugs: str) -> Response:
    return xml(twiml.goodbye(in_both(*slugs)))


def ask(address: str, slug: str) -> Response:
    """A question on a technician's leg, answered by a key at `address`."""
    return xml(twiml.ask(in_both(slug), address))


def in_both(*slugs: str) -> list[twiml.Said]:
    return [(language, wording.text(slug, language)) for language in ("en", "fr") for slug in slugs]


# A pressed key is never dropped: when writing it down takes long, the caller hears "one moment" and we go on.
#
# The carrier waits 15 s for an answer and then plays an error. After `PATIENCE` we answer with a pause and come back
# to the same address with the key; writing the same key twice changes nothing.

T = TypeVar("T")
PATIENCE = 4.0
NOTED_WITHIN = 2.0
PAUSE_SECONDS = 2
MOST_TIMES = 10
_workers = ThreadPoolExecutor(16, thread_name_prefix="keys")


def with_deadline(step: Callable[[], T], patience: float = PATIENCE) -> T | None:
    """What `step` returns; None when it took too long or failed, and may be tried again."""
    try:
        return _workers.submit(step).result(patience)
    except Late:
        log.warning("key.late")
    except Exception:
        log.error("key.failed", exc_info=True)
    return None


def answer_key(step: Callable[[], VoiceResponse], address: str, pressed: str, silent: int, times: int) -> VoiceResponse:
    """The document that `step` makes, or "one moment" and the way back to `address` with the same key."""
    document = with_deadline(step)
    if document is not None:
        return document
    if times >= MOST_TIMES:
        return twiml.goodbye(in_both("voice-later"))
    again = urlencode({"pressed": pressed, "silent": silent, "times": times + 1})
    return _one_moment(f"{address}?{again}")


def _one_moment(again: str) -> VoiceResponse:
    voice = VoiceResponse()
    twiml.say(voice, in_both("one-moment"))
    voice.pause(length=PAUSE_SECONDS)
    voice.redirect(again + twiml.OVERRIDES, method="POST")
    return voice


# The message's audio behind a signed link, for the carrier to play to a technician.

router = APIRouter(include_in_schema=False)


@router.get("/media/{token}", response_class=FileResponse)
def media(token: str, app: AppDep) -> FileResponse:
    """One recording, while its link is young."""
    sid = app.links.recording_sid(token)
    path = path_of(app.context.data_dir, sid) if sid else None
    if path is None or not path.is_file():
        raise HTTPException(404, "This link has run out or never was")
    return Audio(path)
