"""What is said once the deadline has passed: that it has, and to call now."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callbacks.emergency.commands import Answer
from callbacks.messages import wording
from tests.core.pure import PureNight

ZONE = "America/Toronto"


@pytest.mark.parametrize("language,said", [("en", "call now"), ("fr", "rappelez maintenant")])
def test_after_the_deadline_nobody_is_told_to_call_by_it(language: str, said: str) -> None:
    night = PureNight()
    night.opens()
    early = replace(night.it, code="A2C")
    assert said not in wording.page(early, language, ZONE) + wording.spoken_page(early, language, ZONE)
    night.sleeps(timedelta(minutes=31))
    e, withheld = night.it, replace(night.it, number=None, withheld=True)
    due = wording.due_text(e, language, ZONE)
    taken, now = Answer("acknowledged"), night.now
    texts = [
        wording.page(e, language, ZONE), wording.page(withheld, language, ZONE),
        wording.spoken_page(e, language, ZONE), wording.spoken_answer(taken, e, language, ZONE),
        wording.answer(taken, e, language, ZONE, now), wording.answer(taken, withheld, language, ZONE, now),
    ]  # fmt: skip
    for text in texts:
        assert said in text and due in text, text
    both = wording.bundle([e, early], language, ZONE)
    assert f"{said}: #K7 {due}; " in both and both.index("#A2C") > both.index("#K7")
