"""What proves that nothing is missing: a chain over emergencies, a sealed head, and the anchors' lines.

Emergencies that are there already are not chained; the first anchor covers their facts.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MESSAGE = "the chain of openings is append-only"
GENESIS = "0" * 64
POSTGRES = (
    f"""CREATE FUNCTION refuse_opening_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$""",
    """CREATE TRIGGER opening_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON opening
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_opening_change()""",
)
SQLITE = tuple(
    f"CREATE TRIGGER opening_refuses_{verb.lower()} BEFORE {verb} ON opening "
    f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    for verb in ("UPDATE", "DELETE")
)


def upgrade() -> None:
    op.create_table(
        "opening",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("emergency_id", sa.Integer(), nullable=False),
        sa.Column("first_hash", AutoString(length=64), nullable=False),
        sa.Column("head", AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_opening"),
        sa.UniqueConstraint("emergency_id", name="uq_opening_emergency_id"),
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("head", AutoString(length=64), nullable=False),
        sa.Column("anchors", sa.Integer(), nullable=False),
        sa.Column("anchor_head", AutoString(length=64), nullable=False),
        sa.Column("seal", AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_head"),
    )
    op.create_table(
        "anchor",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("head", AutoString(length=64), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_anchor"),
        sa.UniqueConstraint("head", name="uq_anchor_head"),
    )
    op.add_column("emergency", sa.Column("seal", AutoString(length=80), nullable=True))
    op.execute(
        "INSERT INTO ledger_head (id, first_id, last_id, openings, head, anchors, anchor_head, seal) "
        f"SELECT 1, coalesce(max(id), 0) + 1, coalesce(max(id), 0), 0, '{GENESIS}', 0, '{GENESIS}', '' "
        "FROM emergency"
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("emergency", "seal")
    op.drop_table("anchor")
    op.drop_table("ledger_head")
    op.drop_table("opening")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_opening_change()")
