"""Calls: create, fetch, list, update."""

import asyncio
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from sandbox.network import Network
from sandbox.records import FINAL, Call, Detection
from sandbox.rest.account import ROOT, Given, Mine, account, one
from sandbox.rest.allowed import CREATE_CALL, UPDATE_CALL, check
from sandbox.rest.errors import RestError, invalid, not_found
from sandbox.rest.numbers import check_address, check_from, check_to
from sandbox.rest.paging import page, within
from sandbox.times import rfc2822
from sandbox.twiml import CALL_EVENTS, read

router = APIRouter(prefix=ROOT, dependencies=[Depends(account)])
OTHERS = (("AsyncAmdStatusCallback", 21609), ("ClientNotificationUrl", 21205))
LONGEST_TWIML = 4000
HOLD_SECONDS = 16


@router.post("/Calls.json", status_code=201)
async def create(network: Mine, given: Given) -> dict[str, Any]:
    """Queues a call. 400 for what the carrier refuses."""
    _check(network, given)
    with network.lock:
        call = network.calls.place(
            one(given, "To"),
            one(given, "From"),
            url=one(given, "Url") or None,
            document="" if one(given, "Url") else one(given, "Twiml"),
            method=one(given, "Method", "POST"),
            fallback_url=one(given, "FallbackUrl") or None,
            fallback_method=one(given, "FallbackMethod", "POST"),
            status_method=one(given, "StatusCallbackMethod", "POST"),
            time_limit=float(one(given, "TimeLimit")) if given.get("TimeLimit") else None,
            detection=_detection(given),
            status_url=one(given, "StatusCallback") or None,
            events=tuple(given.get("StatusCallbackEvent", ["completed"])),
            timeout=float(one(given, "Timeout", "60")),
        )
        network.changed()
    await after_accepting(network)
    return without_sid(network, show(network, call))


@router.delete("/Calls/{sid}.json", status_code=204)
def delete(sid: str, network: Mine) -> Response:
    """The record of a call that is over."""
    call = _call(network, sid)
    if not call.is_over:
        raise RestError(400, 20009, "The call is not over")
    with network.lock:
        del network.calls.all[sid]
    return Response(status_code=204)


@router.get("/Calls/{sid}.json")
def fetch(sid: str, network: Mine) -> dict[str, Any]:
    return show(network, _call(network, sid))


@router.get("/Calls.json")
def listing(request: Request, network: Mine) -> dict[str, Any]:
    """Newest first; filters To, From, Status, ParentCallSid, StartTime and EndTime."""
    query = request.query_params
    with network.lock:
        found = [
            c
            for c in reversed(network.calls.all.values())
            if query.get("To") in (None, c.to_number)
            and query.get("From") in (None, c.from_number)
            and query.get("Status") in (None, c.status)
            and query.get("ParentCallSid") in (None, c.parent.sid if c.parent else "")
            and within(request, "StartTime", c.start_time)
            and within(request, "EndTime", c.ended_at)
        ]
        return page(request, "calls", found, lambda c: show(network, c))


@router.post("/Calls/{sid}.json")
def update(sid: str, network: Mine, given: Given) -> dict[str, Any]:
    """Ends a call, or gives it another document."""
    check(given, UPDATE_CALL)
    for name in ("Url", "FallbackUrl", "StatusCallback"):
        check_address(one(given, name), 21205, name)
    _check_document(one(given, "Twiml"))
    call, status = _call(network, sid), one(given, "Status")
    with network.lock:
        if call.is_over and not status:
            raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
        if status == "canceled" and call.status in ("queued", "ringing"):
            network.calls.end(call, "canceled")
        elif status == "completed" and not call.is_over:
            network.calls.end(call, "completed")
        elif not call.is_over:
            _redirect(network, call, given)
        network.changed()
        return show(network, call)


def _redirect(network: Network, call: Call, given: dict[str, list[str]]) -> None:
    """What is new for a live call: where it reports, how long it may last, what it runs. Url wins over Twiml."""
    call.fallback_url = one(given, "FallbackUrl") or call.fallback_url
    call.fallback_method = one(given, "FallbackMethod", call.fallback_method)
    call.status_url = one(given, "StatusCallback") or call.status_url
    call.status_method = one(given, "StatusCallbackMethod", call.status_method)
    if given.get("TimeLimit"):
        network.later(float(one(given, "TimeLimit")), lambda: network.calls.end(call, "completed"))
    url, twiml = one(given, "Url"), one(given, "Twiml")
    if not url and not twiml:
        return
    if call.status != "in-progress":
        raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
    network.calls.leave_verb(call)
    if url:
        network.calls.interpreter.fetch(call, url, one(given, "Method", "POST"))
    else:
        network.calls.interpreter.run_document(call, twiml, "")


async def after_accepting(network: Network) -> None:
    """The request has been carried out; the knobs may keep the answer back."""
    rest = network.knobs.rest
    if rest.timeout_after_accept:
        await asyncio.sleep(HOLD_SECONDS)
    if rest.error_after_accept or rest.timeout_after_accept:
        raise RestError(500, 20500, "Internal Server Error")


def without_sid(network: Network, made: dict[str, Any]) -> dict[str, Any]:
    """What was made, as a carrier tells it that leaves out what matters."""
    return {**made, "sid": None} if network.knobs.rest.no_sid_after_accept else made


def _check(network: Network, given: dict[str, list[str]]) -> None:
    check(given, CREATE_CALL)
    to, twiml = one(given, "To"), one(given, "Twiml")
    check_to(to, 21201, 21211)
    check_from(one(given, "From"), network.number.number, to, 21210)
    if not one(given, "Url") and not twiml:
        raise invalid(21205, "Url parameter is required.")
    for name, code in (("Url", 21205), ("FallbackUrl", 21205), ("StatusCallback", 21609), *OTHERS):
        check_address(one(given, name), code, name)
    unknown = set(given.get("StatusCallbackEvent", [])) - CALL_EVENTS
    if unknown:
        raise invalid(21626, f"StatusCallbackEvent has no {', '.join(sorted(unknown))}")
    _check_document(twiml)


def _check_document(twiml: str) -> None:
    if len(twiml) > LONGEST_TWIML or (twiml and read(twiml).faults):
        raise invalid(21218, "Twiml is too long or not valid")


def _detection(given: dict[str, list[str]]) -> Detection | None:
    """With AsyncAmd the document runs at once; else it waits for the verdict."""
    kind = one(given, "MachineDetection")
    if not kind:
        return None
    method = one(given, "AsyncAmdStatusCallbackMethod", "POST")
    later = one(given, "AsyncAmd") == "true"
    url = one(given, "AsyncAmdStatusCallback") or None
    return Detection(not later, url if later else None, method, kind == "DetectMessageEnd")


def _call(network: Network, sid: str) -> Call:
    call = network.calls.all.get(sid)
    if call is None:
        raise not_found(f"/Calls/{sid}.json")
    return call


def show(network: Network, call: Call) -> dict[str, Any]:
    """A call as JSON; numbers are strings, dates RFC 2822."""
    account_sid, over = network.config.account_sid, call.status in FINAL
    uri = f"/2010-04-01/Accounts/{account_sid}/Calls/{call.sid}"
    return {
        "sid": call.sid,
        "account_sid": account_sid,
        "parent_call_sid": call.parent.sid if call.parent else None,
        "from": call.from_number,
        "from_formatted": call.from_number,
        "to": call.to_number,
        "to_formatted": call.to_number,
        "status": call.status,
        "direction": call.direction,
        "start_time": rfc2822(call.start_time) or None,
        "end_time": rfc2822(call.ended_at) or None,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.ended_at or call.created_at),
        "duration": str(call.seconds()) if over else None,
        "answered_by": call.detected,
        "api_version": "2010-04-01",
        "caller_name": None,
        "forwarded_from": None,
        "group_sid": None,
        "phone_number_sid": network.number.sid,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "trunk_sid": None,
        "annotation": None,
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
        "uri": f"{uri}.json",
    }
