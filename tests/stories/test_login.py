"""Who may come in, and how: passwords, the second factor, sessions, back-off, the company's own login."""

import re
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest

from app.auth import login_steps, passwords
from app.main import create_app
from app.server import Server, listen_on
from callbacks.store.sql import audits, tables, users
from tests import http
from tests.night import Night, minutes, seconds
from tests.stories.provider import Provider
from tests.stories.site import Site

FIRST, OWN = "first-Password-0", "quiet river lamps"


def add(night: Night, email: str, role: str, person: str | None = None) -> None:
    with night.database.write() as session:
        users.add(session, email, role, person, passwords.hashed(FIRST), "test", night.clock.now())


def user(night: Night, email: str) -> tables.User:
    with night.database.read() as session:
        row = users.by_email(session, email)
    assert row is not None
    return row


def code(night: Night, email: str) -> str:
    secret = night.second_factor(email)
    assert secret
    return pyotp.TOTP(secret).at(night.clock.now())


def through(web: httpx.Client, night: Night, email: str) -> httpx.Response:
    """The whole way in, as a supervisor goes it the first time."""
    web.post("/login", data={"email": email, "password": FIRST})
    web.post("/login/password", data={"new": OWN, "again": OWN})
    web.get("/login")
    return web.post("/login/code", data={"code": code(night, email), "next": "/customers"})


@pytest.mark.storage
def test_a_supervisor_comes_in_by_password_and_second_factor(night: Night, site: Site) -> None:
    add(night, "sue@example.com", "supervisor")
    web = http.Client(base_url=site.url)
    assert web.get("/customers").headers["location"] == "/login?next=/customers"
    for wrong in ({"email": "sue@example.com", "password": "nope"}, {"email": "who@example.com", "password": FIRST}):
        refused = web.post("/login", data=wrong)
        assert (
            refused.status_code == 403
            and "Wrong e-mail or password" in refused.text
            and "callbacks_session" not in web.cookies
        )
    assert web.post("/login", data={"email": " SUE@example.com ", "password": FIRST}).status_code == 303
    half = web.cookies["callbacks_session"]
    assert web.get("/").headers["location"].startswith("/login"), "a half session opens nothing"
    assert "Choose your own password" in web.get("/login").text
    for new, why in (
        ("short", "at least 12"),
        ("sue-is-great-here", "your address"),
        ("password1234", "easy to guess"),
    ):
        assert why in web.post("/login/password", data={"new": new, "again": new}).text
    assert "do not match" in web.post("/login/password", data={"new": OWN, "again": f"{OWN}x"}).text
    assert web.post("/login/password", data={"new": OWN, "again": OWN}).status_code == 303
    enrol = web.get("/login").text
    assert night.second_factor("sue@example.com") in enrol and 'src="data:image/svg+xml' in enrol
    assert web.post("/login/code", data={"code": "000000"}).status_code == 403
    good = code(night, "sue@example.com")
    done = web.post("/login/code", data={"code": good, "next": "//evil.example"})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert web.cookies["callbacks_session"] != half
    assert http.get(f"{site.url}/", cookies={"callbacks_session": half}).status_code == 303
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert web.get("/customers").status_code == 200
    web.post("/logout", data={})
    assert web.get("/customers").status_code == 303
    web.post("/login", data={"email": "sue@example.com", "password": OWN})
    assert "Enter the code" in web.get("/login").text
    assert web.post("/login/code", data={"code": good}).status_code == 403, "a code is used once"
    night.passes(seconds(60))
    assert web.post("/login/code", data={"code": code(night, "sue@example.com")}).status_code == 303
    with night.database.read() as session:
        told = [row.action for row in audits.latest(session)]
    assert told == [
        "user.logged-in", "user.logged-in", "second-factor.enrolled", "login.refused", "password.changed",
        "login.begun", "login.refused", "login.refused",
    ]  # fmt: skip
    night.nobody_else_was_contacted()


def test_a_session_ends_by_idleness_by_age_and_by_hand(night: Night, site: Site) -> None:
    add(night, "sue@example.com", "supervisor")
    web, other = http.Client(base_url=site.url), http.Client(base_url=site.url)
    assert through(web, night, "sue@example.com").headers["location"] == "/customers"
    other.cookies.set("callbacks_session", night.logged_in("auditor"))
    for _ in range(13):
        night.passes(timedelta(hours=11))
        assert web.get("/").status_code == 200
    night.passes(timedelta(hours=12, minutes=1))
    assert web.get("/").status_code == 303
    web.cookies.clear()
    web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    for _ in range(16):
        web.get("/")
        night.passes(timedelta(hours=11))
    assert web.get("/").status_code == 303, "a week is the end"
    web.cookies.clear()
    web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    other.cookies.clear()
    other.cookies.set("callbacks_session", night.logged_in("auditor"))
    auditor = user(night, "auditor.x@example.com")
    assert web.post(f"/people/users/{auditor.id}/end", data={}).status_code == 303
    assert other.get("/").status_code == 303
    night.nobody_else_was_contacted()


def test_guessing_slows_down_and_locks_nobody_else_out(night: Night, site: Site) -> None:
    add(night, "sue@example.com", "supervisor")
    web = http.Client(base_url=site.url)
    through(web, night, "sue@example.com")
    web.cookies.delete("callbacks_session")
    wrong = {"email": "sue@example.com", "password": "guess-1234567"}
    answers = [web.post("/login", data=wrong).text for _ in range(5)]
    assert ["Too many failed attempts" in a for a in answers] == [False, False, False, False, True]
    right = {"email": "sue@example.com", "password": OWN}
    assert "wait 1 s" in answers[-1]
    night.passes(seconds(2))
    assert web.post("/login", data=right).status_code == 303, "no lock-out: a second later the owner is in"
    stranger = http.Client(base_url=site.url)
    for n in range(40):
        stranger.post("/login", data={"email": f"x{n}@example.com", "password": "guess-1234567"})
    told = stranger.post("/login", data={"email": "y@example.com", "password": "guess-1234567"}).text
    waits = re.search(r"wait (\d+) s", told)
    assert waits and int(waits[1]) <= 31
    assert web.post("/login", data=right).status_code == 303, "known here: strangers' failures do not count"
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_ones_own_account(night: Night, site: Site) -> None:
    add(night, "sue@example.com", "supervisor")
    web = http.Client(base_url=site.url)
    through(web, night, "sue@example.com")
    other = http.Client(base_url=site.url)
    night.passes(minutes(1))
    other.post("/login", data={"email": "sue@example.com", "password": OWN})
    other.post("/login/code", data={"code": code(night, "sue@example.com")})
    page = web.get("/account").text
    assert "sue@example.com" in page and page.count('action="/account/end"') == 2
    assert "password is wrong" in web.post("/account/factor", data={"remove": "1"}).text
    new = {"old": OWN, "new": "seven green boats", "again": "seven green boats"}
    assert "password is wrong" in web.post("/account/password", data={**new, "old": "x"}).text
    assert web.post("/account/password", data=new).headers["location"] == "/account?done=password"
    assert other.get("/").status_code == 303, "other browsers are out"
    assert "need a second factor" in web.post("/account/factor", data={"remove": "1", "old": "seven green boats"}).text
    assert web.post("/account/language", data={"language": "fr"}).status_code == 303
    assert '<html lang="fr">' in web.get("/account").text
    assert night.web.get("/account").status_code == 404, "at the sandbox nobody has one"
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_people_are_kept_by_supervisors_and_read_by_auditors(night: Night, site: Site) -> None:
    night.on_call("ana", "bob")
    sue, auditor = http.Client(base_url=site.url), http.Client(base_url=site.url)
    sue.cookies.set("callbacks_session", night.logged_in("supervisor"))
    auditor.cookies.set("callbacks_session", night.logged_in("auditor"))
    made = sue.post("/people/users", data={"email": "bob@example.com", "role": "technician", "person": "bob"})
    secret = re.search(r"shown once:</p><p><code>([^<]+)</code>", made.text)
    assert made.status_code == 200 and secret
    web = http.Client(base_url=site.url)
    assert web.post("/login", data={"email": "bob@example.com", "password": secret[1]}).status_code == 303
    assert "already" in sue.post("/people/users", data={"email": "BOB@example.com", "role": "auditor"}).text
    assert sue.post("/people/users", data={"email": "x", "role": "auditor"}).status_code == 422
    assert sue.post("/people/users", data={"email": "a@b.ca", "role": "king"}).status_code == 422
    token = sue.post("/people/tokens", data={"role": "auditor", "name": "report", "days": "30"}).text
    bearer = re.search(r"<code>(cb_[^<]+)</code>", token)
    assert bearer
    headers = {"Authorization": f"Bearer {bearer[1]}"}
    assert http.get(f"{site.url}/api/v1/emergencies", headers=headers).status_code == 200
    page = auditor.get("/people")
    assert page.status_code == 200 and "Create a token" not in page.text and "Ana Roy" in page.text
    token_id = re.search(r"/people/tokens/(\w+)/revocation", sue.get("/people").text)
    assert token_id
    assert auditor.post(f"/people/tokens/{token_id[1]}/revocation", data={}).status_code == 403
    assert sue.post(f"/people/tokens/{token_id[1]}/revocation", data={}).status_code == 303
    assert http.get(f"{site.url}/api/v1/emergencies", headers=headers).status_code == 401
    bob, me = user(night, "bob@example.com"), user(night, "supervisor.x@example.com")
    assert "another supervisor" in sue.post(f"/people/users/{me.id}/disable", data={}).text
    assert sue.post(f"/people/users/{bob.id}/disable", data={}).status_code == 303
    assert web.post("/login", data={"email": "bob@example.com", "password": secret[1]}).status_code == 403
    assert sue.post(f"/people/users/{bob.id}/enable", data={}).status_code == 303
    assert "shown once" in sue.post(f"/people/users/{bob.id}/reset", data={}).text
    deeds = sue.get("/people?action=user").text
    assert "user.added" in deeds and "token.made" not in deeds
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_user_may_be_given_another_role(night: Night, site: Site) -> None:
    """Their sessions end, so that nobody goes on with rights of before; nobody changes their own."""
    night.on_call("ana", "bob")
    sue, bob = http.Client(base_url=site.url), http.Client(base_url=site.url)
    sue.cookies.set("callbacks_session", night.logged_in("supervisor"))
    bob.cookies.set("callbacks_session", night.logged_in("technician", "bob"))
    his, hers = (
        f"/people/users/{user(night, f'{name}@example.com').id}/role" for name in ("technician.bob", "supervisor.x")
    )
    assert bob.post(his, data={"role": "supervisor"}).status_code == 403
    for wrong, why in (
        ({"role": "king"}, "one of the roles"),
        ({"role": "auditor", "person": "zoe"}, "not on the roster"),
    ):
        refused = sue.post(his, data=wrong)
        assert refused.status_code == 422 and why in refused.text
    assert "another supervisor" in sue.post(hers, data={"role": "technician"}).text
    assert "no longer exists" in sue.post("/people/users/999/role", data={"role": "auditor"}).text
    assert bob.get("/").status_code == 200, "nothing changed so far"
    assert sue.post(his, data={"role": "auditor", "person": "ana"}).status_code == 303
    assert bob.get("/").status_code == 303, "logged out"
    assert (user(night, "technician.bob@example.com").role, user(night, "technician.bob@example.com").person) == (
        "auditor",
        "ana",
    )
    assert "user.changed" in sue.get("/people?action=user").text
    night.nobody_else_was_contacted()


def test_a_technician_sees_what_is_theirs(night: Night, site: Site) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    web = {name: http.Client(base_url=site.url) for name in ("ana", "bob")}
    for name, client in web.items():
        client.cookies.set("callbacks_session", night.logged_in("technician", name))
    assert "E-000001" in web["ana"].get("/").text
    assert "E-000001" not in web["bob"].get("/").text
    assert web["ana"].get("/emergencies/E-000001").status_code == 200
    assert web["bob"].get("/emergencies/E-000001").status_code == 404
    assert web["bob"].get("/emergencies/E-000001/recording").status_code == 404
    with night.database.read() as session:
        assert session.get(tables.Session, "x") is None
    night.nobody_else_was_contacted()


def test_the_company_vouches_for_a_user_of_ours(night: Night) -> None:
    with Provider(night.clock.now) as provider:
        listener = listen_on("127.0.0.1", 0)
        site = f"http://127.0.0.1:{listener.getsockname()[1]}"
        change = {
            "sso_issuer": provider.url,
            "sso_client_id": "callbacks",
            "sso_client_secret": "s",
            "public_url": site,
        }
        server = Server(
            create_app(night.settings.model_copy(update=change), night.context, without_login=False), listener
        )
        server.start()
        add(night, "sue@example.com", "supervisor")
        for email, verified, status in (
            ("sue@example.com", True, 303), ("who@example.com", True, 403), ("sue@example.com", False, 303),
        ):  # fmt: skip
            provider.email, provider.verified = email, verified
            web = http.Client(base_url=site)
            assert "/login/sso" in web.get("/login").text
            away = urlsplit(web.get("/login/sso?next=/customers").headers["location"])
            asked = {k: v[0] for k, v in parse_qs(away.query).items()}
            assert asked["code_challenge_method"] == "S256" and asked["redirect_uri"] == f"{site}/login/sso/back"
            wrong = web.get(f"/login/sso/back?state=x&code={provider.code(asked)}")
            assert wrong.status_code == 403
            back = web.get(f"/login/sso/back?state={asked['state']}&code={provider.code(asked)}")
            assert back.status_code == status, (email, verified)
            if status == 303:
                assert back.headers["location"] == "/customers" and web.get("/customers").status_code == 200
        with ExitStack() as slow:
            for _ in range(login_steps.EACH):
                slow.enter_context(login_steps.PROVIDER.one(is_known=False))
            stranger = http.Client(base_url=site)
            assert {stranger.get(f"/login/sso{path}").status_code for path in ("", "/back?state=x&code=y")} == {503}
            assert stranger.post("/login", data={"email": "a@b.c", "password": "x"}).status_code == 403
        provider.nonce = "another"
        asked = {k: v[0] for k, v in parse_qs(urlsplit(web.get("/login/sso").headers["location"]).query).items()}
        assert web.get(f"/login/sso/back?state={asked['state']}&code={provider.code(asked)}").status_code == 403
        server.stop()
    night.nobody_else_was_contacted()


@pytest.mark.storage
@pytest.mark.parametrize(
    ("more", "is_enough"),
    [
        ({}, False), ({"acr": "1"}, False), ({"amr": ["pwd"]}, False), ({"amr": "mfa"}, False), ({"acr": ["mfa"]}, False),
        ({"amr": ["pwd", "mfa"]}, True), ({"acr": "phr"}, True),
    ],
)  # fmt: skip
def test_who_comes_without_the_companys_second_factor_gives_ours(
    night: Night, more: dict[str, object], is_enough: bool
) -> None:
    with Provider(night.clock.now) as provider:
        listener = listen_on("127.0.0.1", 0)
        site = f"http://127.0.0.1:{listener.getsockname()[1]}"
        change = {
            "sso_issuer": provider.url,
            "sso_client_id": "c",
            "sso_client_secret": "s",
            "sso_acr": "mfa phr",
            "public_url": site,
        }
        server = Server(
            create_app(night.settings.model_copy(update=change), night.context, without_login=False), listener
        )
        server.start()
        add(night, "sue@example.com", "supervisor")
        provider.email, provider.more = "sue@example.com", more
        web = http.Client(base_url=site)
        asked = {
            k: v[0] for k, v in parse_qs(urlsplit(web.get("/login/sso?next=/people").headers["location"]).query).items()
        }
        assert asked["acr_values"] == "mfa phr"
        odd = web.get("/login/sso/back", params={"state": "é", "code": "x"})
        assert odd.status_code == 403, "no failure"
        back = web.get(f"/login/sso/back?state={asked['state']}&code={provider.code(asked)}")
        assert back.status_code == 303
        assert web.get("/people").status_code == (200 if is_enough else 303)
        if not is_enough:
            assert back.headers["location"] == "/login?next=/people"
            assert "Set up the second factor" in web.get("/login").text
            assert web.post("/login/code", data={"code": code(night, "sue@example.com")}).status_code == 303
            assert web.get("/people").status_code == 200
        server.stop()
    night.nobody_else_was_contacted()


def test_company_login_without_its_libraries_says_so(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    with Provider(night.clock.now) as provider:
        listener = listen_on("127.0.0.1", 0)
        site = f"http://127.0.0.1:{listener.getsockname()[1]}"
        change = {"sso_issuer": provider.url, "sso_client_id": "c", "sso_client_secret": "s", "public_url": site}
        server = Server(
            create_app(night.settings.model_copy(update=change), night.context, without_login=False), listener
        )
        server.start()
        web = http.Client(base_url=site)
        asked = {k: v[0] for k, v in parse_qs(urlsplit(web.get("/login/sso").headers["location"]).query).items()}
        monkeypatch.setitem(sys.modules, "joserfc", None)
        assert web.get(f"/login/sso/back?state={asked['state']}&code={provider.code(asked)}").status_code == 403
        assert web.get("/login").status_code == 200
        server.stop()
    night.nobody_else_was_contacted()


def at_once(times: int, act: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers to as many requests at the same instant."""
    ready = threading.Barrier(times)

    def one(_: int) -> httpx.Response:
        ready.wait(10)
        return act()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_thirty_guesses_at_once_are_as_slow_as_thirty_in_a_row(night: Night, site: Site) -> None:
    """A try is counted before it is looked at: the right password among them is not found either."""
    add(night, "sue@example.com", "supervisor")
    form = {"email": "sue@example.com", "password": "a wrong one entirely"}
    answers = at_once(30, lambda: http.post(f"{site.url}/login", data=form, timeout=30))
    looked_at = [a for a in answers if "Wrong e-mail or password" in a.text]
    assert len(answers) == 30 and 1 <= len(looked_at) <= 4, len(looked_at)
    others = [a for a in answers if a not in looked_at]
    assert all(a.status_code == 503 or "Too many failed attempts" in a.text for a in others)
    right = http.post(f"{site.url}/login", data={**form, "password": FIRST}, timeout=30)
    assert "Too many failed attempts" in right.text
    night.nobody_else_was_contacted()


def test_one_code_lets_one_in(night: Night, site: Site) -> None:
    """The same six digits, ten times at the same instant, each with a session of its own that has passed the password."""
    add(night, "sue@example.com", "supervisor")
    assert through(http.Client(base_url=site.url), night, "sue@example.com").status_code == 303
    night.clock.turn(seconds=60)
    halves = []
    for _ in range(5):
        web = http.Client(base_url=site.url, timeout=30)
        web.post("/login", data={"email": "sue@example.com", "password": OWN})
        halves.append(web)
    form = {"code": code(night, "sue@example.com")}
    waiting = iter(halves)
    answers = at_once(5, lambda: next(waiting).post("/login/code", data=form))
    assert sorted(a.status_code for a in answers) == [303, 403, 403, 403, 403]
    night.nobody_else_was_contacted()
