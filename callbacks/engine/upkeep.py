"""Summaries of an older version are made anew from their ledgers, a batch at a time, beside the work.

- Only what a summary says is written: never when it wakes, nor who works on it.
- The verdict is the one of the last fact's time, as every summary's is; a deadline since is the timer's to pass.
- Cheap when there is nothing to do: it goes on where it stopped, so that old rows are looked through once a start.
"""

import structlog
from sqlmodel import col, select

from callbacks.engine import summary
from callbacks.engine.figures import Story, folded
from callbacks.engine.world import World
from callbacks.store.database import with_retries
from callbacks.store.tables import EmergencyRow

log = structlog.get_logger()
BATCH, MOST_BATCHES = 200, 20


class Upkeep:
    """One per node; `look` is called again and again from one thread."""

    def __init__(self, world: World) -> None:
        self._world, self._through = world, 0

    def look(self) -> int:
        """Up to MOST_BATCHES batches; how many summaries were made anew."""
        done = 0
        for _ in range(MOST_BATCHES):
            ids = self._outdated()
            if not ids:
                break
            done += self._renew(ids)
            self._through = ids[-1]
        if done:
            log.info("summaries.renewed", n=done, through=self._through)
        return done

    def _outdated(self) -> list[int]:
        """The next ones; when there are none, the place to go on from is the end."""
        with self._world.database.read() as session:
            newest = session.exec(select(EmergencyRow.id).order_by(col(EmergencyRow.id).desc()).limit(1)).first()
            if newest is None or newest <= self._through:
                return []
            old = (col(EmergencyRow.id) > self._through) & (col(EmergencyRow.version) < summary.VERSION)
            query = select(EmergencyRow.id).where(old).order_by(col(EmergencyRow.id)).limit(BATCH)
            found = [emergency_id for emergency_id in session.exec(query) if emergency_id is not None]
            if not found:
                self._through = newest
            return found

    def _renew(self, ids: list[int]) -> int:
        """Folded first, with no transaction of ours in anybody's way. What moved on meanwhile, or what another writer
        holds, is left: the next fact writes it anew."""
        with self._world.database.read() as session:
            stories = folded(session, ids)
        return with_retries(lambda: self._write(stories))

    def _write(self, stories: dict[int, Story]) -> int:
        done = 0
        with self._world.database.write() as session:
            query = select(EmergencyRow).where(col(EmergencyRow.id).in_(list(stories)))
            for row in session.exec(query.with_for_update(skip_locked=True)):
                e, last = stories[row.id or 0]
                if row.last_seq == last.seq and row.version < summary.VERSION:
                    summary.refresh(row, e, last.recorded_at)
                    row.last_kind, row.last_at = last.kind, last.at
                    done += 1
        return done
