"""Pictures in docs/architecture.md that are made from the code."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ARCHITECTURE = ROOT / "docs" / "architecture.md"


def keep(begin: str, end: str, drawn: str, tool: str) -> int:
    """Writes what was drawn between the marks; with `--check` it only compares. The exit status."""
    text = ARCHITECTURE.read_text("utf-8")
    before, _, rest = text.partition(begin)
    made = before + begin + drawn + end + rest.partition(end)[2]
    if "--check" not in sys.argv:
        ARCHITECTURE.write_text(made, "utf-8")
    elif made != text:
        print(f"docs/architecture.md does not show the code as it is; run python {tool}")
        return 1
    return 0
