"""Progress of our own texts and calls, in any order, any number of times, or never."""

from fastapi import APIRouter, Response

from app.runtime import AppDep
from app.twilio.requests import FromCarrier, nothing
from callbacks.engine.intake.status_callbacks import status_reported
from callbacks.store.tables import Source

router = APIRouter(prefix="/twilio/status", include_in_schema=False)


@router.post("/message/{outbox_id}")
def message(outbox_id: str, report: FromCarrier, app: AppDep) -> Response:
    status_reported(app.context, outbox_id, Source.STATUS_MESSAGE, report)
    return nothing()


@router.post("/call/{outbox_id}")
def call(outbox_id: str, report: FromCarrier, app: AppDep) -> Response:
    status_reported(app.context, outbox_id, Source.STATUS_CALL, report)
    return nothing()
