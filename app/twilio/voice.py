"""The customer's call: greeting, menus, message, number, and the carrier's reports of what became of it."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Response
from twilio.twiml.voice_response import VoiceResponse

from app.runtime import App, AppDep
from app.twilio import documents, greeting
from app.twilio.documents import drawn
from app.twilio.requests import FromCarrier, nothing
from callbacks.delivery.delivery_policy import CarrierStatus
from callbacks.engine.intake import callers, calls
from callbacks.engine.intake.callers import Caller
from callbacks.engine.intake.handle import Taken
from callbacks.lib.phone import normalise, why_not_dialled
from callbacks.policy.hours import is_open
from callbacks.policy.model import InHours
from callbacks.store.tables import CallerChoice
from callbacks.telephony.reports import Report

router = APIRouter(prefix="/twilio/voice", include_in_schema=False)
log = structlog.get_logger()
NUMBER_ASKED = 2
Language = Annotated[str | None, Query(max_length=2)]
Choice = Annotated[str | None, Query(max_length=16)]


@router.post("")
def voice(report: FromCarrier, app: AppDep) -> Response:
    """The first words. They are given even when nothing can be read or written: the call's end will be found by
    other means."""
    try:
        calls.call_began(app.context, report)
        caller = callers.caller(app.context, report["From"])
        if caller.is_blocked:
            callers.chosen(app.context, report.call_sid(), CallerChoice.BLOCKED)
    except Exception:
        log.error("voice.call_not_recorded", exc_info=True)
        caller = Caller(None)
    return drawn("greeting", lambda: _first_words(app, caller), lambda: documents.greeting(app))


@router.post("/desk")
def desk(report: FromCarrier, app: AppDep) -> Response:
    """The desk's phone was answered and the talk is over; or nobody answered, and a message is taken."""
    answered = (
        report["DialCallStatus"] in (CarrierStatus.COMPLETED, "answered") and report["DialBridged"].lower() != "false"
    )
    if answered:
        _remember(app, report.call_sid(), CallerChoice.DESK)
        return nothing()
    _remember(app, report.call_sid(), CallerChoice.NO_DESK)
    return drawn("desk", lambda: greeting.for_caller(app, _caller(app, report)), lambda: documents.greeting(app))


@router.post("/desk/leg")
def desk_leg(report: FromCarrier, app: AppDep) -> Response:
    """The desk's phone was answered: from now on the call is no emergency, even if its end is all we hear."""
    if report["CallStatus"] == CarrierStatus.IN_PROGRESS:
        _remember(app, report.call_sid("ParentCallSid"), CallerChoice.DESK)
    return nothing()


@router.post("/language")
def language(report: FromCarrier, app: AppDep) -> Response:
    """1 for the first language, 2 for the second; any other key is no choice."""
    known, digit = app.context.policy.intake.languages, report["Digits"]
    chosen = known[int(digit) - 1] if digit.isdigit() and 1 <= int(digit) <= len(known) else None
    if chosen:
        _remember(app, report.call_sid(), language=chosen)
    return drawn(
        "language", lambda: greeting.greeting(app, chosen, menus=bool(chosen)), lambda: documents.greeting(app)
    )


@router.post("/choice")
def can_wait(
    report: FromCarrier,
    app: AppDep,
    language: Language = None,
    choice: Choice = None,
    times: Annotated[int, Query(ge=0, le=9)] = 0,
) -> Response:
    """The key that says that it can wait; any other key is none, and the offer is made once more: who has called before
    presses 1 for their language, though it is not asked any more. `choice`: that it is about something else. It counts
    once the caller hears that nobody will be woken: whoever hears the plain greeting instead is called back soon."""

    def words() -> VoiceResponse:
        if report["Digits"] != app.context.policy.intake.can_wait_key:
            offered = times < greeting.WRONG_KEYS
            return greeting.greeting(app, language, menus=offered, choice=choice, times=times + 1)
        waits = CallerChoice.OTHER_WAITS if choice == CallerChoice.OTHER else CallerChoice.WAIT
        said = greeting.can_wait(app, language, waits)
        _remember(app, report.call_sid(), CallerChoice.WAIT)
        return said

    return drawn("choice", words, lambda: documents.greeting(app))


@router.post("/other")
def other(report: FromCarrier, app: AppDep, language: Language = None) -> Response:
    """A caller with an open emergency says that this is something else: it will be an emergency of its own."""
    if report["Digits"] != greeting.OTHER_KEY:
        return drawn("other", lambda: greeting.for_caller(app, _caller(app, report)), lambda: documents.greeting(app))
    _remember(app, report.call_sid(), CallerChoice.OTHER)
    return drawn(
        "other", lambda: greeting.greeting(app, language, choice=CallerChoice.OTHER), lambda: documents.greeting(app)
    )


@router.post("/message")
def message(report: FromCarrier, app: AppDep, language: Language = None, choice: Choice = None) -> Response:
    """The message ended."""
    taken = calls.message_ended(app.context, report, choice)
    heard = report.recording_sid() is not None and report.seconds("RecordingDuration") != 0
    return _thanked(app, report, taken, heard, language)


@router.post("/after")
def after(report: FromCarrier, app: AppDep, language: Language = None, choice: Choice = None) -> Response:
    """The caller stayed on the line but no recording came of it."""
    taken = calls.recording_fell_through(app.context, report, choice)
    return _thanked(app, report, taken, False, language)


@router.post("/number")
def number(
    report: FromCarrier, app: AppDep, language: Language = None, times: Annotated[int, Query(ge=0, le=9)] = 0
) -> Response:
    """The caller keyed in where to call back, or pressed 1 for the number that we see."""
    shown, _ = callers.number_of(app.context, report["From"])
    keyed = report["Digits"]
    wanted = shown if keyed == "1" and shown else normalise(keyed)
    why = why_not_dialled(wanted, app.context.policy.limits.bridge_prefixes)
    if wanted is None or why or wanted == app.context.support_number:
        if times + 1 < NUMBER_ASKED:
            return drawn(
                "number", lambda: greeting.ask_again(app, language, times + 1), lambda: documents.goodbye("goodbye")
            )
        return drawn(
            "number", lambda: greeting.farewell(app, "goodbye", language), lambda: documents.goodbye("goodbye")
        )
    calls.number_keyed(app.context, report, wanted, wanted == shown)
    return drawn(
        "number",
        lambda: greeting.farewell(app, "number-noted", language, wanted),
        lambda: documents.goodbye("goodbye"),
    )


@router.post("/recording")
def recording(report: FromCarrier, app: AppDep, choice: Choice = None) -> Response:
    """The recording is complete, or there is none."""
    calls.recording_reported(app.context, report, choice)
    return nothing()


@router.post("/ended")
def ended(report: FromCarrier, app: AppDep) -> Response:
    """The number's own status callback: the call is over."""
    calls.call_ended(app.context, report)
    return nothing()


def _first_words(app: App, caller: Caller) -> VoiceResponse:
    if caller.is_blocked:
        return greeting.blocked(app, caller.language)
    return greeting.to_desk(app) if _desk_is_open(app) else greeting.for_caller(app, caller)


def _remember(app: App, call_sid: str | None, choice: CallerChoice | None = None, language: str | None = None) -> None:
    """Keeps a choice. Where that fails the call goes on: the next document's address tells it too."""
    try:
        callers.chosen(app.context, call_sid, choice, language)
    except Exception:
        log.error("voice.choice_not_saved", exc_info=True)


def _caller(app: App, report: Report) -> Caller:
    """What is known of the caller; nothing, when that cannot be read now."""
    try:
        return callers.caller(app.context, report["From"])
    except Exception:
        log.error("voice.caller_unreadable", exc_info=True)
        return Caller(None)


def _desk_is_open(app: App) -> bool:
    policy = app.context.policy
    forwards = policy.intake.in_hours == InHours.FORWARD and policy.intake.desk_number
    return bool(forwards) and is_open(policy.support_hours, app.context.clock.now())


def _thanked(app: App, report: Report, taken: Taken | None, heard: bool, language: str | None) -> Response:
    """A repeat of the same request gets the same answer."""
    sid = report.call_sid()

    def words() -> VoiceResponse:
        e = taken.emergency if taken else callers.emergency_of_call(app.context, sid)
        if e is None:
            return greeting.farewell(app, "thanks" if heard else "heard-nothing", language)
        return greeting.after_message(app, e, e.call_sid != sid, heard, language)

    return drawn(
        "message", words, lambda: documents.goodbye("thanks-plain" if heard else "heard-nothing-plain", "goodbye")
    )
