"""Calendars that rotations are read from: fetched now and then, the last good copy kept, a broken one told."""

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import structlog

from callbacks.calendar_feed import MOST_BYTES, BrokenFeed, read_feed
from callbacks.engine.alarms import to_supervisors
from callbacks.engine.intake import put_effects
from callbacks.engine.world import World
from callbacks.roster import CalendarFeed, Roster
from callbacks.store import notices
from callbacks.store.database import with_retries
from callbacks.store.tables import FeedRow
from callbacks.telephony.trust import trusted

log = structlog.get_logger()
EVERY = timedelta(minutes=5)
SECONDS = 10
WEEK = timedelta(days=7)


def refresh(world: World) -> None:
    """Fetches every feed whose last try is old; what is broken leaves the good copy as it was."""
    with world.database.read() as session:
        roster = world.duty(session).roster
        tried = {feed.rotation: session.get(FeedRow, feed.rotation) for feed in roster.calendars}
    now = world.clock.now()
    for feed in roster.calendars:
        row = tried[feed.rotation]
        if row is None or row.url != feed.url or now - row.tried_at >= EVERY:
            _fetch(world, roster, feed, now)


def fetch(url: str) -> bytes:
    """A feed's bytes, from the web or a file. Raises BrokenFeed."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        try:
            return Path(unquote(parts.path)).read_bytes()[: MOST_BYTES + 1]
        except OSError as error:
            raise BrokenFeed(f"the file cannot be read ({error.strerror})") from None
    try:
        with httpx.Client(timeout=SECONDS, verify=trusted(), follow_redirects=True, max_redirects=3) as client:
            return _streamed(client, url)
    except httpx.HTTPError as error:
        raise BrokenFeed(f"cannot be fetched ({type(error).__name__})") from None


def _streamed(client: httpx.Client, url: str) -> bytes:
    content = bytearray()
    with client.stream("GET", url) as answer:
        if answer.status_code != 200:
            raise BrokenFeed(f"answered {answer.status_code}")
        for piece in answer.iter_bytes():
            content += piece
            if len(content) > MOST_BYTES:
                raise BrokenFeed("larger than 1 MB")
    return bytes(content)


def _fetch(world: World, roster: Roster, feed: CalendarFeed, now: datetime) -> None:
    try:
        content = fetch(feed.url)
        read_feed(content, feed.rotation, roster, now, now + WEEK, roster.timezone)
        _keep(world, feed, now, content.decode("utf-8", "replace"), None)
    except BrokenFeed as fault:
        log.warning("feed.broken", rotation=feed.rotation, why=str(fault))
        _keep(world, feed, now, None, str(fault))


def _keep(world: World, feed: CalendarFeed, now: datetime, content: str | None, error: str | None) -> None:
    def once() -> None:
        with world.database.write() as session:
            row = session.get(FeedRow, feed.rotation) or FeedRow(rotation=feed.rotation, url=feed.url, tried_at=now)
            if row.url != feed.url:
                row.url, row.content, row.good_at = feed.url, None, None
            row.tried_at, row.error = now, error
            if content is not None:
                row.content, row.good_at = content, now
            session.add(row)
            if error and notices.is_news(session, f"feed {feed.rotation} {row.good_at}", now):
                told = to_supervisors(world.duty(session), "feed-broken", rotation=feed.rotation, why=error)
                put_effects(session, None, told, now)

    with_retries(once)
