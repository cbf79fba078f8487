"""What came with a text: known, kept, or not to be had. The file is outside the chain; its hash is in it."""

from dataclasses import dataclass

from callbacks.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentAdded(Event):
    """`kind` is what the sender's phone said that it is: picture, contact card, voice note, video or file."""

    by: str
    message_sid: str
    media_sid: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentStored(Event):
    """`content_type` by its first bytes, whatever was said."""

    media_sid: str
    content_type: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentUnavailable(Event):
    """`why`: gone, not-found, too-large or erased."""

    media_sid: str
    why: str
