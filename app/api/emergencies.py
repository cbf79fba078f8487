"""Emergencies to read: the list, one, its ledger, its recordings and attachments."""

import re
from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from fastapi.responses import FileResponse
from pydantic import Field
from starlette.types import Receive, Scope, Send

from app.api import openapi
from app.api.idempotency import Cursor, instant
from app.api.limits import limited
from app.api.openapi import HEADERS, Responses, answers, problem_answers
from app.auth.guard import api, check_own, own_of
from app.auth.rights import Principal
from app.runtime import App, AppDep
from callbacks.emergency import model
from callbacks.emergency.fold import fold
from callbacks.emergency.model import FileState, id_of
from callbacks.engine.intake import summary
from callbacks.engine.intake.recordings import DOWNLOAD, SHOWN, attachment_path, path_of
from callbacks.engine.intake.summary import events_of
from callbacks.lib.phone import mask
from callbacks.reporting.record import Emergency, Instant, Record, record
from callbacks.store.rows import Entry
from callbacks.store.sql import emergencies

router = APIRouter(prefix="/api/v1/emergencies", tags=["emergencies"], dependencies=[Depends(limited)])
Json = dict[str, Any]
READ = "emergency.read"
READ_NUMBERS = "people.change"
STAFFS = {"PageRequested"}  # whose private part is a number of ours, and nobody's words
Reader = Annotated[Principal, Depends(api(READ))]
MOST_FACTS = 1000
LIST = Cursor("e", 1)
FACTS = Cursor("l", 2)
Next = Annotated[
    str | None, Query(max_length=200, description="`next_cursor` of the previous page.", examples=["ZTo0Mg"])
]
Ref = Annotated[str, Path(max_length=20, examples=["E-000042"])]
WAV = {"audio/wav": {"schema": {"type": "string", "contentMediaType": "audio/wav"}, "example": "RIFF…WAVEfmt …"}}
AUDIO: Responses = {
    200: {"description": "The message as the carrier recorded it.", "content": WAV, "headers": HEADERS},
    **problem_answers(404),
}


class Emergencies(Record):
    items: list[Emergency]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last one.")


class Fact(Record):
    seq: int
    kind: str
    at: Instant
    recorded_at: Instant
    facts: dict[str, Any] = Field(description="What the fact says; erased words and numbers are null.")
    hash: str = Field(description="SHA-256 over the previous hash and this fact.")


class Ledger(Record):
    items: list[Fact]
    next_cursor: str | None


@router.get("", response_model_exclude_unset=True, responses=answers(openapi.EMERGENCIES, 400))
def list_emergencies(
    app: AppDep,
    who: Reader,
    open: bool | None = None,
    since: Annotated[datetime | None, Query(alias="from", examples=["2026-11-01T00:00:00Z"])] = None,
    until: Annotated[datetime | None, Query(alias="to", examples=["2026-12-01T00:00:00Z"])] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Next = None,
) -> Emergencies:
    """Oldest first. `from` and `to` bound the start of the call; `next_cursor` asks for the next page."""
    (after,) = LIST.read(cursor) or (0,)
    bounds = {"since": instant("from", since), "until": instant("to", until)}
    person = own_of(who, READ)
    with app.database.read() as session:
        rows = emergencies.listed(session, is_open=open, after_id=after, limit=limit + 1, person=person, **bounds)
        items = list(summary.records(session, rows[:limit], app.context.clock.now()))
    return Emergencies(items=items, next_cursor=LIST.write(rows[limit - 1].id) if len(rows) > limit else None)


@router.get("/{ref}", response_model_exclude_unset=True, responses=answers(openapi.EMERGENCY, 404))
def one_emergency(ref: Ref, app: AppDep, who: Reader) -> Emergency:
    """One emergency with its verdict."""
    e = fold(events_of(story(app, ref, who)))
    assert e is not None
    return record(e, app.context.clock.now())


@router.get("/{ref}/ledger", responses=answers(openapi.LEDGER, 400, 404))
def its_ledger(
    ref: Ref,
    app: AppDep,
    who: Reader,
    limit: Annotated[int, Query(ge=1, le=MOST_FACTS)] = MOST_FACTS,
    cursor: Next = None,
) -> Ledger:
    """Every fact, oldest first, with the chain's hashes. Numbers of staff are masked for all but supervisors."""
    entries, of = story(app, ref, who), id_of(ref) or 0
    emergency, after = FACTS.read(cursor) or (of, 0)
    if emergency != of:
        raise HTTPException(400, "The cursor belongs to another emergency's ledger; start without one")
    rest = [entry for entry in entries if entry.seq > after]
    more = FACTS.write(of, rest[limit - 1].seq) if len(rest) > limit else None
    masked = not who.may(READ_NUMBERS)
    items = [Fact.model_validate(ledger_item(entry, masked)) for entry in rest[:limit]]
    return Ledger(items=items, next_cursor=more)


@router.get("/{ref}/recording", response_class=FileResponse, responses=AUDIO)
def its_recording(ref: Ref, app: AppDep, who: Reader, message: Annotated[int, Query(ge=0, le=99)] = 0) -> FileResponse:
    """The message's audio. `message` selects one that a later call of the same caller added: 1 is the first of them."""
    return recording_file(app, ref, who, message)


def story(app: App, ref: str, who: Principal) -> list[Entry]:
    """The ledger behind a reference. Raises 404, also for one that is not theirs."""
    with app.database.read() as session:
        row = emergencies.by_ref(session, ref)
        if row is None:
            raise HTTPException(404, f"There is no emergency {ref}; a reference looks like E-000042")
        entries = session.ledger.read(row.id)
    e = fold(events_of(entries)) if who.only_own(READ) else None
    if e:
        check_own(who, READ, e)
    return entries


def ledger_item(entry: Entry, masked: bool = False) -> Json:
    """A fact as JSON. `masked`: without the private numbers of staff."""
    shown = entry.shown()
    if masked and entry.kind in STAFFS and shown["facts"].get("number"):
        shown["facts"]["number"] = mask(shown["facts"]["number"])
    return shown


def recording_file(app: App, ref: str, who: Principal, message: int = 0) -> FileResponse:
    """The stored audio of a reference. Raises 404."""
    e = fold(events_of(story(app, ref, who)))
    sid = _stored_sid(e, message) if e else None
    path = path_of(app.context.data_dir, sid) if sid else None
    if path is None or not path.is_file():
        raise HTTPException(404, "There is no recording; it may still be on its way, or the caller left no message")
    return Audio(path)


def _stored_sid(e: model.Emergency, message: int) -> str | None:
    if message == 0:
        return e.recording_sid if e.recording_state == FileState.STORED else None
    added = [sid if m.state == FileState.STORED else None for sid, m in e.added.items()]
    return added[message - 1] if message <= len(added) else None


# A recording as an answer: whole, or the one part that was asked for.
#
# Of ranges only the plain one is read: `bytes=` and a single part, which is what carriers and players ask for. Anything
# else in that header is ignored, as HTTP allows, so a list of thousands of parts costs what the whole file costs.

AUDIO_HEADERS = {
    "Content-Disposition": "inline; filename=message.wav",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}
PLAIN = re.compile(rb"bytes=(?:([0-9]{1,15})-([0-9]{0,15})|-[0-9]{1,15})")


class Audio(FileResponse):
    """A WAV file that never leaves this browser's cache. A part beyond its end is answered with 416."""

    def __init__(self, path: FilePath) -> None:
        super().__init__(path, media_type="audio/wav", headers=AUDIO_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = [value for name, value in scope["headers"] if name == b"range"]
        if asked and not (len(asked) == 1 and is_plain(asked[0])):
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"range"]}
        await super().__call__(scope, receive, send)


def is_plain(asked: bytes) -> bool:
    """One part, from a byte to one that is not before it, or the last so many."""
    found = PLAIN.fullmatch(asked)
    return found is not None and not (found[1] and found[2] and int(found[1]) > int(found[2]))


# What came with a text, as an answer: pictures are shown, anything else is a file to take along.
#
# The type is what the first bytes said when it was fetched; a browser guesses nothing and runs nothing of it.

FILE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "text/vcard": ".vcf",
    "application/pdf": ".pdf",
    "audio/amr": ".amr",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
}


def ending_of(content_type: str) -> str:
    """The end of a file's name, by what its first bytes said."""
    return ENDINGS.get(content_type, ".bin")


def attachment_file(app: App, ref: str, who: Principal, sid: str) -> FileResponse:
    """The stored file of a reference, by its media SID. Raises 404."""
    e = fold(events_of(story(app, ref, who)))
    found = e.attachments.get(sid) if e else None
    path = attachment_path(app.context.data_dir, sid) if found and found.state == FileState.STORED else None
    if found is None or path is None or not path.is_file():
        raise HTTPException(404, "It is not stored here; it may still be on its way, or it was erased")
    is_shown = found.content_type in SHOWN
    name = f"{ref}-{sid[:10]}{ending_of(found.content_type)}"
    return FileResponse(
        path,
        media_type=found.content_type if is_shown else DOWNLOAD,
        filename=name,
        headers=FILE_HEADERS,
        content_disposition_type="inline" if is_shown else "attachment",
    )
