"""What came with a text is deleted at the carrier by two SIDs; the second is the text's."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("kept", sa.Column("message_sid", AutoString(length=34), nullable=True))


def downgrade() -> None:
    op.drop_column("kept", "message_sid")
