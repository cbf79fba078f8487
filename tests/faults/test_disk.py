"""SQLite on a disk that is full or broken, copied at any moment, and logs that cannot be written."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests import http
from tests.conftest import fresh_database, unavailable
from tests.faults.desk import Desk, eventually

WRITER = """
import sys
from sqlmodel import text
from callbacks.store.sql.database import Database
database = Database(sys.argv[1])
for n in range(100000):
    with database.write() as session:
        session.execute(text("INSERT INTO strike (key, count, last_at) VALUES (:k, :n, '2026-01-01 00:00:00')"), {"k": f"k{n}", "n": n})
    print(n, flush=True)
"""


@contextmanager
def failing(process: int, calls: str, error: str) -> Iterator[None]:
    """The kernel answers these calls of the process with an error, as long as it lasts."""
    if shutil.which("strace") is None:
        unavailable("strace", "no strace on PATH", "apt-get install strace")
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-p", str(process), "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}",
         "-e", "signal=none", "-o", "/dev/null"], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        time.sleep(1)
        assert tracer.poll() is None, "strace could not attach"
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(20)


@pytest.mark.slow
@pytest.mark.parametrize(("calls", "error"), [("pwrite64", "ENOSPC"), ("fdatasync", "EIO")])
def test_the_disk_is_full_or_broken(desk: Desk, calls: str, error: str) -> None:
    """F65, I3, I31: what cannot be written is not acknowledged; the carrier's record of the call is found afterwards."""
    desk.start()
    assert desk.node is not None
    with failing(desk.node.pid, calls, error):
        desk.carrier.post("/sandbox/api/calls", json={"from": "+15145550142"})
        sid = next(iter(desk.network.calls.all))
        ends = time.monotonic() + 8
        while (
            time.monotonic() < ends and desk.network.calls.all[sid].ended_at is None and not desk._hears_the_tone(sid)
        ):
            time.sleep(0.1)
        if desk.network.calls.all[sid].ended_at is None:
            desk.carrier.post(f"/sandbox/api/calls/{sid}/hang-up")
        time.sleep(6)
        signs = [x for x in desk.network.sender.log if x["path"] in ("/twilio/voice/message", "/twilio/voice/ended")]
        assert signs and all(x["status"] != 200 for x in signs), "a sign was acknowledged though nothing could be kept"
        assert desk.paged() == []
    eventually(desk.paged, 60)
    listed = json.loads(desk.command("list", "--json"))["items"]
    assert [e["ref"] for e in listed] == ["E-000001"]
    desk.command("verify")


@pytest.mark.slow
def test_every_acknowledged_commit_is_in_every_copy(tmp_path: Path) -> None:
    """F72, I3: the files, copied while commits go on and opened elsewhere, hold all that was acknowledged before the copy
    began. (A copy is what a crash of the process leaves. A power cut in the middle of a write cannot be made here.)"""
    url = fresh_database("sqlite", tmp_path)
    source = Path(url.removeprefix("sqlite:///"))
    writer = subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    try:
        for n in range(40):
            acknowledged = -1
            for _ in range(25):
                acknowledged = int(writer.stdout.readline())
            writer.send_signal(signal.SIGSTOP)
            folder = tmp_path / f"copy-{n}"
            folder.mkdir()
            for part in tmp_path.glob(f"{source.name}*"):
                shutil.copy(part, folder / part.name)
            writer.send_signal(signal.SIGCONT)
            with sqlite3.connect(folder / source.name) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert (
                    copy.execute("SELECT count(*) FROM strike WHERE count <= ?", (acknowledged,)).fetchone()[0]
                    == acknowledged + 1
                )
            shutil.rmtree(folder)
    finally:
        writer.send_signal(signal.SIGCONT)
        writer.kill()
        writer.wait()


def test_a_full_disk_under_the_logs_holds_up_no_page(desk: Desk) -> None:
    """F62: every line of the log fails with "no space left"; the night goes on."""
    with open("/dev/full", "wb") as full:
        desk.node = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--port", str(desk.port)],
            env=desk.environment, cwd=desk.folder, stdout=full, stderr=full,
        )  # fmt: skip
        eventually(desk._is_ready, 20)
        assert http.post(f"{desk.product_url}/twilio/sms", data={"a": "b"}).status_code == 403, "a line is logged"
        desk.leave_message()
        eventually(desk.paged)
        assert desk.node.poll() is None


@pytest.mark.slow
def test_no_file_can_be_opened_any_more(desk: Desk) -> None:
    """F54, I31: a process at its limit of open files refuses or serves, and does not die; freed, it goes on."""
    desk.start()
    assert desk.node is not None
    subprocess.run(["prlimit", f"--pid={desk.node.pid}", "--nofile=16:"], check=True)
    desk.carrier.post("/sandbox/api/calls", json={"from": "+15145550142"})
    time.sleep(8)
    assert desk.node.poll() is None
    sid = next(iter(desk.network.calls.all))
    if desk.network.calls.all[sid].ended_at is None:
        desk.carrier.post(f"/sandbox/api/calls/{sid}/hang-up")
    subprocess.run(["prlimit", f"--pid={desk.node.pid}", "--nofile=1024:"], check=True)
    eventually(desk.paged, 60)
    assert [e["ref"] for e in json.loads(desk.command("list", "--json"))["items"]] == ["E-000001"]


@pytest.mark.slow
def test_memory_runs_out(desk: Desk) -> None:
    """F53, I27: whatever becomes of the process, the next one takes up what was owed."""
    desk.start()
    assert desk.node is not None
    desk.knobs(rest={"rate_limited": True})
    desk.leave_message()
    eventually(lambda: desk.answered("/twilio/voice/message"))
    subprocess.run(["prlimit", f"--pid={desk.node.pid}", "--as=1000000:"], check=True)
    for _ in range(20):
        try:
            http.get(f"{desk.product_url}/", timeout=2)
        except httpx.HTTPError:
            break
    desk.kill()
    desk.knobs(rest={"rate_limited": False})
    desk.start()
    eventually(desk.paged)
    assert len(desk.paged()) == 1
