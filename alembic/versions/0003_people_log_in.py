"""People who log in, what they do, links in pages, webhooks, and the columns that figures are counted by.

Columns are added and dropped without making the table anew: the ledger refers to it.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("key", AutoString(length=64), nullable=False),
        sa.Column("request", AutoString(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answer")),
    )
    with op.batch_alter_table("answer") as table:
        table.create_index(table.f("ix_answer_at"), ["at"], unique=False)

    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("who", AutoString(length=120), nullable=False),
        sa.Column("via", AutoString(length=16), nullable=False),
        sa.Column("action", AutoString(length=48), nullable=False),
        sa.Column("about", AutoString(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit") as table:
        table.create_index(table.f("ix_audit_action"), ["action"], unique=False)
        table.create_index(table.f("ix_audit_at"), ["at"], unique=False)

    op.create_table(
        "examination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("who", AutoString(length=120), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examination")),
    )
    op.create_table(
        "policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", AutoString(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
    )
    op.create_table(
        "rate",
        sa.Column("key", AutoString(length=80), nullable=False),
        sa.Column("window_at", UTCDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate")),
    )
    op.create_table(
        "strike",
        sa.Column("key", AutoString(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("wait_until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_strike")),
    )
    op.create_table(
        "subscription",
        sa.Column("id", AutoString(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", AutoString(length=80), nullable=False),
        sa.Column("events", AutoString(length=200), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", AutoString(length=120), nullable=False),
        sa.Column("disabled_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", AutoString(length=254), nullable=False),
        sa.Column("role", AutoString(length=16), nullable=False),
        sa.Column("person", AutoString(length=64), nullable=True),
        sa.Column("language", AutoString(length=2), nullable=True),
        sa.Column("password", AutoString(length=200), nullable=True),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", AutoString(length=64), nullable=True),
        sa.Column("totp_since", UTCDateTime(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        sa.Column("sso_subject", AutoString(length=255), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", AutoString(length=120), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.Column("disabled_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("sso_subject", name=op.f("uq_user_sso_subject")),
    )
    op.create_table(
        "door",
        sa.Column("digest", AutoString(length=64), nullable=False),
        sa.Column("emergency_id", sa.Integer(), nullable=False),
        sa.Column("person", AutoString(length=64), nullable=False),
        sa.Column("outbox_id", AutoString(length=32), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["emergency_id"], ["emergency.id"], name=op.f("fk_door_emergency_id_emergency")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_door")),
    )
    with op.batch_alter_table("door") as table:
        table.create_index(table.f("ix_door_emergency_id"), ["emergency_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("digest", AutoString(length=64), nullable=False),
        sa.Column("id", AutoString(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("agent", AutoString(length=200), nullable=False),
        sa.Column("address", AutoString(length=64), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_session_user_id_user")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
        sa.UniqueConstraint("id", name=op.f("uq_session_id")),
    )
    with op.batch_alter_table("session") as table:
        table.create_index(table.f("ix_session_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("emergency") as table:
        table.add_column(sa.Column("first_priority", AutoString(length=4), nullable=True))
        table.add_column(sa.Column("clock_started_at", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("first_acknowledged_at", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("first_attempt_at", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("contact_by", AutoString(length=64), nullable=True))
        table.add_column(sa.Column("withdrawn_at", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("resolve_due_at", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("resolved_how", AutoString(length=16), nullable=True))
        table.add_column(sa.Column("coverage", AutoString(length=16), nullable=True))
        table.add_column(sa.Column("excluded_why", AutoString(length=200), nullable=True))
        table.add_column(sa.Column("last_kind", AutoString(length=48), nullable=True))
        table.add_column(sa.Column("last_at", UTCDateTime(), nullable=True))
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        table.create_index("ix_emergency_call_started_at", ["call_started_at"], unique=False)
        table.create_index(
            "ix_emergency_drill", ["opened_at"], unique=False,
            sqlite_where=sa.text("drill = 1"), postgresql_where=sa.text("drill"),
        )  # fmt: skip

    with op.batch_alter_table("outbox") as table:
        table.create_index("ix_outbox_kind_created_at", ["kind", "created_at"], unique=False)

    with op.batch_alter_table("token") as table:
        table.add_column(sa.Column("name", AutoString(length=64), nullable=False, server_default=""))
        table.add_column(sa.Column("person", AutoString(length=64), nullable=True))
        table.add_column(sa.Column("created_by", AutoString(length=120), nullable=False, server_default=""))
        table.add_column(sa.Column("used_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("token", "used_at")
    op.drop_column("token", "created_by")
    op.drop_column("token", "person")
    op.drop_column("token", "name")

    op.drop_index("ix_outbox_kind_created_at")
    op.drop_index("ix_emergency_drill")
    op.drop_index("ix_emergency_call_started_at")
    op.drop_column("emergency", "version")
    op.drop_column("emergency", "last_at")
    op.drop_column("emergency", "last_kind")
    op.drop_column("emergency", "excluded_why")
    op.drop_column("emergency", "coverage")
    op.drop_column("emergency", "resolved_how")
    op.drop_column("emergency", "resolve_due_at")
    op.drop_column("emergency", "withdrawn_at")
    op.drop_column("emergency", "contact_by")
    op.drop_column("emergency", "first_attempt_at")
    op.drop_column("emergency", "first_acknowledged_at")
    op.drop_column("emergency", "clock_started_at")
    op.drop_column("emergency", "first_priority")

    op.drop_index(op.f("ix_session_user_id"))

    op.drop_table("session")
    op.drop_index(op.f("ix_door_emergency_id"))

    op.drop_table("door")
    op.drop_table("user")
    op.drop_table("subscription")
    op.drop_table("strike")
    op.drop_table("rate")
    op.drop_table("policy")
    op.drop_table("examination")
    op.drop_index(op.f("ix_audit_at"))
    op.drop_index(op.f("ix_audit_action"))

    op.drop_table("audit")
    op.drop_index(op.f("ix_answer_at"))

    op.drop_table("answer")
