"""Time has passed: what the policy keeps no longer goes, here and at the carrier.

- Once a day, on one node, in a thread that nothing waits for: the carrier may take its time over every record.
- A batch at a time, until nothing old is left. Each transaction is short, so that no page waits for it either.
- What is not done today, since the node stopped or the carrier refused, is done tomorrow.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlmodel import Session

from callbacks.engine import erasure
from callbacks.engine.erasure import Erased
from callbacks.engine.intake import ref_of
from callbacks.engine.world import World
from callbacks.store import audits, erasing, notices, subscriptions, used_up

BATCH = 200


def look(world: World, is_stopped: Callable[[], bool] = lambda: False) -> Erased | None:
    """Erases what is too old, and asks the carrier again for what it kept. None when today's turn is over. Ends early
    when the node stops."""
    now, keep, done = world.clock.now(), world.policy.retention, Erased()
    with world.database.write() as session:
        if not notices.is_news(session, f"retention {now:%Y-%m-%d}", now):
            return None
    erasure.again(world, done)
    for ids in _batches(world, lambda s, after: erasing.with_audio_before(s, now - keep.audio, after, BATCH)):
        for emergency_id in ids:
            if is_stopped():
                return done
            erasure.audio(world, emergency_id, done)
            erasure.attachments(world, emergency_id, done)
    for ids in _batches(world, lambda s, after: erasing.closed_before(s, now - keep.words, after, BATCH)):
        if is_stopped():
            return done
        _words(world, ids, done)
    for before, rooms in (
        (now - keep.words, (*erasing.ROOMS, *used_up.WITH_WORDS)),
        (now - used_up.AFTER, used_up.SOON),
        (now, used_up.AT_ONCE),
    ):
        for empty in rooms:
            _emptied(world, before, empty)
    if done.emergencies or done.recordings:
        with world.database.write() as session:
            n = str(len(done.emergencies))
            audits.put(session, now, "retention", "engine", "emergency.erased", n, audio=done.recordings)
    done.in_pages = not world.database.empty_log()
    return done


def _batches(world: World, find: Callable[[Session, int], list[int]]) -> Iterator[list[int]]:
    """Ids of emergencies in rising order; none twice, whatever becomes of them."""
    after = 0
    while True:
        with world.database.read() as session:
            ids = find(session, after)
        if not ids:
            return
        yield ids
        after = ids[-1]


def _words(world: World, ids: list[int], done: Erased) -> None:
    for emergency_id in ids:
        erasure.attachments(world, emergency_id, done)
    with world.database.read() as session:
        copies = erasing.carriers_copies(session, ids)
    erasure.at_carrier(world, copies, done)
    with world.database.write() as session:
        erasing.words_of(session, ids)
        subscriptions.forget(session, ids, world.clock.now())
    done.emergencies += map(ref_of, ids)


def _emptied(world: World, before: datetime, empty: Callable[[Session, datetime, int], int]) -> None:
    while True:
        with world.database.write() as session:
            if empty(session, before, BATCH) < BATCH:
                return
