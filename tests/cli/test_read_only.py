"""A disk that turned read-only, or a folder of another user: what only reads goes on."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatapp.domain.backups import BackupError, sqlite
from chatapp.extensions import db
from config import ROOT
from tests.builders.people import new_user

pytestmark = pytest.mark.sqlite_only

# Root writes anywhere, unless it gives that up.
HUMBLE = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(app) -> Path:
    """The instance folder with a person in its database, which nobody has open."""
    folder: Path = app.config["INSTANCE_PATH"] / "instance"
    folder.mkdir()
    (folder / "secret_key").write_text("0123456789abcdef" * 4)
    (folder / "secret_key").chmod(0o600)
    with app.app_context():
        new_user("ann")
        db.engine.dispose()
        Path(db.engine.url.database or "").rename(folder / "chatapp.sqlite3")
    return folder


@pytest.fixture
def sealed(folder: Path) -> Iterator[Path]:
    """The same, and nothing can be written to it."""
    folder.chmod(0o500)
    yield folder
    folder.chmod(0o700)


@pytest.fixture
def run(folder: Path) -> Command:
    """`run("flask", "doctor")` on that folder, as somebody to whom permissions apply."""
    humble = HUMBLE if os.geteuid() == 0 else []

    def call(*words: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*humble, sys.executable, "-m", *map(str, words)],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "INSTANCE_PATH": str(folder)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


def names(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [name for (name,) in connection.execute("SELECT user_name FROM users ORDER BY id")]


def test_a_backup_to_another_place_is_made(run, sealed, tmp_path):
    answer = run("flask", "backup", tmp_path / "saved.sqlite3")
    assert answer.returncode == 0, answer.stderr
    assert names(tmp_path / "saved.sqlite3") == ["ann"]
    assert {path.name for path in sealed.iterdir()} == {"chatapp.sqlite3", "secret_key"}


def test_a_backup_has_what_only_the_log_holds(run, folder, tmp_path):
    """As after a crash: the database was not closed."""
    with closing(sqlite3.connect(folder / "chatapp.sqlite3")) as connection:
        connection.execute("UPDATE users SET user_name = 'cleo'")
        connection.commit()
        assert (folder / "chatapp.sqlite3-wal").stat().st_size
        folder.chmod(0o500)
        answer = run("flask", "backup", tmp_path / "saved.sqlite3")
        folder.chmod(0o700)
    assert answer.returncode == 0, answer.stderr
    assert names(tmp_path / "saved.sqlite3") == ["cleo"]


def test_doctor_says_that_nothing_can_be_written_and_looks_on(run, sealed):
    answer = run("flask", "doctor")
    assert answer.returncode == 1
    assert f" WRONG  The server cannot write: the folder {sealed} cannot be" in answer.stdout
    assert "has the newest schema" in answer.stdout
    assert "is sound" in answer.stdout


def test_doctor_names_a_file_that_cannot_be_written(run, folder):
    (folder / "chatapp.sqlite3").chmod(0o400)
    answer = run("flask", "doctor")
    assert answer.returncode == 1
    assert f"the file {folder / 'chatapp.sqlite3'} cannot be written to" in answer.stdout


def test_a_server_does_not_start_there(run, sealed):
    answer = run("gunicorn", "wsgi:app")
    assert answer.returncode == 1
    sentence = f"chatapp does not start: the folder {sealed} cannot be written to by this user"
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


def test_what_is_missing_is_still_told_in_a_line(run, sealed):
    sealed.chmod(0o700)
    (sealed / "secret_key").unlink()
    sealed.chmod(0o500)
    answer = run("flask", "doctor")
    assert answer.returncode == 1
    assert f"INSTANCE_PATH: the folder {sealed} cannot be written to.\n" in answer.stderr


def test_what_another_user_changes_meanwhile_is_no_backup(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "is_sealed", lambda _path: True)
    file, draft = folder / "chatapp.sqlite3", tmp_path / "draft.sqlite3"
    draft.touch()
    with pytest.raises(BackupError, match="Somebody else has changed"):
        sqlite.copy(file, draft, lambda _done, _total: os.utime(file, (0, 0)))
