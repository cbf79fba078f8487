"""The sandbox as an application: the carrier's REST API, the desk's control API and its page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from sandbox import control, page
from sandbox.config import RealClock, SandboxClock, SandboxConfig
from sandbox.network import Network
from sandbox.rest import calls, errors, media, messages, own, recordings
from sandbox.rest.log import RestLog


def create_sandbox(config: SandboxConfig, clock: SandboxClock | None = None) -> FastAPI:
    """The application; `app.state.network` is the network. With a clock of the caller's nothing moves until
    `network.run_due()` is called."""
    network = Network(config, clock or RealClock(), threaded=clock is None)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if clock is None:
            network.start()
        yield
        network.close()

    app = FastAPI(
        title="Phone sandbox",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,  # they would lead to whatever Host says
    )
    app.state.network = network
    for part in (calls, messages, media, recordings, own, control, page):
        app.router.routes.extend(part.router.routes)
    app.add_middleware(RestLog, network=network)
    app.add_exception_handler(errors.RestError, errors.answer)
    for fault in control.FAULTS:
        app.add_exception_handler(fault, control.wrong)
    return app
