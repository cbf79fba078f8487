"""The policy in plain words, in the page's language: what customers were promised and how it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from babel.dates import get_day_names
from babel.units import format_unit

from app.web.base.language import say, say_n
from callbacks.lib.sentence import Language
from callbacks.lib.toml import Fault
from callbacks.policy.lint import UnknownRotation, WorstCase
from callbacks.policy.model import (
    RESERVED,
    WEEKDAYS,
    Channel,
    ClockStart,
    InHours,
    NoMessage,
    Policy,
    ReactionClock,
    Step,
    Weekday,
)

UNITS = (("duration-hour", 3600), ("duration-minute", 60), ("duration-second", 1))
CHANNELS = {Channel.SMS: "text", Channel.VOICE: "call"}
LANGUAGES = {Language.EN: "English", Language.FR: "French"}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as a row: `after` the opening, whom and how; `worst` is when it rings if all goes slowly."""

    after: str
    page: str
    by: str
    worst: str


def length(language: str, span: timedelta) -> str:
    """1 hour 30 minutes."""
    left, found = int(span.total_seconds()), []
    for unit, size in UNITS:
        n, left = divmod(left, size)
        if n:
            found.append(format_unit(n, unit, locale=language))
    return " ".join(found) or format_unit(0, UNITS[-1][0], locale=language)


def weekday(language: str, day: Weekday) -> str:
    """mon -> Monday."""
    return str(get_day_names("wide", locale=language)[WEEKDAYS.index(day)])


def promise(p: Policy, language: str) -> Iterator[str]:
    within, talk = length(language, p.promise.callback_within), length(language, p.promise.contact_after)
    yield say(language, "A person calls back within %(within)s.", within=within)
    if p.promise.clock_starts == ClockStart.CALL:
        yield say(language, "The clock starts when the call starts.")
    else:
        yield say(language, "The clock starts when the message ends.")
    yield say(language, "A bridged call of %(talk)s or more counts as a conversation.", talk=talk)
    risk = length(language, p.promise.at_risk_before)
    yield say(language, "Supervisors are told %(risk)s before the deadline if no attempt was made.", risk=risk)


def hours(p: Policy, language: str) -> Iterator[str]:
    h = p.support_hours
    days = ", ".join(weekday(language, day) for day in h.days)
    times = {"opens": f"{h.open:%H:%M}", "closes": h.closes, "zone": h.timezone}
    yield say(language, "Open from %(opens)s to %(closes)s (%(zone)s): %(days)s.", days=days, **times)
    if h.holidays == "CA-QC":
        yield say(language, "Closed on the statutory holidays of Québec.")
    elif h.holidays:
        yield say(language, "Closed on the holidays of %(calendar)s.", calendar=h.holidays)
    else:
        yield say(language, "Open on holidays too.")
    if h.closed_on:
        yield say(language, "Also closed on %(dates)s.", dates=", ".join(map(str, h.closed_on)))
    if h.open_on:
        yield say(language, "Open on %(dates)s despite the holiday.", dates=", ".join(map(str, h.open_on)))


def intake(p: Policy, language: str) -> Iterator[str]:
    i = p.intake
    if i.in_hours == InHours.FORWARD and i.desk_number:
        yield say(
            language,
            "During support hours the desk (%(number)s) rings first; if nobody answers, a message is taken.",
            number=i.desk_number,
        )
    elif i.in_hours == InHours.FORWARD:
        yield say(language, "No desk number is set, so a message is taken during support hours too.")
    else:
        yield say(language, "During support hours a message is taken too.")
    spoken = ", ".join(say(language, LANGUAGES[name]) for name in i.languages)
    yield say(language, "Callers hear: %(spoken)s.", spoken=spoken)
    if i.can_wait_key:
        yield say(language, "Key %(key)s means it can wait: a P3 that wakes nobody.", key=i.can_wait_key)
    yield say(language, "A message may last %(longest)s.", longest=length(language, i.max_message))
    if i.no_message == NoMessage.PAGE:
        yield say(language, "A call without a message is paged too.")
    else:
        yield say(language, "A call without a message is kept and nobody is paged.")
    again = length(language, i.same_caller_within)
    yield say(language, "A new call within %(again)s joins the caller's open emergency.", again=again)


def after(p: Policy, language: str) -> Iterator[str]:
    yield say(
        language,
        "The escalation repeats %(every)s after its last step, until somebody acknowledges.",
        every=length(language, p.escalation_repeat.every),
    )
    yield say(
        language,
        "The owner is reminded %(nag)s before the deadline if they have not tried.",
        nag=length(language, p.after_acknowledge.nag_before),
    )
    yield say(
        language,
        "%(back)s before the deadline it is taken back and others are paged.",
        back=length(language, p.after_acknowledge.reopen_before),
    )
    yield say_n(
        language,
        "At most %(n)s page per person and minute.",
        "At most %(n)s pages per person and minute.",
        p.limits.pages_per_technician_per_minute,
    )
    prefixes = ", ".join(p.limits.bridge_prefixes)
    yield say(language, "Callbacks may dial numbers that begin with %(prefixes)s.", prefixes=prefixes)
    yield from texts(p, language)
    yield drills(p, language)


def texts(p: Policy, language: str) -> Iterator[str]:
    limits = p.limits
    yield say(
        language,
        "A customer's first note reaches the technician at once; later ones arrive together, at most every %(every)s.",
        every=length(language, limits.relayed_notes_every),
    )
    yield say_n(
        language,
        "At most %(n)s text a day to one customer.",
        "At most %(n)s texts a day to one customer.",
        limits.texts_per_customer_per_day,
    )
    yield say_n(
        language,
        "At most %(n)s text an hour to all customers together.",
        "At most %(n)s texts an hour to all customers together.",
        limits.customer_texts_per_hour,
    )


def drills(p: Policy, language: str) -> str:
    if not p.drills.day:
        return say(language, "No scheduled drills: set a day in the policy.")
    day = weekday(language, p.drills.day)
    words = (
        "Every technician gets a drill on %(day)s at %(at)s (%(zone)s), one after another, unless a customer is "
        "waiting."
    )
    return say(language, words, day=day, at=f"{p.drills.at:%H:%M}", zone=p.support_hours.timezone)


def coverage(p: Policy, language: str) -> Iterator[str]:
    c = p.coverage
    yield say(language, "Covered: %(names)s.", names=", ".join(c.products))
    if c.dependencies:
        yield say(language, "And what they directly depend on: %(names)s.", names=", ".join(c.dependencies))
    if c.outside:
        yield say(language, "Advice only: %(names)s.", names=", ".join(say(language, name) for name in c.outside))


def step_rows(p: Policy, worst: WorstCase, language: str) -> list[StepRow]:
    """The escalation steps, in order."""
    return [_step_row(step, at, language) for step, (at, _, _) in zip(p.escalation, worst.rings, strict=True)]


def priorities(p: Policy, language: str) -> list[tuple[str, str, str, str]]:
    """(name, react within, clock, resolve within) of each."""
    clocks = {
        ReactionClock.ALWAYS: say(language, "at any hour"),
        ReactionClock.BUSINESS: say(language, "in support hours"),
    }
    return [
        (name, length(language, x.react_within), clocks[x.clock], length(language, x.resolve_within))
        for name, x in p.priorities.items()
    ]


def fault(found: Fault, known: str, language: str) -> str:
    """What is wrong. A policy that is faulty in itself cannot be running; the roster may not fit it, though."""
    if not isinstance(found, UnknownRotation):
        return str(found)
    name = found.value.strip("'\"")
    return say(
        language,
        "The escalation policy pages “%(name)s”, which is not a rotation of the roster; it has %(known)s.",
        name=name,
        known=known,
    )


def _step_row(step: Step, worst: timedelta, language: str) -> StepRow:
    whom = say(language, step.page) if step.page in RESERVED else step.page
    how = ", ".join(say(language, CHANNELS[channel]) for channel in step.by)
    after = length(language, step.after) if step.after else say(language, "at once")
    return StepRow(after, whom, how, length(language, worst))
