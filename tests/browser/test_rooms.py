"""Every room as every role: light and dark, 320 and 1280 px, with and without script; read by axe-core too."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.busy import Busy
from tests.browser.screen import shoot
from tests.conftest import fresh_database

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("rooms")]
LOOKS = [(1280, "light", True), (320, "dark", True), (320, "light", False), (1280, "dark", False)]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ROLES = ("supervisor", "technician", "auditor", "nobody")


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    folder = tmp_path_factory.mktemp("rooms")
    made = Busy(fresh_database("sqlite", folder), folder)
    yield made
    made.close()


@pytest.mark.parametrize(("width", "scheme", "script"), LOOKS)
def test_each_room_stands_for_each_role(busy: Busy, browser: Any, width: int, scheme: str, script: bool) -> None:
    found: list[str] = []
    for role in ROLES:
        found += look(busy, browser, role, width, scheme, script)
    assert found == []


def look(busy: Busy, browser: Any, role: str, width: int, scheme: str, script: bool) -> list[str]:
    """What is wrong with the rooms of a role in one look."""
    view = {"width": width, "height": 800}
    context = browser.new_context(viewport=view, color_scheme=scheme, java_script_enabled=script)
    context.add_cookies(busy.cookies(role, "fr" if scheme == "dark" else "en"))
    page, found = context.new_page(), []
    page.on("pageerror", lambda fault: found.append(f"{page.url}: {fault}"))
    page.on("console", lambda said: found.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    for name, path in busy.rooms(role):
        answer = page.goto(busy.address + path)
        wanted = 404 if name == "nothing" else 200
        found += [] if answer.status == wanted else [f"{role} {path}: {answer.status}"]
        shoot(page, f"room-{name}-{role}-{width}-{scheme}")
        if script:
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{role} {path}: {wide} px wide"] if wide > width else []
            found += [f"{role} {path} {width}: {fault}" for fault in violations(page)]
    context.close()
    return [fault for fault in found if "404 (Not Found)" not in fault]


def violations(page: Any) -> list[str]:
    """What axe-core finds, in a line each."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
    return [
        f"{v['id']}: {v['help']}: {node['target']} {node['html'][:120]}"
        for v in found.response["violations"]
        for node in v["nodes"]
    ]


def test_hostile_words_run_nothing_anywhere(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """F90: A name, a note, a text of markup, of right-to-left marks, of NUL and without end: shown as words."""
    folder = tmp_path_factory.mktemp("hostile")
    busy = Busy(fresh_database("sqlite", folder), folder, hostile=True)
    context = browser.new_context(viewport={"width": 320, "height": 800})
    context.add_cookies(busy.cookies("supervisor", "en"))
    page = context.new_page()
    ran: list[str] = []

    def dismissed(dialog: Any) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismissed)
    for _, path in busy.rooms("supervisor"):
        page.goto(busy.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert page.locator("img[onerror]").count() == 0
    context.close()
    busy.close()
    assert ran == []


def test_a_countdown_counts_and_a_page_hears_of_a_change(busy: Busy, browser: Any) -> None:
    night = busy.night
    night.until(datetime.fromisoformat(night.emergencies()[1]["due_at"]) - timedelta(minutes=4, seconds=50))
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.context.add_cookies(busy.cookies("supervisor", "en"))
    page.goto(f"{busy.address}/")
    clock = page.locator("time[role=timer]").first
    assert re.fullmatch(r"4:[0-5]\d left", clock.inner_text())
    before = clock.inner_text()
    page.wait_for_timeout(2200)
    assert clock.inner_text() < before, "it counts down"
    page.locator("#lost").wait_for(state="hidden")
    night.people["bob"].replies("1")
    page.get_by_text("Bob Chen").first.wait_for(timeout=4000)


def test_a_link_with_the_focus_does_not_hold_the_board_back(busy: Busy, browser: Any) -> None:
    """Who went to a card by keyboard, or opened it in a second tab, still sees what happens, and stays where they were."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.context.add_cookies(busy.cookies("supervisor", "en"))
    page.goto(f"{busy.address}/")
    page.locator("#lost").wait_for(state="hidden")
    page.locator("#open").get_by_role("link", name="E-000002").focus()
    busy.night.people["bob"].replies("note they wait at the door E-000002")
    page.locator("#open").get_by_text("Note by").first.wait_for(timeout=4000)
    assert page.evaluate("document.activeElement.textContent") == "E-000002"
