"""The account itself and its number's settings."""

from typing import Any

from fastapi import APIRouter, Depends, Request

from sandbox.network import Network
from sandbox.rest.account import ROOT, Given, Mine, account, one
from sandbox.rest.allowed import UPDATE_NUMBER, check
from sandbox.rest.errors import not_found
from sandbox.rest.numbers import check_address
from sandbox.rest.paging import page

router = APIRouter(prefix=ROOT, dependencies=[Depends(account)])
SETTABLE = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceApplicationSid": "voice_application_sid",
}


@router.get(".json")
def fetch_account(network: Mine) -> dict[str, Any]:
    sid = network.config.account_sid
    return {
        "sid": sid,
        "friendly_name": "Sandbox",
        "status": "active",
        "type": "Full",
        "owner_account_sid": sid,
        "date_created": None,
        "date_updated": None,
        "auth_token": None,
        "subresource_uris": {},
        "uri": f"/2010-04-01/Accounts/{sid}.json",
    }


@router.get("/IncomingPhoneNumbers.json")
def listing(request: Request, network: Mine) -> dict[str, Any]:
    wanted = request.query_params.get("PhoneNumber")
    found = [network.number] if wanted in (None, network.number.number) else []
    return page(request, "incoming_phone_numbers", found, lambda _: show(network))


@router.get("/IncomingPhoneNumbers/{sid}.json")
def fetch(sid: str, network: Mine) -> dict[str, Any]:
    _known(network, sid)
    return show(network)


@router.post("/IncomingPhoneNumbers/{sid}.json")
def update(sid: str, network: Mine, given: Given) -> dict[str, Any]:
    """Sets the number's addresses."""
    _known(network, sid)
    check(given, UPDATE_NUMBER)
    for name in given:
        if name.endswith(("Url", "Callback")):
            check_address(one(given, name).partition("#")[0], 21502, name)
    with network.lock:
        for name in SETTABLE.keys() & given.keys():
            setattr(network.number, SETTABLE[name], one(given, name))
    return show(network)


def _known(network: Network, sid: str) -> None:
    if sid != network.number.sid:
        raise not_found(f"/IncomingPhoneNumbers/{sid}.json")


def show(network: Network) -> dict[str, Any]:
    number, account_sid = network.number, network.config.account_sid
    return {
        "sid": number.sid,
        "account_sid": account_sid,
        "phone_number": number.number,
        "friendly_name": number.number,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "status": "in-use",
        "date_created": None,
        "date_updated": None,
        "api_version": "2010-04-01",
        "trunk_sid": None,
        **{field: getattr(number, field) for field in SETTABLE.values()},
        "uri": f"/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers/{number.sid}.json",
    }
