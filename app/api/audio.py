"""A recording as an answer: whole, or the one part that was asked for.

Of ranges only the plain one is read: `bytes=` and a single part, which is what carriers and players ask for. Anything
else in that header is ignored, as HTTP allows, so a list of thousands of parts costs what the whole file costs.
"""

import re
from pathlib import Path

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

HEADERS = {
    "Content-Disposition": "inline; filename=message.wav",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}
PLAIN = re.compile(rb"bytes=(?:([0-9]{1,15})-([0-9]{0,15})|-[0-9]{1,15})")


class Audio(FileResponse):
    """A WAV file that never leaves this browser's cache. A part beyond its end is answered with 416."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, media_type="audio/wav", headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = [value for name, value in scope["headers"] if name == b"range"]
        if asked and not (len(asked) == 1 and is_plain(asked[0])):
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"range"]}
        await super().__call__(scope, receive, send)


def is_plain(asked: bytes) -> bool:
    """One part, from a byte to one that is not before it, or the last so many."""
    found = PLAIN.fullmatch(asked)
    return found is not None and not (found[1] and found[2] and int(found[1]) > int(found[2]))
