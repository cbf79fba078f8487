"""Facts turned into sentences: the texts of pages and answers, and the verdict explained.

Local time appears here and nowhere else; every text is made GSM-7 safe on its way out.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from callbacks.emergency import promise
from callbacks.emergency.commands import COMMANDS, Answer
from callbacks.emergency.model import Emergency, id_of, in_language
from callbacks.lib.gsm import shortened, to_gsm7, without_addresses, without_other_scripts
from callbacks.lib.phone import spoken, written
from callbacks.messages.catalog import LANGUAGES, phrase, phrase_in, slugs

LONGEST_NAME = 24
NEEDS_CODE = re.compile(rf"[{''.join(rule.key for rule in COMMANDS.values() if rule.needs_code)}] \{{code\}}")
WORDS_SHOWN = 120
MOST_NOTES_SHOWN = 8
DAYS_CLEAR = timedelta(days=6)  # for so long a weekday says which day is meant
# Texts that leave with a link to the emergency's page: everything but answers and what is over.
LINKED = frozenset(
    {
        "page",
        "page-drill",
        "page-withheld",
        "bundle",
        "remind",
        "handed-over",
        "taken-back",
        "second-try",
        "called-again",
        "number-given",
        "customer-says",
        "customer-says-more",
        "callback-failed",
        "at-risk",
        "missed",
        "contested",
        "waiting",
        "nobody-on-call",
        "all-passed",
        "texts-blocked",
        "unconfirmed",
        "withdrawal-guessed",
        "texts-full",
    }
)


def text(slug: str, language: str, **facts: Any) -> str:
    """One sentence in a language (English where there is no other)."""
    return phrase(slug, language, facts.get("n")).format(**facts)


def local_time(at: datetime, zone: str) -> str:
    """HH:MM on the wall in `zone`."""
    return at.astimezone(ZoneInfo(zone)).time().isoformat("minutes")


def local_clock(at: datetime, zone: str) -> str:
    """HH:MM:SS on the wall in `zone`."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S")


def local_date(at: datetime, zone: str) -> str:
    """YYYY-MM-DD HH:MM on the wall in `zone`."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def weekday(at: date, language: str, pattern: Literal["EEE", "EEEE"] = "EEE") -> str:
    """The day's name, short without a period (Mon, lun) or in full."""
    from babel.dates import format_date

    return format_date(at, pattern, language if language in LANGUAGES else "en").rstrip(".")


def local_day(at: datetime, zone: str, language: str, now: datetime | None = None) -> str:
    """Weekday and time on the wall in `zone`: Tue 18:00. With its date when it is not within a week of `now`."""
    local = at.astimezone(ZoneInfo(zone))
    day = f" {local:%Y-%m-%d}" if now and abs(at - now) > DAYS_CLEAR else ""
    return f"{weekday(local, language)}{day} {local:%H:%M}"


def due_text(e: Emergency, language: str, zone: str) -> str:
    """The deadline as people write it: with its day when it can wait for business hours."""
    due = promise.due_at(e)
    return local_day(due, zone, language) if e.can_wait else local_time(due, zone)


def spoken_due(e: Emergency, language: str) -> str:
    """The deadline as it is said to the customer, in the support time zone."""
    zone, due = e.terms.timezone, promise.due_at(e)
    return spoken_day(due, zone, language) if e.can_wait else local_time(due, zone)


def spoken_day(at: datetime, zone: str, language: str) -> str:
    """Day and time in full: Wednesday 11:30."""
    return f"{weekday(at.astimezone(ZoneInfo(zone)), language, 'EEEE')} {local_time(at, zone)}"


def spoken_number(number: str, language: str) -> str:
    """Digit by digit."""
    return spoken(number, language)


def spoken_ref(ref: str) -> str:
    """E-000042 as it is said: E 4 2."""
    return " ".join(["E", *str(id_of(ref))])


def to_customer(about: str, e: Emergency, at: datetime, who: str) -> str:
    """A text to the customer, in their language; times are in the support time zone."""
    language, zone = e.language, e.terms.timezone
    slug = f"to-customer-{about}"
    if about == "receipt" and e.message_ended_at is None:
        slug = "to-customer-receipt-no-message"
    if about == "receipt" and e.can_wait:
        slug = "to-customer-receipt-wait"
    if about == "receipt" and at > promise.due_at(e):
        slug += "-late"
    facts = {
        "due": due_text(e, language, zone),
        "at": local_time(at, zone),
        "who": who or text("a-technician", language),
    }
    return to_gsm7(text(slug, language, ref=e.ref, digits=e.withdrawal_digits, n=len(e.customer_notes), **facts))


def time_left(due: datetime, now: datetime) -> str:
    """12:05 before the deadline, -3:10 after it, in minutes and seconds."""
    left = int((due - now).total_seconds())
    return ("-" if left < 0 else "") + clock_length(abs(left))


def page(e: Emergency, language: str, zone: str) -> str:
    """The SMS that wakes a technician: who called, how long the message is, until when, what to send."""
    slug = "page-drill" if e.drill else _slug_for("page", e)
    return to_gsm7(text(slug, language, **_facts(e, language, zone)))


def bundle(found: Sequence[Emergency], language: str, zone: str) -> str:
    """One text for several emergencies, each with its code and deadline."""
    groups = {
        "bundle-overdue": [e for e in found if e.deadline_passed_at],
        "bundle-by": [e for e in found if not e.deadline_passed_at],
    }
    listed = [
        text(slug, language, list=", ".join(f"#{e.code} {local_time(promise.due_at(e), zone)}" for e in those))
        for slug, those in groups.items()
        if those
    ]
    return to_gsm7(text("bundle", language, n=len(found), list="; ".join(listed), code=found[0].code))


def with_link(words: str, address: str, code: str = "") -> str:
    """The text with an address at its end, where no mark can stick to it; with its code where it is one of many."""
    return f"{words} {code} {address}" if code else f"{words} {address}"


def about(slug: str, e: Emergency, language: str, zone: str, owner: str = "", **more: Any) -> str:
    """A text about one emergency; `owner` is the full name of who has it."""
    facts = {**_facts(e, language, zone), **more}
    facts["owner"] = text("has-it", language, owner=owner) if owner else text("nobody-has-it", language)
    return to_gsm7(text(_in_time(slug, e), language, **facts))


def readable(words: str, language: str) -> str:
    """The words; where some are in a script that a text cannot carry, it says so and keeps the others."""
    kept = without_other_scripts(words)
    if kept == " ".join(unicodedata.normalize("NFC", words).split()):
        return words
    rest = kept if any(c.isalnum() for c in kept) else ""
    return f"{text('other-script', language)} {rest}".strip()


def passed_on(notes: Sequence[str], language: str) -> str:
    """What a stranger wrote, on one short line and without web addresses."""
    shown = (readable(words, language) for words in notes[:MOST_NOTES_SHOWN])
    told = (in_language(without_addresses(words, language), language) for words in shown)
    return shortened(" / ".join(told), WORDS_SHOWN)


def answer(
    said: Answer,
    e: Emergency,
    language: str,
    zone: str,
    now: datetime,
    owner: str = "",
    blocked_until: datetime | None = None,
) -> str:
    """The reply to a command about one emergency. `blocked_until`: until then their codes prove nothing, so nobody is
    told to text one without hearing that."""
    facts = _facts(e, language, zone) | {"now": local_time(now, zone)}
    contact = promise.first_contact(e)
    facts["contact"] = local_time(contact, zone) if contact else ""
    for name, value in said.facts.items():
        facts[name] = local_time(value, zone) if isinstance(value, datetime) else value
    if "why" in said.facts:
        facts["why"] = text(f"why-{said.facts['why']}", language)
    if owner:
        facts["owner"] = owner
    slug = _slug_for(said.about, e)
    words = text(slug, language, **facts)
    if blocked_until and not promise.is_proved(e) and NEEDS_CODE.search(phrase(slug, "en")):
        words += " " + text("codes-blocked", language, until=local_time(blocked_until, zone))
    return to_gsm7(words)


def _slug_for(about: str, e: Emergency) -> str:
    """Nobody is told to be connected to a number that nobody knows, or to call by a time that has passed."""
    special = f"{about}-withheld"
    return _in_time(special if e.withheld and e.number is None and special in slugs() else about, e)


def _in_time(slug: str, e: Emergency) -> str:
    late = f"{slug}-late"
    return late if e.deadline_passed_at and late in slugs() else slug


def items(open_ones: Sequence[Emergency], language: str, zone: str, name: Callable[[str], str]) -> str:
    """The list that asks which one: reference, code, deadline and who has each."""
    return "; ".join(_item(e, language, zone, name) for e in open_ones)


def _item(e: Emergency, language: str, zone: str, name: Callable[[str], str]) -> str:
    state = text(f"state-{promise.state(e)}", language, owner=name(e.owner) if e.owner else "")
    return text("item", language, state=state, **_facts(e, language, zone))


def general(slug: str, language: str, **facts: Any) -> str:
    """A text that is about no single emergency."""
    return to_gsm7(text(slug, language, **facts))


def spoken_page(e: Emergency, language: str, zone: str, others: int = 0) -> str:
    """What a voice page says: caller and deadline first; then how many others wait."""
    facts = _facts(e, language, zone) | {"caller": spoken_caller(e, language)}
    more = text("and-more", language, n=others) if others else ""
    slug = "voice-page-drill" if e.drill else _in_time("voice-page", e)
    return f"{text(slug, language, **facts)} {more}".strip()


def spoken_answer(said: Answer, e: Emergency, language: str, zone: str) -> str:
    """What a voice page says after a key."""
    facts: dict[str, Any] = _facts(e, language, zone) | {"owner": said.facts.get("owner", ""), "why": ""}
    if "why" in said.facts:
        facts["why"] = text(f"why-{said.facts['why']}", language)
    return text(_in_time(f"voice-{said.about}", e), language, **facts)


def spoken_caller(e: Emergency, language: str) -> str:
    return spoken(e.number, language) if e.number else text(_caller_slug(e), language)


def promise_length(within: timedelta, language: str) -> str:
    """The promise in words: 30 minutes."""
    seconds = int(within.total_seconds())
    if seconds % 60:
        return text("seconds", language, n=seconds)
    return text("minutes", language, n=seconds // 60)


def clock_length(seconds: int) -> str:
    """24 -> 0:24."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def length(seconds: int | None) -> str:
    """812 -> 13 min 32 s; hours from one hour on."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _facts(e: Emergency, language: str, zone: str) -> dict[str, Any]:
    return {
        "drill": text("drill", language) if e.drill else "",
        "priority": e.priority,
        "ref": e.ref,
        "code": e.code,
        "caller": _caller(e, language),
        "message": _message(e, language, zone),
        "due": due_text(e, language, zone),
    }


def _caller(e: Emergency, language: str) -> str:
    """Who calls: the address book's name and company, then the number."""
    number = written(e.number) if e.number else text(_caller_slug(e), language)
    known = (without_other_scripts(word) for word in (e.name, e.company) if word)
    named = ", ".join(word[:LONGEST_NAME] for word in known if any(c.isalnum() for c in word))
    return f"{named} {number}" if named else number


def _caller_slug(e: Emergency) -> str:
    return "withheld" if e.withheld else "unknown-number"


def _message(e: Emergency, language: str, zone: str) -> str:
    at = local_time(e.call_started_at, zone)
    again = text("called-times", language, n=len(e.called_again) + 1) if e.called_again else ""
    if e.message_ended_at:
        return text("message", language, length=clock_length(e.message_seconds or 0), at=at) + again
    return text("message-none" if e.message_missing else "message-coming", language, at=at) + again


# --- the verdict, with its numbers ---


def explain(verdict: promise.Verdict, language: str = "en", name: Callable[[str], str] = str) -> str:
    """One sentence that says what decided; `name` writes who acted."""
    attempt = verdict.deciding
    facts: dict[str, Any] = {"after": length(verdict.seconds), "by": "", "talk": "", "result": ""}
    if attempt:
        known = attempt.result in slugs(context="result")
        result = phrase_in("result", attempt.result, language) if known else attempt.result
        facts |= {"by": name(attempt.by), "talk": length(attempt.talk_seconds), "result": result}
    why = phrase_in("verdict", verdict.reason, language).format(**facts)
    return f"{why} {phrase_in('verdict', 'outage', language)}" if verdict.our_outage else why
