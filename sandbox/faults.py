"""The faults of the sandbox (its knobs): one value, set by the page or by a test."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Knob(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Callbacks(_Knob):
    """Of the asynchronous callbacks: the share dropped or sent twice, and how late they come."""

    drop: float = Field(0, ge=0, le=1)
    duplicate: float = Field(0, ge=0, le=1)
    delay_seconds: float = Field(0, ge=0, le=3600)
    only: str = ""


class Refusal(_Knob):
    status: int = Field(500, ge=400, le=599)
    code: int = 20500


class Rest(_Knob):
    """`slow_seconds`: a request waits so long before it is looked at. `error_after_accept`: it is carried out, then
    answered 500; `timeout_after_accept`: then nothing; `no_sid_after_accept`: then 201 without a SID."""

    slow_seconds: float = Field(0, ge=0, le=60)
    refuse: Refusal | None = None
    rate_limited: bool = False
    error_after_accept: bool = False
    timeout_after_accept: bool = False
    no_sid_after_accept: bool = False


class Sms(_Knob):
    fate: Literal["delivered", "undelivered", "failed", "sent-only", "unanswered"] = "delivered"
    error_code: int = 30003


Fate = Literal["ring", "answer", "mailbox", "busy", "no-answer", "failed"]


class NumberKnob(_Knob):
    """How one phone behaves by itself."""

    fate: Fate = "ring"
    sms: Sms | None = None


class Knobs(_Knob):
    """`silence`: what a silent recording does (saved, falls through, deleted); `mailbox`: every phone's.
    `left_dial`: whether the action of a Dial is asked when its caller hung up. `ended_first`: the report that a call
    is over comes before what a hang-up asks. `token`: the account's auth token once it was rotated, for requests and
    signatures; "" is the one of the start."""

    callbacks: Callbacks = Callbacks()
    rest: Rest = Rest()
    sms: Sms = Sms()
    amd: Literal["auto", "human", "machine", "unknown"] = "auto"
    recording_404_seconds: float = Field(0, ge=0, le=3600)
    silence: Literal["saved", "falls-through", "deleted"] = "saved"
    left_dial: Literal["asked", "not-asked"] = "asked"
    ended_first: bool = False
    sign_port: bool = False
    webhooks_down: bool = False
    token: str = ""
    mailbox: bool = False
    numbers: dict[str, NumberKnob] = {}

    def fate(self, number: str) -> Fate:
        known = self.numbers.get(number)
        if known and known.fate != "ring":
            return known.fate
        return "mailbox" if self.mailbox else "ring"

    def text_fate(self, number: str) -> Sms:
        known = self.numbers.get(number)
        return known.sms if known and known.sms else self.sms


def merged(knobs: Knobs, change: dict[str, Any]) -> Knobs:
    """The knobs with some of them turned. Raises pydantic's ValidationError."""
    return Knobs.model_validate(_over(knobs.model_dump(), change))


def _over(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in change.items():
        nested = isinstance(value, dict) and isinstance(base.get(key), dict)
        both[key] = _over(base[key], value) if nested else value
    return both
