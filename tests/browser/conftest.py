"""Debian's Chromium, driven by playwright."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import unavailable


@pytest.fixture
def browser() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        unavailable("browser", "no Chromium on PATH", "apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()
