"""How fast one may guess, from anywhere: nobody is found out, nobody is shut out, everything is written down."""

import json
import re
import threading
from contextlib import ExitStack
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import Engine, event
from sqlmodel import select

from app.auth import login_steps, passwords
from callbacks.store.sql import sealing, tables, users
from tests import http
from tests.night import Night, minutes
from tests.stories.site import FIRST, OWN, WRONG, Site


def test_many_addresses_get_no_more_tries_at_a_password_than_one(night: Night, site: Site) -> None:
    site.add("sue@example.com", "supervisor")
    looked_at = 0
    for n in range(40):
        site.peer = f"203.0.113.{n}"
        looked_at += site.tries(site.browser(), "sue@example.com") == "wrong"
        night.clock.turn(seconds=1)
    assert looked_at <= 9, "three, then waits of 1, 2, 4, 8, 16, 32 s"
    site.peer = "203.0.113.200"
    assert site.tries(site.browser(), "sue@example.com", FIRST) == "WAIT"
    night.nobody_else_was_contacted()


def test_a_network_of_ipv6_is_one_address(night: Night, site: Site) -> None:
    answers = []
    for n in range(24):
        site.peer = f"2001:db8:0:1::{n + 1:x}"
        answers.append(site.tries(site.browser(), f"x{n}@example.com"))
    assert answers[:20] == ["wrong"] * 20 and "WAIT" in answers[20:]
    site.peer = "2001:db8:0:2::1"
    assert site.tries(site.browser(), "y@example.com") == "wrong", "another network"
    night.nobody_else_was_contacted()


def test_behind_one_address_nobody_is_found_out(night: Night, site: Site) -> None:
    """Who has logged in from there, who has an account and who has none: the same words in the same order."""
    site.add("sue@example.com", "supervisor")
    site.add("bob@example.com", "technician")
    site.first_login("sue@example.com")
    told = {
        email: [site.tries(site.browser(), email) for _ in range(6)]
        for email in ("sue@example.com", "bob@example.com", "nosuch@example.com")
    }
    assert told["sue@example.com"] == told["bob@example.com"] == told["nosuch@example.com"]
    for n in range(24):
        site.tries(site.browser(), f"x{n}@example.com")
    names = ("nosuch1@example.com", "sue@example.com", "bob@example.com", "nosuch2@example.com")
    assert {site.tries(site.browser(), email) for email in names} == {"WAIT"}
    night.nobody_else_was_contacted()


def test_behind_one_address_nobody_is_shut_out(night: Night, site: Site) -> None:
    """A stranger tries as often as they may; whoever has logged in before comes in at once, in that browser."""
    site.add("sue@example.com", "supervisor")
    web = site.first_login("sue@example.com")
    night.passes(minutes(1))
    web.cookies.delete("callbacks_session")
    for n in range(25):
        site.tries(site.browser(), "sue@example.com")
        site.tries(site.browser(), f"x{n}@example.com")
        night.clock.turn(seconds=10)
    assert site.tries(site.browser(), "sue@example.com", OWN) == "WAIT"
    assert site.tries(web, "sue@example.com", OWN) == "in"
    assert web.post("/login/code", data={"code": site.code("sue@example.com")}).status_code == 303
    assert web.get("/people").status_code == 200
    night.nobody_else_was_contacted()


def test_a_flood_of_strangers_takes_no_known_browsers_place(night: Night, site: Site) -> None:
    """Strangers who are all being looked at fill their own places: the supervisor's browser comes in at 02:00."""
    site.add("sue@example.com", "supervisor")
    web = site.first_login("sue@example.com")
    night.passes(minutes(1))
    web.cookies.delete("callbacks_session")
    with ExitStack() as flood:
        for _ in range(login_steps.EACH):
            flood.enter_context(login_steps.PASSWORD.one(is_known=False))
        stranger = site.browser()
        stranger.cookies.set("callbacks_device", "forged")
        assert stranger.post("/login", data={"email": "sue@example.com", "password": OWN}).status_code == 503
        told = stranger.post("/login", data={"email": "a@b.c"}, headers={"Accept": "text/html"})
        assert told.status_code == 503 and "Too many logins at once" in told.text
        assert site.tries(web, "sue@example.com", OWN) == "in"
    night.nobody_else_was_contacted()


def test_the_browsers_cookie_is_one_users_and_buys_no_tries(night: Night, site: Site) -> None:
    site.add("sue@example.com", "supervisor")
    site.add("bob@example.com", "technician")
    sue, bob = site.first_login("sue@example.com"), site.first_login("bob@example.com")
    bob.cookies.delete("callbacks_session")
    assert [site.tries(bob, "sue@example.com") for _ in range(5)] == ["wrong"] * 4 + ["WAIT"], "as a stranger"
    for _ in range(5):
        site.tries(site.browser(), "bob@example.com")
    sue.cookies.delete("callbacks_session")
    assert [site.tries(sue, "sue@example.com") for _ in range(5)] == ["wrong"] * 4 + ["WAIT"], "a count of its own"
    forged = http.Client(base_url=site.url, cookies={"callbacks_device": bob.cookies["callbacks_device"] + "x"})
    assert site.tries(forged, "bob@example.com", OWN) == "WAIT"
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_wrong_codes_end_the_half_session_and_are_told(night: Night, site: Site) -> None:
    """Whoever guesses at the second factor has the password: ten tries over any number of addresses, then waits."""
    night.on_call("ana", "bob")
    site.add("bob@example.com", "technician", "bob")
    with night.database.write() as session:
        row = users.by_email(session, "bob@example.com")
        assert row
        row.totp_since, row.must_change = night.clock.now(), False
        sealing.put(sealing.SecondFactor(row), pyotp.random_base32(), night.context.secrets)
        row.password = passwords.hashed(OWN)
    web = site.browser()
    assert site.tries(web, "bob@example.com", OWN) == "in"
    for n in range(10):
        site.peer = f"203.0.113.{n}"
        night.clock.turn(seconds=41)
        answer = web.post("/login/code", data={"code": site.code("bob@example.com", wrong=True)})
        assert answer.status_code == 403 and ("log in again" in answer.text) is (n == 9), n
    assert web.post("/login/code", data={"code": site.code("bob@example.com")}).headers["location"] == "/login"
    night.sue.gets_sms("ALARM: 10 wrong login codes", "Bob Chen")
    night.people["bob"].gets_sms("Somebody knows your callbacks password", "10 wrong login codes")
    site.peer = "203.0.113.99"
    again = site.browser()
    assert site.tries(again, "bob@example.com", OWN) == "in"
    refused = again.post("/login/code", data={"code": site.code("bob@example.com")})
    assert "Too many failed attempts" in refused.text and "wait 80 s" in refused.text, (
        "the account waits, not the address"
    )
    night.passes(minutes(2))
    web = site.browser()
    site.tries(web, "bob@example.com", OWN)
    for _ in range(3):
        web.post("/login/code", data={"code": site.code("bob@example.com", wrong=True)})
    [deed] = [d for d in site.audits("login.refused") if d.about == "wrong code"]
    assert deed.who == "bob@example.com" and json.loads(deed.details)["times"] == 11
    night.nobody_else_was_contacted()


def test_pauses_between_guesses_bring_no_new_tries(night: Night, site: Site) -> None:
    """Nine, an hour's pause, nine more: never told, and some two hundred tries a day for whoever has the password."""
    night.on_call("ana", "bob")
    site.add("sue@example.com", "supervisor", "sue")
    site.first_login("sue@example.com")
    looked_at = 0
    for _ in range(24):
        thief = site.browser()
        site.tries(thief, "sue@example.com", OWN)
        for _ in range(9):
            answer = thief.post("/login/code", data={"code": site.code("sue@example.com", wrong=True)})
            looked_at += "That code is not valid" in answer.text or "Too many wrong codes" in answer.text
            night.clock.turn(seconds=41)
        night.settle()
        night.clock.turn(seconds=3700)
    assert looked_at <= 20, looked_at
    night.sue.gets_sms("ALARM: 10 wrong login codes")
    night.sue.gets_all("wrong login codes")
    night.nobody_else_was_contacted()


def test_the_owner_of_a_browser_does_not_wait_for_a_guesser_of_codes(night: Night, site: Site) -> None:
    site.add("sue@example.com", "supervisor")
    sue = site.first_login("sue@example.com")
    sue.cookies.delete("callbacks_session")
    thief = site.browser()
    site.tries(thief, "sue@example.com", OWN)
    for _ in range(9):
        thief.post("/login/code", data={"code": site.code("sue@example.com", wrong=True)})
        night.clock.turn(seconds=60)
    site.tries(sue, "sue@example.com", OWN)
    assert sue.post("/login/code", data={"code": site.code("sue@example.com")}).status_code == 303
    assert sue.get("/people").status_code == 200
    night.nobody_else_was_contacted()


def test_forty_codes_at_once_are_as_slow_as_forty_in_a_row(night: Night, site: Site) -> None:
    site.add("sue@example.com", "supervisor")
    site.first_login("sue@example.com")
    web = site.browser()
    site.tries(web, "sue@example.com", OWN)
    wrong, found = site.code("sue@example.com", wrong=True), []

    def guess() -> None:
        found.append(
            http.post(f"{site.url}/login/code", data={"code": wrong}, cookies=dict(web.cookies), timeout=60).text
        )

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    looked_at = [text for text in found if "That code is not valid" in text]
    assert len(found) == 20 and 1 <= len(looked_at) <= 6, len(looked_at)
    night.nobody_else_was_contacted()


def test_whoever_else_came_with_the_first_password_is_out_once_it_is_changed(night: Night, site: Site) -> None:
    """A thief's half session, begun before the change, would be asked to set the second factor up."""
    site.add("sue@example.com", "supervisor")
    thief = site.browser()
    assert site.tries(thief, "sue@example.com", FIRST) == "in"
    sue = site.browser()
    site.tries(sue, "sue@example.com", FIRST)
    assert sue.post("/login/password", data={"new": OWN, "again": OWN}).status_code == 303
    assert "authenticator" in sue.get("/login").text
    assert "authenticator" not in thief.get("/login").text
    code = site.code("sue@example.com")
    assert thief.post("/login/code", data={"code": code}).headers["location"] == "/login"
    assert sue.post("/login/code", data={"code": code}).headers["location"] == "/"
    night.nobody_else_was_contacted()


def test_a_half_session_lives_minutes(night: Night, site: Site) -> None:
    site.add("sue@example.com", "supervisor")
    site.first_login("sue@example.com")
    web = site.browser()
    site.tries(web, "sue@example.com", OWN)
    night.passes(minutes(14))
    assert "Enter the code" in web.get("/login").text
    night.passes(minutes(2))
    assert "Enter the code" not in web.get("/login").text
    assert web.post("/login/code", data={"code": site.code("sue@example.com")}).headers["location"] == "/login"
    assert web.get("/people").status_code == 303
    night.nobody_else_was_contacted()


def test_every_login_and_refusal_is_written_down_without_an_address(
    night: Night, site: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    site.add("bob@example.com", "technician")
    site.tries(site.browser(), "bob@example.com")
    for n in range(3):
        site.tries(site.browser(), f"nosuch{n}@example.com")
    site.first_login("bob@example.com")
    assert site.tries(site.browser(), "bob@example.com", OWN) == "in"
    for _ in range(5):
        site.tries(site.browser(), "bob@example.com")
    deeds = {(d.action, d.who, d.about, json.loads(d.details).get("times")) for d in site.audits("")}
    assert ("user.logged-in", "bob@example.com", "password", None) in deeds
    assert ("login.refused", "unknown account", "wrong password", 3) in deeds
    assert ("login.refused", "bob@example.com", "wrong password", 5) in deeds
    assert ("login.refused", "bob@example.com", "too many wrong tries", 1) in deeds
    told = capfd.readouterr()
    for line in ("login.refused", "login.succeeded"):
        assert line in told.err + told.out, line
    assert "example.com" not in told.err + told.out
    night.nobody_else_was_contacted()


def test_a_user_sees_who_tried(night: Night, site: Site) -> None:
    site.add("bob@example.com", "technician")
    for _ in range(3):
        site.tries(site.browser(), "bob@example.com")
    web = site.first_login("bob@example.com")
    page = " ".join(web.get("/account").text.split())
    assert '<span class="badge">login refused</span> wrong password ×3' in page and "Recent logins" in page
    french = " ".join(web.get("/account", headers={"Accept-Language": "fr"}).text.split())
    assert "mauvais mot de passe ×3" in french and "Connexions récentes" in french
    night.nobody_else_was_contacted()


def test_an_account_that_does_not_exist_costs_the_same_work(night: Night, site: Site) -> None:
    """What takes as long: the same statements, and one hash, for a known, a disabled and an unknown address."""
    for name in ("sue", "off"):
        site.add(f"{name}@example.com", "supervisor")
    with night.database.write() as session:
        row = users.by_email(session, "off@example.com")
        assert row
        row.disabled_at = night.clock.now()
    done: list[str] = []

    def note(*told: object) -> None:
        done.append(re.sub(r"\s.*", "", str(told[2])))

    def work(n: int, name: str) -> list[str]:
        done.clear()
        site.peer = f"203.0.113.{n}"
        site.tries(site.browser(), f"{name}@example.com")
        return list(done)

    event.listen(Engine, "before_cursor_execute", note)
    first, second = ([work(*one) for one in enumerate(("sue", "off", "nosuch"))] for _ in range(2))
    event.remove(Engine, "before_cursor_execute", note)
    assert "INSERT" in first[0] and first[0] == first[1] == first[2]
    assert "UPDATE" in second[0] and second[0] == second[1] == second[2]
    night.nobody_else_was_contacted()


def test_a_guesser_fills_no_table(night: Night, site: Site) -> None:
    for n in range(15):
        site.tries(site.browser(), f"nosuch{n}@example.com")
    assert len(site.audits("login")) == 1
    night.nobody_else_was_contacted()


def a_new_first_password(night: Night, site: Site, email: str) -> str:
    """The one that a supervisor is shown when they reset the account."""
    sue = site.browser()
    sue.cookies.set("callbacks_session", night.logged_in("supervisor"))
    page = sue.post(f"/people/users/{site.user(email).id}/reset", data={}).text
    return page.partition("shown once:</p><p><code>")[2].partition("<")[0]


def test_a_first_password_ends_after_three_days(night: Night, site: Site) -> None:
    site.add("bob@example.com", "technician")
    night.passes(minutes(72 * 60 - 1))
    assert site.tries(site.browser(), "bob@example.com", FIRST) == "in"
    night.passes(minutes(2))
    told = site.browser().post("/login", data={"email": "bob@example.com", "password": FIRST})
    assert told.status_code == 403 and "first password has expired" in told.text and "72 hours" in told.text
    assert "Ask a supervisor for a new one" in told.text
    assert (
        "Wrong e-mail or password"
        in site.browser().post("/login", data={"email": "bob@example.com", "password": WRONG}).text
    )
    new = a_new_first_password(night, site, "bob@example.com")
    assert site.tries(site.browser(), "bob@example.com", new) == "in"
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_new_first_password_ends_the_waits(night: Night, site: Site) -> None:
    site.add("bob@example.com", "technician")
    for _ in range(9):
        site.tries(site.browser(), "bob@example.com")
    with night.database.read() as session:
        assert any(row.wait_until for row in session.exec(select(tables.Strike)))
    new = a_new_first_password(night, site, "bob@example.com")
    assert site.tries(site.browser(), "bob@example.com", new) == "in"
    night.nobody_else_was_contacted()


def test_auditors_need_the_second_factor_and_technicians_may_have_one(night: Night, site: Site) -> None:
    site.add("aud@example.com", "auditor")
    web = site.browser()
    assert site.tries(web, "aud@example.com", FIRST) == "in"
    web.post("/login/password", data={"new": OWN, "again": OWN})
    assert web.get("/people").status_code == 303, "a password alone opens nothing"
    for language, words in (("en", "Set up the second factor"), ("fr", "Configurer le second facteur")):
        page = web.get("/login", headers={"Accept-Language": language}).text
        assert words in page and 'src="data:image/svg+xml' in page
    assert web.post("/login/code", data={"code": site.code("aud@example.com")}).status_code == 303
    assert web.get("/people").status_code == 200
    refused = web.post("/account/factor", data={"remove": "1", "old": OWN})
    assert "auditors need a second factor" in refused.text
    assert 'name="remove"' not in web.get("/account").text
    site.add("bob@example.com", "technician")
    assert site.first_login("bob@example.com").get("/").status_code == 200
    with night.database.write() as session:
        from callbacks.store.sql import tokens

        secret = tokens.new_token(session, "auditor", night.clock.now())
    bearer = {"Authorization": f"Bearer {secret}"}
    assert site.browser().get("/api/v1/emergencies", headers=bearer).status_code == 200, "programs have tokens"
    night.nobody_else_was_contacted()


def test_the_cookie_of_a_browser_ends_after_half_a_year(night: Night, site: Site, tmp_path: Path) -> None:
    from app.auth import login_throttle

    assert login_throttle.SECONDS == 180 * 86400
    site.add("bob@example.com", "technician")
    web = site.browser()
    web.post("/login", data={"email": "bob@example.com", "password": FIRST})
    done = web.post("/login/password", data={"new": OWN, "again": OWN})
    cookie = next(c for c in done.headers.get_list("set-cookie") if c.startswith("callbacks_device"))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Max-Age=15552000" in cookie and "Path=/" in cookie
    night.nobody_else_was_contacted()
