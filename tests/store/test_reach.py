"""F60, I27: a node that the carrier does not answer stands back for those that it answers."""

from datetime import timedelta
from pathlib import Path

from callbacks.delivery.outbox_row import Lane, Medium, OutboxKind, OutboxState
from callbacks.engine.context import STANDS_BACK, CarrierHealth
from callbacks.engine.delivery import dispatch
from callbacks.store.rows import OutboxRow
from callbacks.store.sql.database import Database
from callbacks.telephony.gateway import CarrierError
from tests.clock import NIGHT, HandClock
from tests.store.test_checkpoints import Place

SILENT = CarrierError("ConnectError")


def test_two_silences_in_a_row_and_no_answer_between() -> None:
    reach = CarrierHealth()
    reach.failed(SILENT, NIGHT)
    assert not reach.is_standing_back(NIGHT)
    reach.answered()
    reach.failed(SILENT, NIGHT)
    assert not reach.is_standing_back(NIGHT)
    reach.failed(SILENT, NIGHT)
    assert reach.is_standing_back(NIGHT + STANDS_BACK - timedelta(seconds=1))
    assert not reach.is_standing_back(NIGHT + STANDS_BACK)


def test_a_refusal_is_an_answer() -> None:
    for error in (CarrierError("refused", refused=True, code=21610), CarrierError("503", ambiguous=True)):
        reach = CarrierHealth()
        for _ in range(3):
            reach.failed(SILENT, NIGHT)
        reach.failed(error, NIGHT)
        assert not reach.is_standing_back(NIGHT)


class Node(Place):
    """What claiming needs of a context."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, folder)
        self.node, self.lease, self.reach = "mine", timedelta(seconds=6), CarrierHealth()


def bridge(n: int) -> OutboxRow:
    return OutboxRow(
        id=f"{n:032d}", kind=OutboxKind.BRIDGE, channel=Medium.SMS, number="+15145550111", text="x", state=OutboxState.QUEUED,
        due_at=NIGHT, created_at=NIGHT,
    )  # fmt: skip


def claimed(place: Node) -> list[str]:
    return [bundle[0].kind for bundle in dispatch.claim(place, 10, Lane.URGENT)]  # type: ignore[arg-type]


def test_it_claims_nothing_for_the_carrier_while_another_lives(database: Database, tmp_path: Path) -> None:
    """F60."""
    place = Node(database, tmp_path)
    with database.write() as session:
        for n, kind in enumerate((OutboxKind.BRIDGE, OutboxKind.BRIDGE, OutboxKind.ALARM, OutboxKind.ALARM)):
            row = OutboxRow(
                id=f"{n:032d}", kind=kind, channel=Medium.SMS, number="+15145550111", text="x", state=OutboxState.QUEUED, due_at=NIGHT,
                created_at=NIGHT,
            )  # fmt: skip
            session.outbox.put([row])
        session.nodes.start("mine", "", NIGHT)
    place.reach.failed(SILENT, NIGHT)
    place.reach.failed(SILENT, NIGHT)
    with database.write() as session:
        session.nodes.start("other", "", NIGHT)
    assert claimed(place) == ["alarm", "alarm"], "what needs no carrier goes on"
    place.now = NIGHT + timedelta(seconds=7)
    assert claimed(place)[:2] == ["bridge", "bridge"], "nobody else lives any more"


def test_what_the_others_leave_lying_is_tried_one_at_a_time(database: Database, tmp_path: Path) -> None:
    """F25: each node of two that are cut off would wait for the other, long after the carrier is back."""
    place = Node(database, tmp_path)
    with database.write() as session:
        session.outbox.put([bridge(n) for n in range(3)])
        session.nodes.start("mine", "", NIGHT)
        session.nodes.start("other", "", NIGHT)
    place.reach.failed(SILENT, NIGHT)
    place.reach.failed(SILENT, NIGHT)
    place.now = NIGHT + timedelta(seconds=1)
    assert claimed(place) == []
    place.now = NIGHT + timedelta(seconds=2)
    assert claimed(place) == ["bridge"]
    assert claimed(place) == []
    place.now = NIGHT + timedelta(seconds=4)
    assert claimed(place) == ["bridge"]


def test_alone_it_goes_on_trying(database: Database, tmp_path: Path) -> None:
    assert HandClock().now() == NIGHT
    place = Node(database, tmp_path)
    with database.write() as session:
        session.nodes.start("mine", "", NIGHT)
    place.reach.failed(SILENT, NIGHT)
    place.reach.failed(SILENT, NIGHT)
    with database.write() as session:
        session.outbox.put([bridge(0)])
    assert claimed(place) == ["bridge"]
