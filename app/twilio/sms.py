"""Texts to the support number. Answers leave through the outbox, never in the response."""

from fastapi import APIRouter, Response

from app.runtime import AppDep
from app.twilio.requests import FromCarrier, nothing
from callbacks.engine.intake.texts import text_received

router = APIRouter(prefix="/twilio", include_in_schema=False)


@router.post("/sms")
def sms(report: FromCarrier, app: AppDep) -> Response:
    """One inbound text."""
    text_received(app.context, report)
    return nothing()
