"""The least that could take a webhook durably: one Starlette route, one row, one commit. `/nothing` writes nothing."""

import sys
import threading
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.server import listen_on
from benchmarks.ground import Log
from callbacks.store.sql.database import Database


def application(database: Database) -> Starlette:
    """SQLite has one writer; on PostgreSQL each thread has its own connection."""
    one, own = (Log(database), threading.Lock()), threading.local()

    def put(body: str) -> None:
        if database.is_sqlite:
            with one[1]:
                one[0].append(body)
            return
        if not hasattr(own, "log"):
            own.log = Log(database)
        own.log.append(body)

    async def durable(request: Request) -> Response:
        await run_in_threadpool(put, (await request.body()).decode())
        return Response(status_code=204)

    async def nothing(request: Request) -> Response:
        await request.body()
        return Response(status_code=204)

    return Starlette(
        routes=[Route("/durable", durable, methods=["POST"]), Route("/nothing", nothing, methods=["POST"])]
    )


def main(port: str, database_url: str) -> None:
    config: Any = uvicorn.Config(application(Database(database_url)), log_level="warning", access_log=False)
    uvicorn.Server(config).run([listen_on("127.0.0.1", int(port))])


if __name__ == "__main__":
    main(*sys.argv[1:])
