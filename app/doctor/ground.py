"""What we stand on: the mode, the interpreter, the way to the database."""

import os
import platform
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie

from sqlalchemy.engine import make_url

from app.doctor.finding import Finding, finding, fine
from app.http.peers import is_loopback
from app.settings import Settings

ESCAPES, MOST_SECONDS = 4000, 0.05


def mode(settings: Settings) -> Iterator[Finding]:
    if settings.is_demo:
        yield finding(
            "mode", None, "demo: pages ask for no login", "whoever is on this machine is the supervisor",
            "set CALLBACKS_MODE=live before anybody calls in earnest",
        )  # fmt: skip
    else:
        yield fine("mode", "live")


def interpreter() -> Iterator[Finding]:
    """Tried, not read from its version: distributions mend an old one without a new number."""
    began = time.thread_time()
    SimpleCookie('a="' + '\\"' * ESCAPES + '"')
    if time.thread_time() - began < MOST_SECONDS:
        yield fine("python", "%(version)s, without the faults that we look for", version=platform.python_version())
        return
    yield finding(
        "python", None, "%(version)s reads cookies in quadratic time (CVE-2024-7592)",
        "quoted cookies are dropped before it reads them, but it lacks other security fixes too",
        "use 3.11.10, 3.12.6 or newer, or a distribution's package with the fix", version=platform.python_version(),
    )  # fmt: skip


def way_to_database(url: str) -> Iterator[Finding]:
    """Whether somebody on the way could read and change everything. Nothing to say of what stays on this machine."""
    asked = make_url(url)
    if not url.startswith("postgresql") or all(_is_here(host) for host in _hosts(asked.host, asked.query.get("host"))):
        return
    given = asked.query.get("sslmode") or os.environ.get("PGSSLMODE", "prefer")
    if given == "verify-full":
        yield fine("way to the database", "encrypted, and the server's certificate is checked")
        return
    yield finding(
        "way to the database", None, "sslmode is %(given)s, so the server's certificate is not checked",
        "whoever is on the way reads and changes everything",
        "add sslmode=verify-full and sslrootcert to CALLBACKS_DATABASE_URL", given=str(given),
    )  # fmt: skip


def _hosts(host: str | None, more: object) -> list[str]:
    listed = more if isinstance(more, tuple) else [more]
    return [part.rpartition(":")[0] or part for text in (host, *listed) if text for part in str(text).split(",")]


def _is_here(host: str) -> bool:
    return host.startswith("/") or is_loopback(host)
