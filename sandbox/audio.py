"""Sound as 8 kHz, 16-bit, mono WAV: how long it is, and silence made to measure."""

import io
import wave

RATE = 8000
LONGEST = 1800


class NotAudio(ValueError):
    """Not a WAV that this desk can play."""


def length_of(content: bytes) -> float:
    """Seconds of a PCM WAV. Raises NotAudio."""
    try:
        with wave.open(io.BytesIO(content)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise NotAudio(f"not a PCM WAV file ({error}); use 16-bit mono") from None


def joined(first: bytes, second: bytes) -> bytes:
    """Two WAVs as one. Raises NotAudio when the second is of another make than the first."""
    with wave.open(io.BytesIO(first)) as before, wave.open(io.BytesIO(second)) as after:
        make = before.getparams()
        if make[:3] != after.getparams()[:3]:
            raise NotAudio("what was said first was of another rate or width; use the same for both")
        out = io.BytesIO()
        with wave.open(out, "wb") as sound:
            sound.setparams(make)
            sound.writeframes(before.readframes(before.getnframes()) + after.readframes(after.getnframes()))
    return out.getvalue()


def silence(seconds: float) -> bytes:
    """A WAV of nothing, of half an hour at most."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(2 * int(RATE * min(seconds, LONGEST))))
    return out.getvalue()
