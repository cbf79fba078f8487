"""What is done on an emergency's page: confirmed, in the ledger with a name, refused in plain words."""

import re
from collections.abc import Callable, Iterator
from html import unescape

import httpx
import pytest

from app.main import create_app
from app.server import Server, listen_on
from callbacks.emergency.inputs import Command, Commanded
from callbacks.emergency.model import Via
from callbacks.engine.intake.handle import handle_input
from callbacks.oncall.roster import Role
from callbacks.store.sql import tables
from tests import http
from tests.night import Night, met, seconds

PATH = "/emergencies/E-000001"


@pytest.fixture
def as_technician(night: Night) -> Iterator[Callable[[str], httpx.Client]]:
    """A browser in which somebody of the roster is logged in."""
    servers: list[Server] = []

    def log_in(name: str) -> httpx.Client:
        listener = listen_on("127.0.0.1", 0)
        servers.append(Server(create_app(night.settings, night.context, without_login=False), listener))
        servers[-1].start()
        cookies = {"callbacks_session": night.logged_in("technician", name)}
        return http.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=20, cookies=cookies)

    yield log_in
    for server in servers:
        server.stop()


def post(night: Night, noun: str, language: str = "en", **form: str) -> httpx.Response:
    answer = night.web.post(f"{PATH}/{noun}", data=form, headers={"Accept-Language": language}, follow_redirects=True)
    night.settle()
    return answer


def alerted(answer: httpx.Response) -> str:
    """The refusal on the page; the form it belongs to stands open."""
    found = re.search(r'role="alert">([^<]*)', answer.text)
    assert found and re.search(r'<details class="panel" id="do-[a-z-]+" open>', answer.text)
    return unescape(found[1])


def told(answer: httpx.Response) -> str:
    found = re.search(r'role="status">([^<]*)<', answer.text[answer.text.index("<main") :])
    assert found
    return unescape(found[1])


def test_acknowledged_for_somebody_names_both(called: Night) -> None:
    answer = post(called, "acknowledgement", person="bob")
    assert told(answer).startswith("Acknowledged; paging stops")
    assert [(f["by"], f["set_by"], f["via"]) for f in called.facts_of("Acknowledged")] == [("bob", "sandbox", "page")]
    assert "sandbox acknowledged for bob (by page)" in answer.text
    again = post(called, "acknowledgement", person="ana")
    assert again.status_code == 409
    assert alerted(again) == "bob has had it since 02:00; nothing was changed. A supervisor can hand it over."
    assert '<option value="ana" selected>' in again.text
    assert "bob s'en occupe depuis 02:00" in alerted(post(called, "acknowledgement", "fr", person="ana"))
    assert [f["set_by"] for f in called.facts_of("CommandRefused")] == ["sandbox", "sandbox"]
    for person in ("", "nobody"):
        assert alerted(post(called, "acknowledgement", person=person)) == "Choose somebody from the roster."
    called.minutes_pass(10)
    called.nobody_else_was_contacted()


def test_grave_deeds_are_shown_before_they_are_done(called: Night) -> None:
    before = called.facts()
    for noun, form, shown in (
        ("handover", {"to": "bob"}, ("sandbox handed it over to bob (by page)", "bob gets a text", "was handed over to you")),
        ("callback", {"person": "ana"}, ("callback to ana's phone", "ana's phone rings from the support number")),
        ("withdrawal", {"reason": "a <b>test</b>"}, ("Withdrawn by sandbox", "changes from pending to withdrawn", "a <b>test</b>")),
        ("exclusion", {"reason": "our own test"}, ("Excluded by sandbox (a supervisor's decision)", "our own test", "to excluded")),
    ):  # fmt: skip
        page = post(called, noun, **form)
        assert page.status_code == 200
        for words in (*shown, "Confirm", "Cancel"):
            assert words in unescape(page.text), (noun, words)
        assert f'href="{PATH}#do-{noun}"' in page.text
        french = unescape(post(called, noun, "fr", **form).text)
        assert "Confirmer" in french and "Annuler" in french
        assert called.facts() == before
        back = called.web.get(f"{PATH}/{noun}", follow_redirects=False)
        assert (back.status_code, back.headers["location"]) == (303, f"{PATH}#do-{noun}")
    assert post(called, "handover", to="bob", sure="yes").status_code == 200
    called.people["bob"].gets_sms("was handed over to you")
    assert called.facts_of("HandedOver") == [{"by": "sandbox", "to": "bob", "via": "page"}]
    called.nobody_else_was_contacted()


def test_a_supervisor_has_somebody_rung(called: Night) -> None:
    ana = called.people["ana"]
    post(called, "callback", person="ana", sure="yes")
    ana.is_rung().answers().presses("1")
    busy = post(called, "callback", "fr", person="ana", sure="yes")
    assert (busy.status_code, "Un rappel est en cours" in alerted(busy)) == (409, True)
    called.customer.answers(and_talks_for=seconds(31))
    ana.presses("1")
    assert called.verdict() == met(by="carrier")
    assert [(f["by"], f["set_by"]) for f in called.facts_of("CallbackRequested")] == [("ana", "sandbox")]
    assert "sandbox started a callback to ana's phone (by page)" in unescape(called.web.get(PATH).text)
    called.customer.gets_sms("we have your message").gets_sms("is calling you now")
    called.nobody_else_was_contacted()


def test_excluded_with_a_reason_it_is_in_no_figure(called: Night) -> None:
    post(called, "exclusion", reason="our own test", sure="yes")
    e = called.emergency()
    assert (e["verdict"]["outcome"], e["state"]) == ("excluded", "withdrawn")
    assert called.facts_of("Excluded") == [{"by": "sandbox", "why": "decision", "reason": "our own test"}]
    assert called.get("/api/v1/report?from=2026-11-01&to=2026-11-30")["excluded"] == 1
    with called.database.read() as session:
        row = session.get(tables.Emergency, 1)
        assert row and (row.excluded_why, row.is_open) == ("our own test", False)
    called.minutes_pass(40)
    again = handle_input(called.context, 1, Commanded(at=called.clock.now(), by="sue", role=Role.SUPERVISOR, command=Command.EXCLUDE,
                                               via=Via.PAGE, words="again"))  # fmt: skip
    assert again and again.decision.answer and again.decision.answer.about == "already-excluded"
    assert alerted(post(called, "exclusion", reason="again", sure="yes")).startswith("Already excluded from reports")
    assert called.web.get(PATH).status_code == 200
    called.nobody_else_was_contacted()


def test_a_closed_one_may_still_be_excluded_and_what_was_typed_is_not_lost(called: Night) -> None:
    called.people["ana"].proves("4").gets_sms("you reached").proves("6").gets_sms("is resolved")
    long = "é" * 201
    too_long = post(called, "exclusion", reason=long)
    assert (too_long.status_code, alerted(too_long)) == (422, "Use at most 200 characters; nothing was changed.")
    assert f'value="{long}"' in too_long.text
    unsaid = post(called, "withdrawal", "fr", reason=" ")
    assert (unsaid.status_code, alerted(unsaid)) == (422, "Donnez la raison du retrait.")
    note = post(called, "note", words="n" * 2001)
    assert "n" * 2001 + "</textarea>" in note.text
    closed = post(called, "priority", priority="P2", reason="digests <only>")
    assert (closed.status_code, alerted(closed)[:24]) == (409, "This emergency is closed")
    assert 'value="digests &lt;only&gt;"' in closed.text
    post(called, "exclusion", reason="é" * 200, sure="yes")
    assert called.verdict()["outcome"] == "excluded"
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.nobody_else_was_contacted()


def test_an_acknowledgement_for_somebody_proves_no_phone(night: Night) -> None:
    from callbacks.engine.jobs import drills

    night.on_call("ana", "bob")
    drills.begin(night.context, "ana")
    night.people["ana"].gets_sms("DRILL")
    assert told(post(night, "acknowledgement", person="ana")) == "Drill answered."
    with night.database.read() as session:
        row = session.get(tables.Person, "ana")
        assert row is None or row.verified_at is None
        assert session.people.current_roster().person("ana")
    night.nobody_else_was_contacted()


def test_a_technician_sees_and_does_their_own(called: Night, as_technician: Callable[[str], httpx.Client]) -> None:
    ana, bob = as_technician("ana"), as_technician("bob")
    assert bob.get(PATH).status_code == 404
    assert bob.get(f"{PATH}/recording").status_code == 404
    assert bob.post(f"{PATH}/note", data={"words": "x"}).status_code == 404
    page = ana.get(PATH).text
    for noun in ("acknowledgement", "pass", "callback", "contact", "no-answer", "note", "resolution"):
        assert f'action="{PATH}/{noun}"' in page
    for noun in ("handover", "priority", "coverage", "withdrawal", "exclusion", "evidence.zip"):
        assert f"{PATH}/{noun}" not in page
        gone = ana.post(f"{PATH}/{noun}", data={"reason": "x", "to": "ana"}, follow_redirects=False)
        assert gone.status_code == (405 if noun == "evidence.zip" else 403), noun
    assert ana.post(f"{PATH}/acknowledgement", follow_redirects=False).status_code == 303
    assert [(f["by"], f["set_by"], f["role"]) for f in called.facts_of("Acknowledged")] == [("ana", None, "technician")]
    assert ana.post(f"{PATH}/callback", follow_redirects=False).headers["location"] == f"{PATH}?done=calling"
    called.people["ana"].is_rung().answers().presses("1")
    called.customer.is_rung().rejects()
    assert ana.post(f"{PATH}/no-answer", follow_redirects=False).status_code == 303
    assert ana.post(f"{PATH}/note", data={"words": "rang twice"}, follow_redirects=False).status_code == 303
    assert ana.post(f"{PATH}/pass", follow_redirects=False).status_code == 303
    called.settle()
    called.people["bob"].gets_sms("E-000001")
    assert bob.get(PATH).status_code == 200
    assert bob.post(f"{PATH}/contact", follow_redirects=False).status_code == 303
    assert called.verdict() == met(by="declared")
    called.taken_up.update(m.sid for m in called.sent() if "try once more" in m.body.lower() or "not reached" in m.body)
    called.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms(
        "could not reach you"
    ).gets_sms("did we reach you?")
    called.nobody_else_was_contacted()
