"""Callers: an address book, what an inbound call chose, and texts that customers refuse."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("number", AutoString(length=32), nullable=False),
        sa.Column("name", AutoString(length=120), nullable=True),
        sa.Column("company", AutoString(length=120), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("language", AutoString(length=2), nullable=True),
        sa.Column("blocked_at", UTCDateTime(), nullable=True),
        sa.Column("blocked_by", AutoString(length=64), nullable=True),
        sa.Column("blocked_why", AutoString(length=200), nullable=True),
        sa.Column("sms_dead_at", UTCDateTime(), nullable=True),
        sa.Column("sms_dead_why", AutoString(length=64), nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_customer")),
    )
    with op.batch_alter_table("carrier") as carrier:
        carrier.add_column(sa.Column("language", AutoString(length=2), nullable=True))
        carrier.add_column(sa.Column("choice", AutoString(length=16), nullable=True))
        carrier.create_index(op.f("ix_carrier_from_number"), ["from_number"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("carrier") as carrier:
        carrier.drop_index(op.f("ix_carrier_from_number"))
        carrier.drop_column("choice")
        carrier.drop_column("language")
    op.drop_table("customer")
