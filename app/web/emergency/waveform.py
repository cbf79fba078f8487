"""A message as a row of bars: the loudest of each stretch, read from the stored WAV once and kept beside it."""

import json
import sys
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

from callbacks.engine.intake.recordings import bars_of, save

BARS = 96
MOST_FRAMES = 48_000 * 3600
TYPES = {1: "B", 2: "h", 4: "i"}  # by bytes a sample; WAV has one byte unsigned and the others signed


@dataclass(frozen=True, slots=True)
class Waveform:
    """`bars` are 0 to 100, of the whole message's loudest; `seconds` its length; `loudest` when that was, in s."""

    bars: tuple[int, ...]
    seconds: float
    loudest: float


def waveform(audio: Path) -> Waveform | None:
    """The picture of a stored recording. None for what is not there, or is no plain WAV."""
    beside = bars_of(audio)
    if not audio.is_file():
        beside.unlink(missing_ok=True)
        return None
    try:
        kept = json.loads(beside.read_text())
        return Waveform(tuple(kept["bars"]), kept["seconds"], kept["loudest"])
    except (OSError, ValueError, KeyError, TypeError):
        made = _measured(audio)
    if made:
        _keep(beside, made)
    return made


def _keep(beside: Path, made: Waveform) -> None:
    text = json.dumps({"bars": made.bars, "seconds": made.seconds, "loudest": made.loudest})
    try:
        save(beside, text.encode())
    except FileNotFoundError:
        return  # another request kept the same a moment before


def _measured(audio: Path) -> Waveform | None:
    try:
        with wave.open(str(audio), "rb") as file:
            kind, frames, rate = TYPES.get(file.getsampwidth()), file.getnframes(), file.getframerate()
            if kind is None or not rate or not 0 < frames <= MOST_FRAMES:
                return None
            peaks = [_peak(file.readframes(count), kind) for count in _stretches(frames)]
    except (wave.Error, EOFError, OSError):
        return None
    top = max(peaks)
    bars = tuple(round(100 * peak / top) if top else 0 for peak in peaks)
    return Waveform(bars, round(frames / rate, 2), round(peaks.index(top) / BARS * frames / rate, 1))


def _stretches(frames: int) -> list[int]:
    """Frames of each bar, as even as whole numbers can be."""
    return [frames * (n + 1) // BARS - frames * n // BARS for n in range(BARS)]


def _peak(content: bytes, kind: str) -> int:
    samples = array(kind)
    samples.frombytes(content[: len(content) - len(content) % samples.itemsize])
    if not samples:
        return 0
    if sys.byteorder == "big":
        samples.byteswap()
    middle = 128 if kind == "B" else 0
    return max(max(samples) - middle, middle - min(samples))
