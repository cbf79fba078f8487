"""How often the promise was kept, over a span of days."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Query

from app.api import openapi
from app.api.idempotency import day
from app.api.limits import limited
from app.api.openapi import answers
from app.auth.guard import api
from app.auth.rights import Principal
from app.runtime import AppDep
from callbacks.engine.jobs.export import outcomes_between
from callbacks.reporting import compliance, record

router = APIRouter(prefix="/api/v1/report", tags=["report"], dependencies=[Depends(limited)])
Reader = Annotated[Principal, Depends(api("compliance.read"))]


@router.get("", responses=answers(openapi.REPORT, 400))
def report(
    app: AppDep,
    who: Reader,
    first: Annotated[date, Query(alias="from", examples=["2026-11-01"])],
    last: Annotated[date, Query(alias="to", examples=["2026-11-30"])],
) -> record.Report:
    """Days are in the support time zone, both included; every share comes with its n."""
    day("from", first), day("to", last)
    zone = ZoneInfo(app.context.policy.support_hours.timezone)
    try:
        since, until = compliance.span(first, last, zone)
    except ValueError as wrong:
        raise HTTPException(400, str(wrong)) from None
    with app.database.read() as session:
        found = outcomes_between(session, since, until, app.context.clock.now())
    return record.report(compliance.figures(first, last, found, zone))
