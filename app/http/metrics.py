"""How long Twilio waits for our answers, as a histogram by webhook; and traces, with the extra `otel`."""

import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import structlog
from prometheus_client import Histogram

SPANS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
webhooks = Histogram(
    "callbacks_webhook_seconds", "Seconds from a webhook's arrival to the response", ["webhook"], buckets=SPANS
)
PREFIX = "/twilio/"
KNOWN = ("voice", "sms", "status", "page", "bridge", "callback", "customer", "check")
Message = MutableMapping[str, Any]


class Meters:
    """ASGI middleware: measures requests under /twilio/, by the first word of their path."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        began, word = time.perf_counter(), scope["path"].removeprefix(PREFIX).partition("/")[0]
        try:
            await self._app(scope, receive, send)
        finally:
            webhooks.labels(word if word in KNOWN else "other").observe(time.perf_counter() - began)


# Traces by OpenTelemetry, with the extra `otel`: a span for each request and each piece of the engine's work.
#
# - On when the environment has `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`); the names are OpenTelemetry's.
# - A span holds a route, never an address: addresses hold tokens. Emergencies and call SIDs, never numbers or words.
# - A collector that is slow or away costs nothing but its spans: they leave by a thread of their own.

log = structlog.get_logger()
NAMES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
EXPORT_SECONDS = 3
Span = Callable[[str, Mapping[str, str]], AbstractContextManager[Any]]


def spans(version: str) -> Span | None:
    """What opens a span, or None when nobody collects them."""
    if not any(os.environ.get(name) for name in NAMES):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.error("tracing.missing", fix="pip install '.[otel]' where callbacks came from")
        return None
    name = os.environ.get("OTEL_SERVICE_NAME", "callbacks")
    provider = TracerProvider(resource=Resource.create({"service.name": name, "service.version": version}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=EXPORT_SECONDS)))
    tracer = provider.get_tracer("callbacks", version)

    @contextmanager
    def opened(what: str, facts: Mapping[str, str]) -> Iterator[Any]:
        with tracer.start_as_current_span(what, attributes=dict(facts), record_exception=False) as span:
            yield span

    return opened


class Traced:
    """ASGI middleware: a span for each request, named by its route."""

    def __init__(self, app: Any, span: Span) -> None:
        self._app, self._span = app, span

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        with self._span(method, {"http.request.method": method}) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    route = getattr(scope.get("route"), "path", "")
                    span.update_name(f"{method} {route}".strip())
                    span.set_attributes({"http.route": route, "http.response.status_code": message["status"]})
                await send(message)

            await self._app(scope, receive, noted)
