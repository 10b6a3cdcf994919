"""SQLite: pages copied out of one moment, and one file put in another's place."""

import errno
import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from chatapp.database import is_damaged, is_locked
from chatapp.domain.backups.files import BackupError, InUseError, Progress, settle

# 1 MiB of pages, then a pause: a disk that others write to is not kept busy.
STEP_PAGES = 256
PAUSE_SECONDS = 0.005
WAIT_SECONDS = 10.0
# What stands beside a database that was not closed cleanly; together they are the database.
COMPANIONS = ("-wal", "-shm", "-journal")
# What disks say on which a file has one name (exFAT, shares of other machines).
ONE_NAME_ONLY = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


def copy(source: Path, draft: Path, progress: Progress) -> None:
    """Copy the database as it is at this moment. Others go on reading and writing meanwhile."""

    def tell(_status: int, remaining: int, total: int) -> None:
        progress(total - remaining, total)
        time.sleep(PAUSE_SECONDS)

    with _one_moment(source) as old, closing(_connect(draft, "rw")) as new:
        # The draft counts only when it is finished and synchronized as a whole.
        new.execute("PRAGMA synchronous = OFF")
        new.execute("PRAGMA journal_mode = OFF")
        old.backup(new, pages=STEP_PAGES, progress=tell)


def is_sealed(path: Path) -> bool:
    """Whether SQLite, which makes files beside a database to read it, can make none there.

    It reads such a database when it is told that nobody changes it.
    """
    if os.access(path.parent, os.W_OK | os.X_OK):
        return False
    return not companions(path)


def companions(path: Path) -> list[Path]:
    """What lies beside that database and belongs to it."""
    named = (path.with_name(path.name + companion) for companion in COMPANIONS)
    return [companion for companion in named if companion.exists()]


@contextmanager
def _one_moment(source: Path) -> Generator[sqlite3.Connection]:
    """A connection that sees that database as it is now, whatever others write meanwhile."""
    sealed = is_sealed(source)
    before = source.stat()
    with closing(_connect(source, "ro&immutable=1" if sealed else "ro")) as connection:
        # The moment is held by an open read: otherwise each commit would begin the copy anew.
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield connection
    # Whoever may write there does not see that somebody reads.
    if sealed and not (is_sealed(source) and source.stat().st_mtime_ns == before.st_mtime_ns):
        raise BackupError(f"Somebody else has changed {source} meanwhile. Copy it as that user.")


def is_open(path: Path) -> bool:
    """Whether somebody else has a connection to that database."""
    if not path.exists():
        return False
    try:
        with _alone(path):
            return False
    except InUseError:
        return True


def swap(draft: Path, live: Path, kept: Path) -> Path | None:
    """Put the draft in place of the database; returns where that is kept, if there was one."""
    _give_to_owner(draft, live)
    if not live.exists():
        # SQLite would take a log that outlived its database for the new one's.
        _move_companions(live, kept)
        settle(draft, live)
        return None
    with _alone(live):
        _name_twice(live, kept)
        try:
            _move_companions(live, kept)
            settle(draft, live)
        except BaseException:
            if not live.exists():
                kept.rename(live)
            raise
    return kept


def _name_twice(live: Path, kept: Path) -> None:
    """A second name first: at no moment is there no database."""
    try:
        os.link(live, kept)
    except OSError as error:
        if error.errno not in ONE_NAME_ONLY:
            raise
        live.rename(kept)


def _move_companions(live: Path, kept: Path) -> None:
    for companion in companions(live):
        companion.rename(kept.with_name(kept.name + companion.name.removeprefix(live.name)))


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """Nobody else has that database open, and nobody can open it. Raises `InUseError`.

    What is too damaged to be opened is nobody's.
    """
    with closing(_connect(path, "rw", seconds=0.5)) as connection:
        try:
            # Leaving the write-ahead log is only possible to the last connection.
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if is_locked(error):
                raise InUseError from error
            if not is_damaged(error):
                raise
        yield


def _give_to_owner(draft: Path, live: Path) -> None:
    """Root may restore, and the server's own user goes on."""
    if os.geteuid() == 0:
        owner = (live if live.exists() else live.parent).stat()
        os.chown(draft, owner.st_uid, owner.st_gid)


def _connect(path: Path, mode: str, seconds: float = WAIT_SECONDS) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=seconds)
