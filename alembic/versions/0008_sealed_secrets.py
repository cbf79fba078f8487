"""Second factors and webhook secrets, sealed: columns beside the plain ones.

The key is no part of the database, so the next start seals what is there. Going down: `callbacks secrets unseal` first.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("totp_sealed", AutoString(length=400), nullable=True))
    op.add_column("subscription", sa.Column("secret_sealed", AutoString(length=400), nullable=True))


def downgrade() -> None:
    op.drop_column("subscription", "secret_sealed")
    op.drop_column("user", "totp_sealed")
