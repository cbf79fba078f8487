"""What the reports of a callback add to the story: both legs, the dial, and the key afterwards."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from callbacks import events as ev
from callbacks import inputs as given
from callbacks.emergency import Emergency

CAPPED = "capped"  # not placed: too many were, in all, within a day
FAILED_CALL = {"busy": "busy", "no-answer": "no-answer", "failed": "failed", "canceled": "cancelled", CAPPED: CAPPED}
REPORTS = {"1": "reached", "2": "no-answer", "3": "left-message"}


def dialled_by_key(e: Emergency, person: str | None, now: datetime) -> str | None:
    """This person's callback that a key on a page call asked for and that never rang: when our answer to the key was
    lost, the same key gets it again. Never one that rings them on a call of its own: there they prove themselves,
    and the customer would be dialled twice."""
    for key, c in e.callbacks.items():
        if c.by == person and c.is_live(now) and not c.rang_at and c.accepted_at == c.requested_at:
            return key
    return None


def technician_leg(e: Emergency, said: given.TechnicianLeg, now: datetime) -> list[ev.Event]:
    callback = e.callbacks.get(said.callback)
    if callback is None or callback.ended_at:
        return []
    if said.status == "in-progress":
        return [] if callback.answered_at else [ev.TechnicianAnswered(at=said.at, callback=said.callback)]
    over = said.status in ("completed", *FAILED_CALL)
    if not over or callback.accepted_at:
        return []
    why = "no-key" if said.status == "completed" else FAILED_CALL.get(said.status, said.status)
    return [ev.TechnicianMissed(at=said.at, callback=said.callback, why=why)]


def technician_key(e: Emergency, said: given.TechnicianKey, now: datetime) -> list[ev.Event]:
    callback = e.callbacks.get(said.callback)
    if callback is None or callback.accepted_at or callback.ended_at:
        return []
    if said.key == "1":
        return [ev.TechnicianAccepted(at=said.at, callback=said.callback)]
    return [ev.TechnicianMissed(at=said.at, callback=said.callback, why="no-key")]


def customer_leg(e: Emergency, said: given.CustomerLeg, now: datetime) -> list[ev.Event]:
    callback, key = e.callbacks.get(said.callback), said.callback
    if callback is None:
        return []
    if said.status == "ringing" and callback.rang_at is None:
        return [ev.CustomerRang(at=said.at, callback=key)]
    if said.status == "in-progress" and callback.joined_at is None:
        return [ev.CustomerAnswered(at=said.at, callback=key)]
    if said.status in ("completed", *FAILED_CALL) and callback.leg is None:
        return [ev.CustomerLegEnded(at=said.at, callback=key, status=said.status, seconds=said.seconds)]
    return []


def customer_detected(e: Emergency, said: given.CustomerDetected, now: datetime) -> list[ev.Event]:
    callback = e.callbacks.get(said.callback)
    if callback is None or callback.answered_by:
        return []
    return [ev.CustomerJudged(at=said.at, callback=said.callback, answered_by=said.answered_by)]


def dial_over(e: Emergency, said: given.DialOver, now: datetime) -> list[ev.Event]:
    callback = e.callbacks.get(said.callback)
    if callback is None or callback.dial:
        return []
    ended = ev.BridgeEnded(
        at=said.at, callback=said.callback, status=said.status, bridged=said.bridged, talk_seconds=said.seconds
    )
    return [ended]


def after_call_key(e: Emergency, said: given.AfterCallKey, now: datetime) -> list[ev.Event]:
    callback, result = e.callbacks.get(said.callback), REPORTS.get(said.key)
    if callback is None or result is None or callback.reported == result:
        return []
    return [ev.CallbackReported(at=said.at, callback=said.callback, result=result)]


ABOUT_CALLBACKS: dict[type[given.Input], Callable[[Emergency, Any, datetime], list[ev.Event]]] = {
    given.TechnicianLeg: technician_leg,
    given.TechnicianKey: technician_key,
    given.CustomerLeg: customer_leg,
    given.CustomerDetected: customer_detected,
    given.DialOver: dial_over,
    given.AfterCallKey: after_call_key,
}
