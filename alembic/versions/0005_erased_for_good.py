"""What is erased is erased to the end: whose audio is left, what the carrier kept, and which rows hold words.

Indexes of the rows that still hold words: looking for old ones led past everything that was ever emptied.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PARTIAL = {
    "ix_outbox_words": ("outbox", "created_at", "number IS NOT NULL OR text IS NOT NULL"),
    "ix_carrier_words": ("carrier", "updated_at", "to_number <> ''"),
    "ix_received_words": ("received", "at", "form <> '[]'"),
    "ix_received_emergency_id": ("received", "emergency_id", "emergency_id IS NOT NULL"),
}


def _index(name: str, table: str, column: str, sqlite: str, postgres: str = "") -> None:
    op.create_index(name, table, [column], sqlite_where=sa.text(sqlite), postgresql_where=sa.text(postgres or sqlite))


def upgrade() -> None:
    op.create_table(
        "kept",
        sa.Column("sid", AutoString(length=34), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name="pk_kept"),
    )
    op.add_column("emergency", sa.Column("audio_kept", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index("ix_emergency_audio", "emergency")
    _index("ix_emergency_audio_kept", "emergency", "opened_at", "audio_kept = 1", "audio_kept")
    for name, (table, column, where) in PARTIAL.items():
        _index(name, table, column, where)


def downgrade() -> None:
    for name, (table, _, _) in PARTIAL.items():
        op.drop_index(name, table)
    op.drop_index("ix_emergency_audio_kept", "emergency")
    _index("ix_emergency_audio", "emergency", "opened_at", "recording_sid IS NOT NULL")
    op.drop_column("emergency", "audio_kept")
    op.drop_table("kept")
