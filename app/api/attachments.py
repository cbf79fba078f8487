"""What came with a text, as an answer: pictures are shown, anything else is a file to take along.

The type is what the first bytes said when it was fetched; a browser guesses nothing and runs nothing of it.
"""

from fastapi import HTTPException
from fastapi.responses import FileResponse

from app.api.emergencies import story
from app.auth.rights import Principal
from app.runtime import App
from callbacks.emergency.fold import fold
from callbacks.emergency.model import FileState
from callbacks.engine.intake.recordings import DOWNLOAD, SHOWN, attachment_path
from callbacks.engine.intake.summary import events_of

HEADERS = {
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
        raise HTTPException(404, "It is not kept here; it may still be on its way, or it was erased")
    is_shown = found.content_type in SHOWN
    name = f"{ref}-{sid[:10]}{ending_of(found.content_type)}"
    return FileResponse(
        path,
        media_type=found.content_type if is_shown else DOWNLOAD,
        filename=name,
        headers=HEADERS,
        content_disposition_type="inline" if is_shown else "attachment",
    )
