"""Every route × role × object: no hole. A route that somebody adds without a door fails here."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from app.auth.rights import RIGHTS, ROLES, Reach
from app.main import create_app
from app.server import Server, listen_on
from tests import http
from tests.conftest import fresh_database
from tests.night import Night

# Routes without a door, each with its reason.
PUBLIC = {
    "/login": "the way in", "/login/password": "asks for the half session", "/login/code": "asks for the half session",
    "/login/sso": "the way in", "/login/sso/back": "the way in", "/logout": "ends only one's own",
    "/language": "a cookie", "/media/{token}": "a signed link for the carrier", "/calendar/{token}.ics": "a signed link",
    "/healthz": "health", "/readyz": "health", "/oncall": "leads to the schedule",
}  # fmt: skip
KNOWN = {
    "ref": "E-000001",
    "user_id": "1",
    "action": "end",
    "token_id": "x",
    "noun": "note",
    "name": "ana",
    "version_id": "1",
}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Site"]:
    folder = tmp_path_factory.mktemp("rights")
    made = Site(Night(fresh_database("sqlite", folder), folder))
    yield made
    made.close()


class Site:
    """Away from the sandbox: ana was paged for E-000001, bob was not."""

    def __init__(self, night: Night) -> None:
        self.night = night
        ana, _ = night.on_call("ana", "bob")
        night.customer_leaves_message()
        ana.gets_sms("E-000001")
        self.app = create_app(night.settings, night.context, without_login=False)
        listener = listen_on("127.0.0.1", 0)
        self.server = Server(self.app, listener)
        self.server.start()
        self.web = http.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=20)
        self.routes = [r for r in all_routes(self.app) if not r.path.startswith("/twilio/")]

    def close(self) -> None:
        self.web.close()
        self.server.stop()
        self.night.close()

    def ask(self, route: APIRoute, method: str, role: str | None, person: str | None = None, **headers: str) -> int:
        """What a route answers to somebody; an empty form or body where one is sent."""
        path = re.sub(r"\{(\w+)[^}]*\}", lambda m: KNOWN.get(m[1], "x"), route.path)
        is_api = path.startswith("/api/v1/") or path == "/metrics"
        if role:
            if is_api:
                headers["Authorization"] = f"Bearer {self.token(role, person)}"
            else:
                headers["Cookie"] = f"callbacks_session={self.night.logged_in(role, person)}"
        body: dict[str, Any] = ({"json": {}} if is_api else {"data": {}}) if method in UNSAFE else {}
        with self.web.stream(method, path, headers=headers, **body) as answer:  # /live never ends
            return answer.status_code

    def token(self, role: str, person: str | None) -> str:
        from callbacks.store.sql import tokens

        with self.night.database.write() as session:
            return tokens.new_token(session, role, self.night.clock.now(), person=person)


def all_routes(app: Any) -> list[APIRoute]:
    """Flat, whatever includes what."""
    found: list[APIRoute] = []

    def walk(routes: Any) -> None:
        for route in routes:
            if isinstance(route, APIRoute):
                found.append(route)
            elif getattr(route, "original_router", None) is not None:
                walk(route.original_router.routes)
            elif getattr(route, "routes", None):
                walk(route.routes)

    walk(app.routes)
    return found


def right_of(route: APIRoute) -> str | None:
    """The right that the route's door asks for."""
    rights = [right for call in dependencies(route.dependant) if (right := getattr(call, "right", None))]
    return rights[0] if rights else None


def dependencies(dependant: Any) -> Iterator[Any]:
    for part in dependant.dependencies:
        yield part.call
        yield from dependencies(part)


def cases(site: Site) -> list[tuple[APIRoute, str, str]]:
    found = []
    for route in site.routes:
        right = right_of(route)
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            if right and right != "link":
                found.append((route, method, right))
    return found


def test_every_route_has_a_door_or_a_reason(site: Site) -> None:
    assert len(site.routes) > 40, "the walk found too few routes"
    without = {r.path for r in site.routes if right_of(r) is None} - PUBLIC.keys()
    assert without == set()
    assert {right_of(r) for r in site.routes} - {None, "link"} <= RIGHTS.keys()


def test_strangers_are_kept_out(site: Site) -> None:
    for route, method, _ in cases(site):
        status = site.ask(route, method, None)
        is_program = route.path.startswith("/api/") or route.path == "/metrics"
        assert status == (401 if is_program else 303), (method, route.path, status)


def test_each_role_gets_what_its_rights_say(site: Site) -> None:
    """I18."""
    checked = 0
    for route, method, right in cases(site):
        for role in ROLES:
            for person in ("ana", "bob"):
                status = site.ask(route, method, role, person)
                checked += 1
                where = (method, route.path, role, person, status)
                if role not in RIGHTS[right]:
                    assert status == 403, where
                elif RIGHTS[right][role] == Reach.OWN and person == "bob" and "{ref}" in route.path:
                    # An API's body is checked before the emergency is looked for; a note has a field that it needs.
                    assert status == (422 if route.path == "/api/v1/emergencies/{ref}/note" else 404), where
                else:
                    assert status not in (401, 403, 500), where
    assert checked > 300, checked


def test_forms_of_other_sites_are_refused(site: Site) -> None:
    for route, method, right in cases(site):
        if method in UNSAFE and not route.path.startswith("/api/"):
            for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
                role = next(r for r in ROLES if r in RIGHTS[right])
                assert site.ask(route, method, role, "ana", **headers) == 403, (method, route.path)


def test_no_page_acts_on_get(site: Site) -> None:
    """Names of handlers of GET routes that write would stand out: they take no form and open no writing transaction,
    except where a person's own secret is made to be shown, and where an export is put down in the audit list."""
    shown = {"login_form", "account", "live", "back"}
    for route in site.routes:
        is_export = right_of(route) == "emergency.export"
        if "GET" in (route.methods or set()) and route.endpoint.__name__ not in shown and not is_export:
            assert "database.write" not in inspect.getsource(route.endpoint), route.path
