"""A signed request that changes nothing: `callbacks doctor` sends one through the public address."""

from fastapi import APIRouter, Response

from app.webhooks.carrier import FromCarrier, nothing

router = APIRouter(prefix="/twilio", include_in_schema=False)


@router.post("/check")
def check(report: FromCarrier) -> Response:
    """The signature was good."""
    return nothing()
