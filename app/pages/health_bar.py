"""Is the house itself awake? The corner of the board, and a loud bar when it is not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from app.deps import Runtime
from callbacks.engine.jobs.audit import webhooks
from callbacks.engine.reconcile.reconcile import NAME as SWEEP
from callbacks.lib.sentence import Sentence, sentence
from callbacks.oncall.coverage import Duty, uncovered
from callbacks.store import nodes
from callbacks.store.tables import SweepRow

BEAT_LATE, SWEEP_LATE = timedelta(seconds=15), timedelta(seconds=120)
NOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pulse:
    """`beat` and `swept`: the last sign of life and the last comparison that succeeded; `alarms` what is wrong."""

    beat: datetime | None
    swept: datetime | None
    alarms: tuple[Sentence, ...]


def look(session: Session, here: Runtime, duty: Duty, now: datetime) -> Pulse:
    """As the database has it now."""
    beat = nodes.last_beat(session)
    row = session.get(SweepRow, SWEEP)
    swept = row.ran_at if row and not row.error else row.succeeded_through if row else None
    return Pulse(beat, swept, (*_machine(beat, swept, row, now), *_carrier(session, now), *_people(here, duty, now)))


def _machine(beat: datetime | None, swept: datetime | None, row: SweepRow | None, now: datetime) -> list[Sentence]:
    found = []
    if beat is None or now - beat > BEAT_LATE:
        found.append(sentence("No engine gives a sign of life: nobody is paged. Run: callbacks serve"))
    if beat and (swept is None or now - swept > SWEEP_LATE):
        why = row.error if row and row.error else "-"
        lost = "Lost calls are not looked for (%(why)s): the carrier's lists cannot be read. Run: callbacks doctor"
        found.append(sentence(lost, why=why))
    return found


def _carrier(session: Session, now: datetime) -> list[Sentence]:
    said = {
        "audit-token": "Twilio refuses our auth token: its calls and replies are refused. Run: callbacks doctor",
        "audit-refused": "Twilio's requests are refused: replies to pages are lost. Run: callbacks doctor",
    }
    return [sentence(said[v.slug]) for v in webhooks(session, now)]


def _people(here: Runtime, duty: Duty, now: datetime) -> list[Sentence]:
    if not duty.roster.people:
        return [sentence("The roster is empty: there is nobody to page. Run: callbacks roster load FILE")]
    gaps = uncovered(here.world.policy, duty, now, now + NOW)
    return [sentence("Nobody is on call for %(rotation)s now.", rotation=gap.rotation) for gap in gaps]
