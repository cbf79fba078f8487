"""Migrations run over a connection that the caller opened (`callbacks migrate`, the tests) or, from the
`alembic` command, over CALLBACKS_DATABASE_URL."""

import os

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

from callbacks.store.sql import tables  # noqa: F401  fills the metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.get_x_argument(as_dictionary=True).get("url") or os.environ.get("CALLBACKS_DATABASE_URL")
    with create_engine(url or "sqlite:///var/callbacks.db").begin() as opened:
        run(opened)
