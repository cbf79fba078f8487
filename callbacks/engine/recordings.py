"""The message's audio: fetched by SID, checked to be audio, kept under the data directory.

The carrier may answer 404 for a while after the recording is complete, so a miss is asked for again
for a day before it is given up. No address from outside is ever followed.
"""

import hashlib
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

from callbacks.emergency.inputs import RecordingFetched, RecordingLost
from callbacks.engine.world import World
from callbacks.telephony.gateway import CarrierError

BYTES_PER_SECOND = 16_000  # the carrier's WAV: 8 kHz, 16 bits, one channel
SLACK = 1024 * 1024
GIVE_UP = timedelta(days=1)
SID = re.compile(r"RE[0-9a-fA-F]{32}")


def is_recording_sid(sid: str) -> bool:
    return SID.fullmatch(sid) is not None


def fetch(world: World, sid: str, asked_at: datetime) -> RecordingFetched | RecordingLost | None:
    """The outcome, or None when it is worth asking again later. Raises CarrierError unless refused."""
    now = world.clock.now()
    too_late = now - asked_at > GIVE_UP
    try:
        audio = world.gateway.fetch_audio(sid, most_bytes(world.policy.intake.max_message))
    except CarrierError as error:
        if error.refused or too_late:
            return RecordingLost(at=now, recording_sid=sid, why="gone" if error.refused else "not-found")
        raise
    if not is_audio(audio):
        return RecordingLost(at=now, recording_sid=sid, why="not-audio") if too_late else None
    save(path_of(world.data_dir, sid), audio)
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
