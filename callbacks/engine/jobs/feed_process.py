"""A feed read in a process of its own, which is ended when it takes too long: a thread could not be.

- The calendar is untrusted text: a rule may repeat for ever, or take hours before its first date.
- An event that takes longer than EVENT_SECONDS is left out and told; the whole feed has SECONDS.
- The child gets no settings and no secrets, little memory, and yields the processor to everything else.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Any

from callbacks.oncall.calendar_feed import BrokenFeed, Feed, Known, LeftOut, TooSlow, Why, known, read_feed
from callbacks.oncall.roster import Roster
from callbacks.oncall.schedule import Shift

SECONDS = 20
EVENT_SECONDS = 2.0
MOST_MEMORY = 1024 * 1024 * 1024
PASSED_ON = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONTZPATH", "TMPDIR")


def read_apart(content: bytes, rotation: str, roster: Roster, start: datetime, end: datetime) -> Feed:
    """`read_feed` for a roster's rotation, in another process. Raises BrokenFeed."""
    asked = {
        "rotation": rotation,
        "people": [[p.name, p.called] for p in known(roster)],
        "zone": roster.timezone,
        "start": start.isoformat(),
        "end": end.isoformat(),
    }
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path) or os.getcwd()
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "callbacks.engine.jobs.feed_process"],
            input=json.dumps(asked).encode() + b"\n" + content,
            capture_output=True,
            timeout=SECONDS,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BrokenFeed(f"it takes longer than {SECONDS} s to work out") from None
    except OSError as error:
        raise BrokenFeed(f"no process can be started to read it ({error.strerror})") from None
    if done.returncode != 0:
        raise BrokenFeed("it takes more memory or time than it may, or reading it failed")
    answer = json.loads(done.stdout)
    if "broken" in answer:
        raise BrokenFeed(answer["broken"])
    return Feed(
        tuple(Shift(rotation, who, _at(begin), _at(until)) for who, begin, until in answer["shifts"]),
        tuple(read_left_out(answer["left_out"])),
    )


def read_left_out(items: list[dict[str, Any]]) -> Iterator[LeftOut]:
    """Back from JSON."""
    for item in items:
        until = _at(item["until"]) if item["until"] else None
        yield LeftOut(Why[item["why"]], item["uid"], item["summary"], item["detail"], until)


def write_left_out(found: LeftOut) -> dict[str, Any]:
    """For JSON."""
    until = found.until.isoformat() if found.until else None
    return {"why": found.why.name, "uid": found.uid, "summary": found.summary, "detail": found.detail, "until": until}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- the child ---


def main() -> None:
    """Reads what was asked and the calendar from standard input, and writes the answer to standard output."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, _too_slow)
    asked = json.loads(sys.stdin.buffer.readline())
    people = [Known(name, tuple(called)) for name, called in asked["people"]]
    try:
        feed = read_feed(
            sys.stdin.buffer.read(),
            asked["rotation"],
            people,
            _at(asked["start"]),
            _at(asked["end"]),
            asked["zone"],
            _limited,
        )
    except BrokenFeed as fault:
        answer: dict[str, Any] = {"broken": str(fault)}
    else:
        shifts = [[s.technician, s.start.isoformat(), s.end.isoformat()] for s in feed.shifts]
        answer = {"shifts": shifts, "left_out": [write_left_out(found) for found in feed.left_out]}
    sys.stdout.write(json.dumps(answer))


@contextmanager
def _limited() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, EVENT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _too_slow(signum: int, frame: FrameType | None) -> None:
    raise TooSlow


if __name__ == "__main__":
    main()
