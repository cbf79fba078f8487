"""The phones page before a product that asks for keys, rings the desk and sends receipts; all by keyboard."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.screen import shoot
from tests.sandbox.shop import CUSTOMER, OWN, Shop

pytestmark = pytest.mark.browser
DESK = "+15145550170"
LANGUAGE = (
    '<Gather numDigits="1" timeout="2" action="URL/language"><Say language="fr-CA">Pour le français, faites le 2.</Say>'
    "<Say>For English, press 1.</Say></Gather>"
)
CAN_WAIT = '<Gather numDigits="1" timeout="2" action="URL/wait"><Say>If it can wait, press 2.</Say></Gather>'
RECORD = '<Say>Leave a message after the tone.</Say><Record action="URL/action" finishOnKey="#" timeout="8"/>'
CONFIRM = (
    '<Gather finishOnKey="#" timeout="5" action="URL/number"><Say>Type your number, then #.</Say></Gather><Hangup/>'
)
FORWARD = f'<Dial action="URL/dialled" timeout="20"><Number>{DESK}</Number></Dial>'
SIZES = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


class Window:
    """The page, and the shop whose clock the test turns."""

    def __init__(self, page: Any, shop: Shop, name: str) -> None:
        self.page, self.shop, self.name = page, shop, name

    def does(self, deed: Callable[[], object], seconds: float = 0.1) -> None:
        """Something that the page tells the network; then a while passes."""
        with self.page.expect_response(lambda r: "/sandbox/api/" in r.url and r.request.method == "POST"):
            deed()
        self.shop.passes(seconds)

    def presses(self, keys: str) -> None:
        for key in keys:
            self.does(lambda key=key: self.page.keyboard.press(key))  # type: ignore[misc]

    def at(self, testid: str) -> Any:
        return self.page.get_by_test_id(testid)

    def says(self, testid: str, words: str) -> None:
        self.at(testid).get_by_text(words).wait_for()

    def shoot(self, name: str) -> None:
        self.page.wait_for_timeout(150)
        shoot(self.page, f"phones-{name}-{self.name}")
        width = self.page.viewport_size["width"]
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture(params=SIZES, ids=[f"{width}-{scheme}" for width, scheme in SIZES])
def window(request: pytest.FixtureRequest, browser: Any) -> Iterator[Window]:
    width, scheme = request.param
    shop = Shop(timezone="America/Toronto")
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(f"{shop.url}/sandbox/")
    page.get_by_test_id("customer-dial").wait_for()
    yield Window(page, shop, f"{width}-{scheme}")
    shop.close()
    assert faults == []


def test_a_caller_goes_through_the_menus_by_keyboard(window: Window) -> None:
    shop, page = window.shop, window.page
    shop.says("/twilio/voice", LANGUAGE, CAN_WAIT, RECORD)
    shop.says("/language", CAN_WAIT, RECORD)
    shop.says("/action", CONFIRM)
    window.at("customer-dial").focus()
    window.does(lambda: page.keyboard.press("Enter"))
    window.says("customer-state", "Menu: press a key, or wait for the tone")
    assert window.at("customer-leave-sample").is_disabled()
    assert window.at("customer-microphone").is_disabled()
    window.shoot("1-menu")
    window.presses("1")
    assert shop.forms("/language")[0]["Digits"] == "1"
    shop.passes(2.5)
    window.says("customer-state", "Tone heard: leave a message")
    window.shoot("2-tone")
    window.at("customer-leave-sample").focus()
    window.does(lambda: page.keyboard.press("Enter"))
    window.says("customer-left", "Message of 0:16 left")
    window.shoot("3-left")
    window.presses("#")
    window.says("customer-state", "Menu: type a number, then #")
    window.presses("514")
    window.says("customer-state", "Menu: 514 typed, # ends it")
    window.shoot("4-number")
    window.presses("#")
    assert shop.forms("/number")[0]["Digits"] == "514"
    window.says("customer-state", "Call over")
    window.says("customer-left", "left")
    assert page.evaluate("document.activeElement.dataset.testid") == "customer-dial"
    window.shoot("5-over")


def test_the_desk_has_a_phone_when_it_rings(window: Window) -> None:
    shop, page = window.shop, window.page
    shop.says("/twilio/voice", FORWARD)
    window.does(lambda: window.at("customer-dial").click(), 0.5)
    window.says("customer-state", "Ringing somebody")
    window.at(f"phone-{DESK}").get_by_text("Desk / other number").wait_for()
    window.at(f"phone-{DESK}-mailbox").wait_for()
    window.shoot("6-desk-rings")
    window.at(f"phone-{DESK}-answer").focus()
    window.does(lambda: page.keyboard.press("Enter"), 5)
    window.says("customer-state", "Talking")
    window.says(f"phone-{DESK}-state", "Talking")
    window.shoot("7-desk-talks")
    window.does(lambda: window.at(f"phone-{DESK}-hangup").click(), 1)
    assert shop.forms("/dialled")[0]["DialBridged"] == "true"


def test_another_number_calls_gets_a_receipt_and_answers_it(window: Window) -> None:
    shop, page, number = window.shop, window.page, "+15145550155"
    shop.says("/twilio/voice", RECORD)
    window.at("customer-number").select_option("")
    window.at("customer-withheld").uncheck()
    window.shoot("8-any-number")
    window.at("customer-other").fill(number)
    window.does(lambda: page.keyboard.press("Enter"))
    assert shop.forms("/twilio/voice")[0]["From"] == number
    window.does(lambda: window.at("customer-leave-sample").click(), 10)
    form = {"To": number, "From": OWN, "Body": "We have your message, E-000001. Reply 1 if it was solved."}
    assert shop.rest.post("/Messages.json", data=form).status_code == 201
    shop.passes(1)
    window.says("customer-messages", "We have your message")
    assert window.at("customer-number").input_value() == number
    window.at("customer-reply").fill("1")
    window.does(lambda: page.keyboard.press("Enter"))
    assert [(f["From"], f["Body"]) for f in shop.forms("/twilio/sms")] == [(number, "1")]
    window.shoot("9-receipt")


def test_times_are_in_24_hours_and_their_zone_is_named_once(window: Window) -> None:
    window.shop.desk.post("/messages", json={"from": CUSTOMER, "body": "Hello?"})
    window.shop.passes(1)
    window.says("customer-messages", "Hello?")
    assert re.fullmatch(r"\d\d:\d\d:\d\d", window.at("customer-messages").locator("time").inner_text())
    assert window.page.locator("body").inner_text().count("America/Toronto") == 1


def test_a_picture_is_sent_with_words_and_alone(window: Window) -> None:
    """With the picture button of the customer's phone and of a technician's; the largest that the carrier takes."""
    shop = window.shop
    large = b"\xff\xd8\xff" + b"x" * (5 * 1000 * 1000)
    for prefix, words, name, content, kind in (
        ("customer", "see the rack", "rack.jpg", large, "image/jpeg"),
        ("customer", "", "fan.png", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("phone-ana", "1", "card.vcf", b"BEGIN:VCARD\r\nEND:VCARD\r\n", "text/vcard"),
    ):
        picked = {"name": name, "mimeType": kind, "buffer": content}
        window.at(f"{prefix}-picture").set_input_files(picked)
        window.at(f"{prefix}-reply").fill(words)
        window.does(lambda prefix=prefix: window.at(f"{prefix}-send").click(), 1)  # type: ignore[misc]
        window.says(f"{prefix}-messages", f"({kind})")
        form = shop.forms("/twilio/sms")[-1]
        assert (form["Body"], form["NumMedia"], form["MediaContentType0"]) == (words, "1", kind)
        media = next(m.media for m in shop.network.texts.all.values() if m.sid == form["MessageSid"])
        assert [m.content for m in media] == [content]
        assert window.at(f"{prefix}-picture").input_value() == ""
