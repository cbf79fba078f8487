"""The carrier's side: credentials, clock, the number and its addresses, and the way from outside to us."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
from twilio.request_validator import RequestValidator

from app.doctor.finding import Finding, fine
from app.settings import Settings
from callbacks.telephony.gateway import CarrierError, CarrierNumber, Gateway

MOST_SKEW = timedelta(seconds=3)
PATHS = {"voice_url": "/twilio/voice", "status_url": "/twilio/voice/ended", "sms_url": "/twilio/sms"}
POSTS = ("POST", "POST", "POST")


def account(gateway: Gateway) -> Iterator[Finding]:
    try:
        status, theirs = gateway.account()
    except CarrierError as error:
        yield Finding(
            "carrier", False, f"cannot be used: {error.why}", "no page can leave",
            "check TWILIO_ACCOUNT_SID, the token or key, and the way out of this network",
        )  # fmt: skip
        return
    if status != "active":
        yield Finding("carrier", False, f"the account is {status}", "no page can leave", "see the carrier's console")
        return
    yield fine("carrier", "reached, credentials good, account active")
    if theirs is not None:
        yield _clock(datetime.now(UTC), theirs)


def number(gateway: Gateway, settings: Settings) -> Iterator[Finding]:
    try:
        found = gateway.own_number()
    except CarrierError as error:
        yield Finding("number", False, f"cannot be looked up: {error.why}", "calls may not reach us", "try again")
        return
    if found is None:
        yield Finding(
            "number", False, f"{settings.support_number} is not of this account", "customers' calls do not reach us",
            "mend CALLBACKS_SUPPORT_NUMBER",
        )  # fmt: skip
        return
    wrong = [name for name, path in PATHS.items() if _plain(getattr(found, name)) != settings.url(path)]
    if wrong or found.methods != POSTS:
        yield Finding(
            "number", False, f"its addresses are not ours: {', '.join(wrong) or 'method'}",
            "customers' calls or technicians' replies do not reach us", "run: callbacks doctor --fix",
        )  # fmt: skip
    else:
        yield fine("number", "owned, and its addresses are ours")


def mend(gateway: Gateway, settings: Settings) -> None:
    """Sets the number's addresses to ours. Raises CarrierError."""
    found: CarrierNumber | None = gateway.own_number()
    if found:
        gateway.set_number(found.sid, **{name: settings.url(path) for name, path in PATHS.items()})


def round_trip(settings: Settings) -> Iterator[Finding]:
    """A signed request through the public address is taken, an unsigned one refused."""
    url, form = settings.url("/twilio/check"), {"AccountSid": settings.account_sid}
    signature = RequestValidator(settings.webhook_tokens[0]).compute_signature(url, form)
    try:
        with httpx.Client(timeout=10) as client:
            signed = client.post(url, data=form, headers={"X-Twilio-Signature": signature}).status_code
            unsigned = client.post(url, data=form).status_code
    except httpx.HTTPError as error:
        yield Finding(
            "public address", False, f"does not answer ({type(error).__name__})", "the carrier cannot reach us",
            "start callbacks serve, and check CALLBACKS_PUBLIC_URL, DNS, proxy and certificate",
        )  # fmt: skip
        return
    if (signed, unsigned) == (200, 403):
        yield fine("public address", "a signed request is taken, an unsigned one refused")
    else:
        yield Finding(
            "public address", False, f"signed {signed}, unsigned {unsigned}; 200 and 403 would be right",
            "webhooks are refused, or anybody's are taken", "the proxy must pass path and body on unchanged",
        )  # fmt: skip


def _clock(ours: datetime, theirs: datetime) -> Finding:
    skew = abs(ours - theirs)
    if skew <= MOST_SKEW:
        return fine("clock", "agrees with the carrier's")
    return Finding(
        "clock",
        False,
        f"is {skew.total_seconds():.0f} s off the carrier's",
        "deadlines are judged wrongly",
        "set up NTP",
    )


def _plain(url: str) -> str:
    return url.partition("#")[0]
