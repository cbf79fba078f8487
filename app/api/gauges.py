"""What Prometheus reads of the house: counted when it asks, from the same rows that the auditor looks at."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func
from sqlmodel import Session, col, select

from app.deps import Runtime
from callbacks.engine.jobs.audit import violations
from callbacks.engine.reconcile.reconcile import NAME as SWEEP
from callbacks.store import audits as ask
from callbacks.store import nodes
from callbacks.store.tables import EmergencyRow

DAY = timedelta(days=1)


class House(Collector):
    """The live rows as gauges. A database that does not answer is told as `callbacks_up 0`, never as silence."""

    def __init__(self, here: Runtime) -> None:
        self._here = here

    def collect(self) -> Iterator[Metric]:
        try:
            with self._here.world.database.read() as session:
                found = list(self._gauges(session))
            up = 1.0
        except Exception:
            found, up = [], 0.0
        yield _one("callbacks_up", "1 while the database answers", up)
        yield from found

    def _gauges(self, session: Session) -> Iterator[Metric]:
        now = self._here.world.clock.now()
        broken = {v.slug for v in violations(session, now)}
        yield _one("callbacks_audit_violations", "What the auditor finds wrong now", len(broken))
        yield _one(
            "callbacks_outbox_oldest_due_seconds", "How long the oldest due row waits", ask.outbox_age(session, now)
        )
        beat, (ran_at, _) = nodes.last_beat(session), ask.last_sweep(session, SWEEP)
        for name, at in (("engine_beat", beat), ("sweep", ran_at)):
            age = (now - at).total_seconds() if at else float("inf")
            yield _one(f"callbacks_{name}_age_seconds", "Since the last one; infinite when there was none", age)
        yield _by_state(session)
        waiting, at_risk = _waiting(session, now, self._here.world.policy.promise.at_risk_before)
        yield _one("callbacks_unacknowledged_emergencies", "Open ones that nobody has", waiting)
        yield _one("callbacks_at_risk_emergencies", "Open ones close to their deadline with nothing tried", at_risk)
        yield _outcomes(session, now)


def _by_state(session: Session) -> Metric:
    family = GaugeMetricFamily(
        "callbacks_open_emergencies", "Open emergencies, drills apart", labels=["state", "outcome"]
    )
    query = select(EmergencyRow.state, EmergencyRow.outcome, func.count()).where(
        col(EmergencyRow.is_open) & col(EmergencyRow.drill).is_(False)
    )
    for state, outcome, n in session.exec(query.group_by(col(EmergencyRow.state), col(EmergencyRow.outcome))):
        family.add_metric([state, outcome], n)
    return family


def _waiting(session: Session, now: datetime, at_risk_before: timedelta) -> tuple[int, int]:
    """How many nobody has, and how many are at risk."""
    live = col(EmergencyRow.is_open) & col(EmergencyRow.drill).is_(False) & col(EmergencyRow.contact_at).is_(None)
    nobodys = live & col(EmergencyRow.acknowledged_by).is_(None)
    close = live & col(EmergencyRow.first_attempt_at).is_(None) & (col(EmergencyRow.due_at) <= now + at_risk_before)
    count = select(func.count()).select_from(EmergencyRow)
    return session.exec(count.where(nobodys)).one(), session.exec(count.where(close)).one()


def _outcomes(session: Session, now: datetime) -> Metric:
    """Of the deadlines of the last day: by index, whatever the table holds."""
    family = GaugeMetricFamily(
        "callbacks_promises_last_day", "Promises whose deadline was in the last 24 h, drills apart", labels=["outcome"]
    )
    past = (col(EmergencyRow.due_at) > now - DAY) & (col(EmergencyRow.due_at) <= now)
    query = select(EmergencyRow.outcome, func.count()).where(past & col(EmergencyRow.drill).is_(False))
    for outcome, n in session.exec(query.group_by(col(EmergencyRow.outcome))):
        family.add_metric([outcome], n)
    return family


def _one(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)
