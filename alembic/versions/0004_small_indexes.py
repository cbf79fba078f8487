"""Indexes for what is asked at every tick: what is due, what is claimed, what was sent to whom, what is open.

One that begins with the state holds few rows that wait, however many were sent; one alone on the state or the person
led through all that were sent over the years.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEW = {
    "ix_outbox_state_due_at": ("outbox", ["state", "due_at"]),
    "ix_outbox_state_lease_until": ("outbox", ["state", "lease_until"]),
    "ix_outbox_person_sent_at": ("outbox", ["person", "sent_at"]),
    "ix_emergency_is_open_due_at": ("emergency", ["is_open", "due_at"]),
    "ix_ledger_recorded_at": ("ledger", ["recorded_at"]),
}
OLD = {
    "ix_outbox_state": ("outbox", ["state"]),
    "ix_outbox_person": ("outbox", ["person"]),
    "ix_emergency_is_open": ("emergency", ["is_open"]),
}
PARTIAL = {
    "ix_emergency_lease_until": ("lease_until", sa.text("lease_until IS NOT NULL")),
    "ix_emergency_audio": ("opened_at", sa.text("recording_sid IS NOT NULL")),
}


def upgrade() -> None:
    for name, (table, columns) in NEW.items():
        op.create_index(name, table, columns)
    for name, (column, where) in PARTIAL.items():
        op.create_index(name, "emergency", [column], sqlite_where=where, postgresql_where=where)
    for name, (table, _) in OLD.items():
        op.drop_index(name, table)


def downgrade() -> None:
    for name, (table, columns) in OLD.items():
        op.create_index(name, table, columns)
    for name in PARTIAL:
        op.drop_index(name, "emergency")
    for name, (table, _) in NEW.items():
        op.drop_index(name, table)
