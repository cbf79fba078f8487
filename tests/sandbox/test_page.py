"""The phones page: what is served, its policy, that it needs nothing from elsewhere, and the spoken messages."""

import array
import io
import json
import re
import shutil
import wave
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.server import Server, listen_on
from sandbox.app import create_sandbox
from sandbox.config import Phone, SandboxConfig
from sandbox.faults import Knobs, merged
from sandbox.page import FILES, STATIC
from sandbox.samples import SAMPLES, load
from tests.clock import HandClock
from tests.conftest import unavailable

MOST_BYTES = 1_500_000
PHONES = (Phone("+15145550142", "Priya", "customer"), Phone("+15145550111", "ana", "technician"))
SCRIPTS = sorted(name for name in FILES if name.endswith(".js"))
IMPORT = re.compile(r'^import .* from "(.+)";$', re.M)


class Tags(HTMLParser):
    """Every tag of a page with its attributes; `text` of scripts and styles, which must not be there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in in ("script", "style"):
            self.inline += data

    def values(self, attribute: str) -> list[str]:
        return [found for _, attributes in self.all if (found := attributes.get(attribute))]


@pytest.fixture(scope="module")
def desk() -> Iterator[TestClient]:
    config = SandboxConfig("AC" + "5a" * 16, "t" * 32, "+15145550100", PHONES)
    with TestClient(create_sandbox(config, HandClock()), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def tags(desk: TestClient) -> Tags:
    return Tags(desk.get("/sandbox/").text)


def policy(headers: Mapping[str, str]) -> dict[str, list[str]]:
    rules = headers["content-security-policy"].split(";")
    return {name: allowed for name, *allowed in (rule.split() for rule in rules)}


def test_page_is_served_under_a_strict_policy(desk: TestClient) -> None:
    answer = desk.get("/sandbox/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    rules = policy(answer.headers)
    assert rules["default-src"] == ["'self'"]
    assert rules["media-src"] == ["'self'", "blob:"]
    assert not any("unsafe" in source or "*" in source for allowed in rules.values() for source in allowed)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_address_without_its_slash_leads_to_the_page(desk: TestClient) -> None:
    answer = desk.get("/sandbox")
    assert (answer.status_code, answer.headers["location"]) == (307, "/sandbox/")


@pytest.mark.parametrize("name", sorted(FILES))
def test_files_are_served_as_what_they_are(desk: TestClient, name: str) -> None:
    answer = desk.get(f"/sandbox/static/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == FILES[name]
    assert policy(answer.headers)["default-src"] == ["'self'"]


@pytest.mark.parametrize(
    "path", ["static/nothing.js", "static/..%2fpage.py", "static/desk.html", "samples/nothing.wav"]
)
def test_nothing_else_is_served(desk: TestClient, path: str) -> None:
    assert desk.get(f"/sandbox/{path}").status_code == 404


def test_every_file_that_is_named_is_served_and_every_file_is_named(desk: TestClient, tags: Tags) -> None:
    named = {a for a in tags.values("src") + tags.values("href") if a.startswith("/sandbox/static/")}
    for script in SCRIPTS:
        found = IMPORT.findall((STATIC / script).read_text("utf-8"))
        assert all(path.startswith("./") for path in found)
        named |= {path.replace("./", "/sandbox/static/") for path in found}
    assert named == {f"/sandbox/static/{name}" for name in FILES}
    assert all(desk.get(path).status_code == 200 for path in named)
    assert {path.name for path in STATIC.iterdir()} == {*FILES, "desk.html"}


def test_page_has_no_inline_script_or_style(tags: Tags) -> None:
    assert tags.inline.strip() == ""
    assert not [name for _, attributes in tags.all for name in attributes if name == "style" or name.startswith("on")]


def test_nothing_comes_from_elsewhere(desk: TestClient, tags: Tags) -> None:
    assert all(address.startswith(("/", "#")) for address in tags.values("src") + tags.values("href"))
    for name in FILES:
        text = desk.get(f"/sandbox/static/{name}").text.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|[\"'(]//|@import", text), name


def test_scripts_never_read_text_as_markup() -> None:
    for script in SCRIPTS:
        text = (STATIC / script).read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\.style\b", text), script


def test_every_knob_on_the_page_is_one_of_the_network(tags: Tags) -> None:
    names = tags.values("data-knob")
    assert len(names) == len(set(names)) > 10
    for name in names:
        value: object = Knobs().model_dump()
        for part in name.split("."):
            assert isinstance(value, dict) and part in value, name
            value = value[part]


def test_every_choice_of_a_knob_is_one_the_network_takes(desk: TestClient) -> None:
    text = desk.get("/sandbox/").text
    selects = re.findall(r'<select data-knob="([a-z_.]+)"( data-json)?[^>]*>(.*?)</select>', text)
    assert len(selects) >= 5
    for name, is_json, inner in selects:
        words = re.findall(r"<option(?: value=(?:\"([^\"]*)\"|'([^']*)'))?>([^<]+)</option>", inner)
        assert words
        for quoted, single, shown in words:
            value = quoted or single or ("" if "value=" in inner else shown)
            wish: object = json.loads(value) if is_json else value
            for part in reversed(name.split(".")):
                wish = {part: wish}
            assert isinstance(wish, dict) and merged(Knobs(), wish)


def test_tests_can_name_every_control(tags: Tags) -> None:
    ids = tags.values("data-testid")
    assert len(ids) == len(set(ids))
    controls = [a for tag, a in tags.all if tag in ("input", "select", "button") and a.get("id") != "aloud"]
    assert all(a.get("data-testid") for a in controls)


@pytest.mark.parametrize("name", [s.name for s in SAMPLES])
def test_samples_are_telephone_sound(desk: TestClient, name: str) -> None:
    answer = desk.get(f"/sandbox/samples/{name}.wav")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
        known = next(s for s in SAMPLES if s.name == name)
        assert sound.getnframes() / 8000 == pytest.approx(known.seconds, abs=0.06)


def loudest(name: str) -> int:
    with wave.open(io.BytesIO(load(name))) as sound:
        frames: array.array[int] = array.array("h", sound.readframes(sound.getnframes()))
    return max(abs(value) for value in frames)


def test_samples_speak_both_languages_and_one_hardly_sounds() -> None:
    spoken = [s for s in SAMPLES if s.name != "quiet"]
    for language in ("en", "fr"):
        assert sum(s.language == language and 6 <= s.seconds <= 20 for s in spoken) >= 3
    assert all(loudest(s.name) > 3000 for s in spoken)
    assert 0 < loudest("quiet") < 20
    assert sum(len(load(s.name)) for s in SAMPLES) < MOST_BYTES


def test_unknown_sample_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match="nothing"):
        load("nothing")


def test_state_tells_what_the_page_shows(desk: TestClient) -> None:
    state = desk.get("/sandbox/api/state").json()
    assert [p["name"] for p in state["phones"]] == ["Priya", "ana"]
    assert state["board_url"] == "/"
    assert [s["name"] for s in state["samples"]] == [s.name for s in SAMPLES]
    assert set(state["samples"][0]) == {"name", "title", "language", "seconds"}


def windows(words: str, length: int = 12) -> list[list[dict[str, str]]]:
    """What the network would tell after each of the words: the last `length` of them."""
    return [[{"text": w, "language": "en"} for w in words[max(0, n - length) : n]] for n in range(len(words) + 1)]


@pytest.mark.browser
@pytest.mark.parametrize("step", [1, 5, 12])
def test_words_are_shown_once_though_only_the_last_are_told(opened: Any, step: int) -> None:
    words = "abcdefghijklmnopqrstuvwxyz"
    told = [*windows(words)[::step], windows(words)[-1]]
    shown, spoken = opened.evaluate(HEAR, told)
    assert shown == spoken == words


HEAR = """async (told) => {
  const { Heard } = await import("/sandbox/static/parts.js");
  const spoken = [];
  const heard = new Heard((text) => spoken.push(text));
  for (const items of told) heard.show({ sid: "CA1", heard: items });
  return [[...heard.list.children].map((li) => li.textContent).join(""), spoken.join("")];
}"""


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    """The page in a browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        unavailable("browser", "no Chromium on PATH", "apt-get install chromium")
    from playwright.sync_api import sync_playwright

    listener = listen_on("127.0.0.1", 0)
    app = create_sandbox(SandboxConfig("AC" + "5a" * 16, "t" * 32, "+15145550100", PHONES), HandClock())
    server = Server(app, listener)
    server.start()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{listener.getsockname()[1]}/sandbox/")
        yield page
        browser.close()
    server.stop()
    app.state.network.close()
