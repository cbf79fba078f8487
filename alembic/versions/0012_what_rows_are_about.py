"""What queries ask of an outbox row and of a received text stands in columns, not in JSON or at the head of a note.

Nodes of the version before go on writing the payload, the note and the subscription as a person: both are read.
"""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OUTBOX = {
    "about": AutoString(length=48),
    "recording_sid": AutoString(length=34),
    "absent_from": UTCDateTime(),
    "subscription_id": AutoString(length=16),
}
RECEIVED = {"mark": sa.String(length=16), "person": AutoString(length=64)}
MARKS = {"wrong-code": "wrong code ", "odd-word": "word like a code "}
BATCH = 1000

outbox = sa.table(
    "outbox",
    *(sa.column(name, sa.String) for name in ("id", "kind", "channel", "person", "payload", "state")),
    *(sa.column(name, kind) for name, kind in OUTBOX.items()),
)
received = sa.table("received", sa.column("note", sa.String), *(sa.column(n, k) for n, k in RECEIVED.items()))


def upgrade() -> None:
    for table, columns in (("outbox", OUTBOX), ("received", RECEIVED)):
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    of_nobody = outbox.c.kind.in_(("alarm", "fetch", "look-up"))
    op.execute(outbox.update().where(of_nobody).values(channel="https"))
    op.execute(outbox.update().where(outbox.c.kind == "webhook").values(subscription_id=outbox.c.person))
    for mark, words in MARKS.items():
        person = sa.func.substr(received.c.note, len(words) + 1)
        op.execute(received.update().where(received.c.note.startswith(words)).values(mark=mark, person=person))
    _read_payloads()


def _read_payloads() -> None:
    """Of rows that are not settled, and of fetches: the sweep asks which recordings were fetched."""
    connection = op.get_bind()
    asked = outbox.c.state.in_(("queued", "claimed", "ambiguous")) | (outbox.c.kind == "fetch")
    rows = connection.execute(sa.select(outbox.c.id, outbox.c.payload).where(asked)).all()
    found = [
        {
            "row": row_id,
            "about": held.get("about"),
            "recording_sid": held.get("recording_sid"),
            "absent_from": datetime.fromisoformat(held["absent_from"]) if "absent_from" in held else None,
        }
        for row_id, held in ((row_id, json.loads(payload)) for row_id, payload in rows)
    ]
    change = outbox.update().where(outbox.c.id == sa.bindparam("row"))
    change = change.values({name: sa.bindparam(name) for name in ("about", "recording_sid", "absent_from")})
    for start in range(0, len(found), BATCH):
        connection.execute(change, found[start : start + BATCH])


def downgrade() -> None:
    for table, columns in (("outbox", OUTBOX), ("received", RECEIVED)):
        for name in columns:
            op.drop_column(table, name)
