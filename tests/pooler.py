"""PgBouncer before the tests' PostgreSQL: started for one test, on a free port."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.postgres import _other_user, free_port, server_url

ENABLE = "apt-get install pgbouncer"
STARTING_SECONDS = 10


class NoPooler(Exception):
    """There is none on this machine."""


class Pooler:
    """One process. `mode` is PgBouncer's pool_mode."""

    def __init__(self, mode: str) -> None:
        binary = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if binary is None:
            raise NoPooler("pgbouncer is not installed")
        server = urlsplit(server_url())
        self.port, self._home = free_port(), Path(tempfile.mkdtemp(prefix="callbacks-pooler-", dir="/tmp"))
        self._home.chmod(0o755)
        (self._home / "users.txt").write_text(f'"{server.username}" "{server.password or ""}"\n')
        config = self._home / "pgbouncer.ini"
        config.write_text(
            f"[databases]\n* = host={server.hostname} port={server.port or 5432}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = any\nauth_file = {self._home}/users.txt\npool_mode = {mode}\nmax_client_conn = 100\n"
            "default_pool_size = 20\nmin_pool_size = 0\n"
        )
        # Any client may come in as the server's user: the pooler's own password check is not what is tried here.
        text = config.read_text().replace("port=", f"user={server.username} port=", 1)
        config.write_text(text)
        user = _other_user()
        as_user = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
        told = (self._home / "told.txt").open("wb")
        with told:
            self._process = subprocess.Popen([binary, "-q", str(config)], stdout=told, stderr=told, **as_user)  # type: ignore[call-overload]
        self._wait()

    def url(self, database_url: str) -> str:
        """The same database, through the pooler."""
        return f"postgresql+psycopg://{urlsplit(database_url).username}@127.0.0.1:{self.port}/{database_url.rsplit('/', 1)[1]}"

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self._home, ignore_errors=True)

    def _wait(self) -> None:
        ends = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < ends:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self._process.poll() is not None:
                    words = (self._home / "told.txt").read_text("utf-8", errors="replace")[-300:]
                    raise NoPooler(f"pgbouncer ended at once: {words}") from None
                time.sleep(0.05)
        raise NoPooler("pgbouncer did not start in time")
