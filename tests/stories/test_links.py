"""The link in a text: no login, one emergency, one person, until it closes; looking at it does nothing."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text as sql
from sqlmodel import SQLModel, select

from callbacks.engine.jobs import drills
from callbacks.lib.gsm import is_gsm7, segments
from callbacks.lib.magic_links import LINK, digest
from callbacks.store.sql import tables
from callbacks.telephony.transport import trusted
from tests import http
from tests.night import Night, Person, met, seconds
from tests.stories.test_many_at_once import calls, numbers

HTML = {"Accept": "text/html"}


def links(words: str) -> list[str]:
    return [f"/t/{token}" for token in LINK.findall(words)]


def link(person: Person) -> str:
    """The only one in their last text."""
    found = links(person.last_text)
    assert len(found) == 1, person.last_text
    return found[0]


class Browser:
    """A browser of somebody who is logged in nowhere."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.web = http.Client(base_url=night.address, timeout=20, headers=HTML, verify=trusted())

    def opens(self, path: str, status: int = 200) -> str:
        answer = self.web.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def presses(self, path: str, noun: str, status: int = 200, **form: str) -> str:
        """The button on the page as it is now; what the page says then, and its status."""
        page = self.web.get(path).text
        once = re.search(r'name="once" value="(\w+)"', page)
        sent = form | ({"once": once[1]} if once else {})
        headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        answer = self.web.post(f"{path}/{noun}", data=sent, headers=headers)
        assert answer.status_code == 303, answer.text
        self.night.settle()
        assert answer.headers["location"].startswith(path)
        return self.opens(answer.headers["location"], status)


def buttons(page: str) -> list[str]:
    return re.findall(r'data-testid="([\w-]+)"', page)


def says(page: str) -> str:
    """What the last button was answered."""
    found = re.search(r'class="answer[^>]*>([^<]*)<', page)
    return found[1].replace("&#39;", "'") if found else ""


def vias(night: Night) -> dict[str, str]:
    ref = night.emergencies()[0]["ref"]
    items = night.get(f"/api/v1/emergencies/{ref}/ledger")["items"]
    return {item["kind"]: item["facts"]["via"] for item in items if "via" in item["facts"]}


def everything(night: Night) -> str:
    """Every value of every table, as text."""
    with night.database.read() as session:
        rows = [
            tuple(row)
            for t in SQLModel.metadata.sorted_tables
            for row in session.execute(sql(f'select * from "{t.name}"'))
        ]
    return repr(rows)


def test_a_page_holds_a_link_that_shows_all_and_does_nothing(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    path, browser = link(ana.gets_sms("E-000001", "3 connect. http")), Browser(night)
    assert is_gsm7(ana.last_text)
    assert segments(ana.last_text) <= 2
    before = everything(night)
    for _ in range(100):
        assert browser.web.get(path).status_code == 200
    assert {browser.web.request(m, path).status_code for m in ("HEAD", "OPTIONS", "PUT", "DELETE", "POST")} == {405}
    page = browser.opens(path)
    assert everything(night) == before
    for shown in ("Nobody has it", "514-555-0142", 'href="tel:+15145550142"', "02:30", "data-due", "<audio"):
        assert shown in page
    assert buttons(page) == ["acknowledgement", "callback", "contact", "no-answer", "pass", "note"]
    audio = browser.web.get(f"{path}/recording")
    assert (audio.status_code, audio.headers["content-type"]) == (200, "audio/wav")
    assert browser.web.get(f"{path}/recording?message=1").status_code == 404
    assert page.count("<script") == 1, "the countdown, and nothing else"
    assert night.emergency()["acknowledged_by"] is None
    night.minutes_pass(4)
    night.people["bob"].gets_sms("E-000001")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_only_the_digest_is_kept_and_nothing_speaks_of_the_secret(
    night: Night, capfd: pytest.CaptureFixture[str]
) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    path, browser = link(ana.gets_sms("E-000001")), Browser(night)
    token = path.removeprefix("/t/")
    with night.database.read() as session:
        door = session.exec(select(tables.MagicLink)).one()
    assert (door.digest, door.person, door.emergency_id) == (digest(token), "ana", 1)
    ana.replies(f"note see {night.address}{path} there").gets_sms("note added")
    assert "note added" in says(browser.presses(path, "note", words=f"again {path}"))
    answers = [
        browser.web.get(p) for p in (path, f"{path}/recording", f"{path}/nowhere", f"{path}x", f"{path}?said=<b>")
    ]
    answers += [browser.web.post(f"{path}/pass", data={}, headers={"Sec-Fetch-Site": "cross-site"})]
    answers += [browser.web.post(f"{path}/frobnicate", data={"a": "b"}), browser.web.get(f"{path}/recording?message=x")]
    assert [a.status_code for a in answers] == [200, 200, 405, 404, 200, 403, 404, 422]
    for answer in answers:
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "no-store" in answer.headers["cache-control"]
        assert "noindex" in answer.headers["x-robots-tag"]
    programs = [http.get(night.address + p) for p in (f"{path}x", f"{path}/nowhere")]
    assert all(token not in answer.text for answer in programs)
    assert token not in everything(night)
    assert token not in night.metrics()
    written = capfd.readouterr()
    assert token not in written.out + written.err
    for file in Path(night.settings.data_dir).rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes()
    night.nobody_else_was_contacted()


def test_each_button_acts_by_the_core_and_says_so_as_a_text_would(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    path, browser = link(ana.gets_sms("E-000001")), Browser(night)
    page = browser.presses(path, "acknowledgement")
    assert says(page) == (
        "E-000001 is yours. Call the customer by 02:30: send 3 to be connected, "
        f"4 {ana.code} once you have spoken, 5 {ana.code} if no answer."
    )
    assert "You have it" in page
    assert "acknowledgement" not in buttons(page)
    assert "no answer, recorded at" in says(browser.presses(path, "no-answer"))
    night.minutes_pass(1)
    assert "is being paged" in says(browser.presses(path, "pass"))
    his = link(bob.gets_sms("E-000001"))
    assert "Ana Roy" not in browser.opens(his)
    page = browser.presses(his, "acknowledgement")
    assert "is yours" in says(page)
    assert night.emergency()["acknowledged_by"] == "bob"
    refused = browser.presses(path, "callback")
    assert says(refused).startswith("Bob Chen has had E-000001 since 02:0")
    assert 'role="alert"' in refused
    assert "callback" not in buttons(refused)
    assert "the note was empty" in says(browser.presses(his, "note", words=" \x00 "))
    assert "note added" in says(browser.presses(his, "note", words="Router <b>rebooted</b>\x00 \u202e"))
    page = browser.presses(his, "contact")
    assert "you reached the customer, recorded at" in says(page)
    assert buttons(page) == ["resolution", "callback", "note"]
    assert "Customer reached at" in browser.opens(path)
    assert night.verdict() == met("declared")
    kinds = ("Acknowledged", "NoAnswerDeclared", "Passed", "CommandRefused", "NoteAdded", "ContactDeclared")
    assert {kind: vias(night).get(kind) for kind in kinds} == dict.fromkeys(kinds, "link")
    night.customer.gets_sms("we have your message").gets_sms("could not reach you").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_call_me_rings_the_phone_and_connects(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    path, browser = link(ana.gets_sms("E-000001")), Browser(night)
    once = re.search(r'name="once" value="(\w+)"', browser.opens(path))
    assert once
    double = [browser.web.post(f"{path}/callback", data={"once": once[1]}) for _ in range(2)]
    assert {a.headers["location"] for a in double} == {f"{path}?said=calling"}
    ana.is_rung()
    page = browser.opens(f"{path}?said=calling")
    assert "your phone is ringing" in says(page)
    assert "Your phone rings: press 1" in page
    assert "callback" not in buttons(page)
    assert "a callback is in progress" in says(browser.presses(path, "callback"))
    ana.answers().presses("1")
    night.customer.is_rung().answers()
    assert "Ana Roy is calling the customer" in browser.opens(path)
    night.passes(seconds(40))
    night.customer.hangs_up()
    ana.presses("1")
    assert "Customer reached at" in browser.opens(path)
    assert night.verdict() == met("carrier")
    assert vias(night)["CallbackRequested"] == "link"
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_it_is_dead_at_the_close_and_for_whoever_left(night: Night) -> None:
    """F49."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    path, browser = link(ana.gets_sms("E-000001")), Browser(night)
    night.minutes_pass(4)
    his = link(bob.gets_sms("E-000001"))
    night.on_call("ana", "cleo")
    night.roster(without(night.roster_text, "bob"))
    over = browser.opens(his, 410)
    night.on_call("ana", "bob")
    assert "Nobody has it" in browser.opens(his)
    ana.proves("4").gets_sms("you reached")
    ana.proves("6 done").gets_sms("is resolved")
    for gone in (path, his):
        page = browser.opens(gone, 410)
        assert page == over.replace(his, gone)
        assert "This emergency is closed" in page
        for private in ("E-000001", "514", "Ana", "Bob", "#", "audio"):
            assert private not in page.replace("&#39;", "")
        assert browser.web.get(f"{gone}/recording").status_code == 410
        assert browser.web.post(f"{gone}/note", data={"words": "late"}).status_code == 410
    unknown = [browser.opens(f"/t/{t}", 404) for t in ("A" * 22, "x", "ana", "é" * 200, path[3:].swapcase())]
    browser.opens("/t/%00", 400)
    assert len(set(unknown)) == 1
    assert "Unknown link" in unknown[0]
    assert "NoteAdded" not in night.facts()
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_it_ends_three_days_after_it_was_sent_and_a_later_text_brings_another(night: Night) -> None:
    """A text that was forgotten on a phone opens nothing, though the emergency still waits for its end."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    path, browser = link(ana.gets_sms("E-000001")), Browser(night)
    ana.replies(f"4 {ana.code}").gets_sms("you reached")
    night.clock.turn(seconds=72 * 3600 - 60)
    assert "E-000001" in browser.opens(path)
    night.clock.turn(seconds=120)
    assert "This emergency is closed" in browser.opens(path, 410)
    assert browser.web.post(f"{path}/note", data={"words": "late"}).status_code == 410
    assert night.emergency()["state"] == "reached"
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.sue.gets_sms("UNCONFIRMED")
    night.nobody_else_was_contacted()


def test_after_the_conversation_one_thumb_closes_it(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    path, browser = link(ana.gets_sms("E-000001")), Browser(night)
    assert "resolution" not in buttons(browser.opens(path)), "first they have to be reached"
    page = browser.presses(path, "contact")
    assert buttons(page)[0] == "resolution"
    page = browser.presses(path, "resolution", 410)
    assert says(page) == "Noted, thank you."
    assert night.emergency()["state"] == "resolved"
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def without(roster: str, name: str) -> str:
    """The roster after somebody left, and nobody has their turn."""
    first, *rest = roster.split("[[")
    return "[[".join([first, *(part for part in rest if f'name = "{name}"\n' not in part)])


@pytest.mark.storage
def test_a_phone_that_takes_no_calls_is_told_so(night: Night) -> None:
    night.on_call("ana", "bob")
    night.roster(night.roster_text.replace('phone = "+15145550111"\n', 'phone = "+15145550111"\nvoice = false\n'))
    ana = night.people["ana"]
    night.customer_leaves_message()
    path, browser = link(ana.gets_sms("E-000001")), Browser(night)
    page = browser.opens(path)
    assert "your phone is not set up for calls. Call the customer yourself" in page
    assert "callback" not in buttons(page)
    assert "not set up for calls" in says(browser.presses(path, "callback"))
    night.nobody_else_was_contacted()


def test_french_from_the_text_to_the_answer(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob", languages="fr")
    night.customer_leaves_message()
    path, browser = link(ana.gets_sms("Rappel avant", "connectez-moi. http")), Browser(night)
    assert is_gsm7(ana.last_text)
    assert segments(ana.last_text) <= 2
    page = browser.opens(path)
    assert '<html lang="fr">' in page
    for shown in (
        "Personne ne l&#39;a pris",
        "Rappel avant 02:30",
        "Appelez-moi et mettez-moi en relation",
        "J'ai parlé au client",
    ):
        assert shown in page
    assert says(browser.presses(path, "acknowledgement")).startswith("E-000001 est à vous")
    english = browser.opens(f"{path}?lang=en")
    assert "You have it" in english
    assert f"{path}/pass?lang=en" in english
    answer = browser.web.post(f"{path}/no-answer?lang=en", data={"once": "a"})
    assert answer.headers["location"] == f"{path}?said=no-answer&lang=en"
    night.customer.gets_sms("we have your message").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_a_text_with_a_link_whose_answer_was_lost_is_found_by_it(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.knobs(rest={"error_after_accept": True})
    night.customer_leaves_message()
    night.knobs(rest={"error_after_accept": False})
    night.passes(seconds(40))
    path = link(ana.gets_sms("E-000001"))
    assert "PageSent" in night.facts()
    assert "Nobody has it" in Browser(night).opens(path)
    night.nobody_else_was_contacted()


def test_what_was_never_sent_gets_a_fresh_link_and_every_link_that_left_opens(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.knobs(rest={"refuse": {"status": 503, "code": 20503}})
    night.customer_leaves_message()
    night.knobs(rest={"refuse": None})
    night.passes(seconds(10))
    path = link(ana.gets_sms("E-000001"))
    assert "Nobody has it" in Browser(night).opens(path)
    night.minutes_pass(12)
    night.taken_up.update(m.sid for m in night.sent() if m.to_number != ana.number)
    again = link(ana.gets_sms("E-000001"))
    assert again != path
    assert "Nobody has it" in Browser(night).opens(again)
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_page_leaves_even_if_no_link_can_be_made(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    with night.database.write() as session:
        session.execute(sql("drop table door"))
    night.customer_leaves_message()
    ana.gets_sms("E-000001", "3 connect.").replies("1").gets_sms("is yours")
    assert links(ana.last_text) == []
    night.nobody_else_was_contacted()


def test_a_bundle_has_a_link_for_each_and_a_storm_has_none(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    calls(night, *numbers(4))
    ana.gets_sms("E-000001").gets_sms("E-000002")
    night.knobs(rest={"error_after_accept": True})
    night.passes(seconds(60))
    night.knobs(rest={"error_after_accept": False})
    night.passes(seconds(15))
    ana.gets_sms("2 emergencies")
    found, browser = links(ana.last_text), Browser(night)
    assert (len(found), segments(ana.last_text)) == (2, 2)
    codes = re.findall(r"#(\w+)", ana.last_text)
    assert [re.search(rf"{code} \S+/t/(\S+)", ana.last_text)[1] for code in codes] == [f[3:] for f in found]  # type: ignore[index]
    assert ["E-000003" in browser.opens(found[0]), "E-000004" in browser.opens(found[1])] == [True, True]
    assert "is yours" in says(browser.presses(found[1], "acknowledgement"))
    assert [e["acknowledged_by"] for e in night.emergencies()] == [None, None, None, "ana"]
    calls(night, *(n.replace("+1514", "+1438") for n in numbers(12)))
    night.taken_up.update(m.sid for m in night.sent() if "/t/" in m.body)
    night.minutes_pass(1)
    late = [m.body for m in night.sent() if m.sid not in night.taken_up and "emergencies" in m.body]
    assert late
    assert not any("/t/" in body for body in late)
    ana.gets_sms("emergencies, call back by")
    night.nobody_else_was_contacted()


def test_what_comes_later_brings_a_link_too_and_acts_as_its_reader(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    assert links(ana.last_text) == []
    night.customer.calls()
    night.customer.hangs_up()
    assert link(ana.gets_sms("called again"))
    night.minutes_pass(18)
    assert link(ana.gets_sms("has not been called yet"))
    night.minutes_pass(5)
    later = [m for m in night.sent() if m.sid not in night.taken_up and m.to_number not in night.customers]
    assert {len(links(m.body)) for m in later} == {1}, [m.body for m in later]
    risk = next(m for m in later if "AT RISK" in m.body)
    browser = Browser(night)
    assert "is yours" in says(browser.presses(links(risk.body)[0], "acknowledgement"))
    assert night.emergency()["acknowledged_by"] == "sue"
    night.people["bob"].gets_sms("P1 E-000001")
    ana.gets_sms("was taken back")
    night.sue.gets_sms("AT RISK")
    night.nobody_else_was_contacted()


def test_a_drill_has_one_button(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    drills.begin(night.context, "ana")
    path, browser = link(ana.gets_sms("DRILL")), Browser(night)
    page = browser.opens(path)
    assert buttons(page) == ["acknowledgement"]
    assert "nobody is waiting" in page
    assert "noted, thank you" in browser.presses(path, "acknowledgement", 410).lower()
    assert "Acknowledged" in night.facts()
    night.minutes_pass(5)
    night.nobody_else_was_contacted()
