"""What does not get slower with the years: due work and pages among many closed emergencies and ten thousand open."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlmodel import col
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import load_settings
from app.wiring import build_context
from benchmarks import ground, month_report
from benchmarks.figure import Figure, Reach, percentile
from callbacks.emergency.inputs import Call, MessageEnded
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.handle import open_call
from callbacks.engine.runtime import loop
from callbacks.engine.runtime.loop import Engine
from callbacks.oncall.roster import read_roster
from callbacks.reporting import compliance
from callbacks.store.sql import people, tables
from callbacks.store.sql.database import Database
from tests.clock import HandClock
from tests.core.pure import ROSTER
from tests.year import LOOKED_AT

OPEN, REAL, BATCH = 10_000, 60, 10_000
SIZES, FULL_SIZES = (1_000, 100_000), (1_000, 10_000, 100_000, 1_000_000)
LOOKS, FULL_LOOKS = 20, 100
FLAT = (Reach("ratio", 1.2),)
SECOND = Reach("value", 1000)
PAGE = (Reach("ratio", 3), SECOND)


def measure(full: bool) -> Iterator[Figure]:
    for kind in ground.KINDS:
        smallest: dict[str, float] = {}
        for size in FULL_SIZES if full else SIZES:
            with tempfile.TemporaryDirectory() as folder:
                place = Place(kind, Path(folder), size)
                for what, taken in place.ticks().items():
                    least = smallest.setdefault(what, taken)
                    beside = f"with {SIZES[0]} closed"
                    yield Figure(f"{what}, {size:,} closed, {kind}", taken, "ms", beside, least, FLAT)
                if size > SIZES[0]:
                    yield from place.pages(FULL_LOOKS if full else LOOKS)
                place.database.close()


class Place:
    """`size` closed emergencies of a year, each with a text that was sent, ten thousand open ones whose time has not
    come, and some that were really opened just now."""

    def __init__(self, kind: str, folder: Path, size: int) -> None:
        self.name, self.size = kind, size
        self.database, self.clock = Database(ground.fresh(kind, folder)), HandClock(LOOKED_AT)
        with self.database.write() as session:
            people.load_roster(session, read_roster(ROSTER), "bench", self.clock.now())
        month_report.fill(self.database, size)
        settings = load_settings(
            mode="demo", database_url=self.database.url, api_url="http://127.0.0.1:9", data_dir=folder, _env_file=None
        )
        self.context = build_context(settings, self.database, self.clock)
        _close(self.database)
        _texts(self.database, size)
        _open_many(self.database, size, self.clock)
        self.first = _open_really(self.context)
        if kind == "postgres":
            with self.database.connect() as connection:
                connection.execute(text("ANALYZE"))
                connection.commit()
        self.web = TestClient(create_app(settings, self.context), settings.public_url)

    def ticks(self) -> dict[str, float]:
        """Milliseconds of the question what is due, of a tick that finds nothing, and of one that works."""
        engine = Engine(self.context)
        with self.database.write() as session:
            session.execute(update(tables.Outbox).where(col(tables.Outbox.state) == "queued").values(state="cancelled"))

        def due() -> None:
            with self.database.read() as session:
                session.outbox.next_wake(), session.outbox.next_due()

        found = {"what is due next": ground.milliseconds(due, 21)}
        found["a tick with nothing due"] = ground.milliseconds(engine.run_once, 21)
        self.clock.turn(minutes=4, seconds=1)
        count: list[int] = []
        taken = ground.once(lambda: count.append(loop.run_due(self.context)))
        found["a tick per emergency due"] = taken / max(1, count[0])
        return found

    def pages(self, looks: int) -> Iterator[Figure]:
        """Server time of each page, in the middle and at its worst but one in a hundred."""
        first, last = compliance.month("2026-11")
        since, until = compliance.span(first, last, month_report.ZONE)
        asked: dict[str, tuple[str, Callable[[Any], object]]] = {
            "board": ("/", self._board),
            "an emergency": (f"/emergencies/E-{self.first:06d}", self._emergency),
            "a month's compliance": (
                "/compliance?month=2026-11", lambda s: month_report.plain_sql(s, since, until)
            ),
        }  # fmt: skip
        for name, (path, plain) in asked.items():
            took = ground.each(partial(self._get, path), looks)
            raw = ground.milliseconds(partial(self._read, plain), 5)
            what = f"{name}, {self.size:,} emergencies, {self.name}"
            yield Figure(f"{what}, p50", percentile(took, 0.5), "ms", "raw SQL of the same rows", raw, PAGE)
            yield Figure(f"{what}, p99 of {looks}", percentile(took, 0.99), "ms", reaches=(SECOND,))

    def _get(self, path: str) -> None:
        answer = self.web.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    def _read(self, plain: Callable[[Any], object]) -> None:
        with self.database.read() as session:
            plain(session)

    def _board(self, session: Any) -> None:
        """Every column of the two hundred that are shown, how many there are, and the facts of the fifty first."""
        session.execute(text("SELECT count(*) FROM emergency WHERE is_open")).fetchall()
        shown = session.execute(text("SELECT * FROM emergency WHERE is_open ORDER BY due_at, id LIMIT 200")).fetchall()
        ids = ",".join(str(row[0]) for row in shown[:50])
        session.execute(text(f"SELECT * FROM ledger WHERE emergency_id IN ({ids})")).fetchall()

    def _emergency(self, session: Any) -> None:
        for table, key in (("emergency", "id"), ("ledger", "emergency_id"), ("outbox", "emergency_id")):
            session.execute(text(f"SELECT * FROM {table} WHERE {key} = {self.first}")).fetchall()


def _close(database: Database) -> None:
    """The year's last ones would be open still."""
    with database.write() as session:
        session.execute(
            update(tables.Emergency).where(col(tables.Emergency.is_open)).values(is_open=False, wake_at=None)
        )


def _texts(database: Database, size: int) -> None:
    for start in range(1, size + 1, BATCH):
        rows = [_text(number) for number in range(start, min(start + BATCH, size + 1))]
        with database.write() as session:
            session.execute(insert(tables.Outbox), rows)


def _text(number: int) -> dict[str, Any]:
    at = LOOKED_AT - timedelta(minutes=number % 500_000 + 60)
    return {
        "id": f"{number:032x}", "emergency_id": number, "kind": "page", "person": "ana", "channel": "sms",
        "number": "+15145550111", "text": "", "payload": "{}", "state": "sent", "due_at": at, "attempts": 1,
        "fence": 1, "sid": f"SM{number:032x}", "sent_at": at, "created_at": at, "finished_at": at,
    }  # fmt: skip


def _open_many(database: Database, size: int, clock: HandClock) -> None:
    """Copies of one summary, acknowledged, to be looked at in an hour."""
    with database.read() as session:
        row = session.execute(select(tables.Emergency).limit(1)).scalar_one().model_dump()
    now = clock.now()
    same = row | {"is_open": True, "drill": False, "call_sid": None, "wake_at": now + timedelta(hours=1)}
    same |= {"due_at": now + timedelta(hours=2), "opened_at": now, "call_started_at": now, "acknowledged_by": "ana"}
    fresh = [same | {"id": size + n, "source_key": f"O{n}", "number": f"+1438{n:07d}"} for n in range(1, OPEN + 1)]
    with database.write() as session:
        session.execute(insert(tables.Emergency), fresh)
        if not database.is_sqlite:
            session.execute(text("SELECT setval(pg_get_serial_sequence('emergency', 'id'), max(id)) FROM emergency"))


def _open_really(context: EngineContext) -> int:
    """Opened by the product itself, ledger and all; the first one's id."""
    now, first = context.clock.now(), 0
    for n in range(REAL):
        key = f"CA{n:032x}"
        call = Call(key, f"+1450555{n:04d}", False, now, "en")
        with context.database.write() as session:
            taken = open_call(context, session, f"bench-{key}", partial(_ended, call))
        first = first or int(taken.ref[2:] if taken else 0)
    return first


def _ended(call: Call, opening: Any) -> MessageEnded:
    return MessageEnded(
        at=call.started_at, call=call, opening=opening, sign="action", recording_sid=None, seconds=20
    )  # fmt: skip
