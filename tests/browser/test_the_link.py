"""The page behind the link on a small phone: without script, by keyboard, light and dark, and its address told to nobody."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from callbacks.store.sql import tables
from tests.browser.screen import shoot
from tests.conftest import fresh_database
from tests.night import Night, seconds
from tests.stories.test_links import link

pytestmark = pytest.mark.browser
LOOKS = [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")]


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    opened = Night(fresh_database("sqlite", tmp_path), tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize("width,scheme", LOOKS, ids=[f"{w}-{s}" for w, s in LOOKS])
def test_the_link_is_used_with_one_thumb(night: Night, browser: Any, width: int, scheme: str) -> None:
    french = scheme == "dark"
    ana, _ = night.on_call("ana", "bob", languages="fr" if french else "en")
    with night.database.write() as session:
        session.add(
            tables.Customer(
                number=night.customer.number,
                name="Geneviève Archambault",
                company="Aciers Saint-Laurent",
                updated_at=night.clock.now(),
            )
        )
    night.customer_leaves_message()
    path = link(ana.gets_sms("E-000001"))
    context = browser.new_context(
        viewport={"width": width, "height": 640}, color_scheme=scheme, java_script_enabled=False, has_touch=width < 400
    )
    page = context.new_page()
    told: list[str] = []
    page.on("request", lambda r: told.append(r.all_headers().get("referer", "")))
    page.goto(night.address + path)
    name = f"link-{width}-{scheme}"
    shoot(page, f"{name}-1-open")
    is_sound(browser, night.address + path, width, scheme)
    for box in page.locator("button, .tel, .foot a").all():
        assert (box.bounding_box() or {"height": 0})["height"] >= 44
    page.get_by_test_id("acknowledgement").focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert page.locator("h1").inner_text() == ("C'est à vous" if french else "You have it")
    shoot(page, f"{name}-2-mine")
    page.get_by_test_id("callback").click()
    page.get_by_role("status").wait_for()
    ana.is_rung()
    shoot(page, f"{name}-3-rings")
    ana.rejects()
    ana.gets_sms("your phone" if not french else "votre")
    page.locator("textarea").fill("The router is down")
    page.get_by_test_id("note").click()
    page.get_by_role("status").wait_for()
    page.get_by_role("link", name="English" if french else "Français").click()
    page.get_by_test_id("contact").click()
    page.get_by_role("status").wait_for()
    shoot(page, f"{name}-4-reached")
    assert set(told) == {""}
    ana.proves("6 done").gets_sms("is resolved" if not french else "est réglé")
    page.goto(night.address + path)
    shoot(page, f"{name}-5-over")
    is_sound(browser, night.address + path, width, scheme)
    context.close()
    night.passes(seconds(1))
    night.customer.gets_sms("we have your message").gets_sms("did we reach you")
    night.nobody_else_was_contacted()


def is_sound(browser: Any, address: str, width: int, scheme: str) -> None:
    """No fault that axe finds, and nothing wider than the screen. (The looker's own script needs script.)"""
    page = browser.new_page(viewport={"width": width, "height": 640}, color_scheme=scheme)
    page.goto(address)
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
