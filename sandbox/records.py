"""Calls, texts, recordings and numbers as the carrier keeps them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.timers import Timer
from sandbox.twiml import Verb

FINAL = ("completed", "busy", "failed", "no-answer", "canceled")


@dataclass(slots=True)
class Call:
    """One leg. `person`: the number of the phone on the desk that it belongs to. `waits`: what the person
    can do now: ring, gather, record, dial, talk, or nothing. `said`: seconds of the last message; `unsaid`: what
    the caller keeps for the tone, and `leaves` whether they hang up then."""

    sid: str
    from_number: str
    to_number: str
    direction: str
    person: str
    created_at: datetime
    status: str = "queued"
    parent: "Call | None" = None
    start_time: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    answered_by: str | None = None
    status_url: str | None = None
    status_method: str = "POST"
    events: tuple[str, ...] = ("completed",)
    sequence: int = 0
    url: str | None = None
    method: str = "POST"
    fallback_url: str | None = None
    fallback_method: str = "POST"
    extra: dict[str, str] = field(default_factory=dict)
    time_limit: float | None = None
    detection: "Detection | None" = None
    detected: str | None = None
    pressed: bool = False
    timeout: float = 60
    document: str = ""
    program: list[Verb] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    waits: str = ""
    timer: Timer | None = None
    gather: "Gathering | None" = None
    recording: "Recording | None" = None
    heard_tone: bool = False
    said: float = 0
    unsaid: list[tuple[bytes, float]] = field(default_factory=list)
    leaves: bool = False
    dial: "Dialling | None" = None
    bridged_to: "Call | None" = None
    bridged_at: datetime | None = None
    number_verb: Verb | None = None
    after_whisper: Callable[[], None] | None = None

    @property
    def is_over(self) -> bool:
        return self.status in FINAL

    def seconds(self) -> int:
        """Whole seconds from the answer to the end; 0 when never answered."""
        if not self.answered_at or not self.ended_at:
            return 0
        return max(0, round((self.ended_at - self.answered_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Detection:
    """What was asked of answering-machine detection. Without `wait` the verdict goes to `url` alone."""

    wait: bool
    url: str | None = None
    method: str = "POST"
    to_the_end: bool = False


@dataclass(slots=True)
class Gathering:
    """A `<Gather>` under way: what is still to be said, and the keys so far."""

    verb: Verb
    prompts: list[Verb] = field(default_factory=list)
    keys: str = ""

    @property
    def finish(self) -> str:
        """The key that ends it; "" for none."""
        return self.verb.get("finishOnKey", "#")

    @property
    def most(self) -> int:
        """How many keys are enough; 0: only the last key or silence ends it."""
        return int(self.verb.number("numDigits", 0))


@dataclass(slots=True)
class Dialling:
    """A `<Dial>` under way: its verb, its child leg, and whether the legs were ever joined."""

    verb: Verb
    child: Call
    bridged: bool = False


@dataclass(slots=True)
class Recording:
    sid: str
    call_sid: str
    verb: Verb
    started_at: datetime
    status: str = "in-progress"
    audio: bytes = b""
    seconds: float = 0
    spoken: bool = False
    completed_at: datetime | None = None
    error_code: int = 0
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """What came with a text."""

    sid: str
    content_type: str
    content: bytes


@dataclass(slots=True)
class Message:
    sid: str
    from_number: str
    to_number: str
    body: str
    direction: str
    created_at: datetime
    status: str = "queued"
    status_url: str | None = None
    error_code: int | None = None
    segments: int = 1
    sent_at: datetime | None = None
    shown: bool = False
    media: list[Media] = field(default_factory=list)


@dataclass(slots=True)
class OwnNumber:
    """The support number's settings at the carrier."""

    sid: str
    number: str
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    voice_application_sid: str = ""
