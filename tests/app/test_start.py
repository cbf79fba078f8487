"""What `serve` does when the engine cannot be started: webhooks taken in by nobody's engine page nobody."""

import threading

import pytest

from app.server import Server, listen_on


async def nothing(scope: object, receive: object, send: object) -> None:
    """An application that is never asked."""


def test_a_process_whose_engine_cannot_start_ends() -> None:
    """Whoever started it starts it again; a server that goes on would answer 200 to messages that page nobody."""
    server, ended = Server(nothing, listen_on("127.0.0.1", 0)), list[BaseException]()

    def broken() -> None:
        raise ConnectionError("the database is away")

    def run() -> None:
        try:
            server.run(broken)
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(10)
    server.stop()
    thread.join(10)
    assert [type(error) for error in ended] == [ConnectionError]


@pytest.mark.parametrize("act", [None, lambda: None])
def test_a_server_that_is_stopped_ends_well(act: object) -> None:
    server = Server(nothing, listen_on("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=(act,), daemon=True)
    thread.start()
    server.stop()
    thread.join(10)
    assert not thread.is_alive()
