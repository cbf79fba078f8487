"""What happened to pages: the ladder climbed, texts and calls, and who has it."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.event import Event, private


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken(Event):
    """`anchor` is the instant the steps of this round count from."""

    round: int
    step: int
    target: str
    people: tuple[str, ...]
    anchor: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped(Event):
    """`why`: nobody-on-call, no-channel or all-passed."""

    round: int
    step: int
    target: str
    why: str
    anchor: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequested(Event):
    page: str
    person: str
    role: str
    channel: str
    round: int
    step: int
    language: str
    number: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSent(Event):
    """The carrier accepted the page."""

    page: str
    sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDelivered(Event):
    """The handset's carrier took the text, or the call was answered by something. Nobody's word."""

    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFailed(Event):
    """`why`: busy, no-answer, undelivered, refused, opted-out, mailbox, expired, failed or cancelled."""

    page: str
    why: str
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKeyPressed(Event):
    """A key on a page call: the proof that a person held the phone."""

    page: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Event):
    """`set_by`: who said so for `by`, when it was not themselves."""

    by: str
    role: str
    via: str
    set_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Event):
    """`to` has it from now on, because `by` says so."""

    by: str
    to: str
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed(Event):
    by: str
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerReminded(Event):
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack(Event):
    """The owner tried nothing in time, or left: it escalates on. `why`: no-attempt or gone."""

    person: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorsTold(Event):
    """`about`: nobody-on-call, all-passed, at-risk, missed, contested, unconfirmed, withdrawal-guessed or waiting."""

    about: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed(Event):
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(Event):
    by: str
    command: str
    why: str
    via: str
    set_by: str | None = None
