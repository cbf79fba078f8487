"""The message's audio and what came with texts: fetched by SID, checked, kept under the data directory.

The carrier may answer 404 for a while after the recording is complete, so a miss is asked for again
for a day before it is given up. No address from outside is ever followed.
"""

import hashlib
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

from callbacks.emergency.inputs import AttachmentFetched, AttachmentLost, RecordingFetched, RecordingLost
from callbacks.emergency.model import MOST_PER_TEXT, Kind, kind_of
from callbacks.engine.context import EngineContext
from callbacks.store.received_form import storable
from callbacks.telephony.gateway import TOO_LARGE, CarrierError
from callbacks.telephony.reports import MEDIA_SID, Report

BYTES_PER_SECOND = 16_000  # the carrier's WAV: 8 kHz, 16 bits, one channel
SLACK = 1024 * 1024
GIVE_UP = timedelta(days=1)
SID = re.compile(r"RE[0-9a-fA-F]{32}")


def is_recording_sid(sid: str) -> bool:
    return SID.fullmatch(sid) is not None


def fetch(context: EngineContext, sid: str, asked_at: datetime) -> RecordingFetched | RecordingLost | None:
    """The outcome, or None when it is worth asking again later. Raises CarrierError unless refused."""
    now = context.clock.now()
    too_late = now - asked_at > GIVE_UP
    try:
        audio = context.gateway.fetch_audio(sid, most_bytes(context.policy.intake.max_message))
    except CarrierError as error:
        if error.refused or too_late:
            return RecordingLost(at=now, recording_sid=sid, why="gone" if error.refused else "not-found")
        raise
    if not is_audio(audio):
        return RecordingLost(at=now, recording_sid=sid, why="not-audio") if too_late else None
    save(path_of(context.data_dir, sid), audio)
    return RecordingFetched(at=now, recording_sid=sid, sha256=hashlib.sha256(audio).hexdigest(), size=len(audio))


def most_bytes(longest: timedelta) -> int:
    """What a message of the greatest length may weigh, twice over: room for a second channel."""
    return 2 * BYTES_PER_SECOND * int(longest.total_seconds()) + SLACK


def path_of(data_dir: Path, sid: str) -> Path:
    """Where a recording lies. Raises ValueError for anything that is not a recording's SID."""
    if not is_recording_sid(sid):
        raise ValueError("not a recording SID")
    return data_dir / "recordings" / f"{sid}.wav"


def bars_of(audio: Path) -> Path:
    """Where the picture of a recording is kept, beside it; it goes when the recording goes."""
    return audio.with_suffix(".bars.json")


def is_audio(content: bytes) -> bool:
    """A WAV or MP3 by its first bytes, with something in it."""
    wav = content[:4] == b"RIFF" and content[8:12] == b"WAVE"
    mp3 = content[:3] == b"ID3" or (content[:1] == b"\xff" and len(content) > 1 and content[1] & 0xE0 == 0xE0)
    return (wav or mp3) and len(content) > 44


def save(path: Path, content: bytes) -> None:
    """Whole or not at all: written beside, flushed, renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.part")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


# What came with a text: named by its SIDs, fetched from the carrier alone, kept beside the recordings.
#
# - The address in a report is never followed: the two SIDs in it are read, and asked for with our own account's path.
# - What it is, is decided by its first bytes; what is not known by them is a file to download, never shown.

LONGEST_LABEL = 120
MOST_BYTES = 6 * 1024 * 1024  # the carrier takes 5 MB of pictures
SHOWN = ("image/jpeg", "image/png", "image/gif", "image/webp")
DOWNLOAD = "application/octet-stream"
FIRST_BYTES: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("text/vcard", re.compile(rb"(?:\xef\xbb\xbf)?BEGIN:VCARD", re.IGNORECASE)),
    ("application/pdf", re.compile(rb"%PDF-")),
    ("audio/amr", re.compile(rb"#!AMR")),
    ("audio/ogg", re.compile(rb"OggS")),
    ("audio/mpeg", re.compile(rb"ID3|\xff[\xe2-\xff]")),
    ("audio/wav", re.compile(rb"RIFF.{4}WAVE", re.DOTALL)),
    ("video/mp4", re.compile(rb".{4}ftyp", re.DOTALL)),
)


def found_in(report: Report) -> tuple[tuple[tuple[str, Kind], ...], tuple[Kind, ...]]:
    """((media SID, kind) of what can be fetched, the kinds of all that came)."""
    named = report.media()
    kinds = [kind_of(content_type) for _, content_type in named]
    more = min(int(report.seconds("NumMedia") or 0), MOST_PER_TEXT) - len(named)
    place = [Kind.PLACE] if place_of(report) else []
    fetched = tuple((sid, kind) for (sid, _), kind in zip(named, kinds, strict=True) if sid)
    return fetched, (*kinds, *[Kind.FILE] * more, *place)


def place_of(report: Report) -> str:
    """A place as words: coordinates, and what the sender's phone calls it."""
    where = report["Latitude"], report["Longitude"]
    if not all(re.fullmatch(r"-?\d{1,3}(\.\d{1,12})?", part) for part in where):
        return ""
    said = (" ".join(storable(report[name]).split())[:LONGEST_LABEL] for name in ("Label", "Address"))
    return " ".join(part for part in (", ".join(where), *said) if part)


def fetch_attachment(
    context: EngineContext, message_sid: str, media_sid: str, late: timedelta
) -> AttachmentFetched | AttachmentLost | None:
    """The outcome, or None when it is worth asking again later. Raises CarrierError unless refused."""
    now, too_late = context.clock.now(), late > GIVE_UP
    try:
        content = context.gateway.fetch_media(message_sid, media_sid, MOST_BYTES)
    except CarrierError as error:
        if error.code == TOO_LARGE:
            return AttachmentLost(at=now, media_sid=media_sid, why="too-large")
        if error.refused or too_late:
            return AttachmentLost(at=now, media_sid=media_sid, why="gone" if error.refused else "not-found")
        raise
    if not content:
        return AttachmentLost(at=now, media_sid=media_sid, why="not-found") if too_late else None
    save(attachment_path(context.data_dir, media_sid), content)
    digest = hashlib.sha256(content).hexdigest()
    return AttachmentFetched(
        at=now, media_sid=media_sid, content_type=type_of(content), sha256=digest, size=len(content)
    )


def type_of(content: bytes) -> str:
    """What it is by its first bytes."""
    return next((name for name, begins in FIRST_BYTES if begins.match(content)), DOWNLOAD)


def attachment_path(data_dir: Path, media_sid: str) -> Path:
    """Where it lies. Raises ValueError for anything that is not a media SID."""
    if not MEDIA_SID.fullmatch(media_sid):
        raise ValueError("not a media SID")
    return data_dir / "recordings" / media_sid
