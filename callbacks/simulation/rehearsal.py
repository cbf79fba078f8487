"""How often would this policy with this roster keep its promise? One caller a night, at a time when the desk is closed;
modelled or learnt people, an ordinary carrier; and which single change would help most, on the very same nights."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median

from callbacks.emergency import events as ev
from callbacks.emergency import promise
from callbacks.emergency.model import Outcome
from callbacks.oncall.roster import Roster, Rotation
from callbacks.policy.hours import is_open
from callbacks.policy.lint import lint
from callbacks.policy.model import EVERYONE, RESERVED, AfterAcknowledge, Channel, EscalationRepeat, Policy, Step
from callbacks.simulation.campaign import wilson
from callbacks.simulation.faults import Chance, Swarm
from callbacks.simulation.invariants import Violation
from callbacks.simulation.night import Night
from callbacks.simulation.people import Habits
from callbacks.simulation.world import Plan

# Single changes of a policy or roster that may raise how often the promise is kept; only those that pass the lint.

MINUTE = timedelta(minutes=1)
BOTH = tuple(Channel)


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
    rest = [s for s in policy.escalation[1:] if not (s.page == first.page and s.by == (Channel.VOICE,))]
    return replace(policy, escalation=(first, *rest)), roster


def _sooner(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    steps = tuple(replace(step, after=step.after / 2) for step in policy.escalation)
    return replace(policy, escalation=steps), roster


def _backup_at_once(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    """Whoever comes second is paged a minute after the first."""
    if not policy.escalation:
        return policy, roster
    first = policy.escalation[0].page
    later = next((s for s in policy.escalation if s.page not in (first, *RESERVED)), None)
    if later is None or later.after <= MINUTE:
        return policy, roster
    rest = [s for s in policy.escalation if s is not later]
    steps = sorted([*rest, replace(later, after=MINUTE)], key=lambda s: s.after)
    return replace(policy, escalation=tuple(steps)), roster


def _everyone(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    """A last step to everybody, two minutes behind the last one."""
    if not policy.escalation or any(step.page == EVERYONE for step in policy.escalation):
        return policy, roster
    last = policy.escalation[-1].after + 2 * MINUTE
    return replace(policy, escalation=(*policy.escalation, Step(last, EVERYONE, BOTH))), roster


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
    return replace(policy, escalation_repeat=EscalationRepeat(max(MINUTE, policy.escalation_repeat.every / 2))), roster


def _shorter_leash(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    """Whoever has it and tries nothing is reminded and relieved five minutes sooner."""
    now = policy.after_acknowledge
    sooner = AfterAcknowledge(now.nag_before + 5 * MINUTE, now.reopen_before + 5 * MINUTE)
    return replace(policy, after_acknowledge=sooner), roster


def _no_gaps(policy: Policy, roster: Roster) -> tuple[Policy, Roster]:
    """Every rotation of the escalation policy has somebody at every hour."""
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
    ("repeat-oftener", "the escalation repeats in half the time", _oftener),
    ("shorter-leash", "an idle owner is relieved five minutes sooner", _shorter_leash),
    ("no-gaps", "every rotation has somebody at every hour", _no_gaps),
    ("all-channels", "every technician's phone takes texts and calls", _all_channels),
)


# What an ordinary carrier does now and then; set by us, not measured.
ORDINARY = Swarm(
    {
        "webhook lost": 0.002,
        "webhook late": 0.02,
        "429": 0.005,
        "5xx": 0.002,
        "time-out": 0.002,
        "text late": 0.02,
        "text never": 0.005,
        "text undelivered": 0.005,
        "wrong machine verdict": 0.05,
        "fetch fails": 0.01,
    }
)
FIRST_NIGHT = datetime(2026, 11, 2, tzinfo=UTC)
WEEKS = 8
HOUR = timedelta(hours=1)
COUNTED = (Outcome.MET, Outcome.MISSED, Outcome.VOID)


@dataclass(frozen=True)
class Told:
    """What a night came to: its outcome, and seconds to the first conversation, in time or not."""

    outcome: str
    seconds: int | None


@dataclass
class Kept:
    """Many nights of one policy."""

    nights: list[Told] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        return sum(told.outcome == outcome for told in self.nights)

    @property
    def counted(self) -> int:
        """Nights that count: kept or missed."""
        return self.count(Outcome.MET) + self.count(Outcome.MISSED)

    @property
    def share(self) -> float:
        return self.count(Outcome.MET) / self.counted if self.counted else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.count(Outcome.MET), self.counted)

    def waits(self) -> list[int]:
        return sorted(told.seconds for told in self.nights if told.seconds is not None)

    @property
    def median_seconds(self) -> int | None:
        found = self.waits()
        return int(median(found)) if found else None


@dataclass
class Tried:
    """One change, and the nights with it beside the same nights without."""

    change: Change
    kept: Kept
    better: int
    worse: int


@dataclass
class Rehearsal:
    """The policy as it is, and what each change would do, the best first."""

    now: Kept
    tried: list[Tried]


def rehearse(
    policy: Policy,
    roster: Roster,
    nights: int,
    seed: int = 0,
    habits: Mapping[str, Habits] | None = None,
    with_changes: bool = True,
) -> Rehearsal:
    """The same arguments give the same answer, always."""
    now = _kept(policy, roster, nights, seed, habits)
    tried = []
    for change in changes_to(policy, roster) if with_changes else ():
        then = _kept(change.policy, change.roster, nights, seed, habits)
        pairs = [(a.outcome, b.outcome) for a, b in zip(now.nights, then.nights, strict=True)]
        better = sum(b == Outcome.MET and a == Outcome.MISSED for a, b in pairs)
        worse = sum(a == Outcome.MET and b == Outcome.MISSED for a, b in pairs)
        tried.append(Tried(change, then, better, worse))
    return Rehearsal(now, sorted(tried, key=lambda t: (-t.kept.share, t.change.name)))


def _kept(policy: Policy, roster: Roster, nights: int, seed: int, habits: Mapping[str, Habits] | None) -> Kept:
    return Kept([_night(policy, roster, seed * 1_000_003 + n, habits) for n in range(nights)])


def _night(policy: Policy, roster: Roster, seed: int, habits: Mapping[str, Habits] | None) -> Told:
    plan = Plan(seed, _call_at(policy, roster, Chance(seed, "instant")), policy, roster, ORDINARY)
    night = Night(plan, dict(habits or {}))
    try:
        night.rehearse()
    except Violation:
        return Told("broken", None)
    rows = list(night.world.store.emergencies.values())
    if not rows:
        return Told("broken", None)
    e = rows[0].it
    verdict = promise.judge(e, night.world.nodes[0].now())
    contact = promise.first_contact(e)
    waited = int((contact - promise.clock_start(e)).total_seconds()) if contact else None
    return Told("waiting" if e.can_wait else verdict.outcome, waited)


def _call_at(policy: Policy, roster: Roster, chance: Chance) -> datetime:
    """Some minute of the eight weeks after everybody's turns have begun, when nobody answers at the desk."""
    starts = [r.starts.replace(tzinfo=UTC) + 24 * HOUR for r in roster.rotations]
    first = max([FIRST_NIGHT, *starts])
    for _ in range(50):
        at = first + timedelta(minutes=chance.below(WEEKS * 7 * 24 * 60))
        if not is_open(policy.support_hours, at):
            return at
    return first


# How people answered pages before, from their ledgers: what a rehearsal may learn instead of assuming.


def habits_of(stories: Iterable[Sequence[ev.Event]]) -> dict[str, Habits]:
    """By name: how many seconds their pages waited for them, and how often they were paged. An emergency that somebody
    else took first says nothing about who was slower, and is left out for them; drills count like the rest."""
    waited: dict[str, list[int]] = defaultdict(list)
    paged: dict[str, int] = defaultdict(int)
    for story in stories:
        asked, taken = _asked(story), _taken(story)
        first = min((at for at in taken.values()), default=None)
        for name, at in asked.items():
            acted = taken.get(name)
            if acted is None and first is not None:
                continue
            paged[name] += 1
            if acted is not None and acted >= at:
                waited[name].append(int((acted - at).total_seconds()))
    return {name: Habits(tuple(sorted(waited[name])), count) for name, count in sorted(paged.items())}


def _asked(story: Sequence[ev.Event]) -> dict[str, datetime]:
    """When each person was paged first."""
    found: dict[str, datetime] = {}
    for event in story:
        if isinstance(event, ev.PageRequested):
            found.setdefault(event.person, event.at)
    return found


def _taken(story: Sequence[ev.Event]) -> dict[str, datetime]:
    """When each person first took it or passed."""
    found: dict[str, datetime] = {}
    for event in story:
        if isinstance(event, ev.Acknowledged | ev.Passed):
            found.setdefault(event.by, event.at)
    return found


# A rehearsal as a picture: one SVG file, and bars for a terminal.

WIDE = 760
ROW = 26
LEFT = 330
BAR = 360
STEP = 5  # minutes


def bars(kept: Kept, within: int) -> list[str]:
    """Time to the first conversation in steps of five minutes, as text; `within`: the promise, in seconds."""
    counts = _steps(kept, within)
    most = max([count for _, count in counts], default=0) or 1
    return [f"{label:>12} {'█' * round(40 * count / most):<40} {count}" for label, count in counts]


def svg(found: Rehearsal, title: str) -> str:
    """Shares with their intervals: the policy as it is, then each change."""
    rows = [("as it is", found.now), *((tried.change.what, tried.kept) for tried in found.tried)]
    height = 70 + ROW * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}"',
        ' role="img" font-family="sans-serif" font-size="13">',
        f"<title>{_safe(title)}</title>",
        f'<rect width="{WIDE}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="24" font-size="15" font-weight="bold" fill="#1d2733">{_safe(title)}</text>',
        *(_tick(share, height) for share in (0, 25, 50, 75, 100)),
        *(_row(label, kept, 46 + ROW * n, n == 0) for n, (label, kept) in enumerate(rows)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _row(label: str, kept: Kept, y: int, is_first: bool) -> str:
    low, high = kept.interval
    colour = "#5b6b7b" if is_first else "#1f7a4d"
    x1, x2 = LEFT + BAR * low, LEFT + BAR * high
    return (
        f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end" fill="#1d2733">{_safe(_short(label))}</text>'
        f'<rect x="{LEFT}" y="{y + 2}" width="{BAR * kept.share:.1f}" height="14" fill="{colour}"/>'
        f'<path d="M{x1:.1f} {y + 9}H{x2:.1f}M{x1:.1f} {y + 5}v8M{x2:.1f} {y + 5}v8" stroke="#111" fill="none"/>'
        f'<text x="{LEFT + BAR + 8}" y="{y + 13}" fill="#1d2733">{100 * kept.share:.1f} %</text>'
    )


def _tick(share: int, height: int) -> str:
    x = LEFT + BAR * share / 100
    return (
        f'<path d="M{x:.1f} 40V{height - 22}" stroke="#d5dbe1"/>'
        f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle" fill="#5b6b7b">{share} %</text>'
    )


def _steps(kept: Kept, within: int) -> list[tuple[str, int]]:
    waits = kept.waits()
    edges = range(0, within // 60, STEP)
    found = [(f"{m}–{m + STEP} min", sum(m * 60 <= w < (m + STEP) * 60 for w in waits)) for m in edges]
    late = sum(w >= (edges[-1] + STEP) * 60 for w in waits) if edges else len(waits)
    return [*found, ("later", late), ("never", len(kept.nights) - len(waits))]


def _short(label: str) -> str:
    return label if len(label) <= 46 else label[:45] + "…"


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
