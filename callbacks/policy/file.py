"""The policy file: TOML laid over the published policy. What a file leaves out is as published.

A table may be given in part; `[[escalation]]` replaces the published escalation policy as a whole.
"""

from dataclasses import replace
from datetime import time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter

from callbacks.lib.sentence import Language
from callbacks.lib.toml import Clock, Day, Duration, OneOf, Table, Zone, clock, parse
from callbacks.policy.model import (
    END_OF_DAY,
    PUBLISHED,
    AfterAcknowledge,
    Channel,
    ClockStart,
    Coverage,
    InHours,
    Intake,
    Limits,
    NoMessage,
    Policy,
    Priority,
    PriorityTimes,
    ReactionClock,
    Step,
    SupportHours,
    Weekday,
)


def _prefix(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith("+") or not value[1:].isdigit():
        raise ValueError('use a country prefix such as "+1"')
    return value


def _close(value: Any) -> time:
    return END_OF_DAY if value == "24:00" else clock(value)


class _Promise(Table):
    callback_within: Duration | None = None
    clock_starts: OneOf[ClockStart] | None = None
    contact_after: Duration | None = None
    at_risk_before: Duration | None = None


class _Hours(Table):
    timezone: Zone | None = None
    open: Clock | None = None
    close: Annotated[time, BeforeValidator(_close)] | None = None
    days: list[OneOf[Weekday]] | None = None
    holidays: str | None = None
    closed_on: list[Day] | None = None
    open_on: list[Day] | None = None


class _Intake(Table):
    in_hours: OneOf[InHours] | None = None
    desk_number: Annotated[str, Field(pattern=r"^(\+[1-9]\d{7,14})?$")] | None = None
    languages: Annotated[list[OneOf[Language]], Field(min_length=1)] | None = None
    can_wait_key: Annotated[str, Field(pattern=r"^[0-9*]?$")] | None = None
    max_message: Duration | None = None
    no_message: OneOf[NoMessage] | None = None
    same_caller_within: Duration | None = None


class _Step(Table):
    after: Duration
    page: Annotated[str, Field(min_length=1)]
    by: Annotated[list[OneOf[Channel]], Field(min_length=1)]


class _Repeat(Table):
    every: Duration | None = None


class _After(Table):
    nag_before: Duration | None = None
    reopen_before: Duration | None = None


class _Limits(Table):
    pages_per_technician_per_minute: Annotated[int, Field(ge=1)] | None = None
    bridge_prefixes: list[Annotated[str, BeforeValidator(_prefix)]] | None = None
    bridges_per_day: Annotated[int, Field(ge=1)] | None = None
    texts_per_customer_per_day: Annotated[int, Field(ge=1)] | None = None
    customer_texts_per_hour: Annotated[int, Field(ge=1)] | None = None
    relayed_notes_every: Duration | None = None


class _Priority(Table):
    react_within: Duration | None = None
    resolve_within: Duration | None = None
    clock: OneOf[ReactionClock] | None = None


class _Priorities(Table):
    P1: _Priority = _Priority()
    P2: _Priority = _Priority()
    P3: _Priority = _Priority()


class _Coverage(Table):
    products: list[str] | None = None
    dependencies: list[str] | None = None
    outside: list[str] | None = None


class _Retention(Table):
    audio: Duration | None = None
    words: Duration | None = None


class _Drills(Table):
    day: Annotated[OneOf[Weekday] | None, BeforeValidator(lambda day: None if day == "" else day)] = None
    at: Clock | None = None


class _File(Table):
    promise: _Promise = _Promise()
    support_hours: _Hours = _Hours()
    intake: _Intake = _Intake()
    escalation: Annotated[list[_Step], Field(min_length=1)] | None = None
    escalation_repeat: _Repeat = _Repeat()
    after_acknowledge: _After = _After()
    limits: _Limits = _Limits()
    priorities: _Priorities = _Priorities()
    coverage: _Coverage = _Coverage()
    retention: _Retention = _Retention()
    drills: _Drills = _Drills()


def read_policy(text: str) -> Policy:
    """The policy a TOML text describes. Raises FaultyFile with every fault found."""
    file = parse(TypeAdapter(_File), text)
    steps = tuple(Step(s.after, s.page, tuple(s.by)) for s in file.escalation) if file.escalation else None
    repeat = file.escalation_repeat.every
    hours: SupportHours = _over(PUBLISHED.support_hours, file.support_hours)
    intake: Intake = _over(PUBLISHED.intake, file.intake)
    after: AfterAcknowledge = _over(PUBLISHED.after_acknowledge, file.after_acknowledge)
    limits: Limits = _over(PUBLISHED.limits, file.limits)
    coverage: Coverage = _over(PUBLISHED.coverage, file.coverage)
    return Policy(
        promise=_over(PUBLISHED.promise, file.promise),
        support_hours=hours,
        intake=intake,
        escalation=steps or PUBLISHED.escalation,
        repeat_every=PUBLISHED.repeat_every if repeat is None else repeat,
        after_acknowledge=after,
        limits=limits,
        priorities=_priorities(file.priorities),
        coverage=coverage,
        retention=_over(PUBLISHED.retention, file.retention),
        drills=_over(PUBLISHED.drills, file.drills),
    )


def _over(published: Any, table: Table) -> Any:
    """The published values with those of the table laid over them; lists become tuples."""
    given = {k: v for k, v in table if v is not None}
    return replace(published, **{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()})


def _priorities(table: _Priorities) -> dict[Priority, PriorityTimes]:
    return {Priority(name): _over(PUBLISHED.priorities[Priority(name)], given) for name, given in table}
