"""A database session as we need it: asked for, then read back; and one line for each way in which it cannot be had.

- Settings travel as statements, not as start parameters: a pooler refuses those, or drops them without a word.
- A pooler that hands out server sessions per transaction keeps neither the bounds nor LISTEN: it is found out by its
  sessions, which change or are shared, and refused. One that keeps a session for a connection works.
- The lines name host, database, user and file, never a password.
"""

import re
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

NAME = "CALLBACKS_DATABASE_URL"
BOUNDS = {
    "statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "5s",
    "client_connection_check_interval": "2s", "synchronous_commit": "on", "timezone": "UTC", "datestyle": "ISO, MDY",
    "default_transaction_isolation": "read committed", "tcp_user_timeout": "10s", "tcp_keepalives_idle": "5s",
    "tcp_keepalives_interval": "2s", "tcp_keepalives_count": "3",
}  # fmt: skip
# Those of the network between a server and its client are another machine's affair behind a pooler or a local socket.
READ_BACK = (
    "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "synchronous_commit", "timezone",
    "datestyle", "default_transaction_isolation",
)  # fmt: skip
CHANNEL = "callbacks_opening"
ROUNDS, SESSIONS = 2, 3
STANDBY = "is a stand-in that takes no writes; use the primary server's address"
POOLER = (
    "a pooler in transaction mode stands before the database: it keeps neither time limits nor notifications; connect "
    "to the server itself, or use pool_mode = session"
)

# What libpq and the server say, in the order in which it is looked for.
LINES = (
    (r"certificate|SSL", "no TLS with {host} ({first}); correct sslmode or sslrootcert"),
    (
        r'database "[^"]*" does not exist|no such database',
        "there is no database {name!r} on {host}; create it, or correct the name",
    ),
    (
        r"password|authentication|role .* does not exist|pg_hba|no such user",
        "{host} refuses user {user!r}; correct the user name or the password",
    ),
    (r"read-only|standby|recovery", "{host} " + STANDBY),
    (r"startup parameter", POOLER),
    (r"too many|remaining connection slots", "{host} takes no more connections; raise max_connections"),
    (r"invalid .*option|invalid .* value", "{first}; correct the part after ?"),
    (r"relation .* does not exist", "the database has no tables; run: callbacks migrate"),
    (r"permission denied", "user {user!r} may not use it ({first}); grant the right"),
    (
        r"refused|timeout|timed out|resolve|not known|No such file|unreachable|closed the connection",
        "no server answers at {host}; start it, or correct the address",
    ),
)


class DatabaseFault(Exception):
    """The database cannot be used; the message is one line that says what to do."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{NAME}: {what}")
        self.what = what


def connect_arguments() -> dict[str, Any]:
    """Of the driver. Either side forgets the other after about ten seconds of silence: the server does not by itself,
    and has a bounded number of connections."""
    return {
        "target_session_attrs": "read-write", "connect_timeout": 3, "tcp_user_timeout": 4_000, "keepalives": 1,
        "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "client_encoding": "utf8",
    }  # fmt: skip


def prepare(raw: Any) -> None:
    """Sets a new session's bounds and looks whether it has them. Raises DatabaseFault."""
    raw.autocommit = True
    encoding = raw.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseFault(
            f"the database's encoding is {encoding}; create one with ENCODING 'UTF8' TEMPLATE template0 and use that"
        )
    asked = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in BOUNDS.items())
    raw.execute(f"SELECT {asked}", prepare=False)
    names = ", ".join(f"current_setting('{name}')" for name in READ_BACK)
    query = f"SELECT pg_backend_pid(), current_setting('client_encoding'), pg_is_in_recovery(), {names}"
    pid, letters, recovering, *found = raw.execute(query, prepare=False).fetchone()
    wrong = [f"{name} is {value}" for name, value in zip(READ_BACK, found, strict=True) if value != BOUNDS[name]]
    if letters != "UTF8":
        wrong.append(f"client_encoding is {letters}")
    if wrong:
        raise DatabaseFault(f"a session does not keep its settings ({', '.join(wrong)}); {POOLER}")
    if recovering:
        raise DatabaseFault(f"the server {STANDBY}")
    if is_pooled(raw, pid):
        raw.prepare_threshold = None  # another server session would not know what was prepared on this one
    raw.autocommit = False


def is_pooled(raw: Any, server_pid: int) -> bool:
    """Whether something stands between: it names a process of its own."""
    return bool(raw.info.backend_pid != server_pid)


def check_sessions(sessions: list[Any]) -> None:
    """Whether each of these connections keeps a server session to itself, and hears what another notifies of. Raises
    DatabaseFault."""
    seen: list[list[int]] = []
    for raw in sessions:
        raw.autocommit = True
    for _ in range(ROUNDS):
        seen.append([raw.execute("SELECT pg_backend_pid()", prepare=False).fetchone()[0] for raw in sessions])
    if not any(is_pooled(raw, pid) for raw, pid in zip(sessions, seen[0], strict=True)):
        return
    if len(set(seen[0])) < len(sessions) or any(others != seen[0] for others in seen):
        raise DatabaseFault(POOLER)
    sessions[0].execute(f"LISTEN {CHANNEL}")
    sessions[1].execute(f"NOTIFY {CHANNEL}")
    if not list(sessions[0].notifies(timeout=3, stop_after=1)):
        raise DatabaseFault(f"notifications do not arrive; {POOLER}")


def fault_of(url: str, error: Exception) -> DatabaseFault:
    """The line for an error of opening `url`."""
    if isinstance(error, DatabaseFault):
        return error
    try:
        target = make_url(url)
    except (ArgumentError, ValueError):
        return DatabaseFault("is not an address; use postgresql+psycopg://user@host:5432/name or sqlite:///FILE")
    if isinstance(error, ModuleNotFoundError):
        return DatabaseFault("the PostgreSQL driver is not installed; install callbacks[postgres]")
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    if url.startswith("sqlite"):
        return DatabaseFault(_sqlite(target, text))
    return DatabaseFault(_postgres(target, text))


def _sqlite(target: URL, text: str) -> str:
    if "not a database" in text or "malformed" in text:
        return f"{target.database!r} is not a SQLite database; name another file, or restore a backup"
    if "locked" in text:
        return f"{target.database!r} is locked by another program; stop that, then try again"
    if "no such table" in text:
        return "the database has no tables; run: callbacks migrate"
    return f"{target.database!r} cannot be opened; name a file, in a folder that this user may write to"


def _postgres(target: URL, text: str) -> str:
    for name in ("sslrootcert", "sslcert", "sslkey"):
        file = str(target.query.get(name, "system"))
        if file != "system" and not Path(file).is_file():
            return f"there is no certificate file {file!r}; correct {name}"
    host, first = f"{target.host or 'the local socket'}:{target.port or 5432}", text.strip().partition("\n")[0]
    for pattern, line in LINES:
        if re.search(pattern, text):
            return line.format(host=host, name=target.database, user=target.username, first=first)
    return f"{host} cannot be used ({first}); start the server, or correct the address"
