"""Recordings: list, fetch, delete, and their audio, which is not there before it is complete."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from sandbox.network import Network
from sandbox.records import Recording
from sandbox.rest.account import ROOT, Mine, account
from sandbox.rest.errors import RestError, not_found
from sandbox.rest.paging import page, within
from sandbox.times import rfc2822

router = APIRouter(prefix=ROOT, dependencies=[Depends(account)])


@router.get("/Recordings.json")
def listing(request: Request, network: Mine) -> dict[str, Any]:
    """Newest first; filters CallSid and DateCreated."""
    return _listed(request, network, request.query_params.get("CallSid"))


@router.get("/Calls/{call_sid}/Recordings.json")
def of_call(call_sid: str, request: Request, network: Mine) -> dict[str, Any]:
    return _listed(request, network, call_sid)


@router.get("/Recordings/{name}")
def fetch(name: str, network: Mine) -> Response:
    """`.json` describes it; bare or `.wav` is the audio."""
    sid, _, kind = name.partition(".")
    recording = network.calls.interpreter.recorder.all.get(sid)
    if recording is None or kind not in ("", "json", "wav"):
        raise not_found(f"/Recordings/{name}")
    if kind == "json":
        return JSONResponse(show(network, recording))
    ready_from = (recording.completed_at or network.clock.now()) + timedelta(
        seconds=network.knobs.recording_404_seconds
    )
    if recording.deleted or recording.status != "completed" or network.clock.now() < ready_from:
        raise not_found(f"/Recordings/{name}")
    return Response(recording.audio, media_type="audio/x-wav")


@router.delete("/Recordings/{sid}.json", status_code=204)
def delete(sid: str, network: Mine) -> Response:
    recording = network.calls.interpreter.recorder.all.get(sid)
    if recording is None or recording.deleted:
        raise RestError(404, 20404, f"The requested resource /Recordings/{sid}.json was not found")
    with network.lock:
        recording.deleted, recording.audio = True, b""
    return Response(status_code=204)


def _listed(request: Request, network: Network, call_sid: str | None) -> dict[str, Any]:
    with network.lock:
        found = [
            r
            for r in reversed(network.calls.interpreter.recorder.all.values())
            if call_sid in (None, r.call_sid) and not r.deleted and within(request, "DateCreated", r.started_at)
        ]
        return page(request, "recordings", found, lambda r: show(network, r))


def show(network: Network, recording: Recording) -> dict[str, Any]:
    account_sid = network.config.account_sid
    uri = f"/2010-04-01/Accounts/{account_sid}/Recordings/{recording.sid}"
    done = recording.status == "completed"
    return {
        "sid": recording.sid,
        "account_sid": account_sid,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "status": recording.status,
        "source": "RecordVerb",
        "channels": 1,
        "track": "inbound",
        "duration": str(round(recording.seconds)) if done else None,
        "start_time": rfc2822(recording.started_at),
        "date_created": rfc2822(recording.started_at),
        "date_updated": rfc2822(recording.completed_at) or None,
        "price": None,
        "price_unit": "USD",
        "error_code": recording.error_code or None,
        "encryption_details": None,
        "media_url": f"https://api.twilio.com{uri}",
        "api_version": "2010-04-01",
        "subresource_uris": {},
        "uri": f"{uri}.json",
    }
