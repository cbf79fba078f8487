"""Alive, ready, and measured."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from app.api import schemas
from app.api.gauges import House
from app.deps import Here, Runtime
from callbacks.engine.audit import violations
from callbacks.store import nodes
from callbacks.store.migrations import schema_is_current

router = APIRouter(tags=["health"])
LATEST_BEAT = timedelta(seconds=15)
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
def readyz(here: Here) -> JSONResponse:
    """Database, schema and an engine's beat; 503 while any of them is not right. What the auditor finds stands
    beside: a node that takes calls stays in service while, say, the carrier's lists cannot be read."""
    checks = _checks(here)
    ready = all(value == "ok" for value in checks.values())
    audit = _audit(here) if checks["database"] == "ok" else "unknown"
    body = {"status": "ready" if ready else "not ready", **checks, "audit": audit}
    return JSONResponse(body, 200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse, responses={200: {"content": {"text/plain": SHAPE}}})
def metrics(here: Here) -> Response:
    """Prometheus's text form: this process's counters, then the house's gauges."""
    house = CollectorRegistry(auto_describe=False)
    house.register(House(here))
    return Response(generate_latest() + generate_latest(house), media_type=CONTENT_TYPE_LATEST)


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
