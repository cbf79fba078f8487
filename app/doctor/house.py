"""Our own side: database, schema, engine, roster, policy, gaps, phones, texts, notify URLs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import Session, select

from app.doctor.finding import Finding, fine
from app.notify import split
from app.settings import Settings
from callbacks import wording
from callbacks.duty import Duty
from callbacks.gsm import is_gsm7, segments, to_gsm7
from callbacks.policy import Policy
from callbacks.policy_lint import lint
from callbacks.readiness import phones, uncovered
from callbacks.roster import EMPTY
from callbacks.store import nodes, people
from callbacks.store.database import Database
from callbacks.store.migrations import schema_is_current
from callbacks.store.tables import PersonRow
from callbacks.words import WRITTEN

WEEK = timedelta(days=7)
BEAT = timedelta(seconds=15)
MOST_SEGMENTS = 2
SAMPLE = {
    "drill": "", "priority": "P1", "ref": "E-000042", "code": "K7", "caller": "514-555-0142", "due": "02:30",
    "message": "message of 0:24 at 02:00", "owner": "", "why": "busy", "now": "02:10", "contact": "02:10",
    "since": "02:05", "person": "Ana Roy", "rotation": "primary", "until": "Tue 18:00", "start": "Tue 18:00",
    "end": "Wed 07:30", "n": 3, "list": "#K7 02:31, #R2 02:33", "example": "1 K7", "next": "Bob Chen",
    "length": "0:24", "at": "02:00", "state": "Ana Roy", "again": "02:25", "coverage": "inside",
    "words": "It is worse: nobody can log in, and the queue grows since two o'clock.",
}  # fmt: skip


def database(db: Database) -> Iterator[Finding]:
    if not db.healthy():
        yield Finding(
            "database", False, "does not answer", "nothing can be written down, so nobody is paged",
            "start it, or mend CALLBACKS_DATABASE_URL",
        )  # fmt: skip
        return
    yield fine("database", f"answers (journal: {db.journal_mode})")
    if schema_is_current(db):
        yield fine("schema", "current")
    else:
        yield Finding("schema", False, "is old", "serve refuses to start on it", "run: callbacks migrate")


def engine(session: Session, now: datetime) -> Iterator[Finding]:
    beat = nodes.last_beat(session)
    if beat and now - beat <= BEAT:
        yield fine("engine", "gave a sign of life in the last 15 s")
        return
    since = f"silent since {beat:%Y-%m-%d %H:%M:%S} UTC" if beat else "has never run"
    yield Finding("engine", False, since, "messages are recorded but nobody is paged", "run: callbacks serve")


def roster(duty: Duty, policy: Policy) -> Iterator[Finding]:
    if duty.roster == EMPTY or not duty.roster.people:
        yield Finding(
            "roster", False, "is empty", "there is nobody to page", "run: callbacks roster load FILE",
        )  # fmt: skip
        return
    yield fine("roster", f"{len(duty.roster.people)} people, {len(duty.roster.rotation_names)} rotations")
    if not duty.roster.supervisors:
        yield Finding(
            "supervisors", False, "there are none", "nobody hears of a promise at risk", "add a [[supervisor]]"
        )
    faults = lint(policy, duty.roster.rotation_names)
    for fault in faults:
        yield Finding(
            "policy", False, f"{fault.key} = {fault.value} {fault.problem}", "the promise cannot be kept", fault.fix
        )
    if not faults:
        yield fine("policy", "can keep its promise")


def gaps(duty: Duty, policy: Policy, now: datetime) -> Iterator[Finding]:
    if not duty.roster.people:
        return  # an empty roster is told as such
    zone, found = duty.roster.timezone, uncovered(policy, duty, now, now + WEEK)
    for gap in found:
        start, end = (wording.local_day(at, zone, "en") for at in (gap.start, gap.end))
        yield Finding(
            "gap", False, f"nobody is on call for {gap.rotation} from {start} to {end}",
            "that step of the ladder pages nobody", "put somebody in with an [[override]]",
        )  # fmt: skip
    if not found and duty.roster.rotation_names:
        yield fine("gaps", "none in the next 7 days outside support hours")


def readiness(session: Session, duty: Duty, now: datetime) -> Iterator[Finding]:
    rows = session.exec(select(PersonRow)).all()
    verified = {row.name: row.verified_at for row in rows if row.verified_at}
    for state in phones(duty.roster.people, people.sms_dead(session), verified, now):
        for problem in state.problems:
            is_remark = problem.startswith("no drill")
            mend = "mend the roster, or have them text START to us"
            drill = f"run: callbacks drill --technician {state.name}"
            yield Finding(
                f"phone of {state.name}", None if is_remark else False, problem, "this person may sleep through a page",
                drill if is_remark else mend,
            )  # fmt: skip


def texts() -> Iterator[Finding]:
    """Every text in both languages: cheap letters only, and short enough."""
    faults = 0
    for slug, language, words in _texts():
        if not is_gsm7(words) or segments(words) > MOST_SEGMENTS:
            faults += 1
            yield Finding(
                "texts", False, f"{slug} ({language}) takes {segments(words)} segments",
                "long texts come late in a storm", "shorten it",
            )  # fmt: skip
    if not faults:
        yield fine("texts", f"all are GSM-7, {MOST_SEGMENTS} segments at most")


def notify(settings: Settings) -> Iterator[Finding]:
    count = len(split(settings.notify_urls))
    if count:
        yield fine("notify URLs", f"{count} set")
    else:
        yield Finding(
            "notify URLs",
            None,
            "none",
            "when the carrier is down, alarms have no other way",
            "set CALLBACKS_NOTIFY_URLS",
        )


def _texts() -> Iterator[tuple[str, str, str]]:
    for slug, entry in WRITTEN.items():
        for language, words in entry.items():
            yield slug, language, to_gsm7(words.format(**SAMPLE))
