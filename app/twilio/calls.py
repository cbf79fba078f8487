"""Calls that we place.

- A page: who called and until when, then the message; a key is the only acknowledgement.
- A callback: the technician's leg must press 1, then the customer is dialled from the support number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from twilio.twiml.voice_response import VoiceResponse

from app.runtime import App, AppDep
from app.twilio import documents
from app.twilio.documents import NOTED_WITHIN, answer_key, drawn, with_deadline
from app.twilio.requests import FromCarrier, nothing, xml
from callbacks.delivery.delivery_policy import Source
from callbacks.emergency.commands import PAGE_KEYS
from callbacks.emergency.decide import REPORTS, dialled_by_key
from callbacks.emergency.inputs import AfterCallKey, CustomerDetected, CustomerLeg, DialOver
from callbacks.emergency.model import AnsweredBy, FileState
from callbacks.engine.intake.calls import CallContext, leg_of, of_callback
from callbacks.engine.intake.status_callbacks import about_callback, bridge_key, page_key
from callbacks.engine.reconcile.lost_calls import document_given
from callbacks.lib.phone import why_not_dialled
from callbacks.messages import wording
from callbacks.telephony import twiml

router = APIRouter(prefix="/twilio", include_in_schema=False)
TALK_LIMIT = timedelta(hours=4)
KEYED_TALK_LIMIT = timedelta(minutes=30)  # anybody can key in anybody's number


@dataclass(frozen=True, slots=True)
class Press:
    """A key, or `silent` when none came; `times`: how often we asked the carrier to come back with it."""

    digit: str
    silent: int
    times: int


def press_of(report: FromCarrier, silent: int = 0, pressed: str = "", times: int = 0) -> Press:
    return Press(pressed or report["Digits"], silent, times)


Pressed = Annotated[Press, Depends(press_of)]


@router.post("/page/{outbox_id}")
def page(outbox_id: str, report: FromCarrier, app: AppDep) -> Response:
    """The call was answered, by whatever."""

    def words() -> VoiceResponse:
        leg = leg_of(app.context, outbox_id)
        return _ask(app, outbox_id, leg) if leg else _gone()

    return _answered(app, report.call_sid(), f"page/{outbox_id}", words, "voice-page-plain")


@router.post("/bridge/{outbox_id}")
def bridge(outbox_id: str, report: FromCarrier, app: AppDep) -> Response:
    """The technician's phone was answered: is a person there?"""

    def words() -> VoiceResponse:
        leg = leg_of(app.context, outbox_id)
        return _prompt(app, outbox_id, leg) if leg else twiml.nothing()

    return _answered(app, report.call_sid(), f"bridge/{outbox_id}", words, "bridge-prompt-plain")


def _answered(app: App, sid: str | None, place: str, words: Callable[[], VoiceResponse], plain: str) -> Response:
    """What is asked of whoever answered; the plain question when that cannot be read."""
    with_deadline(lambda: document_given(app.context, sid), NOTED_WITHIN)
    return drawn(place.split("/")[0], words, lambda: documents.ask(app.settings.url(f"/twilio/{place}/key"), plain))


@router.post("/page/{outbox_id}/key")
def key_on_page(outbox_id: str, press: Pressed, app: AppDep) -> Response:
    return _keyed(app, f"page/{outbox_id}", press, lambda: _on_page(app, outbox_id, press))


@router.post("/bridge/{outbox_id}/key")
def key(outbox_id: str, press: Pressed, app: AppDep) -> Response:
    """1 dials the customer. A repeat of that request gets the same answer again."""
    return _keyed(app, f"bridge/{outbox_id}", press, lambda: _on_bridge(app, outbox_id, press))


def _keyed(app: App, place: str, press: Press, step: Callable[[], VoiceResponse]) -> Response:
    address = app.settings.url(f"/twilio/{place}/key")
    return xml(answer_key(step, address, press.digit, press.silent, press.times))


def _on_page(app: App, outbox_id: str, press: Press) -> VoiceResponse:
    leg = leg_of(app.context, outbox_id)
    if leg is None:
        return _gone()
    if press.silent:
        return twiml.goodbye([(leg.language, wording.text("voice-no-key", leg.language))])
    if press.digit not in PAGE_KEYS:
        note = [] if press.digit == "*" else [(leg.language, wording.text("voice-wrong-key", leg.language))]
        return _ask(app, outbox_id, leg, note)
    return _act(app, outbox_id, press.digit, leg.language)


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


def _on_bridge(app: App, outbox_id: str, press: Press) -> VoiceResponse:
    leg = leg_of(app.context, outbox_id)
    if leg is None or leg.callback is None:
        return twiml.nothing()
    if not press.silent and press.digit != "1":
        wrong = [(leg.language, wording.text("voice-wrong-key", leg.language))]
        return _prompt(app, outbox_id, leg, wrong)
    bridge_key(app.context, outbox_id, "" if press.silent else "1")
    leg = leg_of(app.context, outbox_id)
    callback = leg.emergency.callbacks.get(leg.callback or "") if leg else None
    if leg and leg.callback and callback and callback.accepted_at and not callback.ended_at:
        return dial(app, leg, leg.callback)
    language = _language(leg)
    return twiml.goodbye([(language, wording.text("bridge-no-key", language))])


@router.post("/callback/{emergency_id}/{callback}/ended")
def ended(emergency_id: int, callback: str, report: FromCarrier, app: AppDep) -> Response:
    """The dial is over: the carrier's word on whether the legs were joined, and for how long."""
    over = DialOver(
        at=report.timestamp() or app.context.clock.now(),
        callback=callback,
        status=report["DialCallStatus"],
        bridged=report["DialBridged"].lower() == "true",
        seconds=report.seconds("DialCallDuration") or 0,
    )
    about_callback(app.context, emergency_id, over, report, Source.DIAL)
    report_url = app.settings.url(f"/twilio/callback/{emergency_id}/{callback}/report")

    def words() -> VoiceResponse:
        language = _language(of_callback(app.context, emergency_id, callback))
        if not over.bridged:
            return twiml.goodbye([(language, wording.text("bridge-unanswered", language))])
        return twiml.ask([(language, wording.text("after-call", language))], report_url)

    return drawn(
        "callback-ended",
        words,
        lambda: documents.ask(report_url, "after-call") if over.bridged else documents.goodbye("bridge-unanswered"),
    )


@router.post("/callback/{emergency_id}/{callback}/leg")
def leg(emergency_id: int, callback: str, report: FromCarrier, app: AppDep) -> Response:
    """Progress of the customer's leg."""
    said = CustomerLeg(
        at=report.timestamp() or app.context.clock.now(),
        callback=callback,
        status=report["CallStatus"],
        seconds=report.seconds("CallDuration") or 0,
    )
    about_callback(app.context, emergency_id, said, report, Source.LEG)
    return nothing()


@router.post("/callback/{emergency_id}/{callback}/machine")
def machine(emergency_id: int, callback: str, report: FromCarrier, app: AppDep) -> Response:
    """The carrier's guess whether a person or a machine answered the customer's phone."""
    said = CustomerDetected(at=app.context.clock.now(), callback=callback, answered_by=AnsweredBy(report["AnsweredBy"]))
    about_callback(app.context, emergency_id, said, report, Source.MACHINE)
    return nothing()


@router.post("/callback/{emergency_id}/{callback}/report")
def after_call(emergency_id: int, callback: str, report: FromCarrier, app: AppDep, silent: int = 0) -> Response:
    """What the technician says of the call."""
    if silent:
        return xml(twiml.goodbye([]))
    pressed = report["Digits"]
    address = app.settings.url(f"/twilio/callback/{emergency_id}/{callback}/report")
    is_key = pressed in REPORTS
    if is_key:
        key = AfterCallKey(at=app.context.clock.now(), callback=callback, key=pressed)
        about_callback(app.context, emergency_id, key, report, Source.AFTER)

    def words() -> VoiceResponse:
        language = _language(of_callback(app.context, emergency_id, callback))
        if is_key:
            return twiml.goodbye([(language, wording.text("after-call-thanks", language))])
        said = [(language, wording.text(slug, language)) for slug in ("voice-wrong-key", "after-call")]
        return twiml.ask(said, address)

    return drawn(
        "after-call",
        words,
        lambda: documents.goodbye("after-call-thanks") if is_key else documents.ask(address, "after-call"),
    )


def dial(app: App, leg: CallContext, callback: str) -> VoiceResponse:
    """The document that rings the customer. The number is held against the rules once more."""
    e, language = leg.emergency, leg.language
    if e.number is None or why_not_dialled(e.number, e.terms.bridge_prefixes):
        return twiml.goodbye([(language, wording.text("bridge-unanswered", language))])
    base = app.settings.url(f"/twilio/callback/{leg.emergency_id}/{callback}")
    return twiml.connect(
        [(language, wording.text("bridge-dialling", language))],
        number=e.number,
        caller_id=app.settings.support_number,
        action=f"{base}/ended",
        leg_url=f"{base}/leg",
        machine_url=f"{base}/machine",
        limit=int((KEYED_TALK_LIMIT if e.number_keyed else TALK_LIMIT).total_seconds()),
    )


def _language(leg: CallContext | None) -> str:
    return leg.language if leg else "en"


def _prompt(app: App, outbox_id: str, leg: CallContext, first: list[twiml.Said] | None = None) -> VoiceResponse:
    e, language = leg.emergency, leg.language
    words = wording.text("bridge-prompt", language, ref=e.ref, caller=wording.spoken_caller(e, language))
    action = app.settings.url(f"/twilio/bridge/{outbox_id}/key")
    return twiml.ask([*(first or []), (language, words)], action)
