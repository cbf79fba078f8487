"""What a caller hears, as documents: every way leads to the message, and no key is needed for it.

- The first language menu is given only to callers who have not chosen before; who presses nothing hears both.
- A greeting never needs the database: when nothing can be read, the plain one is given.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from twilio.twiml.voice_response import VoiceResponse

from app.runtime import App
from callbacks.emergency import promise
from callbacks.emergency.model import Emergency
from callbacks.engine.intake.callers import Caller
from callbacks.lib.phone import why_not_dialled
from callbacks.messages import wording
from callbacks.policy.hours import is_open
from callbacks.policy.model import Priority
from callbacks.telephony import twiml

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


def can_wait(app: App, chosen: str | None, choice: str) -> VoiceResponse:
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
