"""Wakes the emergencies whose time has come, as `engine/watch.py` does; a poison one is put off and told."""

from datetime import datetime
from functools import partial

from callbacks.delivery import delivery_policy
from callbacks.delivery.delivery_policy import LEASE
from callbacks.emergency.inputs import TimePassed
from callbacks.messages import wording
from callbacks.messages.effects import Effect, text_effect
from callbacks.simulation import door
from callbacks.simulation.nodes import Node, Step
from callbacks.simulation.store import Row, Transaction
from callbacks.simulation.world import World

BATCH = 50


class Waker:
    """Claims due emergencies and passes time on them, for any node."""

    def __init__(self, world: World) -> None:
        self.world = world

    def work(self, node: Node) -> None:
        now = node.now()
        for row in self.world.store.emergencies.values():
            if _is_due(row, now):
                return node.transact(self._claim(node), partial(self._work_on_all, node))
        return None

    def _claim(self, node: Node) -> Step:
        def step(tx: Transaction, now: datetime) -> list[tuple[int, int]]:
            due = sorted((r for r in self.world.store.emergencies.values() if _is_due(r, now)), key=_order)
            claimed = []
            for found in due[:BATCH]:
                row = tx.row(found.id)
                assert row is not None
                self.world.watch.woken(node, row, now)
                row.owner, row.lease_until, row.fence = node.name, now + LEASE, row.fence + 1
                claimed.append((row.id, row.fence))
            return claimed

        return step

    def _work_on_all(self, node: Node, claimed: list[tuple[int, int]]) -> None:
        for id, fence in claimed:
            broken = partial(node.transact, partial(self._put_off, id, fence))
            node.transact(partial(self._pass_time, id, fence), None, broken)

    def _pass_time(self, id: int, fence: int, tx: Transaction, now: datetime) -> None:
        row = tx.row(id)
        if row is None or row.fence != fence:
            return self.world.watch.sometimes("stale wake refused")
        door.take_in(self.world, tx, row, TimePassed(at=now), now)
        row.owner, row.lease_until, row.failures, row.claims = None, None, 0, 0
        return None

    def _put_off(self, id: int, fence: int, tx: Transaction, now: datetime) -> None:
        row = tx.row(id)
        if row is None or row.fence != fence:
            return
        row.failures += 1
        row.owner, row.lease_until, row.wake_at, row.claims = None, None, now + delivery_policy.PAUSE, 0
        if self.world.rules.alarms_at(row.failures):
            self.world.watch.sometimes("poison told")
            words = wording.general("poison", "en", ref=f"E-{id:06d}")
            told = [text_effect(s, words) for s in self.world.duty(tx).supervisors if "sms" in s.channels]
            door.put_effects(
                self.world, tx, None, [*told, Effect("alarm", text=words, payload={"about": "poison"})], now
            )


def _is_due(row: Row, now: datetime) -> bool:
    if row.wake_at is None or row.wake_at > now:
        return False
    return row.lease_until is None or row.lease_until <= now


def _order(row: Row) -> tuple[datetime, int]:
    assert row.due_at is not None
    return row.due_at, row.id
