"""A night in which something of everything has happened, for whoever walks through the rooms."""

from pathlib import Path
from typing import Any

from app.main import create_app
from app.server import Server, listen_on
from app.web.base.language import COOKIE as LANGUAGE
from callbacks.engine.reconcile import reconcile
from callbacks.oncall.contacts import Entry
from callbacks.store.sql import customers
from tests.night import Night, minutes, seconds

# Each room by name, and the roles that may look at it.
SUPERVISOR, TECHNICIAN, AUDITOR = "supervisor", "technician", "auditor"
ALL, READERS = (SUPERVISOR, TECHNICIAN, AUDITOR), (SUPERVISOR, AUDITOR)
ROOMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "board": ("/", ALL),
    "emergency": ("/emergencies/E-000001", ALL),
    "schedule": ("/schedule", ALL),
    "schedule-week": ("/schedule?view=week&at=2026-11-24", ALL),
    "compliance": ("/compliance?month=2026-11", READERS),
    "customers": ("/customers", (SUPERVISOR,)),
    "people": ("/people", READERS),
    "policy": ("/policy", ALL),
    "carrier": ("/carrier", (SUPERVISOR,)),
    "webhooks": ("/webhooks", READERS),
    "account": ("/account", ALL),
    "manual": ("/api/docs", ALL),
    "nothing": ("/nothing-here", ALL),
    "login": ("/login", ("nobody",)),
}
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>\u202e' + "w" * 300


class Busy:
    """The night at rest, away from the sandbox: everybody logs in."""

    def __init__(self, database_url: str, folder: Path, hostile: bool = False) -> None:
        night = self.night = Night(database_url, folder)
        listener = listen_on("127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = Server(create_app(night.settings, night.context, without_login=False), listener)
        self._server.start()
        ana, _ = night.on_call("ana", "bob")
        reconcile.sweep(night.context)
        night.engine.beat()
        if hostile:
            with night.database.write() as session:
                customers.put_down(
                    session, [Entry(night.customer.number, HOSTILE, HOSTILE, "en", HOSTILE)], night.clock.now()
                )
        night.customer_leaves_message()
        ana.gets_sms("E-000001").replies(f"note {HOSTILE}" if hostile else "note their relay is down")
        ana.is_called_back_by("3").presses("1")
        night.customer.answers(and_talks_for=seconds(90))
        ana.presses("1")
        if hostile:
            night.customer.texts(f"{HOSTILE}\x00")
        night.other_customer.calls().leaves_message()
        night.passes(minutes(5))
        reconcile.sweep(night.context)
        night.engine.beat()

    def rooms(self, role: str) -> list[tuple[str, str]]:
        return [(name, path) for name, (path, roles) in ROOMS.items() if role in roles]

    def cookies(self, role: str, language: str) -> list[dict[str, Any]]:
        found = [{"name": LANGUAGE, "value": language, "url": self.address}]
        if role != "nobody":
            secret = self.night.logged_in(role, "ana" if role == TECHNICIAN else None)
            found.append({"name": "callbacks_session", "value": secret, "url": self.address})
        return found

    def close(self) -> None:
        self._server.stop()
        self.night.close()
