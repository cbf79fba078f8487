"""The product as it stands away from a sandbox: everybody logs in, from browsers behind addresses of their own."""

import httpx
import pyotp

from app.auth import passwords
from app.main import create_app
from app.server import Server, listen_on
from callbacks.store.rows import AuditRow
from callbacks.store.sql import audits, tables, users
from tests import http
from tests.night import Night

FIRST, OWN, WRONG = "first-Password-0", "quiet river lamps", "guess-1234567"


class Site:
    """The product where everybody logs in, and browsers behind addresses of their own."""

    def __init__(self, night: Night) -> None:
        self.night, self.peer = night, "127.0.0.1"
        app = create_app(night.settings, night.context, without_login=False)

        async def behind(scope: dict, receive: object, send: object) -> None:  # type: ignore[type-arg]
            if scope["type"] == "http":
                scope = {**scope, "client": (self.peer, 1)}
            await app(scope, receive, send)  # type: ignore[arg-type]

        listener = listen_on("127.0.0.1", 0)
        self.server = Server(behind, listener)
        self.server.start()
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def browser(self) -> httpx.Client:
        return http.Client(base_url=self.url, timeout=30)

    def add(self, email: str, role: str, person: str | None = None) -> None:
        with self.night.database.write() as session:
            now = self.night.clock.now()
            users.add(session, email, role, person, passwords.hashed(FIRST), "test", now)

    def code(self, email: str, wrong: bool = False) -> str:
        good = pyotp.TOTP(self.night.second_factor(email)).at(self.night.clock.now())
        return f"{(int(good) + 500_000) % 1_000_000:06d}" if wrong else good

    def user(self, email: str) -> tables.User:
        with self.night.database.read() as session:
            row = users.by_email(session, email)
        assert row is not None
        return row

    def first_login(self, email: str, web: httpx.Client | None = None) -> httpx.Client:
        """The whole way in; a browser that this user has logged in with from now on."""
        web = web or self.browser()
        web.post("/login", data={"email": email, "password": FIRST})
        web.post("/login/password", data={"new": OWN, "again": OWN})
        web.get("/login")
        if self.night.second_factor(email):
            web.post("/login/code", data={"code": self.code(email)})
        assert web.get("/account").status_code == 200
        return web

    def tries(self, web: httpx.Client, email: str, password: str = WRONG) -> str:
        answer = web.post("/login", data={"email": email, "password": password})
        if answer.status_code == 303:
            return "in"
        return "WAIT" if "Too many failed attempts" in answer.text else "wrong"

    def audits(self, action: str) -> list[AuditRow]:
        with self.night.database.read() as session:
            return audits.latest(session, 1000, action)
