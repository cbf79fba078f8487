"""The figures as a table and a picture, in docs/performance.md and beside it."""

import json
import math
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.figure import Figure, Reach, number

PAGE, PICTURE = Path("docs/performance.md"), Path("docs/pictures/performance.svg")
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
ROW, LEFT, WIDTH, TOP = 18, 470, 900, 46
LEAST, MOST = 0.01, 10.0
TITLE = "Share of what it may be, on a logarithmic scale: left of the line is reached"
REACHED, MISSED = "#2a7f62", "#b3412f"


def save(groups: dict[str, list[Figure]], folder: Path) -> None:
    """Saves each group's figures of this run over those of earlier runs, so that one group can be measured again."""
    file = folder / "figures.json"
    kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
    folder.mkdir(parents=True, exist_ok=True)
    kept |= {group: [asdict(figure) for figure in found] for group, found in groups.items()}
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False), "utf-8")


def load(folder: Path) -> dict[str, list[Figure]]:
    kept = json.loads((folder / "figures.json").read_text("utf-8"))
    return {group: [_figure(told) for told in found] for group, found in kept.items()}


def publish(groups: dict[str, list[Figure]]) -> None:
    """Writes the page's table anew and draws the picture."""
    text = PAGE.read_text("utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    tables = "\n\n".join(f"### {group}\n\n{table(found)}" for group, found in groups.items())
    PAGE.write_text(f"{before}{BEGIN}\nMeasured on {machine()}.\n\n{tables}\n{END}{after}", "utf-8")
    PICTURE.write_text(picture([figure for found in groups.values() for figure in found if figure.reaches]), "utf-8")


def machine() -> str:
    """What the figures depend on."""
    names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    chip = names[0].strip() if names else platform.machine()
    return f"{os.cpu_count()} cores ({chip}), Python {platform.python_version()}"


def table(found: Sequence[Figure]) -> str:
    lines = ["| figure | measured | against | ratio | wanted | |", "|---|---|---|---|---|---|"]
    return "\n".join([*lines, *map(_line, found)])


def _line(figure: Figure) -> str:
    against = f"{figure.against}: {number(figure.base)} {figure.unit}" if figure.base is not None else figure.against
    wanted, ratio = ", ".join(map(str, figure.reaches)), number(figure.ratio) if figure.base is not None else ""
    return (
        f"| {figure.what} | {number(figure.value)} {figure.unit} | {against} | {ratio} | {wanted} | {_mark(figure)} |"
    )


def _mark(figure: Figure) -> str:
    return "" if figure.strain is None else "✓" if figure.strain <= 1 else "✗"


def picture(found: Sequence[Figure]) -> str:
    """One bar each on a logarithmic scale: how much of what it may be it is; the line at 1 is the most."""
    height = TOP + ROW * len(found) + 10
    bars = "".join(_bar(n, figure) for n, figure in enumerate(found))
    line = f'<path d="M{_x(1):.0f} {TOP - 8}V{height - 6}" stroke="#555" stroke-dasharray="4 3"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-size="11"'
    return (
        f'{head} font-family="sans-serif"><title>{TITLE}</title><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="8" y="18" font-size="13">{TITLE}</text>{line}{bars}</svg>\n'
    )


def _bar(n: int, figure: Figure) -> str:
    y, strain = TOP + n * ROW, figure.strain or 0.0
    colour = REACHED if strain <= 1 else MISSED
    width = max(2.0, _x(strain) - LEFT)
    return (
        f'<text x="{LEFT - 8}" y="{y + 11}" text-anchor="end">{escape(figure.what)}</text>'
        f'<rect x="{LEFT}" y="{y + 2}" width="{width:.0f}" height="11" fill="{colour}"/>'
        f'<text x="{LEFT + width + 5:.0f}" y="{y + 11}">{number(strain)}</text>'
    )


def _x(strain: float) -> float:
    place = math.log10(min(MOST, max(LEAST, strain)) / LEAST) / math.log10(MOST / LEAST)
    return LEFT + place * (WIDTH - LEFT - 60)


def _figure(told: dict[str, Any]) -> Figure:
    return Figure(**told | {"reaches": tuple(Reach(**reach) for reach in told["reaches"])})
