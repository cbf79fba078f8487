"""Traces reach a collector and name what was done for which emergency, and nobody's number, word or token."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually


class Collector(HTTPServer):
    """Takes OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.requests: list[ExportTraceServiceRequest] = []

    def spans(self) -> dict[str, dict[str, str]]:
        """Their facts by name; of several the last."""
        return {
            span.name: {fact.key: fact.value.string_value or str(fact.value.int_value) for fact in span.attributes}
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


class Taker(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        told = ExportTraceServiceRequest()
        told.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(told)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on standard error."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_night_can_be_followed(collector: Collector, tmp_path: Path) -> None:
    desk = Desk(fresh_database("sqlite", tmp_path), tmp_path)
    try:
        desk.environment |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}", "OTEL_BSP_SCHEDULE_DELAY": "200",
        }  # fmt: skip
        desk.start()
        desk.leave_message()
        eventually(desk.paged)
        spans = eventually(lambda: collector.spans() if "send page" in collector.spans() else None)
    finally:
        desk.close()
    assert spans["send page"]["callbacks.emergency"] == "E-000001"
    assert spans["POST /twilio/voice"] == {
        "http.request.method": "POST", "http.route": "/twilio/voice", "http.response.status_code": "200",
    }  # fmt: skip
    everything = "".join(map(str, collector.requests))
    assert "+1" not in everything and "private words" not in everything and "127.0.0.1" not in everything


def test_a_collector_that_is_away_holds_up_nobody(tmp_path: Path) -> None:
    desk = Desk(fresh_database("sqlite", tmp_path), tmp_path)
    try:
        desk.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9"
        desk.start()
        desk.leave_message()
        assert eventually(desk.paged)
    finally:
        desk.close()
