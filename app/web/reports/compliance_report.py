"""What the page and the paper share: the figures with their words, and the pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from sqlmodel import Session

from app import pdf
from app.web.base.language import outcome_name, say
from app.web.base.shell import make_templates
from app.web.reports import charts
from app.web.reports.charts import Bar
from callbacks.emergency.model import Outcome, ref_of
from callbacks.emergency.promise import EmergencyOutcome
from callbacks.engine.jobs.export import stories
from callbacks.lib.percentiles import Rate, wilson
from callbacks.messages import wording
from callbacks.messages.wording import length
from callbacks.oncall.coverage import Duty
from callbacks.policy.model import Policy
from callbacks.reporting.compliance import OUTCOMES, TIMES, Figures, Tally, month_of
from callbacks.reporting.miss_explanation import explain_miss

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
    "priority": "By priority",
    "technician": "By technician",
    "customer": "By customer",
    "hour": "By hour of the call",
}
NAMELESS = {"technician": "nobody", "customer": "number not known"}


@dataclass(frozen=True, slots=True)
class Miss:
    """`at` is None and `why` says so when the ledger cannot be read."""

    ref: str
    at: datetime | None
    why: str


def explained(session: Session, ids: Sequence[int], duty: Duty, zone: str, words: Words) -> list[Miss]:
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
    promised = charts.promised_to(found, policy.promise.callback_within)
    shown = [j for j in found if j.outcome in charts.SHOWN]
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
        "dots": charts.dots(found, f.first, f.last, zone, promised),
        "nights": charts.nights(found, f.first, f.last, zone),
        "histogram": charts.histogram(found, promised),
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
        "times": [[say(TITLES[t]), str(f.times[t].n), *_spread(words, f, t)] for t in TIMES],
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


def _spread(words: Words, f: Figures, name: str) -> list[str]:
    s = f.times[name]
    return [words.length(s.p50), words.length(s.p90), words.length(s.slowest)]


def _group(words: Words, group: str, found: Sequence[Tally]) -> list[list[str]]:
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
