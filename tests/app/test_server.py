"""The server's socket."""

import asyncio
import errno
import socket

import pytest

from app.server import CannotListen, at, listen_on


def test_small_answers_leave_at_once() -> None:
    """An accepted connection has TCP_NODELAY: an answer never waits for the other side's delayed acknowledgement."""
    listener = listen_on("127.0.0.1", 0)
    accepted: list[int] = []

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def one_visit() -> None:
        async with await asyncio.start_server(answer, sock=listener):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            await reader.read()
            writer.close()

    asyncio.run(one_visit())
    assert accepted and accepted[0] != 0


@pytest.mark.parametrize(("host", "why"), [
    ("nohost.invalid", "nohost.invalid:PORT cannot be found"), ("192.0.2.7", "192.0.2.7:PORT is no address of this machine"),
    ("2001:db8::7", "[2001:db8::7]:PORT "), ("a" * 70 + ".example", ":PORT cannot be found"), ("", None), ("[::1]", None), ("127.0.0.1", None),
])  # fmt: skip
def test_why_we_cannot_listen_is_told(host: str, why: str | None) -> None:
    if why is None:
        listen_on(host, 0).close()
        return
    with pytest.raises(CannotListen) as caught:
        listen_on(host, 8099)
    assert why.replace("PORT", "8099") in str(caught.value)
    assert "--host" in str(caught.value) and "is in use" not in str(caught.value)


def test_a_port_that_is_taken_or_not_for_us_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = listen_on("127.0.0.1", 0)
    taken.listen()
    port = taken.getsockname()[1]
    with pytest.raises(CannotListen, match=rf"127\.0\.0\.1:{port} is in use; choose another with --port"):
        listen_on("127.0.0.1", port)
    taken.close()

    class Forbidden(socket.socket):
        def bind(self, address: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "socket", Forbidden)
    with pytest.raises(CannotListen, match=r"127\.0\.0\.1:80 needs more rights"):
        listen_on("127.0.0.1", 80)


def test_addresses_are_written_as_they_are_read() -> None:
    assert [at("::", 8000), at("127.0.0.1", 80), at("::1", 1)] == ["[::]:8000", "127.0.0.1:80", "[::1]:1"]
