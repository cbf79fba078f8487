"""A PostgreSQL server that a test may stop, restart, copy and set back: one of its own, never the shared one."""

import copy
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from callbacks.store.sql.database import Database
from callbacks.store.sql.migrations import migrate
from tests import postgres
from tests.conftest import unavailable


class Cluster(postgres.Server):
    """Durable, unlike the shared one: what it acknowledged survives its death."""

    options = ("-c", "max_connections=60")

    @classmethod
    def begin(cls) -> "Cluster":
        """A running server with an empty schema of ours; the test is skipped, or fails, where there is none."""
        faults = []
        for binaries in postgres._candidates():
            try:
                server = cls(binaries)
            except (postgres.NoPostgres, OSError) as fault:
                faults.append(str(fault))
                continue
            first = Database(server.database_url)
            migrate(first)
            first.close()
            return server
        unavailable("postgres", "; ".join(faults) or "no binaries found", postgres.ENABLE)
        raise AssertionError("unreachable")

    @property
    def database_url(self) -> str:
        return self.url.replace("postgresql://", "postgresql+psycopg://")

    def execute(self, statement: str) -> list[Any]:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def halt(self, how: str) -> None:
        """`fast`: sessions are ended and data written; `immediate`: as if the machine lost its database process."""
        self._process.send_signal({"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[how])
        self._process.wait(20)

    def resume(self) -> None:
        self._begin()
        self._wait()

    def copy(self) -> Path:
        """The data as it lies on the disk of a stopped server."""
        kept = self._home / f"copy-{time.monotonic_ns()}"
        subprocess.run(["cp", "-a", str(self._data), str(kept)], check=True)
        return kept

    def set_back(self, kept: Path) -> None:
        """A stopped server forgets everything since the copy."""
        shutil.rmtree(self._data)
        subprocess.run(["cp", "-a", str(kept), str(self._data)], check=True)

    def standby(self) -> "Cluster":
        """A server of its own that follows this one's log, reads only, and goes on alone once it is promoted. To be stopped
        before this one, whose programs it runs."""
        other = copy.copy(self)
        other._home = Path(tempfile.mkdtemp(prefix="callbacks-pg-", dir="/tmp"))
        other._data, other.port = other._home / "data", postgres.free_port()
        other._data.mkdir(mode=0o700)
        if self._as:
            os.chmod(other._home, 0o755)
            os.chown(other._data, *self._as)
        self._run([self._binaries / "pg_basebackup", "-D", other._data, "-d", self.url, "-R", "-c", "fast"])
        other.resume()
        return other

    def promote(self) -> None:
        """A standby follows nobody any more and takes writes; the one it followed is not asked."""
        assert self.execute("SELECT pg_promote()") == [(True,)]
