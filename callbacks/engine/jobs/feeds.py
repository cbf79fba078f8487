"""Calendars that rotations are read from: fetched now and then, worked out once, and their shifts stored.

- The address is fetched as a webhook is sent: checked, no redirect, one time limit; the thread is the feeds' own.
- The text is worked out in a process of its own, outside any transaction, for all the time that is used of it.
- What cannot be read leaves the shifts of before as they were, and is told; so is every event that is left out.
- Whoever a calendar takes off call, or puts on call, hears of it.
"""

import base64
import hashlib
import json
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import structlog

from callbacks.engine.context import EngineContext
from callbacks.engine.jobs import handoff_notices
from callbacks.engine.jobs.feed_process import read_apart, read_left_out, write_left_out
from callbacks.engine.notify import notify
from callbacks.lib.url_guard import Refused
from callbacks.messages import wording
from callbacks.oncall.calendar_feed import MEGABYTE, MOST_BYTES, BrokenFeed, Feed, LeftOut
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import EMPTY, CalendarFeed, Roster
from callbacks.store.feeds import AFTER, BEFORE
from callbacks.store.interface import Transaction
from callbacks.store.rows import FeedRow
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
EVERY = timedelta(minutes=5)
READ_AGAIN = timedelta(hours=12)  # the same text, for the time that has come into sight
QUIET = timedelta(hours=6)  # how long a calendar must have been well before another fault is news
MOST_NAMED = 3
LONGEST_SUMMARY = 60
LONGEST_UID = 80
CHANGING = re.compile(rb"^(DTSTAMP|LAST-MODIFIED|CREATED|X-WR-CALDESC)[:;].*$", re.MULTILINE)
Client = Callable[[str, Mapping[str, str]], tuple[int, bytes]]


def refresh(context: EngineContext) -> None:
    """Fetches every calendar whose last try is old; what is broken leaves the shifts of before as they were."""
    take_old_copies(context)
    with context.database.read() as session:
        roster = context.duty(session).roster
        tried = {feed.rotation: session.feeds.find(feed.rotation) for feed in roster.calendars}
    now = context.clock.now()
    for feed in roster.calendars:
        last = tried[feed.rotation]
        if (
            last is None
            or last.url != feed.url
            or now - last.tried_at >= EVERY
            or (last.digest and not last.error and not last.digest.startswith(_people(roster)))
        ):
            _look(context, roster, feed, last)


def take_old_copies(context: EngineContext) -> None:
    """Works out what the version before kept as text, so that nobody is off call until the next fetch."""
    with context.database.read() as session:
        roster = context.duty(session).roster
        rows = session.feeds.old_copies()
    for feed in roster.calendars:
        if feed.rotation in rows:
            try:
                _work_out(context, roster, feed, rows[feed.rotation].encode(), None)
            except BrokenFeed as fault:
                log.warning("feed.broken", rotation=feed.rotation, why=str(fault))
                context.database.transact(partial(_drop_copy, feed.rotation))


def fetch(url: str, client: Client | None) -> bytes:
    """A calendar's bytes, from the web or a file. Raises BrokenFeed."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _from_file(Path(unquote(parts.path)))
    if client is None:
        raise BrokenFeed("addresses are not fetched here")
    try:
        status, content = client(*_without_password(url))
    except Refused as error:
        raise BrokenFeed(str(error)) from None
    except CarrierError as error:
        raise BrokenFeed(f"cannot be fetched ({error.why})") from None
    if 300 <= status < 400:
        raise BrokenFeed(f"answered {status}: it has moved, use its new address")
    if status != 200:
        raise BrokenFeed(f"answered {status}")
    return _bounded(content)


def left_out(session: Transaction, roster: Roster, now: datetime) -> dict[str, list[LeftOut]]:
    """By rotation, the events of its calendar that were not used, less those that are over."""
    rows = session.feeds.left_out()
    found = {feed.rotation: list(read_left_out(rows.get(feed.rotation, []))) for feed in roster.calendars}
    return {name: [f for f in items if f.until is None or f.until > now] for name, items in found.items()}


def broken(session: Transaction, roster: Roster) -> dict[str, str]:
    """By rotation, why its calendar could not be read the last time."""
    rows = session.feeds.errors()
    return {feed.rotation: rows[feed.rotation] for feed in roster.calendars if feed.rotation in rows}


def _from_file(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BrokenFeed("it is not a file")
        with path.open("rb") as file:
            return _bounded(file.read(MOST_BYTES + 1))
    except OSError as error:
        raise BrokenFeed(f"the file cannot be read ({error.strerror})") from None


def _bounded(content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise BrokenFeed(f"larger than {MOST_BYTES // MEGABYTE} MB")
    return content


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    """A name and password in the address are sent as a header."""
    parts = urlsplit(url)
    secret, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, {}
    basic = base64.b64encode(unquote(secret).encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), {"Authorization": f"Basic {basic}"}


def _look(context: EngineContext, roster: Roster, feed: CalendarFeed, last: FeedRow | None) -> None:
    is_fresh = last and last.url == feed.url and last.read_at and context.clock.now() - last.read_at < READ_AGAIN
    try:
        _work_out(context, roster, feed, fetch(feed.url, context.calendar), last.digest if last and is_fresh else None)
    except BrokenFeed as fault:
        log.warning("feed.broken", rotation=feed.rotation, why=str(fault))
        context.database.transact(partial(_failed, context, feed=feed, why=str(fault)))


def _work_out(context: EngineContext, roster: Roster, feed: CalendarFeed, content: bytes, known: str | None) -> None:
    """Works a text out and stores its shifts, unless that was done of the same text and people. Raises BrokenFeed."""
    now, digest = context.clock.now(), _digest(content, roster)
    read = None
    if digest != known:
        with context.database.read() as session:
            is_first = not session.feeds.calendars(Roster(calendars=(feed,)), now)
        since = now - BEFORE if is_first else now
        read = read_apart(content, feed.rotation, roster, since, now + AFTER)
    context.commit(lambda session: _good(context, session, feed, read, digest, now))


def _good(
    context: EngineContext, session: Transaction, feed: CalendarFeed, read: Feed | None, digest: str, now: datetime
) -> None:
    row = replace(_row(session, feed, now), good_at=now, error=None)
    if row.told_at and (row.failed_at is None or now - row.failed_at >= QUIET):
        row = replace(row, told_at=None)
    if read is not None:
        before = context.duty(session)
        is_first = row.version is None
        since = now - BEFORE if is_first else now
        left_out = json.dumps([write_left_out(found) for found in read.left_out])
        row = replace(row, digest=digest, read_at=now, left_out=left_out)
        is_changed = session.feeds.replace(feed.rotation, read.shifts, since, now)
        if is_changed or is_first:
            row = replace(row, version=session.token(16))
        if is_changed:
            session.feeds.keep(row)
            _take_over(session, feed, _before(session, before) if is_first else before, context.duty(session), now)
        _tell_left_out(session, before, feed, read.left_out, now)
    session.feeds.keep(row)


def _drop_copy(rotation: str, session: Transaction) -> None:
    """An old text that cannot be worked out is not tried again."""
    session.feeds.drop_copy(rotation)


def _before(session: Transaction, present: Duty) -> Duty:
    """At a calendar's first reading: who had its rotation by the roster before, which the calendar took over from."""
    return replace(present, roster=session.people.roster_before())


def _take_over(session: Transaction, feed: CalendarFeed, before: Duty, after: Duty, now: datetime) -> None:
    """As of another roster: the first one of all tells nobody."""
    if before.roster != EMPTY:
        handoff_notices.take_over(session, before, after, now, feed.rotation)


def _failed(context: EngineContext, session: Transaction, feed: CalendarFeed, why: str) -> None:
    now = context.clock.now()
    row = replace(_row(session, feed, now), error=why[:200], failed_at=now)
    if row.told_at is None:
        row = replace(row, told_at=now)
        notify(session, context.duty(session).supervisors, "feed-broken", now, rotation=feed.rotation, why=why)
    session.feeds.keep(row)
    context.wake.set()


def _row(session: Transaction, feed: CalendarFeed, now: datetime) -> FeedRow:
    row = session.feeds.find(feed.rotation) or FeedRow(rotation=feed.rotation, url=feed.url, tried_at=now)
    if row.url != feed.url:
        session.feeds.drop_copy(feed.rotation)
        row = replace(row, url=feed.url, good_at=None, told_at=None)
    return replace(row, tried_at=now)


def _tell_left_out(
    session: Transaction, duty: Duty, feed: CalendarFeed, found: Sequence[LeftOut], now: datetime
) -> None:
    """Supervisors hear of each event once, of several in one text; of none that is over."""
    news = [
        item
        for item in found
        if (item.until is None or item.until > now) and session.notices.is_news(_key(feed, item), now)
    ]
    if not news:
        return
    log.warning("feed.left_out", rotation=feed.rotation, n=len(news))
    more = len(news) - MOST_NAMED
    slug = "feed-left-out" if more <= 0 else "feed-left-out-more"
    notify(session, duty.supervisors, slug, now, rotation=feed.rotation, list=partial(_left_out, news), n=more)


def _left_out(news: Sequence[LeftOut], language: str) -> str:
    items = []
    for item in news[:MOST_NAMED]:
        why = wording.text(f"left-out-{item.why.name.lower().replace('_', '-')}", language)
        uid = f" (UID {item.uid[:LONGEST_UID] or '?'})" if len(news) == 1 else ""
        items.append(f'"{item.summary[:LONGEST_SUMMARY]}" {why}{uid}')
    return "; ".join(items)


def _key(feed: CalendarFeed, item: LeftOut) -> str:
    """Of an event nobody is known of, its summary; of any other its UID too."""
    what = hashlib.sha256(repr((item.why.name, item.summary, item.uid if item.until is None else "")).encode())
    return f"feed event {feed.rotation} {what.hexdigest()[:40]}"


def _digest(content: bytes, roster: Roster) -> str:
    """Of the text, less the lines that some calendars write anew at every fetch, and of the people it is held
    against."""
    text = hashlib.sha256(CHANGING.sub(b"", content)).hexdigest()
    return _people(roster) + text[:40]


def _people(roster: Roster) -> str:
    known = (roster.timezone, [(p.name, p.full_name, p.email) for p in roster.people])
    return hashlib.sha256(repr(known).encode()).hexdigest()[:24]
