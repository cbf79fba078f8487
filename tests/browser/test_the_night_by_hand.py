"""The whole night in a browser: the phones of the sandbox page, then the supervisor's board."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import http
from tests.browser.screen import shoot
from tests.faults.desk import ROOT, eventually
from tests.postgres import free_port

pytestmark = pytest.mark.browser
POLICY = '[promise]\ncontact_after = "1s"\n'


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """`callbacks demo`, as a process of its own."""
    port = free_port()
    (tmp_path / "policy.toml").write_text(POLICY)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CALLBACKS_", "TWILIO_"))}
    environment |= {"CALLBACKS_POLICY_FILE": str(tmp_path / "policy.toml"), "PYTHONPATH": str(ROOT)}
    node = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "demo", "--port", str(port)],
        cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: _ready(url), 60)
    yield url
    node.terminate()
    node.wait(20)


def _ready(url: str) -> bool:
    try:
        return http.get(f"{url}/readyz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def on_call(address: str) -> str:
    """Whose phone was paged."""
    phones = http.get(f"{address}/sandbox/api/state").json()["phones"]
    return next((p["name"] for p in phones if p["role"] == "technician" and p["messages"]), "")


def press(page: Any, phone: str, key: str) -> None:
    """A key, once somebody asks for one: pressed earlier it is lost, as at the carrier."""
    page.locator(f'.keys.asked [data-testid="{phone}-key-{key}"]').click()


def test_a_night_from_the_message_to_the_verdict(address: str, browser: Any) -> None:
    """No picture where a prompt or a recording waits: it may take longer than they do."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{address}/sandbox/")
    page.get_by_test_id("customer-dial").wait_for()
    shoot(page, "0-phones")
    page.get_by_test_id("customer-dial").click()
    press(page, "customer", "1")
    page.get_by_text("If it can wait").first.wait_for()
    press(page, "customer", "#")
    page.locator("[data-testid=customer-leave-sample]:enabled").wait_for()
    page.get_by_test_id("customer-sample").select_option("en-compromised")
    page.get_by_test_id("customer-leave-sample").click()
    page.get_by_test_id("customer-left").get_by_text("left").wait_for()
    page.get_by_test_id("customer-hangup").click()
    shoot(page, "1-left")
    name = eventually(lambda: on_call(address))
    phone = f"phone-{name}"
    page.get_by_test_id(f"{phone}-messages").get_by_text("E-000001").first.wait_for()
    shoot(page, "2-paged")
    page.get_by_test_id(f"{phone}-reply").fill("3")
    page.get_by_test_id(f"{phone}-send").click()
    page.get_by_test_id(f"{phone}-answer").click()
    press(page, phone, "1")
    page.get_by_test_id("customer-answer").click()
    shoot(page, "3-technician")
    page.get_by_test_id("customer-state").get_by_text("Talking").wait_for()
    shoot(page, "4-talking")
    page.wait_for_timeout(2500)
    page.get_by_test_id("customer-hangup").click()
    press(page, phone, "1")
    look_at_the_verdict(page, address)
    assert faults == []
    assert http.get(f"{address}/sandbox/api/state").json()["errors"] == []


def look_at_the_verdict(page: Any, address: str) -> None:
    page.goto(f"{address}/")
    shoot(page, "5-board")
    page.get_by_role("link", name="E-000001").click()
    page.get_by_test_id("outcome").get_by_text("met").wait_for()
    assert page.get_by_test_id("evidence").inner_text() == "carrier"
    audio = page.locator("audio")
    assert (
        page.evaluate("a => fetch(a.src).then(r => r.headers.get('content-type'))", audio.element_handle())
        == "audio/wav"
    )
    shoot(page, "6-story")


@pytest.mark.parametrize("width,scheme", [(390, "light"), (1280, "dark")])
def test_pages_fit_small_screens_and_dark_rooms(address: str, browser: Any, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    for name, path in (("sandbox", "/sandbox/"), ("board", "/")):
        page.goto(address + path)
        page.wait_for_timeout(300)
        shoot(page, f"{name}-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
