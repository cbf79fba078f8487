"""What tests share: databases, missing capabilities told with the command that would enable them."""

import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.auth import passwords
from callbacks.store.sql.database import Database
from callbacks.store.sql.migrations import migrate
from tests import pooler, postgres
from tests.lent import LentDatabase

REQUIRE_ALL = os.environ.get("CALLBACKS_TESTS_REQUIRE_ALL") == "1"
# Where everything must run, the same examples each time: a search for new ones is `make fuzz` and every other run.
settings.register_profile("same", derandomize=True, deadline=None)
if REQUIRE_ALL:
    settings.load_profile("same")
# The tracebacks that structlog draws by itself, with all local values, take seconds each; the product's own are plain.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
# Each hash of the product's takes a quarter of a second on purpose, and stories log in hundreds of times.
QUICK, THE_PRODUCTS = PasswordHash((Argon2Hasher(1, 64, 1),)), passwords._hasher


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    """A command sets the level of the log and the umask for its process, which is that of all tests here."""
    yield
    logging.getLogger("callbacks").setLevel(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET))
    os.umask(0o022)


_missing: dict[str, str] = {}
_templates: dict[str, str] = {}


def unavailable(what: str, why: str, enable: str) -> None:
    """Skips a test that cannot run here; a failure where everything must run."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} is required here: {why}; enable it with: {enable}", pytrace=False)
    _missing[what] = enable
    pytest.skip(f"{what}: {why}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        if "postgres:" in reason:
            _missing["postgres"] = postgres.ENABLE
        if "browser:" in reason:
            _missing["browser"] = "apt-get install chromium"
        if "pooler:" in reason:
            _missing["pooler"] = pooler.ENABLE
        if "namespaces:" in reason:
            _missing["namespaces"] = "root on Linux, apt-get install iproute2"
    for what, enable in _missing.items():
        terminalreporter.write_line(f"NOT RUN: {what} tests; enable them with: {enable}")


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", QUICK)
        yield


@pytest.fixture
def hashes_of_the_product(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what is said about them."""
    monkeypatch.setattr(passwords, "_hasher", THE_PRODUCTS)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database on the newest schema."""
    return fresh_database(request.param, tmp_path)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = LentDatabase(database_url)
    yield opened
    opened.give_back()


def fresh_database(kind: str, folder: Path) -> str:
    return _sqlite(folder) if kind == "sqlite" else _postgres()


def _sqlite(folder: Path) -> str:
    """A copy of a file that was migrated once per process."""
    if "sqlite" not in _templates:
        path = Path(tempfile.mkdtemp(prefix="callbacks-sqlite-")) / "template.db"
        first = Database(f"sqlite:///{path}")
        migrate(first)
        first.close()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _templates["sqlite"] = str(path)
    shutil.copy(_templates["sqlite"], folder / "callbacks.db")
    return f"sqlite:///{folder / 'callbacks.db'}"


def _postgres() -> str:
    try:
        if "postgres" not in _templates:
            url = postgres.new_database()
            first = Database(url)
            migrate(first)
            first.close()
            _templates["postgres"] = url.rsplit("/", 1)[1]
        return postgres.new_database(template=_templates["postgres"])
    except postgres.NoPostgres as why:
        unavailable("postgres", str(why), postgres.ENABLE)
        raise
