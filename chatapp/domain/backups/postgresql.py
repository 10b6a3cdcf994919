"""PostgreSQL: every row as of one moment, out into a SQLite file, and back.

Rows, not `pg_dump`: the file depends on no version of a server or a tool, and it is the same file
that SQLite's backups are.
"""

import time
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, text

from chatapp import schema
from chatapp.database import APPLICATION, lift_limits
from chatapp.domain import search_entries
from chatapp.domain.backups import files
from chatapp.domain.backups.files import BackupError, InUseError, Progress
from chatapp.extensions import db
from chatapp.models import tables

ROWS_AT_ONCE = 500
# The server lists a connection until the process behind it is gone, which is after it was closed.
LEAVING_SECONDS, PAUSE_SECONDS = 3.0, 0.05

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND application_name = :application"
)
_NEXT_ID = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")


def is_open() -> bool:
    """Whether another of our processes has a connection to the database, and keeps it."""
    deadline = time.monotonic() + LEAVING_SECONDS
    while _another_is_listed():
        if time.monotonic() > deadline:
            return True
        time.sleep(PAUSE_SECONDS)
    return False


def copy_out(draft: Path, progress: Progress) -> None:
    """Copy the database as it is at this moment. Others go on reading and writing meanwhile."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    files.upgrade(draft)
    with db.engine.connect() as unbound, files.opened(draft) as engine:
        source = unbound.execution_options(**options)
        # It stays open while the copy gets its index.
        lift_limits(source)
        _require_newest(source)
        with engine.begin() as target:
            # SQLite's connections begin nothing by themselves: each row would wait for the disk.
            target.exec_driver_sql("BEGIN")
            _copy_rows(source, target, progress)
            search_entries.rebuild(target)


def replace_with(prepared: Path, kept: Path, progress: Progress) -> Path | None:
    """Put these rows in place of all there are; returns where those are kept, if there were any.

    Whoever looks meanwhile sees the old ones, until all are replaced at once. Raises `InUseError`,
    and replaces nothing, when a server has been started since the caller looked; `BackupError`
    where a later version has made the schema.
    """
    _require_known()
    with db.engine.connect() as connection:
        schema.upgrade(connection)
    is_used = _is_used()
    if is_used:
        with files.draft_beside(kept) as draft:
            copy_out(draft, progress)
            files.seal(draft)
            files.settle(draft, kept)
    with files.opened(prepared) as engine, engine.connect() as source, db.engine.begin() as target:
        lift_limits(target)
        _empty(target)
        # The tables are locked from here on: whoever comes now reads nothing before the new rows.
        # Our pool does not count, as each step has given back the one connection we hold.
        if _has_others(target):
            raise InUseError
        _copy_rows(source, target, progress)
        search_entries.rebuild(target)
        _continue_ids(target)
    return kept if is_used else None


def _another_is_listed() -> bool:
    # Within a transaction the list stays what it was.
    with db.engine.connect() as connection:
        return _has_others(connection)


def _has_others(connection: Connection) -> bool:
    return bool(connection.execute(_OTHERS, {"application": APPLICATION}).scalar_one())


def _require_known() -> None:
    with db.engine.connect() as connection:
        present = schema.revision(connection)
    if present and not schema.is_known(present):
        raise BackupError(
            f"The database has the schema of a later version of chatapp ({present}), which this one"
            " does not know. Name a new, empty database in DATABASE_URL, and restore into that."
        )


def _require_newest(connection: Connection) -> None:
    if schema.revision(connection) != schema.newest():
        raise BackupError(
            "The database has the schema of another version of chatapp. Make the backup with"
            " that version, or run `flask db upgrade` first."
        )


def _copy_rows(source: Connection, target: Connection, progress: Progress) -> None:
    """Every table, parents first."""
    everything = db.metadata.sorted_tables
    counts = [select(func.count()).select_from(table) for table in everything]
    done, total = 0, sum(source.execute(count).scalar_one() for count in counts)
    for table in everything:
        rows = select(table).order_by(*table.primary_key).execution_options(yield_per=ROWS_AT_ONCE)
        for part in source.execute(rows).mappings().partitions():
            target.execute(insert(table), [dict(row) for row in part])
            done += len(part)
            progress(done, total)


def _is_used() -> bool:
    with db.engine.connect() as connection:
        return connection.execute(select(tables.workspace)).first() is not None


def _empty(connection: Connection) -> None:
    names = ", ".join(table.name for table in db.metadata.sorted_tables)
    connection.execute(text(f"TRUNCATE message_search, {names}"))


def _continue_ids(connection: Connection) -> None:
    """New rows take the numbers after those that came."""
    for table in db.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        last = connection.execute(select(func.max(column))).scalar_one()
        if last is not None:
            values = {"table": table.name, "column": column.name, "last": last}
            connection.execute(_NEXT_ID, values)
