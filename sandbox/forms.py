"""The forms of the carrier's requests, with the blank geography that it really sends."""

from sandbox.records import Call
from sandbox.wire import Wire

API_VERSION = "2010-04-01"
GEOGRAPHY = {
    f"{who}{what}": "" for who in ("From", "To", "Caller", "Called") for what in ("City", "State", "Zip", "Country")
}


def call_form(network: Wire, call: Call, **more: str) -> dict[str, str]:
    """What every request about a leg says."""
    form = {
        "CallSid": call.sid,
        "AccountSid": network.config.account_sid,
        "From": call.from_number,
        "To": call.to_number,
        "Caller": call.from_number,
        "Called": call.to_number,
        "CallStatus": call.status,
        "ApiVersion": API_VERSION,
        "Direction": call.direction,
        **GEOGRAPHY,
    }
    if call.parent:
        form["ParentCallSid"] = call.parent.sid
    if call.detected:
        form["AnsweredBy"] = call.detected
    return form | call.extra | more


def progress_form(network: Wire, call: Call, status: str) -> dict[str, str]:
    """A call-progress event, numbered in the order of firing."""
    form = call_form(
        network,
        call,
        CallStatus=status,
        Timestamp=network.stamp(),
        CallbackSource="call-progress-events",
        SequenceNumber=str(call.sequence),
    )
    call.sequence += 1
    if call.is_over:
        seconds = call.seconds()
        form |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60)), "SipResponseCode": _sip(status)}
    return form


def _sip(status: str) -> str:
    return {"busy": "486", "no-answer": "487", "failed": "404", "canceled": "487"}.get(status, "200")
