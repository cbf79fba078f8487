"""What every fact has, and which of its fields are private."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


def private() -> Any:
    """A field that is kept outside the hash chain and may be erased."""
    return field(default=None, metadata={"private": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: datetime
