"""Numbers: which there are, which are nobody's, which are never dialled; and what a text costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.gsm import is_gsm7, segments, to_gsm7
from callbacks.phone import is_withheld, mask, normalise, spoken, why_not_dialled, written

PLACEHOLDERS = ["+266696687", "+2562533", "+7378742833", "+8656696", "+86282452253"]
SPELT = [
    "7378742833",
    "266696687",
    "86282452253",
    "2562533",
    "8656696",
    "+7 378 742-833",
    " +86282452253 ",
    "７378742833",
]
WORDS = ["", "  ", "anonymous", "Anonymous", "Restricted", "Unavailable", "unknown", "private", "sip:a@b.example"]
ADDRESSES = ["client:bob2025551234", "client:+15145550142", "sip:5145550142@b.example", "1800FLOWERS", "+1800FLOWERS",
             "+15145550142:2", "tel:+15145550142"]  # fmt: skip


@pytest.mark.parametrize("raw", PLACEHOLDERS + SPELT + WORDS + ADDRESSES)
def test_nobodys_number_is_withheld(raw: str) -> None:
    assert is_withheld(raw)
    assert normalise(raw) is None


@pytest.mark.parametrize(
    "raw,number",
    [("+15145550142", "+15145550142"), ("514-555-0142", "+15145550142"), ("(514) 555 0142", "+15145550142"),
     ("+33142685300", "+33142685300"), ("15145550142", "+15145550142"), ("+17378742833", "+17378742833"), ("911", None), ("12", None), ("+1", None)],
)  # fmt: skip
def test_numbers_become_e164(raw: str, number: str | None) -> None:
    assert normalise(raw) == number


@pytest.mark.parametrize(
    "number,allowed",
    [("+15145550142", True), ("+19005550123", False), ("+15149760123", False), ("+18765550123", False),
     ("+442079460123", False), ("+266696687", False), ("266696687", False), ("+19115550123", False), ("+1411", False), (None, False)],
)  # fmt: skip
def test_what_a_bridge_may_dial(number: str | None, allowed: bool) -> None:
    """F92."""
    assert (why_not_dialled(number, ["+1"]) is None) is allowed


def test_a_country_is_dialled_only_when_its_prefix_is_allowed() -> None:
    """F92."""
    assert why_not_dialled("+33142685300", ["+1"]) is not None
    assert why_not_dialled("+33142685300", ["+1", "+33"]) is None


def test_a_masked_number_cannot_be_dialled() -> None:
    assert "5550142" not in mask("+15145550142")


def test_numbers_are_written_and_spoken_for_people() -> None:
    assert written("+15145550142") == "514-555-0142"
    assert spoken("+15145550142", "en") == "5 1 4, 5 5 5, 0 1 4 2"


@pytest.mark.parametrize(
    "text,count",
    [("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("ê" * 70, 1), ("ê" * 71, 2), ("é" * 160, 1)],
)
def test_segments(text: str, count: int) -> None:
    assert segments(text) == count


@given(st.text(max_size=100))
def test_every_text_can_be_made_cheap(text: str) -> None:
    assert is_gsm7(to_gsm7(text))


def test_french_stays_readable() -> None:
    assert to_gsm7("Répondez à l’hôtel: ça coûte 5 €…") == "Répondez à l'hotel: ca coute 5 €..."
