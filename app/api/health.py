"""Alive, ready, and measured."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.deps import Here, Runtime
from callbacks.store import nodes
from callbacks.store.migrations import schema_is_current

router = APIRouter()
LATEST_BEAT = timedelta(seconds=15)


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(here: Here) -> JSONResponse:
    """Database, schema and an engine's beat; 503 while any of them is not right."""
    checks = _checks(here)
    ready = all(value == "ok" for value in checks.values())
    return JSONResponse({"status": "ready" if ready else "not ready", **checks}, 200 if ready else 503)


@router.get("/metrics")
def metrics() -> Response:
    """Prometheus's text form."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


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
