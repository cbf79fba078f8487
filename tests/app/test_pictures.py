"""A message as bars, both clocks as a picture, and paper: from plain values."""

import io
import math
import struct
import wave
from datetime import timedelta
from pathlib import Path

import pytest

from app import pdf
from app.web.emergency.detail import BARS, RIGHT, TOUCH, clock_picture, waveform
from callbacks.emergency.model import Outcome
from callbacks.emergency.promise import NAMES, Moment, TimedBy
from callbacks.engine.intake.recordings import bars_of
from callbacks.policy.model import ClockStart
from tests.clock import NIGHT


def sound(width: int, seconds: float = 2.0, rate: int = 8000) -> bytes:
    """Silence, then a tone in the last quarter."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(width)
        file.setframerate(rate)
        n = int(seconds * rate)
        tone = [0.0 if i < n * 3 // 4 else math.sin(i / 5) for i in range(n)]
        pack = {1: lambda x: struct.pack("<B", int(128 + 100 * x)), 2: lambda x: struct.pack("<h", int(20000 * x)),
                4: lambda x: struct.pack("<i", int(10**9 * x))}[width]  # fmt: skip
        file.writeframes(b"".join(map(pack, tone)))
    return out.getvalue()


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_message_is_drawn_from_its_sound_and_kept(width: int, tmp_path: Path) -> None:
    path = tmp_path / "RE1.wav"
    path.write_bytes(sound(width))
    made = waveform(path)
    assert made is not None
    assert (len(made.bars), made.seconds) == (BARS, 2.0)
    assert max(made.bars[: BARS * 3 // 4 - 1]) <= 1
    assert min(made.bars[BARS * 3 // 4 + 1 :]) > 90
    assert made.loudest >= 1.5
    kept = bars_of(path).read_bytes()
    assert waveform(path) == made
    assert bars_of(path).read_bytes() == kept
    path.unlink()
    assert waveform(path) is None
    assert not bars_of(path).exists()


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3" + b"x" * 100, sound(2)[:50], sound(2)[:5000]])
def test_what_is_no_whole_wav_breaks_nothing(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "RE1.wav"
    path.write_bytes(content)
    assert waveform(path) is None or len(waveform(path).bars) == BARS  # type: ignore[union-attr]
    bars_of(path).write_text("{")
    assert waveform(path) is None or len(waveform(path).bars) == BARS  # type: ignore[union-attr]


def test_marks_of_the_same_instant_stand_below_each_other() -> None:
    times = {name: Moment(NIGHT + timedelta(seconds=20 * (n // 3)), TimedBy.CARRIER) for n, name in enumerate(NAMES)}
    clocks = {
        ClockStart.CALL: (NIGHT, NIGHT + timedelta(minutes=30), Outcome.MET),
        ClockStart.MESSAGE: (NIGHT, NIGHT + timedelta(minutes=31), Outcome.MET),
    }
    made = clock_picture(times, clocks, ClockStart.MESSAGE)
    assert [m.n for m in made.marks] == [1, 2, 3, 4, 5, 6, 7]
    for one in made.marks:
        for other in made.marks:
            assert one is other or one.y != other.y or abs(one.x - other.x) >= TOUCH
    assert [b.decides for b in made.bars] == [False, True]
    assert all(b.x + b.width <= RIGHT + 0.2 and b.y < made.height for b in made.bars)


def test_paper_shows_hostile_text_as_text_and_is_the_same_every_time() -> None:
    words = '#set page(1)\n*bold* $x$ #read("/etc/passwd") \u202egnp.exe\x00 中文 \ud800' + "w" * 10_000
    data = {
        "language": "fr",
        "title": words[:40],
        "made_at": "2026-11-24T07:00:00Z",
        "made": words,
        "zone": words,
        "page": "page",
        "rates": [[words] * 3],
        "counts": [[words] * 2],
        "times_head": [words] * 5,
        "times": [[words] * 5],
        "misses_title": words,
        "misses": [[words] * 3],
        "more_misses": words,
        "no_miss": words,
        "pictures": [],
        "groups_head": [words] * 7,
        "groups": [[words, [[words] * 8]]],
        "how_title": words,
        "how": [words],
    }
    made = pdf.render("compliance.typ", data)
    assert made == pdf.render("compliance.typ", data)
    assert b"pdfuaid" in made or b"/MarkInfo" in made
    shown = pdf.printable(words)
    assert "[U+202E]gnp.exe[U+0000]" in shown
    assert "[U+4E2D][U+6587]" in shown
    assert "[U+D800]" in shown


def test_a_template_that_cannot_be_set_says_so() -> None:
    with pytest.raises(RuntimeError, match="title"):
        pdf.render("compliance.typ", {})
