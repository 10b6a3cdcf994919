"""Backups: the whole workspace as one SQLite file, whatever database it comes from or goes to.

A backup of SQLite can be restored into PostgreSQL and the other way round, so this is also the
way to move. Writing one disturbs nobody; restoring one asks for the server to be stopped.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from flask import current_app

from chatapp.domain.backups import files, postgresql, sqlite
from chatapp.domain.backups.files import BackupError, Contents, InUseError, Progress
from chatapp.extensions import db

__all__ = ["BackupError", "Contents", "Progress", "Restored", "restore", "write"]


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there now, and where what it replaced is kept (None: there was nothing)."""

    contents: Contents
    kept: Path | None


def write(path: Path, progress: Progress, *, replace: bool = False) -> Contents:
    """Write everything that is committed by now into this file, for its owner's eyes only.

    The file appears when it is whole and checked. Raises `BackupError`.
    """
    live = _live_file()
    with files.explained():
        _require_free(path, live, replace=replace)
    with files.explained(), files.draft_beside(path) as draft:
        if live:
            sqlite.copy(live, draft, progress)
        else:
            postgresql.copy_out(draft, progress)
        contents = files.seal(draft)
        files.settle(draft, path)
    return contents


def _require_free(path: Path, live: Path | None, *, replace: bool) -> None:
    if not path.name:
        raise BackupError("A backup needs a name.")
    if live and path.resolve() == live.resolve():
        raise BackupError(f"{path} is the database itself.")
    if path.exists() and not path.is_file():
        raise BackupError(f"{path} is no file, and stays what it is.")
    if path.exists() and not replace:
        raise BackupError(f"{path} exists already. Choose another name, or add --replace.")


def restore(path: Path, progress: Progress) -> Restored:
    """Make the workspace what it was in that backup, brought up to this version's schema.

    Open pages start anew, because the epoch is another one. Raises `BackupError`, also for a file
    that is no backup and while a server has the database open.
    """
    live = _live_file()
    with files.explained(), files.draft_beside(live or _folder() / "restoring") as draft:
        _require_rest(live)
        files.require_backup(path)
        sqlite.copy(path, draft, progress)
        files.upgrade(draft)
        files.begin_history(draft)
        contents = files.seal(draft)
        if live:
            kept = sqlite.swap(draft, live, _kept(live.name, live.parent))
        else:
            kept = postgresql.replace_with(draft, _kept("chatapp.sqlite3", _folder()), progress)
    return Restored(contents, kept)


def _live_file() -> Path | None:
    """The file of this application's database; None when it is PostgreSQL's."""
    path = db.engine.url.database
    # Where it is a link, what it leads to is copied and put in place.
    return Path(path).resolve() if db.engine.dialect.name == "sqlite" and path else None


def _require_rest(live: Path | None) -> None:
    db.session.remove()
    db.engine.dispose()
    if sqlite.is_open(live) if live else postgresql.is_open():
        raise InUseError


def _folder() -> Path:
    folder: Path = current_app.config["INSTANCE_PATH"]
    # With DATABASE_URL and SECRET_KEY nothing else has needed it.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _kept(name: str, folder: Path) -> Path:
    """A name that nothing has, for what is replaced."""
    plain = f"{name}.replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    names = chain([plain], (f"{plain}-{number}" for number in count(2)))
    return next(folder / name for name in names if not (folder / name).exists())
