"""Erasure on request and retention: audio, numbers and words go, here and at Twilio.

- Only closed emergencies: a promise that is still owed needs the number it is owed to.
- The facts stay, and the chain verifies: it never held a word.
- What the carrier does not delete now is written down, and it is asked again: by the engine once a day
  (`retention`), and by the next command.
- Reports are looked through and emptied a piece at a time, each in a transaction of its own: no page waits for it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog

from callbacks.emergency.inputs import AttachmentLost, RecordingLost
from callbacks.emergency.model import FileState, ref_of
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.handle import handle_input
from callbacks.engine.intake.recordings import attachment_path, bars_of, path_of
from callbacks.engine.intake.summary import load
from callbacks.store.erasing import AT_ONCE, SOON, SOON_OVER, WITH_WORDS, Old
from callbacks.store.interface import Transaction
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
ERASED = "erased"
SPAN = 5_000
PIECE = 200


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


def customer(context: EngineContext, number: str, by: str) -> Erased:
    """Forgets a customer by their number (E.164). Raises StillOwed, and then nothing was changed."""
    with context.database.read() as session:
        rows = session.erasing.of_customer(number)
        is_open = [ref_of(row.id) for row in rows if row.is_open]
        ids = [row.id for row in rows]
        copies = session.erasing.carriers_copies(ids, [number])
    if is_open:
        raise StillOwed(is_open)
    done = Erased([ref_of(i) for i in ids])
    again(context, done)
    reports, texts = _reports_naming(context, [number, *filter(None, (row.call_sid for row in rows))])
    for emergency_id in ids:
        audio(context, emergency_id, done)
        attachments(context, emergency_id, done)
    at_carrier(context, sorted({*copies, *texts}), done)
    for start in range(0, len(reports), PIECE):
        context.database.transact(partial(_empty_reports, reports[start : start + PIECE]))

    def once(session: Transaction) -> bool:
        session.erasing.words_of(ids, context.clock.now())
        session.erasing.words_to(number)
        session.idempotency.forget([*done.emergencies, number])
        gone = session.customers.forget(number) is not None
        session.audits.put(context.clock.now(), by, "command", "customer.erased", ", ".join(done.emergencies))
        return gone

    done.was_in_book = context.database.transact(once)
    done.in_pages = not context.database.empty_log()
    return done


def audio(context: EngineContext, emergency_id: int, done: Erased) -> None:
    """Every recording of one emergency."""
    with context.database.read() as session:
        e = load(session, emergency_id)
    for sid in e.recordings if e else ():
        path = path_of(context.data_dir, sid)
        done.recordings += path.exists()
        path.unlink(missing_ok=True)
        bars_of(path).unlink(missing_ok=True)
        at_carrier(context, [sid], done)
        handle_input(context, emergency_id, RecordingLost(at=context.clock.now(), recording_sid=sid, why=ERASED))


def attachments(context: EngineContext, emergency_id: int, done: Erased) -> None:
    """What came with the texts of one emergency."""
    with context.database.read() as session:
        e = load(session, emergency_id)
    for sid, found in (e.attachments if e else {}).items():
        if found.state == FileState.ERASED:
            continue
        path = attachment_path(context.data_dir, sid)
        done.recordings += path.exists()
        path.unlink(missing_ok=True)
        at_carrier(context, [f"{found.message_sid}/{sid}"], done)
        handle_input(context, emergency_id, AttachmentLost(at=context.clock.now(), media_sid=sid, why=ERASED))


def at_carrier(context: EngineContext, sids: Sequence[str], done: Erased) -> None:
    """Deletes recordings, calls and messages by SID, and what came with a message by both SIDs. They are owed before
    the first is asked for: a crash in between forgets none."""
    if not sids:
        return
    with context.database.write() as session:
        session.erasing.owe(sids, context.clock.now())
    kept = [sid for sid in sids if not _deleted(context, sid, done)]
    with context.database.write() as session:
        session.erasing.are_gone(sorted({*sids} - {*kept}))
    done.kept_at_carrier += kept


def again(context: EngineContext, done: Erased) -> None:
    """What the carrier did not delete when it was asked before."""
    with context.database.read() as session:
        sids = session.erasing.owed()
    at_carrier(context, sids, done)


def _deleted(context: EngineContext, sid: str, done: Erased) -> bool:
    """Whether the carrier has it no more. What it does not know is as good as deleted."""
    gateway, (message, _, of_message) = context.gateway, sid.partition("/")
    delete = {"RE": gateway.delete_recording, "CA": gateway.delete_call}.get(sid[:2], gateway.delete_message)
    try:
        gateway.delete_media(message, of_message) if of_message else delete(sid)
    except CarrierError as error:
        if error.why != "404":
            log.warning("erasure.kept", sid=sid, why=error.why)
            return False
    else:
        done.carrier_records += 1
    return True


def _empty_reports(ids: Sequence[int], session: Transaction) -> None:
    session.erasing.empty_reports(ids)


def _reports_naming(context: EngineContext, words: Sequence[str]) -> tuple[list[int], list[str]]:
    """(ids of the reports that hold one of these words, SIDs of the texts among them)."""
    with context.database.read() as session:
        newest = session.erasing.newest_report()
    found = list[tuple[int, str | None]]()
    for after in range(0, newest, SPAN):
        with context.database.read() as session:
            found += session.erasing.reports_naming(words, after, after + SPAN)
    return [report for report, _ in found], [sid for _, sid in found if sid]


# Time has passed: what the policy keeps no longer goes, here and at the carrier.
#
# - Once a day, on one node, in a thread that nothing waits for: the carrier may take its time over every record.
# - A batch at a time, until nothing old is left. Each transaction is short, so that no page waits for it either.
# - What is not done today, since the node stopped or the carrier refused, is done tomorrow.

BATCH = 200


def apply_retention(context: EngineContext, is_stopped: Callable[[], bool] = lambda: False) -> Erased | None:
    """Erases what is too old, and asks the carrier again for what it kept. None when today's turn is over. Ends early
    when the node stops."""
    now, keep, done = context.clock.now(), context.policy.retention, Erased()
    with context.database.write() as session:
        if not session.notices.is_news(f"retention {now:%Y-%m-%d}", now):
            return None
    again(context, done)
    for ids in _batches(context, lambda s, after: s.erasing.with_audio_before(now - keep.audio, after, BATCH)):
        for emergency_id in ids:
            if is_stopped():
                return done
            audio(context, emergency_id, done)
            attachments(context, emergency_id, done)
    for ids in _batches(context, lambda s, after: s.erasing.closed_before(now - keep.words, after, BATCH)):
        if is_stopped():
            return done
        _words(context, ids, done)
    for before, kinds in ((now - keep.words, WITH_WORDS), (now - SOON_OVER, SOON), (now, AT_ONCE)):
        for what in kinds:
            _empty_rows(context, before, what)
    if done.emergencies or done.recordings:
        with context.database.write() as session:
            n = str(len(done.emergencies))
            session.audits.put(now, "retention", "engine", "emergency.erased", n, audio=done.recordings)
    done.in_pages = not context.database.empty_log()
    return done


def _batches(context: EngineContext, find: Callable[[Transaction, int], list[int]]) -> Iterator[list[int]]:
    """Ids of emergencies in rising order; none twice, whatever becomes of them."""
    after = 0
    while True:
        with context.database.read() as session:
            ids = find(session, after)
        if not ids:
            return
        yield ids
        after = ids[-1]


def _words(context: EngineContext, ids: list[int], done: Erased) -> None:
    for emergency_id in ids:
        attachments(context, emergency_id, done)
    with context.database.read() as session:
        copies = session.erasing.carriers_copies(ids)
    at_carrier(context, copies, done)
    with context.database.write() as session:
        session.erasing.words_of(ids, context.clock.now())
    done.emergencies += map(ref_of, ids)


def _empty_rows(context: EngineContext, before: datetime, what: Old) -> None:
    while True:
        with context.database.write() as session:
            if session.erasing.empty(what, before, BATCH) < BATCH:
                return
