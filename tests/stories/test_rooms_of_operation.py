"""The policy and the carrier's checks as rooms: what a supervisor reads there, and what only a button does."""

import re
from dataclasses import replace
from typing import Any

import pytest

from app.main import create_app
from app.server import Server, listen_on
from app.wiring import remember_policy
from callbacks.policy.model import read_policy
from callbacks.store.sql import audits
from tests import http
from tests.catalogues import french_pages
from tests.night import SMS_ONLY, Night
from tests.source import tree

FRENCH = {"Accept-Language": "fr"}
FILE = SMS_ONLY + '[promise]\ncallback_within = "45m"\n'


def words(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_policy_is_told_in_plain_words_in_both_languages(make_night: Any) -> None:
    night: Night = make_night(policy="")
    page = words(night.web.get("/policy").text)
    for said in ("A person calls back within 30 minutes", "This policy can keep its promise", "17 minutes remain",
                 "No roster is loaded", "supervisors text, call 13 minutes", "P2 1 hour in support hours 24 hours",
                 "Open from 07:30 to 18:00 (America/Toronto): Monday", "Covered: modusGate", "Key 2 means",
                 "Nothing recorded yet"):  # fmt: skip
        assert said in page, said
    french = words(night.web.get("/policy", headers=FRENCH).text)
    for said in ("Une personne rappelle en 30 minutes", "superviseurs texto, appel", "lundi, mardi", "pare-feu"):
        assert said in french, said
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_what_was_in_force_before_is_kept_with_what_changed(night: Night) -> None:
    night.on_call("ana", "bob")
    other = replace(night.context, policy=read_policy(FILE), policy_text=FILE)
    for context in (night.context, night.context, other, other):
        remember_policy(context)
        night.clock.turn(hours=1)
    page = night.web.get("/policy").text
    assert page.count("/policy/versions/") == 2
    assert "Another process has since started with a different policy" in page
    newest = night.web.get("/policy/versions/2").text
    assert "<del>− promise.callback_within = 30m</del>" in newest
    assert "<ins>+ promise.callback_within = 45m</ins>" in newest
    assert "<del>− escalation[3].by = sms, voice</del>" in newest
    assert "support_hours" not in newest.partition("</h2>")[2].partition("<h2>")[0]
    assert "The first version on record" in night.web.get("/policy/versions/1").text
    assert "In force until" in night.web.get("/policy/versions/1").text
    assert night.web.get("/policy/versions/3").status_code == 404
    assert night.web.get("/policy/versions/99999999999999999999").status_code == 404
    night.nobody_else_was_contacted()


def test_an_escalation_policy_with_an_unknown_rotation_is_told(night: Night) -> None:
    night.on_call("ana")
    page = words(night.web.get("/policy").text)
    assert "The escalation policy pages “backup”, which is not a rotation of the roster; it has primary." in page
    assert "L&#39;escalade alerte «\xa0backup\xa0»" in night.web.get("/policy", headers=FRENCH).text
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_the_checks_run_by_a_button_and_their_result_is_shown_on_every_node(night: Night) -> None:
    night.on_call("ana", "bob")
    first = words(night.web.get("/carrier").text)
    assert "No check has run yet" in first
    assert "Not run yet" in first
    assert "&lt;Response&gt;" in first
    assert "not known" in first
    night.network.number.voice_url = "https://elsewhere.example/voice"
    night.engine.beat()
    answer = night.web.post("/carrier/check")
    assert (answer.status_code, answer.headers["location"]) == (303, "/carrier?done=checked")
    page = words(night.web.get("/carrier?done=checked").text)
    for said in ("Checked.", "NOT ready for tonight", "Checked at", "by sandbox", "✗ fault number : its webhook URLs are not ours: voice_url",
                 "Why it matters: customers&#39; calls or technicians&#39; replies do not reach us", "To fix: run: callbacks doctor --fix",
                 "note ana&#39;s phone : no drill has reached it", "✗ https://elsewhere.example/voice"):  # fmt: skip
        assert said in page, said
    french = words(night.web.get("/carrier", headers=FRENCH).text)
    for said in ("PAS prêt", "✗ défaut numéro : ses URL ne mènent pas à nous", "téléphone de ana", "moteur"):
        assert said in french, said
    unticked = night.web.post("/carrier/addresses", headers={"Accept": "text/html"} | FRENCH)
    assert (unticked.status_code, "Cochez la case" in unticked.text) == (422, True)
    assert night.network.number.voice_url == "https://elsewhere.example/voice"
    answer = night.web.post("/carrier/addresses", data={"confirmed": "yes"})
    assert answer.headers["location"] == "/carrier?done=set"
    assert night.network.number.voice_url == f"{night.address}/twilio/voice"
    page = words(night.web.get("/carrier?done=set").text)
    assert page.count("✓ the same") == 3
    assert "✓ OK number : owned, and its webhook URLs are ours" in page
    night.sweeps()
    assert "It succeeded." in night.web.get("/carrier").text
    with night.database.read() as session:
        assert [row.action for row in audits.latest(session)] == ["carrier.addresses-set", "carrier.checked"]
    night.nobody_else_was_contacted()


def test_who_may_see_these_rooms(night: Night) -> None:
    listener = listen_on("127.0.0.1", 0)
    server = Server(create_app(night.settings, night.context, without_login=False), listener)
    server.start()
    with http.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as web:
        assert {web.get(path).status_code for path in ("/policy", "/carrier")} == {303}
        for role, policy, carrier in (("supervisor", 200, 200), ("auditor", 200, 403), ("technician", 200, 403)):
            web.cookies.set("callbacks_session", night.logged_in(role))
            assert (web.get("/policy").status_code, web.get("/carrier").status_code) == (policy, carrier)
        assert web.post("/carrier/check").status_code == 403
        assert web.post("/carrier/addresses", data={"confirmed": "yes"}).status_code == 403
    server.stop()
    night.nobody_else_was_contacted()


def test_every_sentence_of_a_finding_has_its_french(night: Night) -> None:
    """Whatever the checks can say stands in the catalogue: every literal in them is looked up."""
    import ast
    from pathlib import Path

    import app.doctor

    missing = set()
    for path in sorted(Path(app.doctor.__file__).parent.glob("*.py")):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("finding", "fine"):
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                missing |= {text for text in texts if text and text not in french_pages()}
    assert missing == set()
    night.nobody_else_was_contacted()
