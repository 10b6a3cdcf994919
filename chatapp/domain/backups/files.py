"""A backup as a file: made as a draft, checked, and only then given its name."""

import errno
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Engine,
    Select,
    Table,
    create_engine,
    delete,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from chatapp import schema
from chatapp.database import NO_TABLES, engine_options, is_damaged, lacks_tables
from chatapp.domain.errors import DomainError
from chatapp.models import tables

# A copy that is being made is written to all the time.
ABANDONED_SECONDS = 3600
# Of any backup, and what SQLite may have put beside one.
DRAFT = ".*.draft-" + "[0-9a-f]" * 8
DRAFTS = (DRAFT, f"{DRAFT}-*")

# Called with how much is done and how much there is, in whatever the step counts.
Progress = Callable[[int, int], None]


class BackupError(DomainError):
    """The backup could not be made or restored; the database is what it was."""


class InUseError(BackupError):
    """Somebody has the database open, who would go on with what they remember."""

    def __init__(self) -> None:
        super().__init__(
            "A server (or another program) has the database open. Stop it, then restore."
        )


class Contents(NamedTuple):
    """What a backup holds, to be told."""

    people: int
    rooms: int
    messages: int


@contextmanager
def explained() -> Generator[None]:
    """Tell what the system or a database says against it as a `BackupError`."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"{error.strerror}: {error.filename}") from error
    except schema.SchemaError as error:
        raise BackupError(str(error)) from error
    except (sqlite3.Error, DBAPIError) as error:
        if lacks_tables(error):
            raise BackupError(NO_TABLES) from error
        raise BackupError(f"The database says: {getattr(error, 'orig', error)}") from error


@contextmanager
def draft_beside(path: Path) -> Generator[Path]:
    """An empty file in the same folder, which only its owner can read; gone afterwards.

    So are those that earlier ones, of any name, left behind whose processes were killed.
    """
    _remove_abandoned(draft for names in DRAFTS for draft in path.parent.glob(names))
    draft = path.with_name(f".{path.name}.draft-{secrets.token_hex(4)}")
    try:
        _make(draft, path)
        yield draft
    finally:
        for left in draft.parent.glob(f"{escape(draft.name)}*"):
            left.unlink()


def _make(draft: Path, path: Path) -> None:
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        # Nobody has named the draft: mostly it is the folder that is not there, or not for all.
        named = path if error.errno == errno.ENAMETOOLONG else path.absolute().parent
        raise OSError(error.errno, error.strerror, str(named)) from error


def _remove_abandoned(drafts: Iterable[Path]) -> None:
    for draft in drafts:
        # One that goes at this very moment is its maker's to remove; so is another user's, in a
        # folder of everybody's.
        with suppress(FileNotFoundError, PermissionError):
            if time.time() - draft.stat().st_mtime > ABANDONED_SECONDS:
                draft.unlink()


def settle(draft: Path, path: Path) -> None:
    """Give the draft its name. From then on it survives a power cut."""
    synchronize(draft)
    draft.replace(path)
    synchronize(path.parent)


def synchronize(path: Path) -> None:
    """Wait until the disk has this file, or the names in this folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def opened(path: Path, *, unchanging: bool = False) -> Generator[Engine]:
    """An engine on that SQLite file, of which it may be known that nobody changes it."""
    url = URL.create("sqlite", database=str(path))
    if unchanging:
        query = {"uri": "true", "mode": "ro", "immutable": "1"}
        url = url.set(database=f"file:{quote(str(path))}", query=query)
    engine = create_engine(url, **engine_options(str(url)))
    try:
        yield engine
    finally:
        engine.dispose()


def seal(draft: Path) -> Contents:
    """Leave one file without companions, and look at every page of it. Raises `BackupError`."""
    with opened(draft) as engine, engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
        answer = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if answer != "ok":
            raise BackupError(f"The copy is damaged, so nothing was done with it: {answer}")
        counted = (tables.users, tables.rooms, tables.messages)
        counts = [connection.execute(_count(table)).scalar_one() for table in counted]
    return Contents(*counts)


def require_backup(path: Path) -> None:
    """Refuse what is no backup of ours, or one of a later version.

    Raises `BackupError`, and whatever is in the way of reading it.
    """
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")
    # Whether it may be read at all is for the system to say: SQLite cannot tell.
    path.open("rb").close()
    try:
        with opened(path) as engine, engine.connect() as connection:
            is_ours = inspect(connection).has_table("workspace_changes")
            present = schema.revision(connection) if is_ours else None
    except DBAPIError as error:
        if not is_damaged(error):
            raise
        present = None
    if present is None:
        raise BackupError(f"{path} is not a backup of chatapp.")
    if not schema.is_known(present):
        raise BackupError(
            f"{path} was made by a later version of chatapp (schema {present}). Install that first."
        )


def upgrade(draft: Path) -> None:
    """Bring that file to the newest schema, from whichever it has, or none."""
    with opened(draft) as engine, engine.connect() as connection:
        schema.upgrade(connection)


def begin_history(draft: Path) -> None:
    """What follows is another history: pages that know the one before start anew.

    The processes that were running when the backup was made are no more.
    """
    with opened(draft) as engine, engine.begin() as connection:
        connection.execute(update(tables.workspace).values(epoch=secrets.token_hex(8)))
        for table in (tables.presences, tables.processes):
            connection.execute(delete(table))


def _count(table: Table) -> Select[int]:
    return select(func.count()).select_from(table)
