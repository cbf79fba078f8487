"""A page by voice: who called and until when, then the message; a key is the only acknowledgement."""

from fastapi import APIRouter, Response
from twilio.twiml.voice_response import VoiceResponse

from app.runtime import App, AppDep
from app.twilio import documents
from app.twilio.calls import dial
from app.twilio.documents import NOTED_WITHIN, answer_key, drawn, with_deadline
from app.twilio.requests import FromCarrier, xml
from callbacks.emergency.commands import PAGE_KEYS
from callbacks.emergency.decide import dialled_by_key
from callbacks.emergency.model import FileState
from callbacks.engine.intake.calls import CallContext, leg_of
from callbacks.engine.intake.status_callbacks import page_key
from callbacks.engine.reconcile.lost_calls import document_given
from callbacks.messages import wording
from callbacks.telephony import twiml

router = APIRouter(prefix="/twilio/page", include_in_schema=False)


@router.post("/{outbox_id}")
def page(outbox_id: str, report: FromCarrier, app: AppDep) -> Response:
    """The call was answered, by whatever."""
    with_deadline(lambda: document_given(app.context, report.call_sid()), NOTED_WITHIN)

    def words() -> VoiceResponse:
        leg = leg_of(app.context, outbox_id)
        return _ask(app, outbox_id, leg) if leg else _gone()

    address = app.settings.url(f"/twilio/page/{outbox_id}/key")
    return drawn("page", words, lambda: documents.ask(address, "voice-page-plain"))


@router.post("/{outbox_id}/key")
def key(
    outbox_id: str, report: FromCarrier, app: AppDep, silent: int = 0, pressed: str = "", times: int = 0
) -> Response:
    """A key, or `silent` when none came; `pressed` and `times` when we asked the carrier to come back."""
    digit = pressed or report["Digits"]
    address = app.settings.url(f"/twilio/page/{outbox_id}/key")
    return xml(answer_key(lambda: _answer(app, outbox_id, digit, silent), address, digit, silent, times))


def _answer(app: App, outbox_id: str, digit: str, silent: int) -> VoiceResponse:
    leg = leg_of(app.context, outbox_id)
    if leg is None:
        return _gone()
    if silent:
        return twiml.goodbye([(leg.language, wording.text("voice-no-key", leg.language))])
    if digit not in PAGE_KEYS:
        note = [] if digit == "*" else [(leg.language, wording.text("voice-wrong-key", leg.language))]
        return _ask(app, outbox_id, leg, note)
    return _act(app, outbox_id, digit, leg.language)


def _act(app: App, outbox_id: str, pressed: str, language: str) -> VoiceResponse:
    taken = page_key(app.context, outbox_id, pressed)
    leg = leg_of(app.context, outbox_id)
    if taken is None or taken.decision.answer is None or leg is None:
        return _gone()
    answer = taken.decision.answer
    callback = answer.facts.get("callback") or dialled_by_key(leg.emergency, leg.person, app.context.clock.now())
    if answer.about in ("calling", "callback-under-way") and callback:
        return dial(app, leg, callback)
    said = [(language, wording.spoken_answer(answer, leg.emergency, language, leg.zone))]
    if answer.about in ("acknowledged", "already-yours"):
        return twiml.ask(said, app.settings.url(f"/twilio/page/{outbox_id}/key"), times=1)
    return twiml.goodbye(said)


def _ask(app: App, outbox_id: str, leg: CallContext, first: list[twiml.Said] | None = None) -> VoiceResponse:
    said = [*(first or []), (leg.language, wording.spoken_page(leg.emergency, leg.language, leg.zone, leg.others))]
    action = app.settings.url(f"/twilio/page/{outbox_id}/key")
    return twiml.ask(said, action, audio=_audio(app, leg))


def _audio(app: App, leg: CallContext) -> str | None:
    """The message itself, once we have it; a page never waits for it."""
    e = leg.emergency
    stored = e.recording_state == FileState.STORED and e.recording_sid
    return app.settings.url(app.links.audio(e.recording_sid)) if stored and e.recording_sid else None


def _gone() -> VoiceResponse:
    return twiml.goodbye([("en", wording.text("voice-gone", "en")), ("fr", wording.text("voice-gone", "fr"))])
