"""`/live`: server-sent events for open pages. An event `changed` says: fetch this page again."""

import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from app.auth.guard import page, visitor
from app.auth.rights import Principal
from app.http.live import KEEP_ALIVE_SECONDS, Full
from app.runtime import App, AppDep

router = APIRouter(include_in_schema=False)
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/live")
async def live(
    request: Request, app: AppDep, who: Annotated[Principal, Depends(page("emergency.read"))]
) -> StreamingResponse:
    """Ends when the server stops, when the page is left, and when its viewer may not look any more: asked after each
    quiet while, and as often when there is none."""
    changes = app.hub.changes(f"{who.via}:{who.user_id or who.name}")
    try:
        first = await anext(changes)
    except Full:
        raise HTTPException(503, "Too many pages are open; close some, or load the page again by hand") from None
    except StopAsyncIteration:
        raise HTTPException(503, "This node is stopping") from None
    stream = _events(request, app, first, changes)
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)


async def _events(
    request: Request, app: App, first: str | None, changes: AsyncIterator[str | None]
) -> AsyncIterator[str]:
    yield _event(first)
    asked_at = time.monotonic()
    async for found in changes:
        if time.monotonic() - asked_at >= KEEP_ALIVE_SECONDS or found is None:
            if not await run_in_threadpool(visitor, request, app):
                return
            asked_at = time.monotonic()
        if not app.hub.is_stopped:
            yield _event(found)


def _event(stamp: str | None) -> str:
    return f"id: {stamp}\nevent: changed\ndata: {stamp}\n\n" if stamp else ": still here\n\n"
