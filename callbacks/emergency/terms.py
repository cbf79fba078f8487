"""What was promised when an emergency opened: the policy's terms, frozen into its first event.

An edit of the policy file never changes an open emergency; who is on call is asked at each step instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from callbacks.policy.model import (
    PUBLISHED,
    Channel,
    ClockStart,
    NoMessage,
    Policy,
    Priority,
    PriorityTimes,
    SupportHours,
)


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One escalation step: `after` counts from the start of its round; `target` is a rotation,
    "supervisors" or "everyone"."""

    after: timedelta
    target: str
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """The frozen promise and escalation policy of one emergency; `rungs` is what the
    ledger calls its steps. `relayed_notes_every` is None where it opened before there was such a rule: then each
    note is passed on alone."""

    callback_within: timedelta
    clock_starts: ClockStart
    contact_after: timedelta
    at_risk_before: timedelta
    nag_before: timedelta
    reopen_before: timedelta
    rungs: tuple[EscalationStep, ...]
    repeat_every: timedelta
    bridge_prefixes: tuple[str, ...]
    timezone: str
    no_message: NoMessage = NoMessage.PAGE
    relayed_notes_every: timedelta | None = None
    hours: SupportHours = PUBLISHED.support_hours
    priorities: Mapping[Priority, PriorityTimes] = field(default_factory=lambda: PUBLISHED.priorities)


def terms_of(policy: Policy) -> Terms:
    """The terms an emergency that opens now would be held to."""
    promise, after = policy.promise, policy.after_acknowledge
    return Terms(
        callback_within=promise.callback_within,
        clock_starts=promise.clock_starts,
        contact_after=promise.contact_after,
        at_risk_before=promise.at_risk_before,
        nag_before=after.nag_before,
        reopen_before=after.reopen_before,
        rungs=tuple(EscalationStep(step.after, step.page, step.by) for step in policy.escalation),
        repeat_every=policy.escalation_repeat.every,
        bridge_prefixes=policy.limits.bridge_prefixes,
        timezone=policy.support_hours.timezone,
        no_message=policy.intake.no_message,
        relayed_notes_every=policy.limits.relayed_notes_every,
        hours=policy.support_hours,
        priorities=policy.priorities,
    )
