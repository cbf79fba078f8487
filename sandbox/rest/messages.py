"""Texts: create, fetch, list, update, delete."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from sandbox.network import Network
from sandbox.records import Message
from sandbox.rest.account import ROOT, Given, Mine, account, one
from sandbox.rest.allowed import CREATE_MESSAGE, UPDATE_MESSAGE, check
from sandbox.rest.calls import after_accepting, without_sid
from sandbox.rest.errors import RestError, invalid, not_found
from sandbox.rest.numbers import check_address, check_from, check_to
from sandbox.rest.paging import page, within
from sandbox.times import rfc2822

router = APIRouter(prefix=ROOT, dependencies=[Depends(account)])
LONGEST = 1600
LONGEST_VALIDITY = 36000


@router.post("/Messages.json", status_code=201)
async def create(network: Mine, given: Given) -> dict[str, Any]:
    """Queues a text. 400 for what the carrier refuses, 21610 for somebody who opted out."""
    _check(network, given)
    with network.lock:
        message = network.texts.send(
            one(given, "To"),
            one(given, "From"),
            one(given, "Body"),
            one(given, "StatusCallback") or None,
            float(one(given, "ValidityPeriod", str(LONGEST_VALIDITY))),
        )
        network.changed()
    await after_accepting(network)
    return without_sid(network, show(network, message))


@router.get("/Messages/{sid}.json")
def fetch(sid: str, network: Mine) -> dict[str, Any]:
    return show(network, _message(network, sid))


@router.get("/Messages.json")
def listing(request: Request, network: Mine) -> dict[str, Any]:
    """Newest first; filters To, From and DateSent, which a text that waits to be sent has not got."""
    query = request.query_params
    with network.lock:
        found = [
            m
            for m in reversed(network.texts.all.values())
            if query.get("To") in (None, m.to_number)
            and query.get("From") in (None, m.from_number)
            and within(request, "DateSent", m.sent_at or (m.created_at if m.direction == "inbound" else None))
        ]
        return page(request, "messages", found, lambda m: show(network, m))


@router.post("/Messages/{sid}.json")
def update(sid: str, network: Mine, given: Given) -> dict[str, Any]:
    """Redacts a text (Body="") or cancels one that waits."""
    check(given, UPDATE_MESSAGE)
    message = _message(network, sid)
    with network.lock:
        if one(given, "Status") == "canceled" and message.status == "queued":
            message.status = "canceled"
        if given.get("Body", [""]) != [""]:
            raise invalid(20001, "Body can only be emptied")
        if "Body" in given:
            message.body = ""
        return show(network, message)


@router.delete("/Messages/{sid}.json", status_code=204)
def delete(sid: str, network: Mine) -> Response:
    with network.lock:
        del network.texts.all[_message(network, sid).sid]
    return Response(status_code=204)


def _check(network: Network, given: dict[str, list[str]]) -> None:
    check(given, CREATE_MESSAGE)
    to, body = one(given, "To"), one(given, "Body")
    check_to(to, 21604, 21211)
    check_from(one(given, "From"), network.number.number, to, 21606)
    if not body:
        raise invalid(21602, "Message body is required.")
    if len(body) > LONGEST:
        raise invalid(21617, f"The body is longer than {LONGEST} characters.")
    check_address(one(given, "StatusCallback"), 21609, "StatusCallback")
    validity = one(given, "ValidityPeriod", "36000")
    if not validity.isdigit() or not 1 <= int(validity) <= LONGEST_VALIDITY:
        raise invalid(21621, "ValidityPeriod must be 1 to 36000 seconds")
    if to in network.texts.stopped:
        raise RestError(400, 21610, "Attempt to send to unsubscribed recipient")


def _message(network: Network, sid: str) -> Message:
    message = network.texts.all.get(sid)
    if message is None:
        raise not_found(f"/Messages/{sid}.json")
    return message


def show(network: Network, message: Message) -> dict[str, Any]:
    account_sid = network.config.account_sid
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account_sid,
        "from": message.from_number,
        "to": message.to_number,
        "body": message.body,
        "status": message.status,
        "direction": message.direction,
        "num_segments": str(message.segments),
        "num_media": str(len(message.media)),
        "error_code": message.error_code,
        "error_message": None,
        "messaging_service_sid": None,
        "price": None,
        "price_unit": "USD",
        "date_created": rfc2822(message.created_at),
        "date_updated": rfc2822(message.sent_at or message.created_at),
        "date_sent": rfc2822(message.sent_at) or None,
        "api_version": "2010-04-01",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "uri": f"{uri}.json",
    }
