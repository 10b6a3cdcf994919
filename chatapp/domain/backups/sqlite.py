"""SQLite: pages copied out of one moment, and one file put in another's place."""

import errno
import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from chatapp.database import is_damaged, is_locked
from chatapp.domain.backups.files import InUseError, Progress, settle

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

    with closing(_connect(source, "ro")) as old, closing(_connect(draft, "rw")) as new:
        # The moment is held by an open read: otherwise each commit would begin the copy anew.
        old.execute("BEGIN")
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()
        # The draft counts only when it is finished and synchronized as a whole.
        new.execute("PRAGMA synchronous = OFF")
        new.execute("PRAGMA journal_mode = OFF")
        old.backup(new, pages=STEP_PAGES, progress=tell)


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
    for companion in COMPANIONS:
        beside = live.with_name(live.name + companion)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + companion))


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
