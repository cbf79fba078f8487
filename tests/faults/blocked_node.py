"""`callbacks serve` in which one thing blocks for ever after a while: python -m tests.faults.blocked_node serve --port N

BLOCKED is `engine` (its thread sleeps) or `server` (its event loop does). The watchdog's limit is shortened to 3 s.
"""

import os
import sys
import time
from typing import Any

from app import server
from app.cli.main import main
from callbacks.engine.runtime import loop, watchdog

HOURS, AFTER = 3600.0, 2.0
began = time.monotonic()


def _block_engine() -> None:
    due = loop.run_due

    def run_due(context: Any) -> int:
        if time.monotonic() - began > AFTER:
            time.sleep(HOURS)
        return due(context)

    loop.run_due = run_due


def _block_server() -> None:
    tick = server._Uvicorn.on_tick

    async def on_tick(self: Any, counter: int) -> bool:
        if time.monotonic() - began > AFTER:
            time.sleep(HOURS)  # what no coroutine should do
        return await tick(self, counter)

    server._Uvicorn.on_tick = on_tick  # type: ignore[method-assign]


if __name__ == "__main__":
    watchdog.Watchdog.__init__.__defaults__ = (3,)
    {"engine": _block_engine, "server": _block_server}[os.environ["BLOCKED"]]()
    sys.argv[0] = "callbacks"
    main()
