"""A feed's shifts are stored, worked out once when it is fetched; before, its text was, and worked out at each use.

The text of before stays where it is: nodes of the version before use it until they are replaced.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = {
    "version": AutoString(length=32), "digest": AutoString(length=64), "read_at": UTCDateTime(),
    "failed_at": UTCDateTime(), "told_at": UTCDateTime(),
}  # fmt: skip


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("feed", sa.Column(name, kind, nullable=True))
    op.add_column("feed", sa.Column("left_out", sa.Text(), server_default="[]", nullable=False))
    op.create_table(
        "feed_shift",
        sa.Column("rotation", AutoString(length=64), nullable=False),
        sa.Column("start_at", UTCDateTime(), nullable=False),
        sa.Column("end_at", UTCDateTime(), nullable=False),
        sa.Column("technician", AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("rotation", "start_at", name="pk_feed_shift"),
    )


def downgrade() -> None:
    op.drop_table("feed_shift")
    for name in ("left_out", *COLUMNS):
        op.drop_column("feed", name)
