"""How many texts in a row did not reach a person's phone."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("unreachable_texts", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("person", "unreachable_texts")
