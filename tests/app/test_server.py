"""The server's socket."""

import asyncio
import socket

from app.server import listen_on


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
