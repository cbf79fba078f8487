"""The database of a process: opening, writing, reading, and which databases are refused.

- SQLite: one writer connection, `BEGIN IMMEDIATE`, synchronous FULL or better. Write-ahead logging only
  in versions without the WAL-reset fault (fixed in 3.51.3, 3.50.7 and 3.44.6), else a rollback journal.
- With a rollback journal a reader that holds a transaction keeps every writer from committing, so each statement of a
  reading session stands alone there, as it does on PostgreSQL: two of them may see different moments.
- PostgreSQL: bounded statements, locks and idle transactions; a standby is refused. What a session must be is looked at
  when it opens.
- SQL parameters never reach a log.
"""

import fcntl
import os
import random
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

import structlog
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from callbacks.store.errors import Conflict, DatabaseError, DatabaseUnavailable
from callbacks.store.interface import Store
from callbacks.store.sql.transaction import CHANNEL, Transaction

# A database session as we need it: asked for, then read back; and one line for each way in which it cannot be had.
#
# - Settings travel as statements, not as start parameters: a pooler refuses those, or drops them without a word.
# - A pooler that hands out server sessions per transaction keeps neither the bounds nor LISTEN: it is found out by
#   its sessions, which change or are shared, and refused. One that keeps a session for a connection works.
# - The lines name host, database, user and file, never a password.

NAME = "CALLBACKS_DATABASE_URL"
BOUNDS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "5s",
    "client_connection_check_interval": "2s",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "default_transaction_isolation": "read committed",
    "tcp_user_timeout": "10s",
    "tcp_keepalives_idle": "5s",
    "tcp_keepalives_interval": "2s",
    "tcp_keepalives_count": "3",
}
# Those of the network between a server and its client are another machine's affair behind a pooler or a local socket.
READ_BACK = (
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "synchronous_commit",
    "timezone",
    "datestyle",
    "default_transaction_isolation",
)
OPENING_CHANNEL = "callbacks_opening"
ROUNDS = 2
SESSIONS = 3
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
        "target_session_attrs": "read-write",
        "connect_timeout": 3,
        "tcp_user_timeout": 4_000,
        "keepalives": 1,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "client_encoding": "utf8",
    }


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
    sessions[0].execute(f"LISTEN {OPENING_CHANNEL}")
    sessions[1].execute(f"NOTIFY {OPENING_CHANNEL}")
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


T = TypeVar("T")
log = structlog.get_logger()
WAL_FIXED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
BUSY_SECONDS = 5
TRIES = 8
# Serialization, deadlock, lock not available, and a transaction left alone for so long that the server ended it.
RETRYABLE_STATES = ("40001", "40P01", "55P03", "25P03")


class EngineLocked(Exception):
    """A second engine on one SQLite file."""


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite keeps committed writes in write-ahead mode with several connections."""
    if version >= WAL_FIXED[-1]:
        return True
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in WAL_FIXED)


class Database:
    """Reads and writes for one process. `web` gives pages a pool of their own on PostgreSQL. Raises DatabaseFault for
    what is no address of one."""

    def __init__(self, url: str, *, web: bool = False) -> None:
        try:
            self._open(url, web)
        except (SQLAlchemyError, OSError, ValueError, ImportError) as error:
            raise fault_of(url, error) from None

    def _open(self, url: str, web: bool) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self.journal_mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info[:3]) else "DELETE"
            self._writer, self._reader = self._sqlite(write=True), self._sqlite(write=False)
        else:
            self.journal_mode = "server"
            self._writer = self._reader = self._postgres(web)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction, committed when the block ends; rolled back when it raises. Raises Conflict."""
        yield from self._session(self._writer)

    def transact(self, step: Callable[[Transaction], T]) -> T:
        """`step` in one transaction; again after a Conflict, a few times, with a short random pause."""
        for attempt in range(1, TRIES):
            try:
                with self.write() as session:
                    return step(session)
            except Conflict:
                time.sleep(random.uniform(0.002, 0.02) * attempt)
        with self.write() as session:
            return step(session)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A session for reading."""
        yield from self._session(self._reader)

    def _session(self, engine: Engine) -> Iterator[Transaction]:
        with our_errors(), Transaction(engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    def healthy(self) -> bool:
        """The database answers."""
        try:
            with self._reader.connect() as connection:
                return bool(connection.execute(text("SELECT 1")).scalar_one() == 1)
        except (DBAPIError, DatabaseFault):
            return False

    def check(self) -> None:
        """Whether it can be used at all. Raises DatabaseFault, one line that says what to do."""
        try:
            with self._writer.connect() as connection:
                connection.execute(text("SELECT 1"))
            if not self.is_sqlite:
                self._check_sessions()
        except (SQLAlchemyError, OSError, sqlite3.Error) as error:
            raise fault_of(self.url, error) from None

    def _check_sessions(self) -> None:
        with ExitStack() as opened:
            found = [opened.enter_context(closing(self.own_connection())) for _ in range(SESSIONS)]
            for raw in found:
                raw.rollback()
            check_sessions(found)

    def now(self) -> datetime:
        """The server's clock on PostgreSQL; aware UTC."""
        with our_errors(), self._reader.connect() as connection:
            at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            return at.astimezone(UTC)

    def engine_lock(self) -> IO[str] | None:
        return engine_lock(self.url)

    def listen(self, heard: Callable[[], None], stopping: threading.Event) -> None:
        if not self.is_sqlite:
            listen(self, heard, stopping)

    def empty_log(self) -> bool:
        """Empties SQLite's write-ahead log, which keeps pages as they were until it is begun anew: `secure_delete`
        overwrites words in the database's own file only. Waits for readers as long as for any lock."""
        if self.journal_mode != "WAL":
            return True
        found = self._outside_transactions("PRAGMA wal_checkpoint(TRUNCATE)")
        return bool(found and found[0] == 0)

    def _outside_transactions(self, statement: str) -> Any:
        """The first row of what SQLite runs only where no transaction is open."""
        with our_errors(), self._writer.connect() as connection:
            raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
            raw.execute("ROLLBACK") if raw.in_transaction else None
            try:
                return raw.execute(statement).fetchone()
            except sqlite3.OperationalError as error:
                raise DatabaseUnavailable(str(error)) from error

    def connect(self) -> Any:
        """A connection of the writer's engine, for migrations and listeners."""
        return self._writer.connect()

    def own_connection(self) -> Any:
        """A driver's connection outside every pool: the caller closes it."""
        pooled = self._writer.raw_connection()
        raw = pooled.driver_connection
        pooled.detach()
        return raw

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()

    def _sqlite(self, *, write: bool) -> Engine:
        path = make_url(self.url).database
        if path:
            Path(path).absolute().parent.mkdir(parents=True, exist_ok=True)
        size = {"pool_size": 1, "max_overflow": 0} if write else {"pool_size": 4, "max_overflow": 4}
        engine = create_engine(
            self.url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **size
        )
        mode = self.journal_mode

        @event.listens_for(engine, "connect")
        def _prepare(connection: sqlite3.Connection, _: Any) -> None:
            connection.isolation_level = None
            _pragmas(connection, mode)

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            if write or mode == "WAL":
                connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

        return engine

    def _postgres(self, web: bool) -> Engine:
        engine = create_engine(
            self.url,
            hide_parameters=True,
            pool_size=5 if web else 8,
            max_overflow=5,
            pool_timeout=5,
            pool_pre_ping=True,
            connect_args=connect_arguments(),
        )

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _: Any) -> None:
            try:
                prepare(connection)
            except BaseException:
                connection.close()
                raise

        return engine


def sql_store(store: Store) -> Database:
    """The store of an engine, for pages and commands: they ask what an engine does not. Raises TypeError."""
    if not isinstance(store, Database):
        raise TypeError(f"pages need a database, and this is a {type(store).__name__}")
    return store


@contextmanager
def our_errors() -> Iterator[None]:
    """What SQLAlchemy raises in the block comes out of it as Conflict, DatabaseUnavailable or DatabaseError."""
    try:
        yield
    except SQLAlchemyError as error:
        raise _ours(error).with_traceback(error.__traceback__) from error  # a log tells where it was asked


def _ours(error: SQLAlchemyError) -> Conflict | DatabaseError:
    if not isinstance(error, DBAPIError):
        return DatabaseError(str(error))
    said = str(error.orig)
    if isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in RETRYABLE_STATES:
        return Conflict(said)
    return DatabaseUnavailable(said) if isinstance(error, OperationalError) else DatabaseError(said)


@dataclass(frozen=True, slots=True)
class Server:
    """The hosts of a PostgreSQL address, and how it wants the connection encrypted, if it says so."""

    hosts: tuple[str, ...]
    sslmode: str | None


def server_of(url: str) -> Server | None:
    """None for SQLite."""
    asked = make_url(url)
    if not url.startswith("postgresql"):
        return None
    more = asked.query.get("host", ())
    named = (asked.host, *([more] if isinstance(more, str) else more))
    hosts = [part.rpartition(":")[0] or part for text in named if text for part in text.split(",")]
    sslmode = asked.query.get("sslmode")
    return Server(tuple(hosts), str(sslmode) if sslmode else None)


def file_of(url: str) -> Path | None:
    """The file of a SQLite database that has one."""
    path = make_url(url).database
    return Path(path) if url.startswith("sqlite") and path else None


def engine_lock(url: str) -> IO[str] | None:
    """Holds the SQLite file for one engine until the file handle is closed; None on PostgreSQL.
    Raises EngineLocked."""
    path = file_of(url)
    if path is None:
        return None
    lock = Path(f"{path}.engine.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    handle = lock.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        holder = handle.read().strip() or "unknown"
        handle.close()
        raise EngineLocked(
            f"another engine (process {holder}) already works on {path}; stop it first, start this one as "
            "serve --no-engine, or use PostgreSQL for several"
        ) from None
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def _pragmas(connection: sqlite3.Connection, mode: str) -> None:
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    if connection.execute("PRAGMA journal_mode").fetchone()[0].upper() != mode:
        connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("PRAGMA synchronous=" + ("FULL" if mode == "WAL" else "EXTRA"))
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten, not only unlinked


# Hears from other nodes that something became due: PostgreSQL's NOTIFY, on a connection of its own.

LISTEN_SECONDS = 1.0
RECONNECT_SECONDS = 1.0


def listen(database: Database, heard: Callable[[], None], stopping: threading.Event) -> None:
    """Calls `heard` for every notification until `stopping` is set; a lost connection is made again. The
    engine's own tick covers what was missed meanwhile."""
    while not stopping.is_set():
        try:
            _listen_once(database, heard, stopping)
        except Exception:
            log.warning("listener.lost", exc_info=True)
            stopping.wait(RECONNECT_SECONDS)


def _listen_once(database: Database, heard: Callable[[], None], stopping: threading.Event) -> None:
    with closing(database.own_connection()) as connection:
        connection.rollback()
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        while not stopping.is_set():
            for _ in connection.notifies(timeout=LISTEN_SECONDS, stop_after=1):
                heard()
