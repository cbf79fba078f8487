"""A browser's window for tests, and pictures of it."""

from pathlib import Path
from typing import Any

SHOTS = Path(__file__).parents[2] / ".test-artifacts"


def shoot(page: Any, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=True)
