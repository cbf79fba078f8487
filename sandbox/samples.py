"""Spoken messages that come with the desk, so that a night can be played without a microphone."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.audio import length_of

FOLDER = Path(__file__).parent / "speech"


@dataclass(frozen=True, slots=True)
class Sample:
    """`seconds` rounded to tenths."""

    name: str
    title: str
    language: str
    seconds: float


TITLES = {
    "en-mail-down": ("No mail since midnight", "en"),
    "en-compromised": ("Account taken over, queue full", "en"),
    "en-interface": ("Web interface unreachable", "en"),
    "fr-courriel": ("Plus de courriel depuis minuit", "fr"),
    "fr-compte": ("Compte piraté", "fr"),
    "fr-interface": ("Interface injoignable", "fr"),
    "en-can-wait": ("A question that can wait", "en"),
    "quiet": ("Hardly a sound", "en"),
}


def load(name: str) -> bytes:
    """The WAV of a sample. Raises KeyError for a name there is not."""
    if name not in TITLES:
        raise KeyError(name)
    return _read(name)


@cache
def _read(name: str) -> bytes:
    return (FOLDER / f"{name}.wav").read_bytes()


SAMPLES = tuple(Sample(name, *about, round(length_of(_read(name)), 1)) for name, about in TITLES.items())
