"""What the page and the PDF share: the figures with their words, and the pictures."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import log, log2
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from app import pdf
from app.web.base.language import outcome_name, say
from app.web.base.shell import make_templates
from callbacks.emergency.model import Outcome, ref_of
from callbacks.emergency.promise import EmergencyOutcome
from callbacks.engine.jobs.export import stories
from callbacks.lib.percentiles import Rate, wilson
from callbacks.lib.wallclock import Wall
from callbacks.messages import wording
from callbacks.messages.wording import length
from callbacks.oncall.coverage import Duty
from callbacks.policy.model import Policy, Priority
from callbacks.reporting.compliance import OUTCOMES, TIMES, Figures, Group, Tally, month_of
from callbacks.reporting.miss_explanation import explain_miss
from callbacks.store.sql.transaction import Transaction

# Three pictures of a period as geometry: dots against the promise's line, nights, and the time to a human.
#
# Numbers only; `templates/charts.html` draws them. Every shape has a meaning beside its colour: a circle was met, a
# cross missed, a diamond void, a ring is pending.

SHOWN = (Outcome.MET, Outcome.MISSED, Outcome.VOID, Outcome.PENDING)
WORST = (Outcome.MISSED, Outcome.PENDING, Outcome.VOID, Outcome.MET)
WIDTH = 720
LEFT = 64
RIGHT = 708
TOP = 8
NEVER = 24
LATEST = 44
LINE = 116
BOTTOM = 256
FARTHEST = 8
MANY = 600
FINE = 2
COARSE = 10
DAY = timedelta(days=1)
MOST_NIGHTS = 400


@dataclass(frozen=True, slots=True)
class Mark:
    """`count` emergencies at one place."""

    x: int
    y: int
    size: float
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class Dots:
    """`lines` are (y, seconds), `days` are (x, day). `promised` is the length of the promise drawn; `aside` how many
    have another clock or none of its outcomes."""

    marks: tuple[Mark, ...]
    lines: tuple[tuple[int, int], ...]
    days: tuple[tuple[int, date], ...]
    promised: int
    n: int
    aside: int


@dataclass(frozen=True, slots=True)
class Night:
    """From noon to noon: `day` is the evening's. `worst` is the gravest outcome, "" of a night without a case."""

    day: date
    x: int
    y: int
    counts: dict[str, int]
    worst: str

    @property
    def n(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Nights:
    nights: tuple[Night, ...]
    cell: int
    width: int
    height: int
    heads: tuple[tuple[int, int, int], ...]
    """(x, y, weekday) of each head, Monday being 0."""


@dataclass(frozen=True, slots=True)
class Bar:
    """From `start` seconds to `end`, None being without end; both None: never reached."""

    start: int | None
    end: int | None
    count: int
    x: int
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class Histogram:
    bars: tuple[Bar, ...]
    line: int
    promised: int
    n: int


# --- dots ---


def promised_to(found: Sequence[EmergencyOutcome], otherwise: timedelta) -> int:
    """The length in seconds of the promise that most of the first priority were given."""
    given = Counter(j.promised for j in found if j.priority == Priority.P1)
    return given.most_common(1)[0][0] if given else int(otherwise.total_seconds())


def dots(found: Sequence[EmergencyOutcome], first: date, last: date, zone: ZoneInfo, promised: int) -> Dots:
    """A dot per emergency of the first priority that was met, missed or void, or has been reached."""
    shown = [j for j in found if _is_shown(j)]
    grain = FINE if len(shown) <= MANY else COARSE
    begins = datetime.combine(first, datetime.min.time())
    length = (last - first + DAY).total_seconds()
    wall, places = Wall(zone), Counter[tuple[int, int, str]]()
    for j in shown:
        along = (wall.time(j.started_at) - begins).total_seconds() / length
        x = LEFT + 6 + along * (RIGHT - LEFT - 12)
        places[_to(x, grain), _to(height(j.to_human, promised), grain), j.outcome] += 1
    marks = [Mark(x, y, round(4 + min(4.0, log2(n)), 1), what, n) for (x, y, what), n in sorted(places.items())]
    marks.sort(key=lambda m: -SHOWN.index(m.outcome))
    scale = [promised * k // 3 for k in (0, 1, 2, 3)] + [2 * promised, FARTHEST * promised]
    lines = tuple((round(height(s, promised)), s) for s in scale)
    return Dots(tuple(marks), lines, _days(first, last), promised, len(shown), len(found) - len(shown))


def _is_shown(j: EmergencyOutcome) -> bool:
    return j.priority == Priority.P1 and j.outcome in SHOWN and (j.outcome != Outcome.PENDING or j.to_human is not None)


def height(seconds: int | None, promised: int) -> float:
    """Where a time stands: even up to the promise, squeezed beyond it, at the edge from eight promises on; above all
    others what was never reached."""
    if seconds is None:
        return NEVER
    if seconds <= promised:
        return BOTTOM - (BOTTOM - LINE) * max(0, seconds) / promised
    return max(LATEST, LINE - (LINE - LATEST) * log(seconds / promised) / log(FARTHEST))


def _to(value: float, grain: int) -> int:
    return round(value / grain) * grain


def _days(first: date, last: date) -> tuple[tuple[int, date], ...]:
    """At most eight days along the bottom."""
    length = (last - first).days + 1
    step = max(1, -(-length // 8))
    wide = (RIGHT - LEFT - 12) / length
    return tuple((round(LEFT + 6 + n * wide), first + n * DAY) for n in range(0, length, step))


# --- nights ---


def nights(found: Sequence[EmergencyOutcome], first: date, last: date, zone: ZoneInfo) -> Nights | None:
    """A square per night, weeks below each other for up to two months, else side by side. None of very many."""
    evenings = [first - DAY + n * DAY for n in range((last - first).days + 2)]
    if len(evenings) > MOST_NIGHTS:
        return None
    wall, by_night = Wall(zone), dict[date, Counter[str]]()
    for j in found:
        if j.outcome in SHOWN:
            by_night.setdefault(night_of(wall.time(j.started_at)), Counter())[j.outcome] += 1
    is_tall = len(evenings) <= 64
    cell, monday = (64 if is_tall else 26), evenings[0] - evenings[0].weekday() * DAY
    squares = tuple(_night(day, by_night.get(day, Counter()), monday, cell, is_tall) for day in evenings)
    heads = tuple((n * cell, 0, n) if is_tall else (0, n * cell, n) for n in range(7))
    width = max(n.x for n in squares) + cell
    return Nights(squares, cell, max(width, 7 * cell) if is_tall else width, max(n.y for n in squares) + cell, heads)


def night_of(wall: datetime) -> date:
    """The evening of the night, noon to noon, that a time on the wall falls into."""
    return (wall - timedelta(hours=12)).date()


def _night(day: date, counts: Counter[str], monday: date, cell: int, is_tall: bool) -> Night:
    week, weekday = divmod((day - monday).days, 7)
    x, y = (weekday * cell, 20 + week * cell) if is_tall else (36 + week * cell, weekday * cell)
    worst = next((outcome for outcome in WORST if counts[outcome]), "")
    return Night(day, x, y, {outcome: counts[outcome] for outcome in SHOWN}, worst)


# --- time to a human ---


def histogram(found: Sequence[EmergencyOutcome], promised: int) -> Histogram:
    """How many were reached within each sixth of the promise, within twice and eight times it, later and never."""
    shown = [j for j in found if _is_shown(j)]
    edges = [*(promised * k // 6 for k in range(7)), 2 * promised, FARTHEST * promised]
    spans: list[tuple[int | None, int | None]] = [*pairwise(edges), (edges[-1], None), (None, None)]
    places = Counter([len(spans) - 1 if j.to_human is None else _bar_of(j.to_human, edges) for j in shown])
    counts = [places[place] for place in range(len(spans))]
    most, wide = max([*counts, 1]), (RIGHT - LEFT) // len(spans)
    bars = []
    for place, ((start, end), count) in enumerate(zip(spans, counts, strict=True)):
        y = BOTTOM - round((BOTTOM - NEVER - TOP) * count / most)
        bars.append(Bar(start, end, count, LEFT + place * wide, y, wide - 6))
    return Histogram(tuple(bars), LEFT + 6 * wide - 3, promised, len(shown))


def _bar_of(seconds: int, edges: Sequence[int]) -> int:
    """A time at an edge belongs to the bar before: at exactly the promise it is in time."""
    return max(0, bisect_left(edges, seconds) - 1)


# Figures as people read them, in their language: shares with n and interval, lengths of time, months and days.

SIGNS = {Outcome.MET: "●", Outcome.MISSED: "✕", Outcome.VOID: "◇", Outcome.PENDING: "…"}


class Words:
    """One language's way to write figures."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, words: str, **facts: object) -> str:
        return say(self.language, words, **facts)

    def rate(self, r: Rate) -> str:
        """57 of 60, that is 95.0 %; without a percentage where it would say more than is known."""
        if not r.whole:
            return self.say("no cases yet")
        part = self.say("%(part)s of %(whole)s", part=r.part, whole=r.whole)
        return part if r.is_small else f"{self.decimal(r.part / r.whole * 100)} % ({part})"

    def interval(self, r: Rate) -> str:
        """In which range the true share lies."""
        exact = wilson(r.part, r.whole)
        if exact is None:
            return ""
        low, high = (self.decimal(end * 100) for end in exact)
        return self.say("95 %% interval %(low)s to %(high)s %%", low=low, high=high)

    def decimal(self, value: float) -> str:
        return format_decimal(value, "0.0", locale=self.language)

    def length(self, seconds: int | None) -> str:
        return "–" if seconds is None else length(seconds)

    def axis(self, seconds: int) -> str:
        """A length on an axis: 30 min, 4 h."""
        if seconds and seconds % 3600 == 0:
            return f"{seconds // 3600} h"
        return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"

    def bar(self, b: Bar) -> str:
        """Under a bar of the histogram: from and to in minutes, or up to a whole length from the promise on."""
        if b.start is None:
            return self.say("never")
        if b.end is None:
            return f"> {self.axis(b.start)}"
        same = b.end < 3600 and b.start % 60 == 0 and b.end % 60 == 0
        return f"{b.start // 60}–{b.end // 60}" if same else f"≤ {self.axis(b.end)}"

    def bar_in_full(self, b: Bar) -> str:
        """The same with its unit, for a table."""
        shown = self.bar(b)
        return f"{shown} min" if "–" in shown else shown

    def month(self, day: date) -> str:
        return format_skeleton("yMMMM", day, locale=self.language)

    def day(self, day: date) -> str:
        """A day on an axis: 14 Nov."""
        return format_date(day, "d MMM", self.language)

    def period(self, first: date, last: date) -> str:
        """November 2026, or its first and last day."""
        if (first, last) == month_of(first):
            return self.month(first)
        return self.say("%(first)s to %(last)s", first=first.isoformat(), last=last.isoformat())


MOST_ROWS = 50
MOST_DOTS_LISTED = 200
TITLES = {
    "first_page": "To the first page",
    "acknowledgement": "To an acknowledgement",
    "human": "To a conversation",
    "resolution": "To a resolution or workaround",
}
GROUP_TITLES = {
    Group.PRIORITY: "By priority",
    Group.TECHNICIAN: "By technician",
    Group.CUSTOMER: "By customer",
    Group.HOUR: "By hour of the call",
}
NAMELESS = {Group.TECHNICIAN: "nobody", Group.CUSTOMER: "number not known"}


@dataclass(frozen=True, slots=True)
class Miss:
    """`at` is None and `why` says so when the ledger cannot be read."""

    ref: str
    at: datetime | None
    why: str


def explained(session: Transaction, ids: Sequence[int], duty: Duty, zone: str, words: Words) -> list[Miss]:
    """A sentence on each of these misses, in their order."""
    known = stories(session, ids)
    unreadable = words.say("Its ledger cannot be read; run callbacks verify.")
    return [
        Miss(ref_of(number), e.call_started_at, explain_miss(e, words.language, zone, duty.roster.display_name))
        if (e := known.get(number))
        else Miss(ref_of(number), None, unreadable)
        for number in ids
    ]


def context(policy: Policy, words: Words, f: Figures, found: Sequence[EmergencyOutcome]) -> dict[str, Any]:
    """For the page's template: figures as values, and the functions that write them."""
    zone = ZoneInfo(policy.support_hours.timezone)
    promised = promised_to(found, policy.promise.callback_within)
    shown = [j for j in found if j.outcome in SHOWN]
    made = {
        "f": f,
        "w": words,
        "title": words.period(f.first, f.last),
        "outcomes": OUTCOMES,
        "times": TIMES,
        "titles": TITLES,
        "group_titles": GROUP_TITLES,
        "nameless": NAMELESS,
        "most_rows": MOST_ROWS,
        "dots": dots(found, f.first, f.last, zone, promised),
        "nights": nights(found, f.first, f.last, zone),
        "histogram": histogram(found, promised),
        "listed": shown[:MOST_DOTS_LISTED],
        "unlisted": max(0, len(shown) - MOST_DOTS_LISTED),
        "promised": words.axis(promised),
        **drawing(words),
    }
    how = [words.say(line, **facts) for line, facts in definitions(policy, words.axis(promised))]
    return made | {"pictures": picture_words(words, made), "definitions": how}


def drawing(words: Words) -> dict[str, Any]:
    """What the pictures' macros ask of their page."""
    days = [wording.weekday(date(2026, 6, day), words.language) for day in range(1, 8)]  # 1 June 2026 is a Monday
    return {"axis": words.axis, "day_label": words.day, "bar_label": words.bar, "weekdays": days, "signs": SIGNS}


def on_paper(
    policy: Policy, words: Words, f: Figures, found: Sequence[EmergencyOutcome], misses: Sequence[Miss], now: datetime
) -> bytes:
    """The same as PDF, made at `now`. Raises NoPdf without the extra."""
    shown = context(policy, words, f, found)
    say, zone = words.say, policy.support_hours.timezone
    pictures = _pictures(words, shown)
    data = {
        "made_at": now.isoformat(),
        "language": words.language,
        "title": f"{say('Compliance')}: {shown['title']}",
        "rates": [
            [say("Published rate"), words.rate(f.whole.published), words.interval(f.whole.published)],
            [
                say("Strict rate (unreached counts as missed)"),
                words.rate(f.whole.strict),
                words.interval(f.whole.strict),
            ],
            [say("Resolved in time"), words.rate(f.resolved), words.interval(f.resolved)],
        ],
        "counts": [[say(outcome_name(o)), str(n)] for o, n in f.counts.items()]
        + [[say("missed during our outage"), str(f.our_outage)]],
        "times_head": [say("Time"), "n", "P50", "P90", say("Slowest")],
        "times": [[say(TITLES[t]), str(f.times[t].n), *_percentile_cells(words, f, t)] for t in TIMES],
        "misses_title": say("Missed promises"),
        "misses": [[m.ref, wording.local_date(m.at, zone) if m.at else "", m.why] for m in misses],
        "no_miss": say("No promise was missed."),
        "more_misses": say("and %(n)s more", n=len(f.misses) - len(misses)) if len(f.misses) > len(misses) else "",
        "groups_head": ["n", say("met"), say("missed"), say("unreached"), say("Published rate"), "P50", "P90"],
        "groups": [[say(title), _group(words, name, f.groups[name])] for name, title in GROUP_TITLES.items()],
        "pictures": [[f"{name}.svg", title] for name, (title, _) in pictures.items()],
        "how": shown["definitions"],
        "how_title": say("How this is counted"),
        "zone": say("Times are in %(zone)s.", zone=zone),
        "made": say("Created %(at)s.", at=wording.local_date(now, zone)),
        "page": say("page"),
    }
    files = {f"{name}.svg": svg.encode() for name, (_, svg) in pictures.items()}
    return pdf.render("compliance.typ", data, files)


def _percentile_cells(words: Words, f: Figures, name: str) -> list[str]:
    s = f.times[name]
    return [words.length(s.p50), words.length(s.p90), words.length(s.slowest)]


def _group(words: Words, group: Group, found: Sequence[Tally]) -> list[list[str]]:
    return [
        [
            t.name if t.name is not None else words.say(NAMELESS[group]),
            str(t.n),
            str(t.counts[Outcome.MET]),
            str(t.counts[Outcome.MISSED]),
            str(t.counts[Outcome.VOID]),
            f"{words.rate(t.published)}, {words.interval(t.published)}".rstrip(", "),
            words.length(t.human.p50),
            words.length(t.human.p90),
        ]
        for t in found[:MOST_ROWS]
    ]


def _pictures(words: Words, shown: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Title and SVG of each picture, drawn by the page's own macros."""
    template = make_templates().env.get_template("chart.svg")
    found = {}
    for name, (title, desc) in shown["pictures"].items():
        if shown[name] is not None:
            facts = {"language": words.language, "name": name, "chart": shown[name], "title": title, "desc": desc}
            found[name] = (title, template.render(**facts, **drawing(words)).strip())
    return found


def picture_words(words: Words, shown: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Title and description of each picture."""
    say, f, dots = words.say, shown["f"], shown["dots"]
    late = f.counts[Outcome.MISSED]
    return {
        "dots": (
            say("Each emergency against the %(promised)s line", promised=shown["promised"]),
            say(
                "%(n)s emergencies by day and time to a conversation; the promise is dashed. %(late)s missed it.",
                n=dots.n,
                late=late,
            ),
        ),
        "nights": (
            say("Nights, noon to noon"),
            say("One square per night: the symbol is the worst outcome, the number is how many called (missed/all)."),
        ),
        "histogram": (
            say("Time until the customer spoke with a person"),
            say("Emergencies by time to a conversation; right of the dashed line it came after the promise or never."),
        ),
    }


def definitions(policy: Policy, promised: str) -> list[tuple[str, dict[str, object]]]:
    """How the figures are made, a sentence each."""
    clock = {
        "call": "The clock starts with the call; for P1 a person calls back within %(promised)s.",
        "message": "The clock starts at the end of the message; for P1 a person calls back within %(promised)s.",
    }
    return [
        (clock[policy.promise.clock_starts], {"promised": promised}),
        ("Published rate: met, out of met and missed.", {}),
        (
            "Strict rate: met, out of met, missed and unreached; a customer who was tried in time but could not be "
            "reached counts as missed.",
            {},
        ),
        (
            "A promise missed while we were down is missed in both rates: our own outages are named and never excused.",
            {},
        ),
        ("Withdrawn, excluded (drills, blocked callers) and pending emergencies are in neither rate.", {}),
        (
            "The interval is Wilson's, at 95 %: the range in which the true rate probably lies, given the number of "
            "cases.",
            {},
        ),
        ("P50 and P90 are by nearest rank: the time that covers half, or nine out of ten, of the cases.", {}),
        (
            "Time to a conversation: to the one that decided the outcome, or to the first one if it came late.",
            {},
        ),
        ("The technician is the one who spoke with the customer, otherwise the owner.", {}),
    ]
