"""Who is on call at an instant."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException

from app.api.access import Reader
from app.deps import Here
from callbacks.record import rfc3339
from callbacks.schedule import on_call

router = APIRouter(prefix="/api/v1/oncall", tags=["on call"])


@router.get("")
def who_is_on_call(here: Here, role: Reader, at: datetime | None = None) -> dict[str, Any]:
    """`{at, on_call: {rotation: technician or null}}`; now, when `at` is left out."""
    if at and at.tzinfo is None:
        raise HTTPException(400, "at has no time zone; use a form such as 2026-11-24T02:00:00Z")
    instant = at.astimezone(UTC) if at else here.world.clock.now()
    with here.world.database.read() as session:
        duty = here.world.duty(session)
    return {"at": rfc3339(instant), "on_call": on_call(duty.roster, instant, duty.calendars)}
