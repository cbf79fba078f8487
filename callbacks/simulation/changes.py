"""Single changes of a policy or roster that may raise how often the promise is kept; only those that pass the lint."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from callbacks.oncall.roster import Roster, Rotation
from callbacks.policy.lint import lint
from callbacks.policy.model import AfterAcknowledge, Policy, Step

MINUTE = timedelta(minutes=1)
BOTH = ("sms", "voice")


@dataclass(frozen=True)
class Change:
    """`what`: one line that says it to a person."""

    name: str
    what: str
    policy: Policy
    roster: Roster


def changes_to(policy: Policy, roster: Roster) -> Iterator[Change]:
    """Each change that can be made here and would change something."""
    for name, what, change in CHANGES:
        other = change(policy, roster)
        if other == (policy, roster) or lint(other[0], None):
            continue
        yield Change(name, what, *other)


def _voice_at_once(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    if not policy.escalation:
        return policy, roster
    first = replace(policy.escalation[0], by=BOTH)
    rest = [s for s in policy.escalation[1:] if not (s.page == first.page and s.by == ("voice",))]
    return replace(policy, escalation=(first, *rest)), roster


def _sooner(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    steps = tuple(replace(step, after=step.after / 2) for step in policy.escalation)
    return replace(policy, escalation=steps), roster


def _backup_at_once(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    """Whoever comes second is paged a minute after the first."""
    if not policy.escalation:
        return policy, roster
    first = policy.escalation[0].page
    later = next((s for s in policy.escalation if s.page not in (first, "supervisors", "everyone")), None)
    if later is None or later.after <= MINUTE:
        return policy, roster
    rest = [s for s in policy.escalation if s is not later]
    steps = sorted([*rest, replace(later, after=MINUTE)], key=lambda s: s.after)
    return replace(policy, escalation=tuple(steps)), roster


def _everyone(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    """A last step to everybody, two minutes behind the last one."""
    if not policy.escalation or any(step.page == "everyone" for step in policy.escalation):
        return policy, roster
    last = policy.escalation[-1].after + 2 * MINUTE
    return replace(policy, escalation=(*policy.escalation, Step(last, "everyone", BOTH))), roster


def _second_backup(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    """A rotation of its own, whose turns are one person behind the second's."""
    named = [s.page for s in policy.escalation if roster.rotation(s.page)]
    base = roster.rotation(named[-1]) if named else None
    if base is None or len(set(base.members)) < 3:
        return policy, roster
    step = next(s for s in policy.escalation if s.page == base.name)
    other = replace(base, name="second-backup", members=(*base.members[1:], base.members[0]))
    steps = sorted([*policy.escalation, Step(step.after + MINUTE, other.name, BOTH)], key=lambda s: s.after)
    return replace(policy, escalation=tuple(steps)), replace(roster, rotations=(*roster.rotations, other))


def _oftener(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    return replace(policy, repeat_every=max(MINUTE, policy.repeat_every / 2)), roster


def _shorter_leash(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    """Whoever has it and tries nothing is reminded and relieved five minutes sooner."""
    now = policy.after_acknowledge
    sooner = AfterAcknowledge(now.nag_before + 5 * MINUTE, now.reopen_before + 5 * MINUTE)
    return replace(policy, after_acknowledge=sooner), roster


def _no_gaps(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    """Every rotation of the ladder has somebody at every hour."""
    named = {step.page for step in policy.escalation}
    rotations = tuple(_always(r) if r.name in named else r for r in roster.rotations)
    overrides = tuple(o for o in roster.overrides if o.technician)
    return policy, replace(roster, rotations=rotations, overrides=overrides)


def _always(rotation: Rotation) -> Rotation:
    return replace(rotation, active=())


def _all_channels(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    people = tuple(replace(p, sms=True, voice=True) for p in roster.technicians)
    return policy, replace(roster, technicians=people)


CHANGES: tuple[tuple[str, str, Callable[[Policy, Roster], tuple[Policy, Roster]]], ...] = (
    ("voice-at-once", "the first step rings as well as texts", _voice_at_once),
    ("steps-sooner", "every step comes in half its time", _sooner),
    ("backup-sooner", "the second rotation is paged after one minute", _backup_at_once),
    ("everyone-at-last", "everybody is paged after the last step", _everyone),
    ("second-backup", "one more rotation, a minute behind the last", _second_backup),
    ("repeat-oftener", "the ladder begins again in half the time", _oftener),
    ("shorter-leash", "an idle owner is relieved five minutes sooner", _shorter_leash),
    ("no-gaps", "every rotation has somebody at every hour", _no_gaps),
    ("all-channels", "every technician's phone takes texts and calls", _all_channels),
)
