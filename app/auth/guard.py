"""Authentication and rights of every route, checked before anything is read.

`page(right)` and `api(right)` make dependencies that return a `Principal`, or raise: a page redirects to
`/login`, the API answers 401; a known user without the right gets 403. `Public` marks the few routes without a check.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

import structlog
from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.auth.rights import RIGHTS, Principal
from app.runtime import App, AppDep
from callbacks.emergency.commands import is_closed, may_act
from callbacks.emergency.model import Emergency
from callbacks.engine.intake.summary import load
from callbacks.lib.sentence import sentence
from callbacks.oncall.coverage import Contact, Duty
from callbacks.oncall.roster import Role
from callbacks.store.sql import magic_links, sessions, tables, tokens

log = structlog.get_logger()
bearer = HTTPBearer(auto_error=False, description="A token from `callbacks token new`")
SESSION = "callbacks_session"
SECURE_SESSION = "__Host-callbacks"
AT_THE_DESK = Principal(Role.SUPERVISOR, "sandbox", "sandbox")


def page(right: str) -> Callable[..., Principal]:
    """Requires a right on a page. Raises 303 to the login, or 403."""
    assert right in RIGHTS

    def required(request: Request, app: AppDep) -> Principal:
        who = visitor(request, app)
        if who is None:
            raise HTTPException(303, headers={"Location": f"/login?next={quote(_back_to(request))}"})
        return _allowed(who, right)

    required.right = right  # type: ignore[attr-defined]
    return required


def api(right: str) -> Callable[..., Principal]:
    """Requires a right on an API route. Raises 401 or 403."""
    assert right in RIGHTS

    def required(app: AppDep, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Principal:
        who = by_token(app, given.credentials, "api") if given else None
        if who is None:
            raise HTTPException(
                401,
                "Send a valid token as 'Authorization: Bearer …'; make one with: callbacks token new --role auditor",
                {"WWW-Authenticate": "Bearer"},
            )
        return _allowed(who, right)

    required.right = right  # type: ignore[attr-defined]
    return required


def either(right: str) -> Callable[..., Principal]:
    """Requires a right on a route for people and programs: a token or a page session. Raises 401, 403, or 303 to
    the login for a browser."""
    by_page, by_api = page(right), api(right)

    def required(
        request: Request, app: AppDep, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> Principal:
        is_program = given is not None or "text/html" not in request.headers.get("accept", "")
        if is_program and (given is not None or visitor(request, app) is None):
            return by_api(app, given)
        return by_page(request, app)

    required.right = right  # type: ignore[attr-defined]
    return required


def visitor(request: Request, app: App) -> Principal | None:
    """Who looks at a page; at a sandbox on one's own desk anybody is the supervisor."""
    found = by_session(request, app)
    if found and found[0].passed:
        return _principal(found[1])
    return AT_THE_DESK if app.without_login else None


def by_session(request: Request, app: App) -> tuple[tables.Session, tables.User] | None:
    """The session of the cookie, whether or not all was asked yet; seen now."""
    secret, now = request.cookies.get(cookie_name(app)), app.context.clock.now()
    if not secret:
        return None
    with app.database.read() as session:
        found = sessions.find(session, secret, now)
    if found and now - found[0].seen_at > sessions.SEEN_EVERY:
        with app.database.write() as session:
            sessions.seen(session, found[0].digest, now)
    return found


def cookie_name(app: App) -> str:
    """`__Host-` ties the cookie to this host and to https, where there is https."""
    return SECURE_SESSION if app.settings.public_url.startswith("https") else SESSION


def _principal(user: tables.User) -> Principal:
    return Principal(Role(user.role), (user.person or user.email)[:64], "page", user.person, user.id, user.language)


def by_token(app: App, secret: str, via: str) -> Principal | None:
    """Who an API token stands for; None when it is not valid now."""
    with app.database.read() as session:
        row = tokens.find(session, secret, app.context.clock.now())
    if row is None:
        return None
    role = Role.AUDITOR if row.role == Role.READER else Role(row.role)
    return Principal(role, row.name or row.role, via, row.person)


def own_of(who: Principal, right: str) -> str | None:
    """Whose emergencies a list shows: None for everybody's; "" is nobody's."""
    return (who.person or "") if who.only_own(right) else None


def check_own(who: Principal, right: str, e: Emergency) -> None:
    """Raises 404 for an emergency that is not theirs: whether there is one is not for them either."""
    person = who.person or ""
    if who.only_own(right) and not may_act(e, person, who.role):
        raise HTTPException(404, sentence("There is no emergency %(ref)s; a reference looks like E-000042", ref=e.ref))


def _allowed(who: Principal, right: str) -> Principal:
    if not who.may(right):
        log.warning("access.refused", right=right, role=who.role, via=who.via)
        raise HTTPException(
            403, sentence("The role %(role)s is not allowed to do this; ask a supervisor", role=who.role)
        )
    return who


def _back_to(request: Request) -> str:
    return request.url.path if request.method == "GET" else "/"


# The magic link in a text: no login, one emergency, one person, until it closes.
#
# - The secret in the URL is the only credential: 128 random bits, stored as a digest. Every secret is looked up the
#   same way, so a malformed one takes no less time than an unknown one.
# - A closed emergency, a person who left the roster, and three days end it (410): a later text has a
#   new one. An unknown secret is 404.
# - GET changes nothing: message previews fetch every URL they see.

LONGEST = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Valid:
    """Whose link it is, and to which emergency."""

    id: int
    emergency: Emergency
    contact: Contact
    duty: Duty


@dataclass(frozen=True, slots=True)
class Expired:
    """`status`: 404 for an unknown link, 410 for one that has ended."""

    status: int


MagicLink = Valid | Expired


def magic_link(token: str, request: Request, app: AppDep) -> MagicLink:
    """The link with this secret, as it is now."""
    with app.database.read() as session:
        link = magic_links.find(session, token)
        if link is None:
            return Expired(404)
        e, duty = load(session, link.emergency_id), app.context.duty(session)
    contact, now = duty.contact(link.person), app.context.clock.now()
    if e is None or contact is None or is_closed(e, now) or now - link.created_at > LONGEST:
        return Expired(410)
    return Valid(link.emergency_id, e, contact, duty)


magic_link.right = "link"  # type: ignore[attr-defined]
