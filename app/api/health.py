"""Alive, ready, and measured."""

import threading
import time
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from app.access.guard import api
from app.access.rights import Principal
from app.api import schemas
from app.api.gauges import House
from app.deps import Here, Runtime
from callbacks.engine.jobs.audit import violations
from callbacks.store import nodes
from callbacks.store.migrations import schema_is_current

router = APIRouter(tags=["health"])
LATEST_BEAT, REUSED = timedelta(seconds=15), timedelta(seconds=1)
READY = {"status": "ready", "database": "ok", "schema": "ok", "engine": "ok"}
SILENT = READY | {"status": "not ready", "engine": "no engine has given a sign of life in the last 15 s"}
SHAPE = {"schema": {"type": "string"}, "example": "callbacks_webhooks_refused_total 0.0"}


def _answer(model: Any, told: str, example: Any) -> dict[str, Any]:
    return {"model": model, "description": told, "content": {"application/json": {"example": example}}}


@router.get("/healthz", response_model=None, responses={200: _answer(schemas.Alive, "Alive.", {"status": "ok"})})
def healthz() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    responses={
        200: _answer(schemas.Ready, "Ready.", READY),
        503: _answer(schemas.Ready, "Not ready; the check that says why is not ok.", SILENT),
    },
)
def readyz(request: Request, here: Here) -> JSONResponse:
    """Database, schema and an engine's beat; 503 while any of them is not right. What the auditor finds stands
    beside: a node that takes calls stays in service while, say, the carrier's lists cannot be read. Everybody may ask,
    so an answer of this second is given again."""
    readiness: Readiness = request.app.state.readiness
    body = readiness.ask(here)
    return JSONResponse(body, 200 if body["status"] == "ready" else 503)


@router.get("/metrics", response_class=PlainTextResponse, responses={200: {"content": {"text/plain": SHAPE}}})
def metrics(here: Here, who: Annotated[Principal, Depends(api("metrics.read"))]) -> Response:
    """Prometheus's text form: this process's counters, then the house's gauges. A token of any role."""
    house = CollectorRegistry(auto_describe=False)
    house.register(House(here))
    return Response(generate_latest() + generate_latest(house), media_type=CONTENT_TYPE_LATEST)


class Readiness:
    """The answer of `/readyz`, looked up at most once a second by one thread: whoever asks often costs the database
    nothing, and a database that does not answer holds up one thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: tuple[float, datetime, dict[str, Any]] | None = None

    def ask(self, here: Runtime) -> dict[str, Any]:
        if self._found and self._is_fresh(here, self._found):
            return self._found[2]
        if not self._lock.acquire(blocking=False):
            return self._found[2] if self._found else _looked_up(here)
        try:
            body = _looked_up(here)
            self._found = time.monotonic(), here.world.clock.now(), body
            return body
        finally:
            self._lock.release()

    def _is_fresh(self, here: Runtime, found: tuple[float, datetime, dict[str, Any]]) -> bool:
        looked_at, at, _ = found
        return time.monotonic() - looked_at < REUSED.total_seconds() and here.world.clock.now() - at < REUSED


def _looked_up(here: Runtime) -> dict[str, Any]:
    checks = _checks(here)
    ready = all(value == "ok" for value in checks.values())
    audit = _audit(here) if checks["database"] == "ok" else "unknown"
    return {"status": "ready" if ready else "not ready", **checks, "audit": audit}


def _audit(here: Runtime) -> str:
    """The slugs of what is not true now."""
    with here.world.database.read() as session:
        return ", ".join(v.slug for v in violations(session, here.world.clock.now())) or "ok"


def _checks(here: Runtime) -> dict[str, Any]:
    database = here.world.database
    if not database.healthy():
        return {"database": "does not answer", "schema": "unknown", "engine": "unknown"}
    with database.read() as session:
        beat = nodes.last_beat(session)
    recent = beat is not None and here.world.clock.now() - beat <= LATEST_BEAT
    return {
        "database": "ok",
        "schema": "ok" if schema_is_current(database) else "old: run callbacks migrate",
        "engine": "ok" if recent else "no engine has given a sign of life in the last 15 s",
    }
