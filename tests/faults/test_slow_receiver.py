"""A receiver of webhooks that never answers delays nobody's page."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import http
from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(fresh_database("sqlite", tmp_path), tmp_path)
    opened.start()
    yield opened
    opened.close()


def _more_pages(desk: Desk, before: int) -> Callable[[], bool]:
    return lambda: len(desk.pages()) > before


def test_pages_leave_at_once_while_every_webhook_hangs(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as tarpit, http.Client(base_url=desk.product_url) as web:
        url = f"http://127.0.0.1:{tarpit.getsockname()[1]}/"
        for _ in range(6):
            assert web.post("/webhooks", data={"url": url, "events": ["opened", "acknowledged"]}).status_code == 200
        times = []
        for n in range(2):  # a third page in a minute would be put together with others
            before = len(desk.pages())
            desk.leave_message(customer=n)
            began = time.monotonic()
            eventually(_more_pages(desk, before), 5)
            times.append(time.monotonic() - began)
        page = web.get("/webhooks").text
        assert (page.count(">emergency.opened</a>"), page.count("state-claimed")) == (12, 4)
    assert max(times) < 1.5, times
