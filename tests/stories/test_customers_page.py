"""A supervisor keeps the address book in a browser: finds, adds, edits, imports, blocks; nobody else does."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.server import Server, listen_on
from app.settings import Mode
from callbacks.store.rows import CustomerRow
from callbacks.store.sql import customers
from tests import http
from tests.night import Night

PRIYA, LUC = "+15145550142", "+15145550163"


def send(night: Night, path: str, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
    return night.web.post(f"/customers{path}", data=form, headers=headers)


def upload(night: Night, data: bytes) -> httpx.Response:
    return night.web.post("/customers/import", files={"file": ("book.csv", data, "text/csv")})


def entries(night: Night) -> dict[str, CustomerRow]:
    with night.database.read() as session:
        return {row.number: row for row in customers.everybody(session)}


def shown(night: Night, query: str = "") -> list[str]:
    """The numbers of the table."""
    return re.findall(r'<th scope="row"><a [^>]*>(\+\d+)<', night.web.get(f"/customers{query}").text)


def test_a_caller_is_added_found_and_edited(night: Night) -> None:
    assert "address book is empty" in night.web.get("/customers").text
    answer = send(night, "", number="514-555-0142", name="Priya Shah", company="Acmé", language="en", notes="400 seats")
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers?done=saved")
    assert "Saved." in night.web.get(answer.headers["location"]).text
    send(night, "", number=LUC, name="Luc Gagnon")
    assert shown(night) == [PRIYA, LUC]
    assert shown(night, "?q=ACME+shah") == [PRIYA]
    assert shown(night, "?q=0163") == [LUC]
    assert "No match in the address book" in night.web.get("/customers?q=nobody").text
    form = night.web.get(f"/customers?number=%2B{PRIYA[1:]}").text
    assert f"Edit {PRIYA}" in form
    assert "400 seats</textarea>" in form
    send(night, "", edits="1", number=PRIYA, name="Priya S.", company="", language="en", notes="400 seats")
    priya = entries(night)[PRIYA]
    assert (priya.name, priya.company, priya.language, priya.notes) == ("Priya S.", None, "en", "400 seats")
    night.nobody_else_was_contacted()


def test_adding_somebody_who_is_known_empties_nothing(night: Night) -> None:
    send(night, "", number=PRIYA, name="Priya", notes="400 seats")
    send(night, "", number=PRIYA, name="", company="Acme", language="", notes="")
    priya = entries(night)[PRIYA]
    assert (priya.name, priya.company, priya.notes) == ("Priya", "Acme", "400 seats")
    assert send(night, "", number=PRIYA, company="Acme").headers["location"] == "/customers?done=same"
    night.nobody_else_was_contacted()


def test_a_wrong_value_is_told_and_what_was_typed_stays(night: Night) -> None:
    answer = send(night, "", number="12", name="Priya Shah", language="de")
    assert answer.status_code == 422
    for part in ("number = &#39;12&#39;: is not a phone number", "use en or fr", 'value="Priya Shah"'):
        assert part in answer.text
    assert entries(night) == {}
    night.nobody_else_was_contacted()


def test_a_file_is_entered_whole_or_not_at_all(night: Night) -> None:
    faulty = upload(night, f"number;language\n{PRIYA};en\n12;xx\n".encode())
    assert faulty.status_code == 422
    assert "line 3, number" in faulty.text
    assert "line 3, language" in faulty.text
    assert upload(night, b"number,name\n5145550142,Andr\xe9\n").status_code == 422
    assert night.web.post("/customers/import", data={"file": "number\n5145550142"}).status_code == 422
    assert upload(night, b"").status_code == 422
    assert entries(night) == {}
    done = upload(night, f"\ufeffnumber;name\n{PRIYA};Priya\n{LUC};Luc\n".encode())
    assert (done.status_code, done.headers["location"]) == (303, "/customers?done=imported&n=2")
    assert shown(night) == [PRIYA, LUC]
    many = upload(night, b"number\n" + b"12\n" * 80)
    assert many.text.count("is not a phone number") == 50
    assert "And 30 more" in many.text
    night.nobody_else_was_contacted()


def test_a_caller_is_blocked_for_a_reason_and_served_again(night: Night) -> None:
    refused = send(night, "/block", number=LUC, reason=" ")
    assert refused.status_code == 422
    assert "reason" in refused.text
    assert entries(night) == {}
    assert send(night, "/block", number=LUC, reason="sells roofs").headers["location"] == "/customers?done=blocked"
    luc = entries(night)[LUC]
    assert (luc.blocked_by, luc.blocked_why, luc.blocked_at) == ("sandbox", "sells roofs", night.clock.now())
    page = night.web.get("/customers?done=blocked").text
    assert "hear a polite refusal" in page
    night.on_call("ana", "bob")
    since = 'since <span class="at">2026-11-24 02:00</span> by <bdi>sandbox</bdi>: <bdi>sells roofs</bdi>'
    assert since in night.web.get("/customers").text
    assert send(night, "/unblock", number=LUC).headers["location"] == "/customers?done=unblocked"
    assert send(night, "/unblock", number=LUC).headers["location"] == "/customers?done=same"
    assert send(night, "/unblock", number="x").status_code == 422
    assert entries(night)[LUC].blocked_at is None
    night.nobody_else_was_contacted()


def test_refused_texts_are_shown(night: Night) -> None:
    with night.database.write() as session:
        session.customers.mark_sms(PRIYA, "30006", night.clock.now())
    assert 'data-label="Texts">refused' in night.web.get("/customers").text
    night.nobody_else_was_contacted()


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
)


def test_a_form_of_another_site_is_refused(night: Night) -> None:
    for path in ("", "/import", "/block", "/unblock"):
        for headers in FOREIGN:
            answer = send(night, path, headers, number=PRIYA, name="x", reason="x")
            assert (answer.status_code, "another site" in answer.text) == (403, True), (path, headers)
    assert entries(night) == {}
    night.nobody_else_was_contacted()


def test_our_own_forms_are_taken(night: Night) -> None:
    for headers in (
        {"Origin": night.address},
        {"Origin": night.address, "Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {
            "Origin": night.address.replace("127.0.0.1", "localhost"),
            "Host": night.address[7:].replace("127.0.0.1", "localhost"),
        },
    ):
        assert send(night, "", headers, number=PRIYA, name="x").status_code == 303, headers
    assert night.web.get("/customers").headers["referrer-policy"] == "same-origin"
    night.nobody_else_was_contacted()


def test_forms_are_bounded(night: Night) -> None:
    assert send(night, "", number=PRIYA, name="x" * 70_000).status_code == 413
    assert upload(night, b"number\n" + b"x" * 5_000_000).status_code == 413
    assert night.web.post("/customers", content=iter([b"number=5145550142"])).status_code == 411
    assert entries(night) == {}
    night.nobody_else_was_contacted()


def test_hostile_words_are_shown_as_words(night: Night) -> None:
    hostile = '"><script>alert(1)</script>\u202e'
    send(night, "", number=PRIYA, name=hostile, company=hostile, notes=f"</textarea>{hostile}")
    send(night, "/block", number=PRIYA, reason=hostile)
    for page in (night.web.get("/customers"), night.web.get(f"/customers?number=%2B{PRIYA[1:]}")):
        assert page.status_code == 200
        assert "<script>" not in page.text
        assert page.text.count("</textarea>") == 1
        assert "<bdi>&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\u202e</bdi>" in page.text
    for path in ("?q=", "?number=", "?done=", "?done=imported&n=1&q="):
        for words in ("%3Cscript%3E", "%ff%fe", "%25", "x" * 10_000, "{0.__class__}"):
            page = night.web.get(f"/customers{path}{words}")
            assert page.status_code == 200
            assert "<script>" not in page.text
        assert night.web.get(f"/customers{path}%00").status_code == 400
    for text in ("a\x00b", "x" * 10_000, "\x1b[2J"):
        forms: list[tuple[str, dict[str, Any]]] = [
            ("", {"name": text}),
            ("", {"notes": text}),
            ("/block", {"reason": text}),
        ]
        for path, form in forms:
            answer = send(night, path, number=LUC, **form)
            assert answer.status_code == 422
            assert "\x00" not in answer.text
    assert list(entries(night)) == [PRIYA]
    night.nobody_else_was_contacted()


@pytest.fixture
def at_the_carrier(night: Night) -> Iterator[httpx.Client]:
    """The same product, as it answers browsers in live mode."""
    settings = night.settings.model_copy(update={"mode": Mode.LIVE})
    listener = listen_on("127.0.0.1", 0)
    server = Server(create_app(settings, night.context), listener)
    server.start()
    with http.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as web:
        yield web
    server.stop()


def test_away_from_the_sandbox_only_a_supervisor_gets_in(night: Night, at_the_carrier: httpx.Client) -> None:
    web, form = at_the_carrier, {"number": LUC, "reason": "x"}
    assert web.get("/customers").headers["location"].startswith("/login")
    assert web.post("/customers/block", data=form).headers["location"].startswith("/login")
    for role in ("auditor", "technician"):
        web.cookies.set("callbacks_session", night.logged_in(role))
        assert web.get("/customers").status_code == 403
        assert web.post("/customers/block", data=form).status_code == 403
        assert "/customers" not in web.get("/").text
    assert entries(night) == {}
    web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    assert '<a href="/customers">' in web.get("/").text
    assert web.post("/customers/block", data=form, headers={"Origin": "https://evil.example"}).status_code == 403
    elsewhere = {"Host": "board.example", "Origin": "https://board.example"}
    assert web.post("/customers/block", data=form, headers=elsewhere).status_code == 400
    assert web.post("/customers/block", data=form, headers={"Origin": night.address}).status_code == 303
    assert entries(night)[LUC].blocked_by == "supervisor.x@example.com"
    night.nobody_else_was_contacted()
