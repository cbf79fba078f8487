"""The carrier's forms, read with suspicion: fields may be missing, blank, repeated or hostile."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}")
MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
MEDIA_SID = re.compile(r"ME[0-9a-fA-F]{32}")
MEDIA_PATH = re.compile(
    rf"/2010-04-01/Accounts/AC[0-9a-fA-F]{{32}}/Messages/({MESSAGE_SID.pattern})/Media/({MEDIA_SID.pattern})"
)
MOST_MEDIA = 10


class Report(Mapping[str, str]):
    """A form by name: the first value of each, "" when absent; `in` tells one that is absent from an empty one."""

    def __init__(self, form: Sequence[tuple[str, str]]) -> None:
        self.pairs = list(form)
        self._first: dict[str, str] = {}
        for name, value in self.pairs:
            self._first.setdefault(name, value)

    def __getitem__(self, name: str) -> str:
        return self._first.get(name, "")

    def __contains__(self, name: object) -> bool:
        return name in self._first  # a Mapping asks for the value instead, and here there always is one

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)

    def call_sid(self, name: str = "CallSid") -> str | None:
        return self[name] if CALL_SID.fullmatch(self[name]) else None

    def recording_sid(self) -> str | None:
        return self["RecordingSid"] if RECORDING_SID.fullmatch(self["RecordingSid"]) else None

    def message_sid(self) -> str | None:
        return self["MessageSid"] if MESSAGE_SID.fullmatch(self["MessageSid"]) else None

    def any_message_sid(self) -> str | None:
        """The first in names and values put together. The signature has no mark between a name and its value, so a
        text that was taken once can be cut elsewhere, stay signed and lose its MessageSid; its SID is still in it."""
        found = MESSAGE_SID.search("".join(name + value for name, value in sorted(self.pairs)))
        return found[0] if found else None

    def media(self) -> list[tuple[str, str]]:
        """(media SID, or "" where the address is not of the carrier's form or of another text; its type)."""
        count = min(self.seconds("NumMedia") or 0, MOST_MEDIA)
        return [
            (self._media_sid(self[f"MediaUrl{n}"]), self[f"MediaContentType{n}"])
            for n in range(count)
            if f"MediaUrl{n}" in self
        ]

    def _media_sid(self, address: str) -> str:
        found = MEDIA_PATH.fullmatch(urlsplit(address).path) if len(address) < 400 else None
        return found[3] if found and found[1] == self.message_sid() else ""

    def seconds(self, name: str) -> int | None:
        """A whole number of seconds, never negative; None when it is none."""
        return int(self[name]) if re.fullmatch(r"\d{1,7}", self[name]) else None

    def timestamp(self, name: str = "Timestamp") -> datetime | None:
        """The carrier's RFC 2822 time, aware UTC."""
        try:
            at = parsedate_to_datetime(self[name])
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
