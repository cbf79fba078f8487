"""Can this policy keep its promise? Every rule that the published policy's check enforces, as one function each."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from callbacks.lib.phone import NoNumber, is_country, read_number, why_never_dialled
from callbacks.lib.toml import Fault
from callbacks.lib.toml import format_duration as spell
from callbacks.policy.hours import NeverOpen, UnknownCalendar, holidays, open_time_deadline
from callbacks.policy.model import RESERVED, Channel, ClockStart, Policy, ReactionClock, Step

NOTHING = timedelta()
ANY_YEAR = 2026
ANY_INSTANT = datetime(ANY_YEAR, 1, 1, tzinfo=UTC)


class UnknownRotation(Fault):
    """A step pages what the roster does not have: the policy may be right in itself."""


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The worst case: the longest message, then every step unanswered until the last one rings.

    `rings`: (time since the clock started, whom, channels); `left`: what then remains of the promise.
    """

    rings: tuple[tuple[timedelta, str, tuple[Channel, ...]], ...]
    left: timedelta


def worst_case(policy: Policy) -> WorstCase:
    """How late each step rings when the caller speaks as long as allowed and nobody answers."""
    talk = policy.intake.max_message if policy.promise.clock_starts == ClockStart.CALL else NOTHING
    rings = tuple((talk + step.after, step.page, step.by) for step in policy.escalation)
    return WorstCase(rings, policy.promise.callback_within - max((at for at, _, _ in rings), default=NOTHING))


def lint(policy: Policy, rotations: Collection[str] | None) -> list[Fault]:
    """Every fault; empty when the policy can keep its promise. `rotations` None: names are not checked."""
    found = [fault for rule in RULES for fault in rule(policy)]
    return found + (list(_unknown_rotations(policy, rotations)) if rotations is not None else [])


def _promise(p: Policy) -> Iterator[Fault]:
    promise = p.promise
    if promise.callback_within <= NOTHING:
        yield _fault(
            "promise.callback_within", promise.callback_within, "must be greater than zero", 'use a time such as "30m"'
        )
    if not NOTHING < promise.at_risk_before < promise.callback_within:
        yield _fault(
            "promise.at_risk_before",
            promise.at_risk_before,
            "is not within the promise",
            f"use more than 0s and less than {spell(promise.callback_within)}",
        )


def _order(p: Policy) -> Iterator[Fault]:
    for n, (before, step) in enumerate(pairwise(p.escalation), 2):
        if step.after < before.after:
            yield _fault(
                f"escalation[{n}].after",
                step.after,
                "comes before the step above it",
                f"use {spell(before.after)} or more, or move the step",
            )


def _repeats(p: Policy) -> Iterator[Fault]:
    for n, step in enumerate(p.escalation, 1):
        twin = next((m for m, other in enumerate(p.escalation[: n - 1], 1) if _same(step, other)), None)
        if twin:
            yield Fault(f"escalation[{n}]", step.page, f"repeats escalation[{twin}]", "remove one of the two")


def _same(a: Step, b: Step) -> bool:
    return (a.after, a.page, frozenset(a.by)) == (b.after, b.page, frozenset(b.by))


def _channels(p: Policy) -> Iterator[Fault]:
    for n, step in enumerate(p.escalation, 1):
        if len(set(step.by)) < len(step.by):
            yield Fault(
                f"escalation[{n}].by", repr([*map(str, step.by)]), "names a channel twice", "name each channel once"
            )


def _in_time(p: Policy) -> Iterator[Fault]:
    promise = p.promise
    for n, step in enumerate(p.escalation, 1):
        if step.after >= promise.callback_within:
            yield _fault(
                f"escalation[{n}].after",
                step.after,
                "is at or after the deadline",
                f"use less than {spell(promise.callback_within)}",
            )


def _worst(p: Policy) -> Iterator[Fault]:
    rings = worst_case(p).rings
    if not rings:
        yield Fault("escalation", "nothing", "pages nobody", "add at least one step")
        return
    latest, allowed = max(at for at, _, _ in rings), p.promise.callback_within - p.promise.at_risk_before
    if latest > allowed:
        talk = f"{spell(p.intake.max_message)} of message and " if p.promise.clock_starts == ClockStart.CALL else ""
        last = max(step.after for step in p.escalation)
        yield _fault(
            f"escalation[{len(p.escalation)}].after",
            last,
            f"lets the last step ring {spell(latest)} after the clock starts ({talk}{spell(last)} of steps)",
            f"no more than {spell(max(allowed, NOTHING))} is left before supervisors are told: "
            "use earlier steps, a shorter intake.max_message or a longer promise",
        )


def _repeat_every(p: Policy) -> Iterator[Fault]:
    if p.escalation_repeat.every <= NOTHING:
        yield _fault(
            "escalation_repeat.every", p.escalation_repeat.every, "must be greater than zero", 'use a time such as "4m"'
        )


def _after(p: Policy) -> Iterator[Fault]:
    after, within = p.after_acknowledge, p.promise.callback_within
    for name, value in (("nag_before", after.nag_before), ("reopen_before", after.reopen_before)):
        if not NOTHING < value < within:
            yield _fault(
                f"after_acknowledge.{name}",
                value,
                "is not within the promise",
                f"use more than 0s and less than {spell(within)}",
            )
    if after.nag_before <= after.reopen_before:
        yield _fault(
            "after_acknowledge.nag_before",
            after.nag_before,
            "leaves no time between the reminder and reopening",
            f"use more than reopen_before, which is {spell(after.reopen_before)}",
        )


def _limits(p: Policy) -> Iterator[Fault]:
    every = p.limits.relayed_notes_every
    if every <= NOTHING:
        yield _fault("limits.relayed_notes_every", every, "must be greater than zero", 'use a time such as "5m"')


def _message(p: Policy) -> Iterator[Fault]:
    if p.intake.max_message <= NOTHING:
        yield _fault("intake.max_message", p.intake.max_message, "must be greater than zero", 'use a time such as "5m"')


def _priorities(p: Policy) -> Iterator[Fault]:
    for name, priority in p.priorities.items():
        if priority.react_within <= NOTHING:
            yield _fault(
                f"priorities.{name}.react_within",
                priority.react_within,
                "must be greater than zero",
                "use more than 0s",
            )
        if priority.react_within > priority.resolve_within:
            yield _fault(
                f"priorities.{name}.react_within",
                priority.react_within,
                "is longer than resolve_within",
                f"use {spell(priority.resolve_within)} or less",
            )


def _desk(p: Policy) -> Iterator[Fault]:
    number = p.intake.desk_number
    found = read_number(number) if number else number
    if isinstance(found, NoNumber):
        yield Fault("intake.desk_number", repr(number), found.problem, found.fix)
    elif number and why_never_dialled(number):
        yield Fault(
            "intake.desk_number",
            repr(number),
            "is a premium or service number, which is never dialled",
            "use an ordinary number",
        )


def _prefixes(p: Policy) -> Iterator[Fault]:
    for prefix in p.limits.bridge_prefixes:
        if not is_country(prefix):
            yield Fault(
                "limits.bridge_prefixes",
                repr(prefix),
                "does not start with a country code",
                'use one such as "+1" or "+33"',
            )


def _hours(p: Policy) -> Iterator[Fault]:
    hours = p.support_hours
    if hours.open >= hours.close:
        yield Fault(
            "support_hours.open",
            f"{hours.open:%H:%M}",
            f"is not before close, which is {hours.closes}",
            'use an opening time before the closing time of the same day; "24:00" is its end',
        )
    if len(set(hours.days)) < len(hours.days):
        yield Fault("support_hours.days", repr([*map(str, hours.days)]), "names a day twice", "name each day once")
    for day in sorted(set(hours.open_on) & set(hours.closed_on)):
        yield Fault("support_hours.open_on", str(day), "is also in closed_on", "keep it in one of the two")
    yield from _calendar(hours.holidays)
    if not hours.days:
        yield Fault("support_hours.days", "[]", "leaves no open day", "name at least one day")


def _never(p: Policy) -> Iterator[Fault]:
    """What can wait has its deadline in open time: callers are told it, so it must come. Single dates do not count,
    they pass."""
    usual = replace(p.support_hours, open_on=())
    if not p.intake.can_wait_key or not usual.days or any(True for _ in _calendar(usual.holidays)):
        return
    for name, priority in p.priorities.items():
        if priority.clock != ReactionClock.BUSINESS:
            continue
        try:
            open_time_deadline(usual, ANY_INSTANT, priority.react_within)
        except NeverOpen:
            yield _fault(
                f"priorities.{name}.react_within",
                priority.react_within,
                "is more open time than these support hours have in ten years",
                "use a shorter time or longer hours",
            )


def _calendar(name: str) -> Iterator[Fault]:
    try:
        found: Collection[date] = holidays(name, ANY_YEAR)
    except UnknownCalendar as error:
        yield Fault("support_hours.holidays", repr(name), "is not a known calendar", str(error))
    else:
        if name and not found:
            yield Fault("support_hours.holidays", repr(name), "has no holidays", 'use "" for none')


def _unknown_rotations(p: Policy, rotations: Collection[str]) -> Iterator[Fault]:
    known = sorted({*rotations, *RESERVED})
    for n, step in enumerate(p.escalation, 1):
        if step.page not in known:
            yield UnknownRotation(
                f"escalation[{n}].page",
                repr(step.page),
                "is not a rotation of the roster",
                f"use one of {', '.join(known)}",
            )


def _fault(key: str, value: timedelta, problem: str, fix: str) -> Fault:
    return Fault(key, f'"{spell(value)}"', problem, fix)


RULES: tuple[Callable[[Policy], Iterator[Fault]], ...] = (
    _promise,
    _message,
    _in_time,
    _order,
    _repeats,
    _channels,
    _worst,
    _repeat_every,
    _after,
    _priorities,
    _desk,
    _prefixes,
    _hours,
    _never,
    _limits,
)
