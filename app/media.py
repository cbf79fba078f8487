"""The message's audio behind a signed link, for the carrier to play to a technician."""

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

from app.api.audio import Audio
from app.deps import Here
from callbacks.engine.intake.recordings import path_of

router = APIRouter(include_in_schema=False)


@router.get("/media/{token}", response_class=FileResponse)
def media(token: str, here: Here) -> FileResponse:
    """One recording, while its link is young."""
    sid = here.links.recording_sid(token)
    path = path_of(here.world.data_dir, sid) if sid else None
    if path is None or not path.is_file():
        raise HTTPException(404, "This link has run out or never was")
    return Audio(path)
