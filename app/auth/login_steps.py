"""Logging in: who may, and what is asked for next. Limits on guessing are in `login_throttle`.

Unknown, disabled and known accounts get the same words after the same work. A first password is good for three days.
"""

import math
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from fastapi import Request
from itsdangerous import BadData, URLSafeTimedSerializer

from app.auth import login_throttle, passwords
from app.auth.login_throttle import How, Why, device_of
from app.auth.rights import sees_everything
from app.http.peers import address_of
from app.runtime import App
from callbacks.lib.sentence import Sentence, sentence
from callbacks.oncall.roster import Role
from callbacks.store.sql import sessions, tables, users
from callbacks.telephony.transport import trusted

WRONG = sentence("Wrong e-mail or password; try again, or ask a supervisor for a new password")
FIRST_ENDED = sentence(
    "This first password has expired: it is valid for %(n)s hours. Ask a supervisor for a new one",
    n=users.FIRST_PASSWORD_HOURS,
)


@dataclass(frozen=True, slots=True)
class LoginResult:
    """Either the cookie's `secret`, or why not. `user_id`: whose browser this is now, once nothing more is asked."""

    secret: str | None = None
    fault: Sentence | None = None
    user_id: int | None = None


def by_password(request: Request, app: App, email: str, password: str) -> LoginResult:
    """A session for the right password. The same answer, as slowly, for an account that does not exist."""
    now = app.context.clock.now()
    with app.database.read() as session:
        row = users.by_email(session, email)
    device = device_of(request, app, row.id if row else None)
    allowed = login_throttle.for_password(users.spelled(email), address_of(request), device)
    wait = login_throttle.wait(app, allowed, now)
    if wait:
        login_throttle.refused(app, row, Why.WAITING)
        return LoginResult(fault=too_many(wait))
    known = row.password if row and not row.disabled_at else None
    if not passwords.is_right(password, known) or row is None:
        login_throttle.refused(app, row, Why.PASSWORD)
        return LoginResult(fault=WRONG)
    login_throttle.was_right(app, allowed)
    if users.first_password_ended(row, now):
        login_throttle.refused(app, row, Why.FIRST_ENDED)
        return LoginResult(fault=FIRST_ENDED)
    passed = not asks(row)
    return LoginResult(begin(request, app, row, How.PASSWORD, passed), user_id=row.id if passed else None)


def too_many(wait: timedelta) -> Sentence:
    return sentence("Too many failed attempts; wait %(n)s s and try again", n=math.ceil(wait.total_seconds()))


def begin(request: Request, app: App, row: tables.User, how: How, passed: bool) -> str:
    """A new session, never one that was there before the login; a half one while more is asked."""
    now = app.context.clock.now()
    with app.database.write() as session:
        user = users.find(session, row.id)
        if user and passed:
            users.seen(user, now)
            login_throttle.logged_in(session, user, how, device_of(request, app, row.id) is not None, now)
        elif user:
            login_throttle.begun(session, user, how, now)
        agent = request.headers.get("user-agent", "")
        return sessions.begin(session, row.id, now, passed, agent, address_of(request))


def asks(row: tables.User) -> str | None:
    """What is still asked: a new password, enrolment, a code, or None. Who sees everything needs a second factor;
    others may have one."""
    if row.must_change:
        return "password"
    if row.totp_since:
        return "code"
    return "enrol" if sees_everything(Role(row.role)) else None


# How many may try to log in at the same instant; the rest are refused at once.
#
# A try holds a thread, a hash's memory and a turn at the database's writer, or waits for the login provider: webhooks
# and pages need the same ones. Browsers that somebody has fully logged in with (`devices`) have places of their own,
# so that a flood of strangers keeps nobody out who has been in before.

EACH = 6


class Busy(Exception):
    """Too many log in at this instant; the request may be sent again."""


class Places:
    """The places at one way in."""

    def __init__(self) -> None:
        self._strangers, self._known = threading.Semaphore(EACH), threading.Semaphore(EACH)

    @contextmanager
    def one(self, is_known: bool) -> Iterator[None]:
        """A place until the block ends. Raises Busy at once where there is none."""
        places = self._known if is_known else self._strangers
        if not places.acquire(blocking=False):
            raise Busy
        try:
            yield
        finally:
            places.release()


PASSWORD = Places()
PROVIDER = Places()


# Single sign-on (OpenID Connect) for users that exist here; the extra `sso` brings the libraries.
#
# Code flow with PKCE, `state` and `nonce`; the ID token's signature, issuer, audience and times are checked against the
# provider's keys. Who may come in is ours to say: the verified e-mail, later the subject, of a user of ours.

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
TRIP_SECONDS = 600
COOKIE = "callbacks_sso"
SECURE_COOKIE = "__Host-callbacks-sso"


class Refused(Exception):
    """The provider's answer cannot be used; the reason is for the log, not for the page."""


def is_set_up(app: App) -> bool:
    return bool(app.settings.sso_issuer and app.settings.sso_client_id)


def cookie_name(app: App) -> str:
    return SECURE_COOKIE if app.settings.public_url.startswith("https") else COOKIE


def authorization_url(app: App, goal: str) -> tuple[str, str]:
    """(where the browser goes, what it brings back in a cookie). Raises Refused."""
    from authlib.common.security import generate_token
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    trip = {"state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24), "verifier": generate_token(48)}
    asked = {
        "response_type": "code",
        "client_id": app.settings.sso_client_id,
        "redirect_uri": _back(app),
        "scope": "openid email",
        "state": trip["state"],
        "nonce": trip["nonce"],
        "code_challenge": create_s256_code_challenge(trip["verifier"]),
        "code_challenge_method": "S256",
    }
    if wanted := app.settings.sso_acr.split():
        asked["acr_values"] = " ".join(wanted)
    return f"{_provider(app)['authorization_endpoint']}?{urlencode(asked)}", _sealer(app).dumps({**trip, "goal": goal})


def handle_callback(app: App, state: str, code: str, cookie: str) -> tuple[tables.User, str, bool]:
    """(whoever the provider vouches for, where they wanted to go, whether that stands for the second factor too).
    Raises Refused."""
    try:
        trip = _sealer(app).loads(cookie, max_age=TRIP_SECONDS)
    except BadData:
        raise Refused("the trip's cookie is missing or too old") from None
    if not secrets.compare_digest(trip["state"].encode(), state.encode("utf-8", "replace")):
        raise Refused("the state is another one")
    claims = _claims(app, code, trip["verifier"], trip["nonce"])
    return _user(app, claims), str(trip["goal"]), _is_strong(app, claims)


def _is_strong(app: App, claims: dict[str, Any]) -> bool:
    """Whether the provider says that it asked for what we want; without a wish its login is enough."""
    wanted, amr = app.settings.sso_acr.split(), claims.get("amr")
    said = {str(claims.get("acr")), *(map(str, amr) if isinstance(amr, list) else ())}
    return not wanted or not said.isdisjoint(wanted)


def _claims(app: App, code: str, verifier: str, nonce: str) -> dict[str, Any]:
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    provider = _provider(app)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _back(app), "code_verifier": verifier}
    account = (app.settings.sso_client_id, app.settings.sso_client_secret)
    with httpx.Client(timeout=TIMEOUT, verify=trusted()) as client:
        answer = client.post(provider["token_endpoint"], data=form, auth=account)
        keys = client.get(provider["jwks_uri"])
    try:
        token = jwt.decode(str(answer.json()["id_token"]), KeySet.import_key_set(keys.json()), ["RS256", "ES256"])
        issuer, audience = app.settings.sso_issuer, app.settings.sso_client_id
        wanted: dict[str, Any] = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": audience},
        }
        jwt.JWTClaimsRegistry(
            now=int(app.context.clock.now().timestamp()), leeway=60, exp={"essential": True}, **wanted
        ).validate(token.claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Refused(type(error).__name__) from None
    if token.claims.get("nonce") != nonce:
        raise Refused("the nonce is another one")
    return dict(token.claims)


def _user(app: App, claims: dict[str, Any]) -> tables.User:
    if not claims.get("sub"):
        raise Refused("there is no subject")
    subject, email = f"{claims['iss']}|{claims['sub']}", str(claims.get("email") or "")
    with app.database.write() as session:
        row = users.by_subject(session, subject)
        if row is None and email and claims.get("email_verified") is True:
            row = users.by_email(session, email)
            if row and row.sso_subject is None:
                users.link_subject(row, subject)
        if row is None or row.disabled_at or row.sso_subject != subject:
            raise Refused("no user of ours")
        return row


def _provider(app: App) -> dict[str, Any]:
    """What the provider says of itself. Raises Refused."""
    address = f"{app.settings.sso_issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        with httpx.Client(timeout=TIMEOUT, verify=trusted()) as client:
            found: dict[str, Any] = client.get(address).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise Refused(type(error).__name__) from None
    if found.get("issuer") != app.settings.sso_issuer:
        raise Refused("the issuer is another one")
    return found


def _back(app: App) -> str:
    return app.settings.url("/login/sso/back")


def _sealer(app: App) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(app.settings.signing_keys, salt="sso")
