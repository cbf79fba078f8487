"""Checks of the carrier's side: credentials, clock, the number and its URLs, and whether we are reachable."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import httpx
from twilio.request_validator import RequestValidator

from app.doctor.finding import Finding, finding, fine
from app.settings import Settings
from callbacks.engine.context import EngineContext
from callbacks.messages import wording
from callbacks.telephony import twiml
from callbacks.telephony.gateway import CarrierError, CarrierNumber, Gateway
from callbacks.telephony.transport import trusted

MOST_SKEW = timedelta(seconds=3)
PATHS = {"voice_url": "/twilio/voice", "status_url": "/twilio/voice/ended", "sms_url": "/twilio/sms"}
POSTS = ("POST", "POST", "POST")


def account(gateway: Gateway) -> Iterator[Finding]:
    try:
        status, theirs = gateway.account()
    except CarrierError as error:
        yield finding(
            "carrier",
            False,
            "cannot be used: %(error)s",
            "no page can be sent",
            "check TWILIO_ACCOUNT_SID, the token or API key, and outbound network access",
            error=error.why,
        )
        return
    if status != "active":
        yield finding(
            "carrier",
            False,
            "the account is %(status)s",
            "no page can be sent",
            "see Twilio's console",
            status=status,
        )
        return
    yield fine("carrier", "reachable, credentials valid, account active")
    if theirs is not None:
        yield _clock(datetime.now(UTC), theirs)


def tokens(gateway: Gateway) -> Iterator[Finding]:
    """Each token that may sign webhooks, held against the account."""
    try:
        taken = gateway.tokens_taken()
    except CarrierError as error:
        yield finding(
            "auth token",
            None,
            "could not be checked: %(error)s",
            "with a wrong token every call and reply is refused",
            "try again",
            error=error.why,
        )
        return
    if not any(taken):
        yield finding(
            "auth token",
            False,
            "Twilio does not accept it for this account",
            "every call and reply is refused: callers hear an error",
            "set TWILIO_AUTH_TOKEN to the account's current auth token, then restart",
        )
    elif not taken[0]:
        yield finding(
            "auth token",
            None,
            "TWILIO_AUTH_TOKEN is refused, TWILIO_AUTH_TOKEN_NEXT is accepted",
            "the rotation is complete: the old token is invalid",
            "move the new one to TWILIO_AUTH_TOKEN",
        )
    elif not all(taken):
        yield finding(
            "auth token",
            None,
            "TWILIO_AUTH_TOKEN is accepted, TWILIO_AUTH_TOKEN_NEXT is not",
            "expected until it is promoted at Twilio; after that it must be accepted",
            "promote it, then run this again",
        )
    else:
        yield fine("auth token", "accepted for this account")


def number(gateway: Gateway, settings: Settings) -> Iterator[Finding]:
    try:
        found = gateway.own_number()
    except CarrierError as error:
        yield finding(
            "number", False, "cannot be looked up: %(error)s", "calls may not reach us", "try again", error=error.why
        )
        return
    if found is None:
        yield finding(
            "number",
            False,
            "%(number)s does not belong to this account",
            "customers' calls do not reach us",
            "fix CALLBACKS_SUPPORT_NUMBER",
            number=settings.support_number,
        )
        return
    wrong = [name for name, path in PATHS.items() if _plain(getattr(found, name)) != settings.url(path)]
    if wrong or found.methods != POSTS:
        yield finding(
            "number",
            False,
            "its webhook URLs are not ours: %(wrong)s",
            "customers' calls or technicians' replies do not reach us",
            "run: callbacks doctor --fix",
            wrong=", ".join(wrong) or "method",
        )
    else:
        yield fine("number", "owned, and its webhook URLs are ours")


def set_addresses(gateway: Gateway, settings: Settings) -> None:
    """Sets the number's addresses to ours. Raises CarrierError."""
    found: CarrierNumber | None = gateway.own_number()
    if found:
        gateway.set_number(found.sid, **{name: settings.url(path) for name, path in PATHS.items()})


@dataclass(frozen=True, slots=True)
class Address:
    """What the number should call, and what it calls; `theirs` None when it could not be learnt."""

    name: str
    ours: str
    theirs: str | None

    @property
    def is_ours(self) -> bool:
        return self.theirs is not None and _plain(self.theirs) == self.ours


def addresses(gateway: Gateway | None, settings: Settings) -> list[Address]:
    """The number's three addresses beside what the carrier has; without a gateway nobody is asked."""
    try:
        found = gateway.own_number() if gateway else None
    except CarrierError:
        found = None
    return [Address(n, settings.url(path), getattr(found, n) if found else None) for n, path in PATHS.items()]


def round_trip(settings: Settings) -> Iterator[Finding]:
    """A signed request through the public address is taken, an unsigned one refused."""
    url, form = settings.url("/twilio/check"), {"AccountSid": settings.account_sid}
    signature = RequestValidator(settings.webhook_tokens[0]).compute_signature(url, form)
    try:
        with httpx.Client(timeout=10, verify=trusted()) as client:
            signed = client.post(url, data=form, headers={"X-Twilio-Signature": signature}).status_code
            unsigned = client.post(url, data=form).status_code
    except httpx.HTTPError as error:
        yield finding(
            "public address",
            False,
            "does not answer (%(error)s)",
            "Twilio cannot reach us",
            "start callbacks serve, and check CALLBACKS_PUBLIC_URL, DNS, proxy and certificate",
            error=type(error).__name__,
        )
        return
    if (signed, unsigned) == (200, 403):
        yield fine("public address", "a signed request is accepted, an unsigned one refused")
    else:
        yield finding(
            "public address",
            False,
            "signed: %(signed)s, unsigned: %(unsigned)s; expected 200 and 403",
            "webhooks are refused, or forged ones are accepted",
            "the proxy must forward path and body unchanged",
            signed=signed,
            unsigned=unsigned,
        )


def page(settings: Settings) -> Iterator[Finding]:
    """A page as a browser gets it through the public address, and the first thing that it asks for."""
    url = settings.url("/login")
    try:
        with httpx.Client(timeout=10, verify=trusted(), follow_redirects=True) as client:
            got = client.get(url)
            linked = re.search(r'href="([^"]+\.css)"', got.text)
            style = client.get(urljoin(url, linked[1])) if linked else None
    except httpx.HTTPError:
        return  # told as the public address
    if got.status_code == 200 and style is not None and style.headers.get("content-type", "").startswith("text/css"):
        yield fine("pages", "open through the public URL")
    else:
        yield finding(
            "pages",
            False,
            "%(address)s does not load completely through the public address",
            "links in texts and the board do not work in a browser",
            "the proxy must forward Host and the rest of the path; set CALLBACKS_PUBLIC_URL to the browsers' address",
            address=url,
        )


def _clock(ours: datetime, theirs: datetime) -> Finding:
    skew = abs(ours - theirs)
    if skew <= MOST_SKEW:
        return fine("clock", "agrees with Twilio's")
    return finding(
        "clock",
        False,
        "is %(seconds)s s off Twilio's",
        "deadlines are computed wrongly",
        "set up NTP",
        seconds=round(skew.total_seconds()),
    )


def _plain(url: str) -> str:
    return url.partition("#")[0]


# What the carrier keeps for the time that we are down.


def fallback(context: EngineContext) -> str:
    """A document for the carrier to keep: it greets and records while we are down; the sweep finds the call."""
    policy, url = context.policy, context.url
    within = policy.promise.callback_within
    said = [
        (language, wording.text(slug, language, promise=wording.promise_length(within, language)))
        for language in policy.intake.languages
        for slug in ("greeting-closed", "greeting-ask")
    ]
    return twiml.document(
        twiml.message(
            [said],
            action=url("/twilio/voice/message"),
            status_url=url("/twilio/voice/recording"),
            after=url("/twilio/voice/after"),
            longest=int(policy.intake.max_message.total_seconds()),
        )
    )
