"""The configuration of a sandbox: one account, one number of its own, and the phones on the desk."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Phone:
    """`role`: customer, technician, supervisor, desk or, of a number that is nobody's, other; `number` E.164."""

    number: str
    name: str
    role: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """`product_url`: when given, the number's addresses are set to the product's at start. `message_rate`:
    segments a second that leave the number; None: as many as there are. `reading_rate`: characters a second of what
    a menu says; None: words take no time. `timezone`: of the times on the page; "" is the browser's."""

    account_sid: str
    auth_token: str
    support_number: str
    phones: tuple[Phone, ...] = ()
    product_url: str | None = None
    api_key: str | None = None
    api_secret: str | None = None
    board_url: str = "/"
    message_rate: float | None = None
    reading_rate: float | None = None
    timezone: str = ""


class SandboxClock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)
