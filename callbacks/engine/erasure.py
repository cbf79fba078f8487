"""Somebody asks to be forgotten, or time has passed: audio, numbers and words go, here and at the carrier.

- Only closed emergencies: a promise that is still owed needs the number it is owed to.
- The facts stay, and the chain verifies: it never held a word.
- What the carrier does not delete now is said, and the command may be given again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from callbacks.engine.intake import ref_of, take_in
from callbacks.engine.recordings import bars_of, path_of
from callbacks.engine.stories import load
from callbacks.engine.world import World
from callbacks.inputs import RecordingLost
from callbacks.store import answers, audits, customers, erasing, notices, subscriptions
from callbacks.store.database import with_retries
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
ERASED, BATCH = "erased", 200
DAY = timedelta(days=1)


class StillOwed(Exception):
    """An emergency of theirs is open; `refs` says which."""

    def __init__(self, refs: Sequence[str]) -> None:
        super().__init__(", ".join(refs))
        self.refs = tuple(refs)


@dataclass
class Erased:
    """What was erased; `kept_at_carrier` names SIDs that the carrier did not delete. `in_pages`: somebody was reading
    all the while, and old pages of SQLite may still hold the words."""

    emergencies: list[str] = field(default_factory=list)
    recordings: int = 0
    carrier_records: int = 0
    kept_at_carrier: list[str] = field(default_factory=list)
    was_in_book: bool = False
    in_pages: bool = False


def customer(world: World, number: str, by: str) -> Erased:
    """Forgets a customer by their number (E.164). Raises StillOwed, and then nothing was changed."""
    with world.database.read() as session:
        rows = erasing.of_customer(session, number)
        is_open = [ref_of(row.id or 0) for row in rows if row.is_open]
        ids = [row.id for row in rows if row.id]
        calls, messages = erasing.carriers_copies(session, ids, [number])
    if is_open:
        raise StillOwed(is_open)
    done = Erased([ref_of(i) for i in ids])
    for emergency_id in ids:
        _audio(world, emergency_id, done)
    _at_carrier(world, calls, messages, done)

    def once() -> bool:
        with world.database.write() as session:
            erasing.words_of(session, ids, [number])
            _told(session, ids, [number], world.clock.now())
            gone = customers.forget(session, number) is not None
            audits.put(session, world.clock.now(), by, "command", "customer.erased", ", ".join(done.emergencies))
            return gone

    done.was_in_book = with_retries(once)
    done.in_pages = not world.database.empty_log()
    return done


def by_age(world: World) -> Erased | None:
    """Once a day: what is older than the policy keeps it. None when today's turn is over."""
    now, keep = world.clock.now(), world.policy.retention
    with world.database.write() as session:
        if not notices.is_news(session, f"retention {now:%Y-%m-%d}", now):
            return None
        loud = erasing.with_audio_before(session, now - keep.audio, BATCH)
        old = erasing.closed_before(session, now - keep.words, BATCH)
        calls, messages = erasing.carriers_copies(session, old, [])
    done = Erased([ref_of(i) for i in old])
    for emergency_id in loud:
        _audio(world, emergency_id, done)
    _at_carrier(world, calls, messages, done)
    with world.database.write() as session:
        erasing.words_of(session, old)
        _told(session, old, [], now)
        erasing.reports_before(session, now - keep.words)
        if done.emergencies or done.recordings:
            audits.put(session, now, "retention", "engine", "emergency.erased", f"{len(old)}", audio=done.recordings)
    done.in_pages = not world.database.empty_log()
    return done


def _told(session: Session, ids: Sequence[int], numbers: Sequence[str], now: datetime) -> None:
    """What other systems and callers of the API were told of these emergencies."""
    subscriptions.forget(session, ids, now)
    answers.forget(session, [*map(ref_of, ids), *numbers])


def _audio(world: World, emergency_id: int, done: Erased) -> None:
    with world.database.read() as session:
        e = load(session, emergency_id)
    sids = [e.recording_sid, *e.added] if e else []
    for sid in filter(None, sids):
        path = path_of(world.data_dir, sid)
        was_here = path.exists()
        path.unlink(missing_ok=True)
        bars_of(path).unlink(missing_ok=True)
        _deleted(done, sid, lambda sid=sid: world.gateway.delete_recording(sid))  # type: ignore[misc]
        take_in(world, emergency_id, RecordingLost(at=world.clock.now(), recording_sid=sid, why=ERASED))
        done.recordings += was_here


def _at_carrier(world: World, calls: Sequence[str], messages: Sequence[str], done: Erased) -> None:
    for sid in messages:
        done.carrier_records += _deleted(done, sid, lambda sid=sid: world.gateway.delete_message(sid))  # type: ignore[misc]
    for sid in calls:
        done.carrier_records += _deleted(done, sid, lambda sid=sid: world.gateway.delete_call(sid))  # type: ignore[misc]


def _deleted(done: Erased, sid: str, delete: Callable[[], None]) -> bool:
    """What is not there any more is as good as deleted."""
    try:
        delete()
    except CarrierError as error:
        if error.why != "404":
            log.warning("erasure.kept", sid=sid, why=error.why)
            done.kept_at_carrier.append(sid)
        return False
    return True
