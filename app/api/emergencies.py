"""Emergencies to read: the list, one, its ledger, its recording."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import FileResponse

from app.api.access import Reader
from app.deps import Here, Runtime
from callbacks.emergency import Emergency
from callbacks.engine.recordings import path_of
from callbacks.engine.stories import events_of
from callbacks.engine.summary import outline
from callbacks.folding import fold
from callbacks.record import record, rfc3339
from callbacks.store import emergencies, ledger
from callbacks.store.tables import EmergencyRow

router = APIRouter(prefix="/api/v1/emergencies", tags=["emergencies"])
Json = dict[str, Any]
log = structlog.get_logger()
AUDIO_HEADERS = {
    "Content-Disposition": "inline; filename=message.wav",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


@router.get("")
def list_emergencies(
    here: Here,
    role: Reader,
    open: bool | None = None,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: str | None = None,
) -> Json:
    """Oldest first. `from` and `to` bound the start of the call; `next_cursor` asks for the next page."""
    for name, at in (("from", since), ("to", until)):
        if at and at.tzinfo is None:
            raise HTTPException(400, f"{name} has no time zone; use a form such as 2026-11-24T02:00:00Z")
    with here.world.database.read() as session:
        rows = emergencies.listed(
            session, is_open=open, since=since, until=until, after_id=_read_cursor(cursor), limit=limit + 1
        )
        ids = [row.id for row in rows[:limit] if row.id is not None]
        stories = ledger.read_many(session, ids)
    now = here.world.clock.now()
    items = [_item(row, stories.get(row.id or 0, []), now) for row in rows[:limit]]
    return {"items": items, "next_cursor": _cursor(ids[-1]) if len(rows) > limit else None}


@router.get("/{ref}")
def one_emergency(ref: str, here: Here, role: Reader) -> Json:
    """One emergency with its verdict."""
    e = fold(events_of(story(here, ref)))
    assert e is not None
    return record(e, here.world.clock.now())


@router.get("/{ref}/ledger")
def its_ledger(ref: str, here: Here, role: Reader) -> Json:
    """Every fact, oldest first, with the chain's hashes."""
    return {"items": [ledger_item(entry) for entry in story(here, ref)], "next_cursor": None}


@router.get("/{ref}/recording", response_class=FileResponse)
def its_recording(ref: str, here: Here, role: Reader, message: Annotated[int, Query(ge=0, le=99)] = 0) -> FileResponse:
    """The message's audio; `message` counts the ones that later calls of the same caller added."""
    return recording_file(here, ref, message)


def _item(row: EmergencyRow, entries: list[ledger.Entry], now: datetime) -> Json:
    """A ledger that cannot be read keeps neither its own emergency nor the others out of the list."""
    try:
        e = fold(events_of(entries))
    except Exception as error:
        log.error("emergency.unreadable", id=row.id, error=type(error).__name__)
        e = None
    return record(e, now) if e else outline(row)


def story(here: Runtime, ref: str) -> list[ledger.Entry]:
    """The ledger behind a reference. Raises 404."""
    with here.world.database.read() as session:
        row = emergencies.by_ref(session, ref)
        if row is None or row.id is None:
            raise HTTPException(404, f"There is no emergency {ref}; a reference looks like E-000042")
        return ledger.read(session, row.id)


def ledger_item(entry: ledger.Entry) -> Json:
    """A fact as JSON; private fields read null once erased."""
    facts = {k: v for k, v in entry.body.items() if k != "commitment"} | (entry.private or {})
    return {
        "seq": entry.seq, "kind": entry.kind, "at": rfc3339(entry.at), "recorded_at": rfc3339(entry.recorded_at),
        "facts": facts, "hash": entry.hash,
    }  # fmt: skip


def recording_file(here: Runtime, ref: str, message: int = 0) -> FileResponse:
    """The stored audio of a reference. Raises 404."""
    e = fold(events_of(story(here, ref)))
    sid = _stored_sid(e, message) if e else None
    path = path_of(here.world.data_dir, sid) if sid else None
    if path is None or not path.is_file():
        raise HTTPException(404, "There is no recording; it may still be on its way, or the caller left no message")
    return FileResponse(path, media_type="audio/wav", headers=AUDIO_HEADERS)


def _stored_sid(e: Emergency, message: int) -> str | None:
    if message == 0:
        return e.recording_sid if e.recording_state == "stored" else None
    added = [sid if m.state == "stored" else None for sid, m in e.added.items()]
    return added[message - 1] if message <= len(added) else None


def _cursor(last_id: int) -> str:
    return base64.urlsafe_b64encode(f"after:{last_id}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return int(text.removeprefix("after:"))
    except (ValueError, binascii.Error):
        raise HTTPException(400, "The cursor is not one of ours; start without one") from None
