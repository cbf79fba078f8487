"""Writes the golden ledgers of a version: `python tools/golden.py VERSION`. Every later one must fold them alike.

A release writes its own folder once, under tests/golden/, and never changes it afterwards.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from callbacks.emergency import inputs as given
from callbacks.emergency import promise
from callbacks.emergency.events import to_record
from callbacks.emergency.timers import next_wake
from tests.core.pure import PureNight

FOLDER = Path(__file__).parents[1] / "tests" / "golden"
SECOND = timedelta(seconds=1)


def night_over_the_bridge() -> PureNight:
    night = PureNight()
    night.opens()
    night.sleeps(90 * SECOND)
    night.says("ana", "call", proven=True)
    key = next(iter(night.it.callbacks))
    for said in (
        given.TechnicianLeg(at=night.now, callback=key, status="in-progress"),
        given.TechnicianKey(at=night.now, callback=key, key="1"),
        given.CustomerLeg(at=night.now + SECOND, callback=key, status="ringing", seconds=0),
        given.CustomerLeg(at=night.now + 9 * SECOND, callback=key, status="in-progress", seconds=0),
        given.CustomerDetected(at=night.now + 10 * SECOND, callback=key, answered_by="human"),
        given.DialOver(at=night.now + 70 * SECOND, callback=key, status="completed", bridged=True, seconds=60),
        given.AfterCallKey(at=night.now + 75 * SECOND, callback=key, key="1"),
    ):
        night.takes(said)
    night.sleeps(80 * SECOND)
    night.says("ana", "done", words="restarted the relay")
    night.sleeps(timedelta(minutes=40))
    return night


def night_nobody_woke() -> PureNight:
    night = PureNight()
    night.opens()
    night.sleeps(timedelta(hours=2))
    return night


def night_that_was_contested() -> PureNight:
    night = PureNight()
    night.opens()
    night.says("ana", "acknowledge")
    night.sleeps(timedelta(minutes=2))
    night.says("ana", "reached")
    night.sleeps(timedelta(minutes=3))
    night.takes(given.CustomerSaid(at=night.now, meaning="no", words="nobody called"))
    night.sleeps(timedelta(minutes=50))
    night.says("bob", "no-answer")
    night.says("sue", "withdraw", role="supervisor", words="solved by itself")
    return night


def night_of_failures() -> PureNight:
    night = PureNight()
    night.opens()
    page = next(iter(night.it.pages))
    night.takes(given.PageReported(at=night.now, page=page, status="undelivered", code=30003))
    night.takes(given.OutageFound(at=night.now, began_at=night.now - 60 * SECOND, ended_at=night.now))
    night.says("ana", "pass")
    night.says("zed", "acknowledge")
    night.takes(
        given.CalledAgain(at=night.now, call_sid="CA" + "7" * 32, recording_sid="RE" + "8" * 32, seconds=9, ready=True)
    )
    night.says("sue", "priority", role="supervisor", priority="P2", words="not so bad")
    night.says("bob", "acknowledge")
    night.sleeps(timedelta(hours=1))
    return night


NIGHTS = {
    "bridge": night_over_the_bridge, "nobody": night_nobody_woke, "contested": night_that_was_contested,
    "failures": night_of_failures,
}  # fmt: skip


def told(night: PureNight) -> dict[str, Any]:
    """The ledger as it is stored, and what this version makes of it."""
    facts = []
    for fact in night.story:
        kind, body, private = to_record(fact)
        facts.append({"kind": kind, "at": fact.at.isoformat(), "body": body, "private": private})
    return {"facts": facts, "means": meaning(night.it, night.now), "now": night.now.isoformat()}


def meaning(e: Any, now: Any) -> dict[str, Any]:
    verdict, due = promise.judge(e, now), next_wake(e)
    return {
        "state": promise.state(e), "owner": e.owner, "outcome": verdict.outcome, "evidence": verdict.evidence,
        "seconds": verdict.seconds, "resolution": promise.resolution(e, now), "due_at": promise.due_at(e).isoformat(),
        "next_wake": due.isoformat() if due else None, "pages": sorted(e.pages), "attempts": len(promise.attempts(e)),
        "priority": e.priority, "last_at": e.last_at.isoformat(),
    }  # fmt: skip


def main() -> None:
    folder = FOLDER / sys.argv[1]
    folder.mkdir(parents=True)
    for name, play in NIGHTS.items():
        text = json.dumps(told(play()), ensure_ascii=False, indent=1, sort_keys=True)
        (folder / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
