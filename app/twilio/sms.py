"""Texts to the support number, and the progress of our own: in any order, any number of times, or never.

Answers leave through the outbox, never in the response.
"""

from fastapi import APIRouter, Response

from app.runtime import AppDep
from app.twilio.requests import FromCarrier, nothing
from callbacks.delivery.delivery_policy import Source
from callbacks.engine.intake.status_callbacks import status_reported
from callbacks.engine.intake.texts import text_received

router = APIRouter(prefix="/twilio", include_in_schema=False)


@router.post("/sms")
def sms(report: FromCarrier, app: AppDep) -> Response:
    """One inbound text."""
    text_received(app.context, report)
    return nothing()


@router.post("/status/message/{outbox_id}")
def message_status(outbox_id: str, report: FromCarrier, app: AppDep) -> Response:
    status_reported(app.context, outbox_id, Source.STATUS_MESSAGE, report)
    return nothing()


@router.post("/status/call/{outbox_id}")
def call_status(outbox_id: str, report: FromCarrier, app: AppDep) -> Response:
    status_reported(app.context, outbox_id, Source.STATUS_CALL, report)
    return nothing()
