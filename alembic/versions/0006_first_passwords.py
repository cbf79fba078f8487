"""Since when a user has their password: a first one ends after three days.

Empty for those from before: then the account's age counts.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("password_since", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("user", "password_since")
