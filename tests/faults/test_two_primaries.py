"""A standby is promoted while its primary lives: two databases take writes, a node works on each, one carrier serves both."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.cluster import Cluster
from tests.faults.desk import Desk, eventually
from tests.faults.second_node import SecondNode

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
AT_ONCE, BY_SWEEP, BY_ALARM = 5.0, 120.0, 240.0
STRANGERS = "SELECT count(*) FROM outbox WHERE number IS NOT NULL AND state = 'sent' AND text LIKE '%not ours%'"


@dataclass
class Split:
    """`near` is the database behind the number's address, `far` the one that no webhook reaches."""

    near: Cluster
    far: Cluster
    desk: Desk
    other: SecondNode

    def both(self, column: str) -> list[Any]:
        """A column of the emergencies on either side."""
        return [side.execute(f"SELECT {column} FROM emergency ORDER BY id") for side in (self.near, self.far)]

    def is_told(self) -> bool:
        """Whether each side has told a supervisor of the other's texts."""
        return all(side.execute(STRANGERS) != [(0,)] for side in (self.near, self.far))


@pytest.fixture
def split(tmp_path: Path) -> Iterator[Split]:
    near = Cluster.begin()
    desk = Desk(near.database_url, tmp_path)
    desk.start()
    far = near.standby()
    far.promote()
    other = SecondNode(desk, CALLBACKS_DATABASE_URL=far.database_url, CALLBACKS_DATA_DIR=str(tmp_path / "far"))
    yield Split(near, far, desk, other)
    other.close()
    desk.close()
    far.stop()
    near.stop()


def test_each_side_pages_everybody_and_tells_of_the_other(split: Split) -> None:
    """F68, I1, I13: duplicates yes, losses no. The side that the webhook reaches pages at once; the other finds the call in
    the carrier's records within two minutes and pages too, so somebody gets one page from each side. Whoever acknowledges is
    known on both: where the text's webhook does not come, the sweep finds it. What the other side sent is not in one's own
    rows, and supervisors hear of that from both sides within four minutes. Each side's ledgers verify; they are never merged."""
    desk = split.desk
    sid = desk.leave_message()
    left = time.monotonic()
    page = eventually(desk.paged, AT_ONCE)[0]
    eventually(lambda: split.both("source_key") == [[(sid,)], [(sid,)]], BY_SWEEP)
    assert split.both("found_by") == [[("webhook",)], [("sweep",)]]
    eventually(lambda: len(desk.paged()) == 2, AT_ONCE)
    assert {m.to_number for m in desk.paged()} == {page.to_number}
    desk.carrier.post("/sandbox/api/messages", json={"from": page.to_number, "body": "1"}).raise_for_status()
    eventually(lambda: all(side != [(None,)] for side in split.both("acknowledged_by")), BY_SWEEP)
    eventually(split.is_told, BY_ALARM - (time.monotonic() - left))
    desk.command("verify")
    split.other.command("verify")
