"""Who is on call at an instant, or the shifts between two."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import Field

from app.api import openapi
from app.api.idempotency import instant
from app.api.limits import limited
from app.api.openapi import answers
from app.auth.guard import api
from app.auth.rights import Principal
from app.runtime import AppDep
from callbacks.oncall.schedule import on_call, shift_record, shifts
from callbacks.reporting.record import Instant, Record

router = APIRouter(prefix="/api/v1/oncall", tags=["on call"], dependencies=[Depends(limited)])
Reader = Annotated[Principal, Depends(api("schedule.read"))]
LONGEST = timedelta(days=400)


When = Annotated[datetime | None, Query(examples=["2026-11-24T07:00:00Z"])]
From = Annotated[datetime | None, Query(alias="from", examples=["2026-11-23T00:00:00Z"])]
To = Annotated[datetime | None, Query(alias="to", examples=["2026-11-30T00:00:00Z"])]


class OnCall(Record):
    at: Instant
    on_call: dict[str, str | None] = Field(description="By rotation: a name of the roster, or null in a gap.")


class Shift(Record):
    rotation: str
    technician: str | None = Field(description="A name of the roster; null is a gap.")
    from_: Instant = Field(alias="from")
    to: Instant
    override: bool


class Shifts(Record):
    shifts: list[Shift] = Field(description="They cover the span without gaps or overlaps, rotation by rotation.")


@router.get("", responses=answers(openapi.ON_CALL, 400))
def who_is_on_call(app: AppDep, who: Reader, at: When = None, since: From = None, until: To = None) -> OnCall | Shifts:
    """`{at, on_call: {rotation: technician or null}}`; now, when `at` is left out. With `from` and `to` (at most 400
    days): `{shifts: […]}`."""
    wanted, first, last = instant("at", at), instant("from", since), instant("to", until)
    if (first is None) != (last is None) or (wanted and first):
        raise HTTPException(400, "Give at, or from and to together")
    if first and last and not first < last <= first + LONGEST:
        raise HTTPException(400, f"to must be after from, by at most {LONGEST.days} days")
    with app.database.read() as session:
        duty = app.context.duty(session)
    if first and last:
        found = shifts(duty.roster, first, last, None, duty.calendars)
        return Shifts(shifts=[Shift.model_validate(shift_record(s)) for s in found])
    wanted = wanted or app.context.clock.now()
    return OnCall(at=wanted, on_call=on_call(duty.roster, wanted, duty.calendars))
