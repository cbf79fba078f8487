"""Who leaves takes nothing along: sessions, tokens, calendar links end with the account or the place on the roster."""

import re

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import Engine, event

from app.web.base import shell as live_page
from callbacks.store.sql import tables, tokens
from tests import http
from tests.night import PEOPLE, ROSTER, Night, seconds
from tests.stories.site import Site

LINK = re.compile(r"/calendar/[^\"']+\.ics")


def token(night: Night, person: str | None, by: str = "") -> str:
    with night.database.write() as session:
        return tokens.new_token(session, "technician", night.clock.now(), person=person, by=by)


def status(site: Site, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return site.browser().get("/api/v1/emergencies", headers=headers).status_code


def test_a_disabled_users_tokens_and_calendar_links_end(night: Night, site: Site) -> None:
    night.on_call("ana", "bob")
    bob, sue = site.browser(), site.browser()
    bob.cookies.set("callbacks_session", night.logged_in("technician", "bob"))
    sue.cookies.set("callbacks_session", night.logged_in("supervisor"))
    his, anas, made = token(night, "bob"), token(night, "ana"), token(night, None, by="bob")
    links = {*LINK.findall(bob.get("/schedule").text)}
    sues = {*LINK.findall(sue.get("/schedule").text)}
    assert len(links) == 5 and links.isdisjoint(sues), "three people and two rotations, each viewer's own"
    user_id = site.user("technician.bob@example.com").id
    assert [status(site, t) for t in (his, anas, made)] == [200, 200, 200]
    assert {site.browser().get(link).status_code for link in links | sues} == {200}
    assert sue.post(f"/people/users/{user_id}/disable", data={}).status_code == 303
    assert [status(site, t) for t in (his, anas, made)] == [401, 200, 200]
    assert {site.browser().get(link).status_code for link in links} == {410}
    whose = {link: site.browser().get(link).status_code for link in sues}
    assert sorted(whose.values()) == [200, 200, 200, 200, 410], "bob's own shifts are nobody's any more"
    page = sue.get("/people").text
    assert 'by <bdi>bob</bdi> <span class="badge">disabled</span>' in " ".join(page.split()), "told, to be revoked"
    assert [d.about for d in site.audits("token.revoked")], "put down"
    assert sue.post(f"/people/users/{user_id}/enable", data={}).status_code == 303
    assert status(site, his) == 401, "revoked for good"
    night.nobody_else_was_contacted()


@pytest.mark.storage
@pytest.mark.parametrize(("role", "left"), [("technician", ["technician"]), ("auditor", ["technician", "auditor"])])
def test_who_may_do_less_keeps_no_token_that_may_do_more(night: Night, site: Site, role: str, left: list[str]) -> None:
    night.on_call("ana", "bob")
    site.add("bob@example.com", "supervisor", "bob")
    bob, boss = site.user("bob@example.com"), site.browser()
    boss.cookies.set("callbacks_session", night.logged_in("supervisor"))
    with night.database.write() as session:
        now = night.clock.now()
        made = {r: tokens.new_token(session, r, now, person="bob") for r in ("technician", "auditor", "supervisor")}
        others = tokens.new_token(session, "supervisor", now)
    assert boss.post(f"/people/users/{bob.id}/role", data={"role": role, "person": "bob"}).status_code == 303
    assert [r for r, secret in made.items() if status(site, secret) == 200] == left
    assert status(site, others) == 200 and len(site.audits("token.revoked")) == 3 - len(left)
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_stream_ends_with_its_viewers_account_where_there_is_no_quiet_while(
    night: Night, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a busy house a change comes before every quiet while."""
    monkeypatch.setattr(live_page, "KEEP_ALIVE_SECONDS", 0.2)
    bob = site.browser()
    bob.cookies.set("callbacks_session", night.logged_in("technician"))
    user_id = site.user("technician.x@example.com").id
    with bob.stream("GET", "/live", timeout=10) as stream:
        lines = stream.iter_lines()
        next(lines)
        with night.database.write() as session:
            row = session.get_one(tables.User, user_id)
            row.disabled_at = night.clock.now()
        for n in range(40):
            with night.database.write() as session:
                session.audits.put(night.clock.now(), "x", "x", "x", str(n))
            if next(lines, "over") == "over":
                return
    raise AssertionError("still told of every change")
    night.nobody_else_was_contacted()


def test_who_leaves_the_roster_loses_tokens_and_links(night: Night, site: Site) -> None:
    night.on_call("ana", "bob")
    sue = site.browser()
    sue.cookies.set("callbacks_session", night.logged_in("supervisor"))
    bobs, anas = token(night, "bob"), token(night, "ana")
    links = {*LINK.findall(sue.get("/schedule").text)}
    name, (full, number) = "ana", PEOPLE["ana"]
    person = f'[[technician]]\nname = "{name}"\nfull_name = "{full}"\nphone = "{number}"\n'
    turns = '[[rotation]]\nname = "primary"\nmembers = ["ana"]\nevery = "1w"\nstarts = "2026-01-05T09:00"\n'
    night.roster(ROSTER.format(technicians=person, rotations=turns))
    assert (status(site, bobs), status(site, anas)) == (401, 200)
    answers = sorted(site.browser().get(link).status_code for link in links)
    assert answers.count(410) == 2, "bob's and cleo's"
    assert "the user has left" in sue.get("/people").text
    night.nobody_else_was_contacted()


def test_a_rotations_link_from_before_is_copied_anew(night: Night, site: Site) -> None:
    """It did not say to whom it was given, so it could never end."""
    night.on_call("ana", "bob")
    old = URLSafeSerializer(night.settings.signing_key, salt="calendar")
    assert site.browser().get(f"/calendar/{old.dumps(['rotation', 'primary'])}.ics").status_code == 404
    assert site.browser().get(f"/calendar/{old.dumps(['technician', 'ana'])}.ics").status_code == 200
    night.nobody_else_was_contacted()


def test_metrics_are_for_tokens_of_any_role(night: Night, site: Site) -> None:
    web = site.browser()
    assert web.get("/metrics").status_code == 401
    assert web.get("/metrics", headers={"Authorization": "Bearer cb_wrong"}).status_code == 401
    web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    assert web.get("/metrics").status_code == 401, "programs read it, not browsers"
    assert night.web.get("/metrics").status_code == 401, "at the demo too"
    for role in ("supervisor", "technician", "auditor", "reader"):
        answer = http.get(f"{site.url}/metrics", headers={"Authorization": f"Bearer {night.token(role)}"})
        assert answer.status_code == 200 and "callbacks_up 1.0" in answer.text
    night.nobody_else_was_contacted()


def test_asking_whether_it_is_ready_costs_the_database_one_look_a_second(night: Night, site: Site) -> None:
    asked: list[str] = []

    def note(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(Engine, "before_cursor_execute", note)
    web = site.browser()
    first = web.get("/readyz").json()
    once = len(asked)
    assert once > 3
    assert all(web.get("/readyz").json() == first for _ in range(20))
    assert len(asked) == once
    night.passes(seconds(1))
    web.get("/readyz")
    event.remove(Engine, "before_cursor_execute", note)
    assert len(asked) > once
    night.nobody_else_was_contacted()
