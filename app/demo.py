"""The whole night on one port: product, engine and phone sandbox, with a database and a roster of their own."""

from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.settings import SANDBOX_NUMBER, Settings
from app.wiring import load_policy
from callbacks.oncall.roster import Roster, read_roster
from callbacks.store.sql import people
from callbacks.store.sql.database import Database
from sandbox.app import create_sandbox
from sandbox.config import Phone, SandboxConfig

SAMPLE_ROSTER = Path(__file__).parent / "samples" / "roster.toml"
CUSTOMERS = (
    Phone("+15145550142", "Priya Shah", "customer", "en"),
    Phone("+15145550163", "Luc Gagnon", "customer", "fr"),
)
READING_RATE = 15.0
SANDBOX_PATHS = ("/sandbox", "/2010-04-01")


class OnePort:
    """Both applications behind one address: the sandbox's paths are its own, all others are the product's."""

    def __init__(self, product: Any, sandbox: Any) -> None:
        self.product, self.sandbox = product, sandbox

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        is_sandbox = scope["type"] == "http" and scope["path"].startswith(SANDBOX_PATHS)
        await (self.sandbox if is_sandbox else self.product)(scope, receive, send)


def load_sample_roster(database: Database) -> Roster:
    """The roster in force; the sample one is put there when there is none."""
    with database.write() as session:
        known = session.people.current_roster()
        if known.people:
            return known
        sample = read_roster(SAMPLE_ROSTER.read_text("utf-8"))
        return people.load_roster(session, sample, "demo", datetime.now(UTC)).roster


def phones_of(roster: Roster) -> tuple[Phone, ...]:
    """The desk's phones: two customers, and everybody of the roster."""
    technicians = [Phone(p.phone, p.name, "technician", p.language) for p in roster.technicians]
    supervisors = [Phone(p.phone, p.name, "supervisor", p.language) for p in roster.supervisors]
    return (*CUSTOMERS, *technicians, *supervisors)


def sandbox_for(settings: Settings, phones: tuple[Phone, ...], product_url: str | None) -> Any:
    """A sandbox of the account in the settings, with a phone on the desk's number when the policy has one."""
    policy = load_policy(settings)
    taken = {p.number for p in phones}
    if policy.intake.desk_number and policy.intake.desk_number not in taken:
        phones = (*phones, Phone(policy.intake.desk_number, "Desk", "desk"))
    return create_sandbox(
        SandboxConfig(
            account_sid=settings.account_sid,
            auth_token=settings.webhook_tokens[0],
            support_number=settings.support_number or SANDBOX_NUMBER,
            phones=phones,
            product_url=product_url,
            api_key=settings.api_key or None,
            api_secret=settings.api_secret or None,
            board_url=(product_url or "").rstrip("/") + "/",
            reading_rate=READING_RATE,
            timezone=policy.support_hours.timezone,
        )
    )
