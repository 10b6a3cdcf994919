"""Runs the migrations inside the application's own engine, one process at a time."""

from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from chatapp import models, schema  # noqa: F401  The models fill the metadata.
from chatapp.database import lift_limits
from chatapp.extensions import db
from chatapp.models.columns import Instant

# An arbitrary number that all our processes share: PostgreSQL's lock for "migrating".
ADVISORY_LOCK = 7_246_711


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index is made by hand in its migration; models do not know it."""
    return not (kind == "table" and name is not None and name.startswith("message_search"))


def render_type(kind: str, column_type: object, _context: object) -> str | Literal[False]:
    """Migrations stand by themselves: our own column type is written as what it stores."""
    if kind == "type" and isinstance(column_type, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def take_turn(connection: Connection) -> None:
    """Two processes that upgrade at once do so one after the other."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA busy_timeout = 30000")
        # A table is changed by copying it and dropping the old one, to which others point. Within a
        # transaction this would have no effect.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        lift_limits(connection)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")


def orphans(connection: Connection) -> Counter[str]:
    """How many rows of each table point to nothing: SQLite does not watch over it meanwhile."""
    if connection.dialect.name != "sqlite":
        return Counter()
    return Counter(row.table for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))


def migrate(connection: Connection) -> None:
    """Run what is asked for. What has pointed to nothing before is none of its business."""
    heads = context.get_context().get_current_heads()
    is_newest = {*heads} == {*context.script.get_heads()}
    before = Counter() if is_newest else orphans(connection)
    try:
        context.run_migrations()
    except CommandError as error:
        # Alembic only says that it cannot locate it.
        if unknown := [head for head in heads if not schema.is_known(head)]:
            raise CommandError(f"The database {schema.of_later(unknown[0])}") from error
        raise
    if not is_newest and (more := orphans(connection) - before):
        raise CommandError(
            f"The migration would leave {', '.join(sorted(more))} pointing to nothing."
        )


def watch_again(connection: Connection) -> None:
    """As the application has it, where the connection is one of its own."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def given_connection() -> AbstractContextManager[Connection]:
    """The one that the caller wants upgraded (a backup), else one of the application's."""
    connection = context.config.attributes.get("connection")
    return nullcontext(connection) if connection is not None else db.engine.connect()


def run() -> None:
    with given_connection() as connection:
        take_turn(connection)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_name=is_ours,
            render_item=render_type,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            migrate(connection)
        connection.commit()
        watch_again(connection)


try:
    run()
except DBAPIError as error:
    # For whoever types the command: one line. A backup that is restored tells it by itself.
    if "connection" in context.config.attributes:
        raise
    raise CommandError(f"The database says: {error.orig}") from error
