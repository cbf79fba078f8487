"""PDF: our own typst templates (`app/typst/*.typ`) filled with data, as PDF/UA-1 (extra `pdf`).

- Data reaches a template as JSON, never as markup, so hostile text stays text.
- Only the fonts inside the extra are used, no system's: the same data gives the same bytes everywhere.
- A character that no such font has, or that turns or hides text, is spelled as its code point: [U+4E2D].
"""

import importlib.util
import json
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "typst"
MISSING = 'For PDF, install the extra: pip install ".[pdf]" in the checkout'
# Latin, Greek and Cyrillic, punctuation, arrows and a few signs: what the fonts inside typst can show.
SHOWN = (
    (0x20, 0x7E),
    (0xA0, 0xAC),
    (0xAE, 0x17F),
    (0x391, 0x3A1),
    (0x3A3, 0x3A9),
    (0x3B1, 0x3C9),
    (0x400, 0x45F),
    (0x2010, 0x2027),
    (0x2030, 0x203A),
    (0x20AC, 0x20AC),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
    (0x2264, 0x2265),
)


class NoPdf(RuntimeError):
    """The extra is not installed."""

    def __init__(self) -> None:
        super().__init__(MISSING)


def available() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("typst") is not None


def render(template_name: str, data: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> bytes:
    """The PDF of `app/typst/<template_name>`, which reads `json("data.json")` (our `data`, every text made printable)
    and `files` by their names, and nothing else of this machine. `data["made_at"]`, RFC 3339, is the document's own
    date. Raises NoPdf, or typst's RuntimeError for a template that cannot be set."""
    if not available():
        raise NoPdf
    import typst

    with tempfile.TemporaryDirectory(prefix="callbacks-pdf-") as folder:
        root = _laid_out(Path(folder), data, files or {})
        made = typst.compile(
            str(root / template_name),
            root=str(root),
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=_made_at(data),
        )
    assert isinstance(made, bytes)
    return made


def printable(value: Any) -> Any:
    """The same JSON value with every text made of characters that can be shown; line breaks stay."""
    if isinstance(value, str):
        return "".join(map(_shown, unicodedata.normalize("NFC", value.replace("\r\n", "\n"))))
    if isinstance(value, Mapping):
        return {str(name): printable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [printable(part) for part in value]
    return value


def _shown(char: str) -> str:
    code = ord(char)
    if char == "\n" or any(first <= code <= last for first, last in SHOWN):
        return char
    return " " if char in "\t\u2028\u2029" or unicodedata.category(char) == "Zs" else f"[U+{code:04X}]"


def _laid_out(root: Path, data: Mapping[str, Any], files: Mapping[str, bytes]) -> Path:
    """Templates, data and files side by side: a template can read nothing else."""
    for template in TEMPLATES.glob("*.typ"):
        shutil.copy(template, root / template.name)
    for name, content in files.items():
        assert "/" not in name and "\\" not in name and not name.endswith(".typ"), name
        (root / name).write_bytes(content)
    (root / "data.json").write_text(json.dumps(printable(data), ensure_ascii=False), "utf-8")
    return root


def _made_at(data: Mapping[str, Any]) -> int:
    made = data.get("made_at")
    at = datetime.fromisoformat(made) if isinstance(made, str) else datetime(2026, 1, 1, tzinfo=UTC)
    return int(at.timestamp())
