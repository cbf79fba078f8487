"""The customer's call: greeting, menus, message, number, and the carrier's reports of what became of it."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Query, Response
from twilio.twiml.voice_response import VoiceResponse

from app.runtime import App, AppDep
from app.twilio import documents
from app.twilio.documents import drawn
from app.twilio.requests import FromCarrier, nothing
from callbacks.delivery.delivery_policy import CallerChoice, CarrierStatus
from callbacks.emergency import promise
from callbacks.emergency.model import Emergency
from callbacks.engine.intake import callers, calls
from callbacks.engine.intake.callers import Caller
from callbacks.engine.intake.handle import Taken
from callbacks.lib.phone import normalise, why_not_dialled
from callbacks.messages import wording
from callbacks.policy.hours import is_open
from callbacks.policy.model import InHours, Priority
from callbacks.telephony import twiml
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
    return drawn("desk", lambda: for_caller(app, _caller(app, report)), lambda: documents.greeting(app))


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
    return drawn("language", lambda: greeting(app, chosen, menus=bool(chosen)), lambda: documents.greeting(app))


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
            offered = times < WRONG_KEYS
            return greeting(app, language, menus=offered, choice=choice, times=times + 1)
        waits = CallerChoice.OTHER_WAITS if choice == CallerChoice.OTHER else CallerChoice.WAIT
        said = may_wait(app, language, waits)
        _remember(app, report.call_sid(), CallerChoice.WAIT)
        return said

    return drawn("choice", words, lambda: documents.greeting(app))


@router.post("/other")
def other(report: FromCarrier, app: AppDep, language: Language = None) -> Response:
    """A caller with an open emergency says that this is something else: it will be an emergency of its own."""
    if report["Digits"] != OTHER_KEY:
        return drawn("other", lambda: for_caller(app, _caller(app, report)), lambda: documents.greeting(app))
    _remember(app, report.call_sid(), CallerChoice.OTHER)
    return drawn("other", lambda: greeting(app, language, choice=CallerChoice.OTHER), lambda: documents.greeting(app))


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
            return drawn("number", lambda: ask_again(app, language, times + 1), lambda: documents.goodbye("goodbye"))
        return drawn("number", lambda: farewell(app, "goodbye", language), lambda: documents.goodbye("goodbye"))
    calls.number_keyed(app.context, report, wanted, wanted == shown)
    return drawn(
        "number",
        lambda: farewell(app, "number-noted", language, wanted),
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
        return blocked(app, caller.language)
    return to_desk(app) if _desk_is_open(app) else for_caller(app, caller)


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
            return farewell(app, "thanks" if heard else "heard-nothing", language)
        return after_message(app, e, e.call_sid != sid, heard, language)

    return drawn(
        "message", words, lambda: documents.goodbye("thanks-plain" if heard else "heard-nothing-plain", "goodbye")
    )


# What a caller hears, as documents: every way leads to the message, and no key is needed for it.
#
# - The first language menu is given only to callers who have not chosen before; who presses nothing hears both.
# - A greeting never needs the database: when nothing can be read, the plain one is given.

OTHER_KEY = "2"
WRONG_KEYS = 1  # so often what can wait is offered once more
DESK_RINGS = 20


def languages(app: App, chosen: str | None) -> tuple[str, ...]:
    """The chosen one, else all that the policy has, in its order."""
    known = app.context.policy.intake.languages
    return (chosen,) if chosen in known else known


def for_caller(app: App, caller: Caller) -> VoiceResponse:
    """The first words of a call that nobody answers at a desk."""
    if caller.waiting_for:
        return again(app, caller.waiting_for)
    return greeting(app, caller.language)


def greeting(
    app: App, chosen: str | None = None, *, menus: bool = True, choice: str | None = None, times: int = 0
) -> VoiceResponse:
    """Who we are, what to leave, what is promised; with the keys for language and for what can wait. `times`: how often
    a key that is none was pressed to it."""
    policy = app.context.policy
    intake, spoken = policy.intake, languages(app, chosen)
    intro = "greeting-open" if is_open(policy.support_hours, app.context.clock.now()) else "greeting-closed"
    slugs = [intro, "greeting-ask"]
    if not menus or not intake.can_wait_key:
        whole: twiml.Menu | list[twiml.Said] = said(app, slugs, spoken)
    else:
        words = said(app, [*slugs, "greeting-wait"], spoken, key=" ".join(intake.can_wait_key))
        whole = twiml.Menu(words, _url(app, "choice", language=chosen, choice=choice, times=times))
    languages_menu = [_language_menu(app, spoken)] if menus and len(spoken) > 1 else []
    return _message(app, [*languages_menu, whole], chosen, choice)


def may_wait(app: App, chosen: str | None, choice: str) -> VoiceResponse:
    """The caller says that it can wait: nobody is woken, and the deadline is in business hours."""
    policy = app.context.policy
    due = promise.reaction_due(policy.priorities[Priority.P3], policy.support_hours, app.context.clock.now())
    zone = policy.support_hours.timezone
    words = [
        (language, wording.text("greeting-can-wait", language, due=wording.spoken_day(due, zone, language)))
        for language in languages(app, chosen)
    ]
    return _message(app, [words], chosen, choice)


def again(app: App, e: Emergency) -> VoiceResponse:
    """The same caller while their emergency is open: how it stands; a message joins it."""
    language = e.language
    status = wording.text("again-owned" if e.owner else "again-paged", language)
    slug = "greeting-again-late" if e.deadline_passed_at else "greeting-again"
    words = wording.text(
        slug, language, ref=wording.spoken_ref(e.ref), status=status, due=wording.spoken_due(e, language), key=OTHER_KEY
    )
    return _message(app, [twiml.Menu([(language, words)], _url(app, "other", language=language))], language)


def after_message(app: App, e: Emergency, joined: bool, heard: bool, chosen: str | None) -> VoiceResponse:
    """Thanks first; then the number is confirmed, or another is asked for: it is withheld, or never dialled."""
    spoken = languages(app, chosen)
    words = said(app, [_thanks(e, joined, heard)], spoken, due=e)
    goodbye = said(app, ["goodbye"], spoken)
    if e.excluded_at or (promise.no_message_recorded(e) and not heard):
        return twiml.goodbye([*words, *goodbye])
    if e.number is None:
        return ask_number(app, words, "ask-number", chosen)
    if why_not_dialled(e.number, e.terms.bridge_prefixes):
        return ask_number(app, words, "ask-other-number", chosen)
    if joined:
        return twiml.goodbye([*words, *goodbye])
    return ask_number(app, words, "confirm-number", chosen, e.number)


def ask_number(
    app: App, first: Sequence[twiml.Said], slug: str, chosen: str | None, number: str | None = None, times: int = 0
) -> VoiceResponse:
    """Key in another number, or nothing at all."""
    spoken = languages(app, chosen)
    ask = said(app, [slug], spoken, number=number)
    url = _url(app, "number", language=chosen, times=times)
    return twiml.ask_number([*first, *ask], url, said(app, ["goodbye"], spoken))


def ask_again(app: App, chosen: str | None, times: int) -> VoiceResponse:
    """What was keyed in is no number that we dial."""
    wrong = said(app, ["number-wrong"], languages(app, chosen))
    return ask_number(app, wrong, "ask-number-again", chosen, times=times)


def farewell(app: App, slug: str, chosen: str | None, number: str | None = None) -> VoiceResponse:
    """Last words."""
    spoken = languages(app, chosen)
    return twiml.goodbye([*said(app, [slug], spoken, number=number), *said(app, ["goodbye"], spoken)])


def blocked(app: App, chosen: str | None) -> VoiceResponse:
    return twiml.goodbye(said(app, ["blocked"], languages(app, chosen)))


def to_desk(app: App) -> VoiceResponse:
    """In support hours: the desk's phone rings first."""
    return twiml.forward(app.context.policy.intake.desk_number, _url(app, "desk"), _url(app, "desk/leg"), DESK_RINGS)


def said(
    app: App,
    slugs: Sequence[str],
    spoken: Sequence[str],
    *,
    key: str = "",
    number: str | None = None,
    due: Emergency | None = None,
) -> list[twiml.Said]:
    """Sentences in each language in turn."""
    within = app.context.policy.promise.callback_within
    found = []
    for language in spoken:
        facts = {
            "promise": wording.promise_length(within, language),
            "key": key,
            "number": wording.spoken_number(number, language) if number else "",
            "due": wording.spoken_due(due, language) if due else "",
        }
        found.append((language, " ".join(wording.text(slug, language, **facts) for slug in slugs)))
    return found


def _thanks(e: Emergency, joined: bool, heard: bool) -> str:
    late = "late" if e.deadline_passed_at else "due"
    if not heard and promise.no_message_recorded(e):
        return "heard-nothing-kept"
    if not heard:
        return f"heard-nothing-{late}" if joined or e.can_wait else "heard-nothing"
    if joined:
        return "thanks-added-late" if e.deadline_passed_at else "thanks-added"
    return "thanks-wait" if e.can_wait else "thanks"


def _language_menu(app: App, spoken: Sequence[str]) -> twiml.Menu:
    words = [(x, wording.text("menu-language", x, key=str(n))) for n, x in enumerate(spoken, 1)]
    return twiml.Menu(words, _url(app, "language"))


def _message(
    app: App, parts: Sequence[twiml.Menu | Sequence[twiml.Said]], chosen: str | None, choice: str | None = None
) -> VoiceResponse:
    return twiml.message(
        parts,
        action=_url(app, "message", language=chosen, choice=choice),
        status_url=_url(app, "recording", choice=choice),
        after=_url(app, "after", language=chosen, choice=choice),
        longest=int(app.context.policy.intake.max_message.total_seconds()),
    )


def _url(app: App, part: str, **query: object) -> str:
    known = urlencode({name: value for name, value in query.items() if value})
    return app.settings.url(f"/twilio/voice/{part}") + (f"?{known}" if known else "")
