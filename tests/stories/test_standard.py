"""Requirements of the application security standard that no other story shows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
from joserfc import jwt
from joserfc.jwk import OctKey

from app.main import create_app
from app.server import Server, listen_on
from callbacks.store.sql import users
from callbacks.store.sql.database import Database
from callbacks.store.sql.migrations import migrate, schema_is_current
from tests import http
from tests.conftest import fresh_database
from tests.night import Night
from tests.stories.provider import Provider
from tests.stories.site import Site
from tests.stories.test_login import OWN, add, through


class OtherAlgorithm(Provider):
    """Signs with a shared secret instead of its key."""

    def token(self, form: dict[str, str]) -> dict[str, object]:
        claims = jwt.decode(str(super().token(form)["id_token"]), self._key, ["RS256"]).claims
        return {"id_token": jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("s" * 32)), "token_type": "Bearer"}


def through_the_provider(night: Night, provider: Provider) -> list[httpx.Response]:
    """Every answer on the way in, the last one first."""
    listener = listen_on("127.0.0.1", 0)
    site = f"http://127.0.0.1:{listener.getsockname()[1]}"
    change = {
        "sso_issuer": provider.url, "sso_client_id": "callbacks", "sso_client_secret": "s" * 32, "public_url": site,
    }  # fmt: skip
    server = Server(create_app(night.settings.model_copy(update=change), night.context, without_login=False), listener)
    server.start()
    try:
        with http.Client(base_url=site) as web:
            sent = web.get("/login/sso?next=/customers")
            asked = {k: v[0] for k, v in parse_qs(urlsplit(sent.headers["location"]).query).items()}
            back = web.get(f"/login/sso/back?state={asked['state']}&code={provider.code(asked)}")
            return [back, sent, web.get("/customers")]
    finally:
        server.stop()


def test_a_new_installation_has_no_account(night: Night, site: Site) -> None:
    with night.database.read() as session:
        assert list(users.everybody(session)) == []
    for email in ("admin", "admin@example.com", "root@localhost", "supervisor@example.com"):
        answer = http.post(f"{site.url}/login", data={"email": email, "password": "admin"})
        assert answer.status_code == 403 and "callbacks_session" not in answer.cookies
    night.nobody_else_was_contacted()


def test_a_password_of_five_years_ago_still_lets_its_owner_in(night: Night, site: Site) -> None:
    add(night, "sue@example.com", "supervisor")
    assert through(http.Client(base_url=site.url), night, "sue@example.com").status_code == 303
    night.clock.turn(seconds=timedelta(days=5 * 365).total_seconds())
    web = http.Client(base_url=site.url)
    assert web.post("/login", data={"email": "sue@example.com", "password": OWN}).status_code == 303
    assert "Choose your own password" not in web.get("/login").text
    night.nobody_else_was_contacted()


def test_an_id_token_signed_by_another_algorithm_lets_nobody_in(night: Night) -> None:
    with OtherAlgorithm(night.clock.now) as provider:
        add(night, "sue@example.com", "supervisor")
        provider.email = "sue@example.com"
        back, _, customers = through_the_provider(night, provider)
    assert back.status_code == 403
    assert customers.status_code == 303 and customers.headers["location"].startswith("/login")
    night.nobody_else_was_contacted()


def test_the_browser_never_sees_the_providers_tokens(night: Night) -> None:
    with Provider(night.clock.now) as provider:
        add(night, "sue@example.com", "supervisor")
        provider.email = "sue@example.com"
        answers = through_the_provider(night, provider)
    assert answers[0].status_code == 303
    for answer in answers:
        assert "eyJ" not in answer.text + str(answer.headers), "a token of JSON begins so"
    night.nobody_else_was_contacted()


def test_nothing_of_the_data_folder_is_a_page(night: Night) -> None:
    folder = night.settings.data_dir
    (folder / "recordings").mkdir(exist_ok=True)
    for name in ("x.html", "recordings/x.html", "recordings/x.py"):
        (folder / name).write_text("<script>alert(1)</script>")
        for path in (f"/{name}", f"/static/{name}", f"/media/{name}", f"/static/../{name}", f"/var/{name}"):
            answer = night.web.get(path)
            assert answer.status_code == 404 and "alert(1)" not in answer.text, path
    night.nobody_else_was_contacted()


def test_a_role_that_owns_one_database_and_is_no_superuser_is_enough() -> None:
    url = fresh_database("postgres", Path())
    name = url.rsplit("/", 1)[1]
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as admin:
        admin.execute("DROP SCHEMA public CASCADE")
        admin.execute(f'CREATE ROLE "{name}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE')
        admin.execute(f'ALTER DATABASE "{name}" OWNER TO "{name}"')
        admin.execute(f'CREATE SCHEMA public AUTHORIZATION "{name}"')
    database = Database(url.replace("postgres@", f"{name}@"))
    try:
        migrate(database)
        assert schema_is_current(database)
        with database.write() as session:
            users.add(session, "sue@example.com", "supervisor", None, "x", "test", datetime(2026, 11, 24, tzinfo=UTC))
        with database.read() as session:
            assert users.by_email(session, "sue@example.com") is not None
    finally:
        database.close()
