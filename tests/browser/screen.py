"""A browser's window for tests, and pictures of it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Error

SHOTS = Path(__file__).parents[2] / ".test-artifacts"


def shoot(page: Any, name: str) -> None:
    """Chromium now and then fails to capture a page on a busy machine; the second try succeeds."""
    SHOTS.mkdir(exist_ok=True)
    path = str(SHOTS / f"{name}.png")
    try:
        page.screenshot(path=path, full_page=True)
    except Error as error:
        if "Unable to capture screenshot" not in error.message:
            raise
        page.screenshot(path=path, full_page=True)
