"""Figures as people read them, in their language: shares with n and interval, lengths of time, months and days."""

from datetime import date

from app.charts import Bar
from app.pages.language import say
from callbacks.lib.percentiles import Rate, wilson
from callbacks.messages.wording import length
from callbacks.reporting.compliance import month_of

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
SHORT = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}
SIGNS = {"met": "●", "missed": "✕", "void": "◇", "pending": "…"}


class Words:
    """One language's way to write figures."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, words: str, **facts: object) -> str:
        return say(self.language, words, **facts)

    def rate(self, r: Rate) -> str:
        """57 of 60, that is 95.0 %; without a percentage where it would say more than is known."""
        if not r.whole:
            return self.say("no case yet")
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
        return f"{value:.1f}".replace(".", "," if self.language == "fr" else ".")

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
        return f"{self.say(MONTHS[day.month - 1])} {day.year}"

    def day(self, day: date) -> str:
        """A day on an axis: 14 Nov."""
        return f"{day.day} {SHORT.get(self.language, SHORT['en'])[day.month - 1]}"

    def period(self, first: date, last: date) -> str:
        """November 2026, or its first and last day."""
        if (first, last) == month_of(first):
            return self.month(first)
        return self.say("%(first)s to %(last)s", first=first.isoformat(), last=last.isoformat())
