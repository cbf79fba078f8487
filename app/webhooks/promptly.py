"""A pressed key is never dropped: when writing it down takes long, the caller hears "one moment" and we go on.

The carrier waits 15 s for an answer and then plays an error. After `PATIENCE` we answer with a pause and come
back to the same address with the key; writing the same key twice changes nothing.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import TypeVar
from urllib.parse import urlencode

import structlog
from twilio.twiml.voice_response import VoiceResponse

from app.webhooks.plain import in_both
from callbacks.telephony import twiml

T = TypeVar("T")
PATIENCE, NOTED_WITHIN = 4.0, 2.0
PAUSE_SECONDS = 2
MOST_TIMES = 10
log = structlog.get_logger()
_workers = ThreadPoolExecutor(16, thread_name_prefix="keys")


def promptly(step: Callable[[], T], patience: float = PATIENCE) -> T | None:
    """What `step` returns; None when it took too long or failed, and may be tried again."""
    try:
        return _workers.submit(step).result(patience)
    except Late:
        log.warning("key.late")
    except Exception:
        log.error("key.failed", exc_info=True)
    return None


def answered(step: Callable[[], VoiceResponse], address: str, pressed: str, silent: int, times: int) -> VoiceResponse:
    """The document that `step` makes, or "one moment" and the way back to `address` with the same key."""
    document = promptly(step)
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
