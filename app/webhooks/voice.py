"""The customer's call: greeting, message, and the carrier's reports of what became of it."""

import structlog
from fastapi import APIRouter, Response

from app.deps import Here, Runtime
from app.webhooks.carrier import FromCarrier, nothing, xml
from callbacks import wording
from callbacks.engine import calls
from callbacks.phone import is_withheld
from callbacks.telephony import twiml
from callbacks.telephony.reports import Report

router = APIRouter(prefix="/twilio/voice", include_in_schema=False)
log = structlog.get_logger()


@router.post("")
def voice(report: FromCarrier, here: Here) -> Response:
    """The greeting. It is given even when nothing can be written: the call's end will be found by other means."""
    try:
        calls.call_began(here.world, report)
    except Exception as error:
        log.error("voice.unrecorded", error=type(error).__name__)
    url, intake = here.settings.url, here.world.policy.intake
    greeting = twiml.greeting(
        _said(here, "greeting"),
        action=url("/twilio/voice/message"),
        status_url=url("/twilio/voice/recording"),
        after=url("/twilio/voice/after"),
        longest=int(intake.max_message.total_seconds()),
    )
    return xml(greeting)


@router.post("/message")
def message(report: FromCarrier, here: Here) -> Response:
    """The message ended."""
    taken = calls.message_ended(here.world, report)
    if taken and taken.emergency.message_ended_at is None:
        return xml(twiml.goodbye(_said(here, _nothing_heard(report))))
    return xml(twiml.goodbye(_said(here, "thanks")))


@router.post("/after")
def after(report: FromCarrier, here: Here) -> Response:
    """The caller stayed on the line but no recording came of it."""
    calls.recording_fell_through(here.world, report)
    return xml(twiml.goodbye(_said(here, _nothing_heard(report))))


@router.post("/recording")
def recording(report: FromCarrier, here: Here) -> Response:
    """The recording is complete, or there is none."""
    calls.recording_reported(here.world, report)
    return nothing()


@router.post("/ended")
def ended(report: FromCarrier, here: Here) -> Response:
    """The number's own status callback: the call is over."""
    calls.call_ended(here.world, report)
    return nothing()


def _said(here: Runtime, slug: str) -> list[twiml.Said]:
    policy = here.world.policy
    within = policy.promise.callback_within
    return [
        (language, wording.text(slug, language, promise=wording.promise_length(within, language)))
        for language in policy.intake.languages
    ]


def _nothing_heard(report: Report) -> str:
    return "heard-nothing-withheld" if is_withheld(report["From"]) else "heard-nothing"
