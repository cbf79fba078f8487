"""The desk's page and what it needs: nothing from elsewhere, no inline script or style."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException
from fastapi import Path as InPath
from fastapi.responses import FileResponse, RedirectResponse, Response

from sandbox.samples import load

router = APIRouter(prefix="/sandbox")
STATIC = Path(__file__).parent / "static"
FILES = {
    "customer.js": "text/javascript",
    "desk.css": "text/css",
    "desk.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "knobs.js": "text/javascript",
    "leaving.js": "text/javascript",
    "pad.js": "text/javascript",
    "parts.js": "text/javascript",
    "phones.js": "text/javascript",
    "texts.js": "text/javascript",
    "wav.js": "text/javascript",
}
POLICY = "default-src 'self'; media-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@router.get("")
def redirect() -> RedirectResponse:
    return RedirectResponse("/sandbox/", 307)


@router.get("/")
def desk() -> FileResponse:
    """Every phone on one screen."""
    return FileResponse(STATIC / "desk.html", media_type="text/html", headers=HEADERS)


@router.get("/static/{name}")
def static(name: str) -> FileResponse:
    if name not in FILES:
        raise HTTPException(404)
    return FileResponse(STATIC / name, media_type=FILES[name], headers=HEADERS)


@router.get("/samples/{name}.wav")
def sample(name: Annotated[str, InPath(pattern=r"^[a-z-]+$")]) -> Response:
    """A spoken message, to be listened to."""
    try:
        return Response(load(name), media_type="audio/wav", headers=HEADERS)
    except KeyError:
        raise HTTPException(404) from None
