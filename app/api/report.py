"""How often the promise was kept, over a span of days."""

from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query

from app.api.access import Reader
from app.deps import Here
from callbacks import compliance
from callbacks.engine import proof

router = APIRouter(prefix="/api/v1/report", tags=["report"])


@router.get("")
def report(
    here: Here, role: Reader, first: Annotated[date, Query(alias="from")], last: Annotated[date, Query(alias="to")]
) -> dict[str, Any]:
    """Days are in the support time zone, both included; every share has its n beside it."""
    if first > last:
        raise HTTPException(400, "from comes after to; give the first day as from")
    zone = ZoneInfo(here.world.policy.support_hours.timezone)
    since, until = compliance.span(first, last, zone)
    with here.world.database.read() as session:
        found = proof.judged(session, since, until, here.world.clock.now())
    return compliance.record(compliance.figures(first, last, found))
