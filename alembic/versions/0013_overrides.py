"""Overrides of the roster are rows.

The text of before keeps them too: nodes of the version before use it until they are replaced. Who added which on the
schedule page, and why, is in the audit log.
"""

import json
import tomllib
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NEWEST = sa.text("SELECT id, text, loaded_at, loaded_by FROM roster ORDER BY id DESC LIMIT 1").columns(
    loaded_at=UTCDateTime()
)
HAS_ROWS = sa.text("UPDATE roster SET has_rows = :yes WHERE id = :id")
ADDED = sa.text(
    "SELECT at, who, details FROM audit WHERE action = 'override.added' AND about = :about ORDER BY id DESC LIMIT 1"
).columns(at=UTCDateTime())


def upgrade() -> None:
    op.add_column("roster", sa.Column("has_rows", sa.Boolean(), nullable=True))
    table = op.create_table(
        "roster_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rotation", AutoString(length=64), nullable=False),
        sa.Column("technician", AutoString(length=64), nullable=False),
        sa.Column("start", sa.DateTime(), nullable=False),
        sa.Column("end", sa.DateTime(), nullable=False),
        sa.Column("in_file", sa.Boolean(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("added_by", AutoString(length=120), nullable=False),
        sa.Column("reason", AutoString(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roster_override"),
    )
    newest = op.get_bind().execute(NEWEST).first()
    if newest:
        for override in tomllib.loads(newest.text.removeprefix("\ufeff")).get("override", []):
            op.get_bind().execute(table.insert(), _row(override, newest))
        op.get_bind().execute(
            sa.text("UPDATE roster SET has_rows = :yes WHERE id = :id"), {"yes": True, "id": newest.id}
        )


def _row(override: dict[str, Any], roster: Any) -> dict[str, Any]:
    start, end = (datetime.fromisoformat(str(override[key])) for key in ("from", "to"))
    about = f"{override['rotation']} {start:%Y-%m-%dT%H:%M} {end:%Y-%m-%dT%H:%M}"
    added = op.get_bind().execute(ADDED, {"about": about}).first()
    return {
        "rotation": override["rotation"],
        "technician": override["technician"],
        "start": start,
        "end": end,
        "in_file": added is None,
        "added_at": added.at if added else roster.loaded_at,
        "added_by": added.who if added else roster.loaded_by,
        "reason": json.loads(added.details)["reason"] if added else "",
    }


def downgrade() -> None:
    op.drop_table("roster_override")
    op.drop_column("roster", "has_rows")
