"""Why a promise was missed, in one sentence made of facts, in the order in which they happened.

It blames nobody and guesses nothing: who was paged when and with what fate, who had it, and when the first try came.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from callbacks.emergency import promise
from callbacks.emergency.model import Alert, Emergency, Fault, Page, PageState
from callbacks.messages.catalog import phrase_in, slugs
from callbacks.messages.wording import local_day, local_time

MOST_PEOPLE = 3
MOST_TIMES = 4
LATE = timedelta(minutes=5)
SAME_DAY = timedelta(hours=12)


def explain_miss(e: Emergency, language: str, zone: str, name: Callable[[str], str]) -> str:
    """The sentence about an emergency whose promise was missed; `name` writes names in full; times of `zone`."""
    due = promise.due_at(e)
    saying = _Saying(language, zone, name, e.call_started_at)
    parts = [*_before_us(e, due, saying), *_paging(e, due, saying), *_ownership(e, due, saying)]
    parts += [*_in_vain(e, due, saying), *_in_the_end(e, due, saying)]
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


class _Saying:
    """One language, one clock on the wall; a time on another day comes with its day."""

    def __init__(self, language: str, zone: str, name: Callable[[str], str], began: datetime) -> None:
        self._language, self._zone, self.name, self._began = language, zone, name, began

    def __call__(self, slug: str, **facts: object) -> str:
        shown = {name: self.at(value) if isinstance(value, datetime) else value for name, value in facts.items()}
        n = shown.get("n")
        return phrase_in("miss", slug, self._language, n if isinstance(n, int) else None).format(**shown)

    def at(self, instant: datetime) -> str:
        if instant - self._began < SAME_DAY:
            return local_time(instant, self._zone)
        return local_day(instant, self._zone, self._language)

    def why(self, slug: str | None) -> str:
        known = slug if slug in slugs(context="failure") else "failed"
        return phrase_in("failure", known, self._language)


def _before_us(e: Emergency, due: datetime, say: _Saying) -> list[str]:
    """What kept us from knowing, or from waking anybody at once."""
    parts = [say("outage", start=b, end=x) for b, x in e.outages if b < due and x > e.call_started_at]
    if e.opened_at - e.call_started_at > LATE + timedelta(seconds=e.message_seconds or 0):
        parts.append(say("learnt-late", at=e.opened_at))
    if e.can_wait:
        parts.append(say("could-wait"))
    return parts


def _paging(e: Emergency, due: datetime, say: _Saying) -> list[str]:
    parts = [say("nobody-on-call", at=told)] if (told := e.told.get(Alert.NOBODY_ON_CALL)) and told <= due else []
    people: dict[str, list[Page]] = {}
    for page in e.pages.values():
        if page.requested_at <= due:
            people.setdefault(page.person, []).append(page)
    parts += [_paged(who, pages, say) for who, pages in list(people.items())[:MOST_PEOPLE]]
    if len(people) > MOST_PEOPLE:
        parts.append(say("paged-others", n=len(people) - MOST_PEOPLE))
    return parts if people or parts else [say("not-paged")]


def _paged(who: str, pages: Sequence[Page], say: _Saying) -> str:
    times = list(dict.fromkeys(say.at(p.requested_at) for p in pages))
    shown = ", ".join(times[:MOST_TIMES]) + (f" … {times[-1]}" if len(times) > MOST_TIMES else "")
    failed = [p for p in pages if p.state == PageState.FAILED and p.why != Fault.CANCELLED]
    if len(failed) < len(pages):
        return say("paged", who=say.name(who), times=shown)
    return say("paged-failed", who=say.name(who), times=shown, why=say.why(failed[-1].why))


def _ownership(e: Emergency, due: datetime, say: _Saying) -> list[str]:
    first = e.acknowledged_at
    if first is None or first > due:
        return [say("not-acknowledged")]
    if e.owner is None or e.owned_since is None:
        return [say("given-back", at=first)]
    if e.owned_since == first:
        return [say("acknowledged", who=say.name(e.owner), at=first)]
    return [say("handed-on", at=first, who=say.name(e.owner), later=e.owned_since)]


def _in_vain(e: Emergency, due: datetime, say: _Saying) -> list[str]:
    """What was meant as a try and is none."""
    legs = [c for c in e.callbacks.values() if c.failed and c.requested_at <= due]
    parts = [say("leg-failed", who=say.name(c.by), at=c.requested_at, why=say.why(c.failed)) for c in legs[:2]]
    return parts + [say("denied", at=at) for at, reached in e.confirmations[-1:] if not reached]


def _in_the_end(e: Emergency, due: datetime, say: _Saying) -> list[str]:
    tried = min((a.tried_at for a in promise.attempts(e) if a.tried_at), default=None)
    contact = promise.first_contact(e)
    parts = [say("first-try", at=tried, due=due) if tried else say("no-try", due=due)]
    return parts + ([say("reached-late", at=contact)] if contact else [])
