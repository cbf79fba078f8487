"""Liveness, readiness and metrics."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import Field

from app.auth.guard import api
from app.auth.rights import Principal
from app.runtime import App, AppDep
from callbacks.engine.jobs.audit import violations
from callbacks.engine.reconcile.reconcile import NAME as SWEEP
from callbacks.reporting.record import Record
from callbacks.store.sql import audits as ask
from callbacks.store.sql import emergencies
from callbacks.store.sql.migrations import schema_is_current
from callbacks.store.sql.transaction import Transaction

# What Prometheus reads of the system: counted when it asks, from the same rows that the auditor looks at.

DAY = timedelta(days=1)


class SystemMetrics(Collector):
    """The live rows as gauges. A database that does not answer is told as `callbacks_up 0`, never as silence."""

    def __init__(self, app: App) -> None:
        self._app = app

    def collect(self) -> Iterator[Metric]:
        try:
            with self._app.database.read() as session:
                found = list(self._gauges(session))
            up = 1.0
        except Exception:
            found, up = [], 0.0
        yield _one("callbacks_up", "1 while the database answers", up)
        yield from found

    def _gauges(self, session: Transaction) -> Iterator[Metric]:
        now = self._app.context.clock.now()
        broken = {v.slug for v in violations(session, now)}
        yield _one("callbacks_audit_violations", "Number of audit findings", len(broken))
        yield _one(
            "callbacks_outbox_oldest_due_seconds",
            "Age of the oldest due outbox row, in seconds",
            ask.outbox_age(session, now),
        )
        beat, ran_at = session.nodes.last_beat(), session.checks.sweep(SWEEP).ran_at
        for name, what, at in (("engine_beat", "engine heartbeat", beat), ("sweep", "sweep", ran_at)):
            age = (now - at).total_seconds() if at else float("inf")
            yield _one(
                f"callbacks_{name}_age_seconds", f"Seconds since the last {what}; infinite if there was none", age
            )
        yield _by_state(session)
        until = now + self._app.context.policy.promise.at_risk_before
        waiting, at_risk = emergencies.waiting(session, until)
        yield _one("callbacks_unacknowledged_emergencies", "Open emergencies without an owner", waiting)
        yield _one("callbacks_at_risk_emergencies", "Open emergencies near the deadline without an attempt", at_risk)
        yield _outcomes(session, now)


def _by_state(session: Transaction) -> Metric:
    family = GaugeMetricFamily(
        "callbacks_open_emergencies", "Open emergencies, excluding drills", labels=["state", "outcome"]
    )
    for state, outcome, n in emergencies.open_by_state(session):
        family.add_metric([state, outcome], n)
    return family


def _outcomes(session: Transaction, now: datetime) -> Metric:
    family = GaugeMetricFamily(
        "callbacks_promises_last_day", "Promises with a deadline in the last 24 h, excluding drills", labels=["outcome"]
    )
    for outcome, n in emergencies.due_by_outcome(session, now - DAY, now):
        family.add_metric([outcome], n)
    return family


def _one(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


router = APIRouter(tags=["health"])
LATEST_BEAT = timedelta(seconds=15)
REUSED = timedelta(seconds=1)
READY = {"status": "ready", "database": "ok", "schema": "ok", "engine": "ok", "audit": "ok"}
SILENT = READY | {"status": "not ready", "engine": "no engine heartbeat in the last 15 s"}
SHAPE = {"schema": {"type": "string"}, "example": "callbacks_webhooks_refused_total 0.0"}


class Alive(Record):
    status: Literal["ok"]


class Ready(Record):
    status: Literal["ready", "not ready"]
    database: str
    schema_: str = Field(alias="schema")
    engine: str
    audit: str = Field(description="Audit findings; ok when there are none.")


def _answer(told: str, example: Any, **more: Any) -> dict[str, Any]:
    return {"description": told, "content": {"application/json": {"example": example}}, **more}


@router.get("/healthz", responses={200: _answer("Alive.", {"status": "ok"})})
def healthz() -> Alive:
    """This process answers."""
    return Alive(status="ok")


@router.get(
    "/readyz",
    responses={
        200: _answer("Ready.", READY),
        503: _answer("Not ready; the failed check says why.", SILENT, model=Ready),
    },
)
def readyz(request: Request, app: AppDep) -> JSONResponse:
    """Database, schema and engine heartbeat; 503 while any of them fails. Audit findings are listed but change no
    status: a node that takes calls stays in service while, say, the carrier's lists cannot be read. No token is needed;
    the checks run at most once a second."""
    readiness: Readiness = request.app.state.readiness
    body = readiness.ask(app)
    return JSONResponse(body, 200 if body["status"] == "ready" else 503)


@router.get("/metrics", response_class=PlainTextResponse, responses={200: {"content": {"text/plain": SHAPE}}})
def metrics(app: AppDep, who: Annotated[Principal, Depends(api("metrics.read"))]) -> Response:
    """Prometheus text format: this process's counters, then the system's gauges. A token of any role."""
    gauges = CollectorRegistry(auto_describe=False)
    gauges.register(SystemMetrics(app))
    return Response(generate_latest() + generate_latest(gauges), media_type=CONTENT_TYPE_LATEST)


class Readiness:
    """The answer of `/readyz`, looked up at most once a second by one thread: whoever asks often costs the database
    nothing, and a database that does not answer holds up one thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: tuple[float, datetime, dict[str, Any]] | None = None

    def ask(self, app: App) -> dict[str, Any]:
        if self._found and self._is_fresh(app, self._found):
            return self._found[2]
        if not self._lock.acquire(blocking=False):
            return self._found[2] if self._found else _looked_up(app)
        try:
            body = _looked_up(app)
            self._found = time.monotonic(), app.context.clock.now(), body
            return body
        finally:
            self._lock.release()

    def _is_fresh(self, app: App, found: tuple[float, datetime, dict[str, Any]]) -> bool:
        looked_at, at, _ = found
        return time.monotonic() - looked_at < REUSED.total_seconds() and app.context.clock.now() - at < REUSED


def _looked_up(app: App) -> dict[str, Any]:
    checks = _checks(app)
    ready = all(value == "ok" for value in checks.values())
    audit = _audit(app) if checks["database"] == "ok" else "unknown"
    return Ready(status="ready" if ready else "not ready", **checks, audit=audit).shown()


def _audit(app: App) -> str:
    """The slugs of what is not true now."""
    with app.database.read() as session:
        return ", ".join(v.slug for v in violations(session, app.context.clock.now())) or "ok"


def _checks(app: App) -> dict[str, Any]:
    database = app.database
    if not database.healthy():
        return {"database": "does not answer", "schema": "unknown", "engine": "unknown"}
    with database.read() as session:
        beat = session.nodes.last_beat()
    recent = beat is not None and app.context.clock.now() - beat <= LATEST_BEAT
    return {
        "database": "ok",
        "schema": "ok" if schema_is_current(database) else "old: run callbacks migrate",
        "engine": "ok" if recent else "no engine heartbeat in the last 15 s",
    }
