"""A public address with a path: a browser that gets in finds its way everywhere, through a proxy that takes the path off."""

import re
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from app.main import create_app
from app.server import Server, listen_on
from sandbox.signing import sign
from tests import http
from tests.conftest import fresh_database
from tests.night import Night

PREFIX = "/desk"
LINKED = re.compile(r' (href|src|action|formaction)="([^"]*)"')


class Stripping:
    """A proxy: what is under the path goes on without it, all else is somebody else's."""

    def __init__(self, app: Any) -> None:
        self._app, self.outside = app, list[str]()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            if not scope["path"].startswith(PREFIX + "/"):
                self.outside.append(scope["path"])
                await send({"type": "http.response.start", "status": 404, "headers": []})
                await send({"type": "http.response.body", "body": b"outside"})
                return
            scope = {**scope, "path": scope["path"][len(PREFIX) :], "raw_path": scope["raw_path"][len(PREFIX) :]}
        await self._app(scope, receive, send)


class Behind:
    def __init__(self, night: Night, without_login: bool) -> None:
        listener = listen_on("127.0.0.1", 0)
        self.host = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = night.settings.model_copy(update={"public_url": self.host + PREFIX})
        self.proxy = Stripping(create_app(settings, night.context, without_login=without_login))
        self.server = Server(self.proxy, listener)
        self.server.start()
        self.web = http.Client(base_url=self.host, timeout=20)

    def close(self) -> None:
        self.web.close()
        self.server.stop()


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    opened = Night(fresh_database("sqlite", tmp_path), tmp_path)
    yield opened
    opened.close()


def linked(page: httpx.Response) -> set[tuple[str, str]]:
    found = {(kind, address.replace("&amp;", "&")) for kind, address in LINKED.findall(page.text)}
    return {
        (kind, urljoin(str(page.url), address))
        for kind, address in found
        if not address.startswith(("data:", "mailto:", "tel:"))
    }


def test_every_link_form_and_file_of_every_page_is_under_the_path(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    behind = Behind(night, without_login=True)
    link = re.search(r"https?://\S+(/t/\S+)", ana.last_text)
    assert link
    seen, waiting = set[str](), {f"{behind.host}{PREFIX}/", f"{behind.host}{PREFIX}{link[1]}"}
    while waiting:
        url = waiting.pop()
        seen.add(url)
        page = behind.web.get(url, headers={"Accept": "text/html"}, follow_redirects=True)
        assert page.status_code == 200, (url, page.status_code)
        if not page.headers["content-type"].startswith("text/html"):
            continue
        for kind, address in linked(page):
            assert address.startswith(f"{behind.host}{PREFIX}/"), (url, kind, address)
            plain = address.partition("#")[0]
            is_new = plain not in seen and not any(urlsplit(s).path == urlsplit(plain).path for s in seen)
            if kind in ("href", "src") and is_new and not plain.endswith((".pdf", ".zip", "/sandbox/")):
                waiting.add(plain)
    assert behind.proxy.outside == []
    assert len(seen) > 20, seen
    paths = {urlsplit(url).path.removeprefix(PREFIX) for url in seen}
    assert {"/", "/schedule", "/compliance", "/people", "/customers", "/policy", "/carrier", "/webhooks"} <= paths
    assert {"/static/base.css", "/static/live.js", "/emergencies/E-000001", "/emergencies/E-000001/recording"} <= paths
    behind.close()


def test_login_forms_and_the_link_lead_on_under_the_path(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    behind = Behind(night, without_login=False)
    asked = behind.web.get(f"{PREFIX}/schedule")
    assert asked.headers["location"] == f"{PREFIX}/login?next=/schedule"
    behind.web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    assert behind.web.get(f"{PREFIX}/login?next=/schedule").headers["location"] == f"{PREFIX}/schedule"
    kept = behind.web.post(f"{PREFIX}/language", data={"language": "fr", "next": "/people"})
    assert kept.headers["location"] == f"{PREFIX}/people"
    assert 'lang="fr"' in behind.web.get(kept.headers["location"]).text
    link = re.search(r"https?://\S+(/t/\S+)", ana.last_text)
    assert link
    page = behind.web.get(PREFIX + link[1])
    form = re.search(
        r'action="([^"]+/acknowledgement[^"]*)"><input type="hidden" name="once" value="([^"]+)"', page.text
    )
    assert form
    done = behind.web.post(form[1].replace("&amp;", "&"), data={"once": form[2]}, follow_redirects=True)
    assert done.status_code == 200
    assert night.emergency()["acknowledged_by"] == "ana"
    behind.close()


def test_webhooks_are_signed_over_the_whole_address(night: Night) -> None:
    behind = Behind(night, without_login=True)
    form = {"CallSid": "CA" + "a" * 32, "AccountSid": night.settings.account_sid, "From": "+15145550142"}
    url = f"{behind.host}{PREFIX}/twilio/voice"
    signature = sign(night.settings.webhook_tokens[0], url, form)
    answer = behind.web.post(url, data=form, headers={"X-Twilio-Signature": signature})
    assert (answer.status_code, f"{behind.host}{PREFIX}/twilio/" in answer.text or "<Gather" in answer.text) == (
        200,
        True,
    )
    behind.close()
