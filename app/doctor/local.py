"""Checks of our own side: database, schema, engine, roster, policy, gaps, phones, texts, notify URLs."""

import os
import platform
import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.cookies import SimpleCookie

from app.doctor.finding import Finding, finding, fine
from app.http.peers import is_loopback
from app.notify import split
from app.settings import Settings
from callbacks.engine.jobs import feeds
from callbacks.lib import magic_links
from callbacks.lib.gsm import MOST_SEGMENTS, is_gsm7, segments, to_gsm7
from callbacks.messages import catalog, wording
from callbacks.oncall.coverage import Duty, PhoneProblem, phones, uncovered
from callbacks.oncall.roster import EMPTY
from callbacks.policy.lint import UnknownRotation, lint
from callbacks.policy.model import RESERVED, Policy
from callbacks.store.sql import people
from callbacks.store.sql.database import Database, DatabaseFault, server_of
from callbacks.store.sql.migrations import schema_is_current
from callbacks.store.sql.transaction import Transaction

WEEK = timedelta(days=7)
BEAT = timedelta(seconds=15)
MEGABYTE = 1_000_000
LITTLE_MEGABYTES = 500
SAMPLE_URL = "https://oncall.example.com"
SAMPLE = {
    "drill": "",
    "priority": "P1",
    "ref": "E-000042",
    "code": "K74",
    "caller": "514-555-0142",
    "due": "02:30",
    "message": "message of 0:24 at 02:00",
    "owner": "",
    "why": "busy",
    "now": "02:10",
    "contact": "02:10",
    "since": "02:05",
    "person": "Ana Roy",
    "rotation": "primary",
    "until": "Tue 18:00",
    "start": "Tue 18:00",
    "end": "Wed 07:30",
    "list": "#K74 02:31, #R2M 02:33",
    "example": "1 K74",
    "next": "Bob Chen",
    "length": "0:24",
    "at": "02:00",
    "state": "Ana Roy",
    "again": "02:25",
    "coverage": "inside",
    "send": "4",
    "digits": "731",
    "words": "It is worse: nobody can log in, and the queue grows since two o'clock.",
}


def database(db: Database) -> Iterator[Finding]:
    try:
        db.check()
    except DatabaseFault as fault:
        yield finding(
            "database",
            False,
            "cannot be used: %(error)s",
            "nothing can be recorded, so nobody is paged",
            "start it, or fix CALLBACKS_DATABASE_URL",
            error=fault.what,
        )
        return
    yield fine("database", "answers (journal: %(mode)s)", mode=db.journal_mode)
    if schema_is_current(db):
        yield fine("schema", "current")
    else:
        yield finding("schema", False, "is out of date", "serve will not start with it", "run: callbacks migrate")


def engine(session: Transaction, now: datetime) -> Iterator[Finding]:
    beat = session.nodes.last_beat()
    if beat and now - beat <= BEAT:
        yield fine("engine", "heartbeat in the last 15 s")
        return
    what = "no heartbeat since %(at)s" if beat else "has never run"
    at = f"{beat:%Y-%m-%d %H:%M:%S} UTC" if beat else ""
    yield finding("engine", False, what, "messages are recorded but nobody is paged", "run: callbacks serve", at=at)


def roster(duty: Duty, policy: Policy) -> Iterator[Finding]:
    if duty.roster == EMPTY or not duty.roster.people:
        yield finding("roster", False, "is empty", "there is nobody to page", "run: callbacks roster load FILE")
        return
    yield fine(
        "roster",
        "%(people)s people, %(rotations)s rotations",
        people=len(duty.roster.people),
        rotations=len(duty.roster.rotation_names),
    )
    if not duty.roster.supervisors:
        yield finding(
            "supervisors", False, "there are none", "nobody is told of a promise at risk", "add a [[supervisor]]"
        )
    elif not any(s.takes_texts for s in duty.supervisors):
        yield finding(
            "supervisors",
            False,
            "none of them receives texts",
            "alarms that are not about one emergency reach only the notify URLs",
            "set sms = true for one supervisor, or have one text START",
        )
    faults = lint(policy, duty.roster.rotation_names)
    known = ", ".join(sorted({*duty.roster.rotation_names, *RESERVED}))
    for fault in faults:
        fix = "use one of %(known)s" if isinstance(fault, UnknownRotation) else "%(right)s"
        yield finding(
            "policy",
            False,
            "%(key)s = %(value)s %(problem)s",
            "the promise cannot be kept",
            fix,
            key=fault.key,
            value=fault.value,
            problem=fault.problem,
            right=fault.fix,
            known=known,
        )
    if not faults:
        yield fine("policy", "can keep its promise")


def gaps(duty: Duty, policy: Policy, now: datetime) -> Iterator[Finding]:
    if not duty.roster.people:
        return  # an empty roster is told as such
    zone, found = duty.roster.timezone, uncovered(policy, duty, now, now + WEEK)
    for gap in found:
        start, end = ({x: wording.local_day(at, zone, x) for x in ("en", "fr")} for at in (gap.start, gap.end))
        yield finding(
            "gap",
            False,
            "nobody is on call for %(rotation)s from %(start)s to %(end)s",
            "that escalation step pages nobody",
            "add an [[override]] to cover it",
            rotation=gap.rotation,
            start=start,
            end=end,
        )
    if not found and duty.roster.rotation_names:
        yield fine("gaps", "none in the next 7 days outside support hours")


def calendars(session: Transaction, duty: Duty, now: datetime) -> Iterator[Finding]:
    """Calendars that cannot be read, and their events that put nobody on call."""
    left_out = feeds.left_out(session, duty.roster, now)
    for rotation, error in feeds.broken(session, duty.roster).items():
        yield finding(
            "calendar of %(rotation)s",
            False,
            "cannot be read: %(error)s",
            "the last good copy is used, if there is one",
            "fix the calendar or its address",
            rotation=rotation,
            error=error,
        )
    for rotation, items in left_out.items():
        for item in items:
            yield finding(
                "calendar of %(rotation)s",
                False,
                '"%(summary)s" %(problem)s (UID %(uid)s)',
                "the event is ignored: it puts nobody on call",
                "name one person on the roster in it, or delete the event",
                rotation=rotation,
                summary=item.summary,
                problem=item.why.value,
                uid=item.uid,
            )


def readiness(session: Transaction, duty: Duty, now: datetime) -> Iterator[Finding]:
    drills = people.last_drills(session)
    for state in phones(duty.roster.people, session.people.sms_dead(), drills, now):
        for problem in state.problems:
            is_remark = problem is PhoneProblem.NO_DRILL
            fix = "correct the roster, or have them text START"
            drill = "run: callbacks drill --technician %(person)s"
            yield finding(
                "%(person)s's phone",
                None if is_remark else False,
                "%(problem)s",
                "this person may not receive a page",
                drill if is_remark else fix,
                person=state.name,
                problem=problem,
            )


def texts(public_url: str = SAMPLE_URL) -> Iterator[Finding]:
    """Every text in both languages: cheap letters only, and short enough, with its link where it has one."""
    faults = 0
    for slug, language, words in _texts():
        if not is_gsm7(words) or segments(words) > MOST_SEGMENTS:
            faults += 1
            yield finding(
                "texts",
                False,
                "%(slug)s (%(spoken)s) takes %(n)s segments",
                "long texts are delayed when many emergencies open at once",
                "shorten it",
                slug=slug,
                spoken=language,
                n=segments(words),
            )
        elif slug in wording.LINKED and segments(_with_links(slug, words, public_url)) > MOST_SEGMENTS:
            faults += 1
            yield finding(
                "texts",
                None,
                "%(slug)s (%(spoken)s) is too long for its link",
                "it is sent without the link",
                "use a shorter CALLBACKS_PUBLIC_URL",
                slug=slug,
                spoken=language,
            )
    if not faults:
        yield fine("texts", "all are GSM-7, %(n)s segments at most", n=MOST_SEGMENTS)


def notify(settings: Settings) -> Iterator[Finding]:
    count = len(split(settings.notify_urls))
    if count:
        yield fine("notification URLs", "%(n)s set", n=count)
    else:
        yield finding(
            "notification URLs",
            None,
            "none",
            "when the carrier is down, alarms cannot be delivered",
            "set CALLBACKS_NOTIFY_URLS",
        )


def heartbeat(settings: Settings) -> Iterator[Finding]:
    if settings.heartbeat_url:
        yield fine("heartbeat", "set")
    else:
        yield finding("heartbeat", None, "none", "if this machine dies, nobody is told", "set CALLBACKS_HEARTBEAT_URL")


def disk(settings: Settings) -> Iterator[Finding]:
    """Room for tonight's messages, where they are kept."""
    folder = settings.data_dir if settings.data_dir.exists() else settings.data_dir.absolute().parent
    if not os.access(folder, os.W_OK):
        yield finding(
            "disk",
            False,
            "%(folder)s is not writable",
            "message audio cannot be stored",
            "give this user write permission there, or set CALLBACKS_DATA_DIR",
            folder=str(folder),
        )
        return
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free < LITTLE_MEGABYTES:
        yield finding(
            "disk",
            False,
            "%(free)s MB free",
            "emergencies that cannot be recorded page nobody",
            "free up space",
            free=free,
        )
    else:
        yield fine("disk", "%(free)s MB free", free=free)


def _with_links(slug: str, words: str, public_url: str) -> str:
    address = public_url.rstrip("/") + magic_links.path_to("x" * 22)
    for code in ("K7", "R2") if slug == "bundle" else ("",):
        words = wording.with_link(words, address, code)
    return words


def _texts() -> Iterator[tuple[str, str, str]]:
    for slug in sorted(catalog.slugs("texts")):
        for language in catalog.LANGUAGES:
            yield slug, language, to_gsm7(catalog.phrase(slug, language, 3).format(**SAMPLE, n=3))


# What we stand on: the mode, the interpreter, the way to the database.

ESCAPES = 4000
MOST_SECONDS = 0.05


def mode(settings: Settings) -> Iterator[Finding]:
    if settings.is_demo:
        yield finding(
            "mode",
            None,
            "demo mode: no login",
            "everybody on this machine acts as supervisor",
            "set CALLBACKS_MODE=live before real use",
        )
    else:
        yield fine("mode", "live")


def interpreter() -> Iterator[Finding]:
    """Tried, not read from its version: distributions fix an old one without a new number."""
    began = time.thread_time()
    SimpleCookie('a="' + '\\"' * ESCAPES + '"')
    if time.thread_time() - began < MOST_SECONDS:
        yield fine("python", "%(version)s, without the known vulnerabilities", version=platform.python_version())
        return
    yield finding(
        "python",
        None,
        "%(version)s reads cookies in quadratic time (CVE-2024-7592)",
        "quoted cookies are dropped before it reads them, but it lacks other security fixes too",
        "use 3.11.10, 3.12.6 or newer, or a distribution's package with the fix",
        version=platform.python_version(),
    )


def way_to_database(url: str) -> Iterator[Finding]:
    """Whether somebody on the way could read and change everything. Nothing to say of what stays on this machine."""
    server = server_of(url)
    if server is None or all(map(_is_here, server.hosts)):
        return
    given = server.sslmode or os.environ.get("PGSSLMODE", "prefer")
    if given == "verify-full":
        yield fine("database connection", "encrypted, and the server's certificate is checked")
        return
    yield finding(
        "database connection",
        None,
        "sslmode is %(given)s, so the server's certificate is not checked",
        "anybody on the network path can read and change everything",
        "add sslmode=verify-full and sslrootcert to CALLBACKS_DATABASE_URL",
        given=given,
    )


def _is_here(host: str) -> bool:
    return host.startswith("/") or is_loopback(host)
