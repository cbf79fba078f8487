"""What came with a text: list, describe, fetch, delete."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from sandbox.network import Network
from sandbox.records import Media, Message
from sandbox.rest.account import ROOT, Mine, account
from sandbox.rest.errors import not_found
from sandbox.rest.paging import page
from sandbox.times import rfc2822

router = APIRouter(prefix=ROOT, dependencies=[Depends(account)])


@router.get("/Messages/{sid}/Media.json")
def listing(sid: str, request: Request, network: Mine) -> dict[str, Any]:
    with network.lock:
        message = _message(network, sid)
        return page(request, "media_list", message.media, lambda m: show(network, message, m))


@router.get("/Messages/{sid}/Media/{name}")
def fetch(sid: str, name: str, network: Mine) -> Response:
    """`.json` describes it; bare, it is the content."""
    message, (media_sid, _, kind) = _message(network, sid), name.partition(".")
    media = _media(message, media_sid, name)
    if kind == "json":
        return JSONResponse(show(network, message, media))
    if kind:
        raise not_found(f"/Messages/{sid}/Media/{name}")
    return Response(media.content, media_type=media.content_type)


@router.delete("/Messages/{sid}/Media/{name}.json", status_code=204)
def delete(sid: str, name: str, network: Mine) -> Response:
    with network.lock:
        message = _message(network, sid)
        message.media.remove(_media(message, name, name))
    return Response(status_code=204)


def show(network: Network, message: Message, media: Media) -> dict[str, Any]:
    account_sid = network.config.account_sid
    return {
        "sid": media.sid,
        "account_sid": account_sid,
        "parent_sid": message.sid,
        "content_type": media.content_type,
        "date_created": rfc2822(message.created_at),
        "date_updated": rfc2822(message.created_at),
        "uri": f"/2010-04-01/Accounts/{account_sid}/Messages/{message.sid}/Media/{media.sid}.json",
    }


def _message(network: Network, sid: str) -> Message:
    found = network.texts.all.get(sid)
    if found is None:
        raise not_found(f"/Messages/{sid}/Media.json")
    return found


def _media(message: Message, sid: str, name: str) -> Media:
    found = next((m for m in message.media if m.sid == sid), None)
    if found is None:
        raise not_found(f"/Messages/{message.sid}/Media/{name}")
    return found
