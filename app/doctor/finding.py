"""The result of one check: in English for the command, and as forms and facts for a page in any language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# A fact that reads otherwise in another language is given in each: {"en": "Tue 18:00", "fr": "mar 18:00"}.
Fact = str | int | Mapping[str, str]
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Form:
    """The sentences of a finding with their facts left open as %(name)s."""

    name: str
    what: str
    why: str = ""
    fix: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def said(self, language: str, say: Say) -> tuple[str, str, str, str]:
        """(name, what, why, fix); `say(language, words, **facts)` translates. A fact in words is translated too."""
        facts = {name: _fact(value, language, say) for name, value in self.facts.items()}
        return tuple(say(language, words, **facts) if words else "" for words in self._words())  # type: ignore[return-value]

    def _words(self) -> tuple[str, str, str, str]:
        return self.name, self.what, self.why, self.fix


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok` None: a remark that stops nothing. `why` it matters tonight, `fix` what to do; "" when all is well."""

    name: str
    ok: bool | None
    what: str
    why: str
    fix: str
    form: Form

    def record(self) -> dict[str, object]:
        return {"name": self.name, "ok": self.ok, "what": self.what, "why": self.why, "fix": self.fix}

    def lines(self) -> list[str]:
        """For people: the state and, where something is wrong, why and what to do."""
        mark = {True: "ok  ", False: "FAIL", None: "note"}[self.ok]
        more = [f"      why: {self.why}"] if self.why and self.ok is not True else []
        more += [f"      do:  {self.fix}"] if self.fix and self.ok is not True else []
        return [f"{mark}  {self.name}: {self.what}", *more]


def finding(name: str, ok: bool | None, what: str, why: str = "", fix: str = "", **facts: Fact) -> Finding:
    """A finding of sentences with %(name)s in them, and what stands there."""
    return of_form(Form(name, what, why, fix, facts), ok)


def fine(name: str, what: str, **facts: Fact) -> Finding:
    return of_form(Form(name, what, facts=facts), True)


def of_form(form: Form, ok: bool | None) -> Finding:
    name, what, why, fix = form.said("en", _english)
    return Finding(name, ok, what, why, fix, form)


def _english(language: str, words: str, **facts: Any) -> str:
    return words % facts if facts else words


def _fact(value: Fact, language: str, say: Say) -> str:
    if isinstance(value, Mapping):
        return value.get(language) or value["en"]
    return say(language, value) if isinstance(value, str) else str(value)
