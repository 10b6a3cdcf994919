"""`flask backup` and `flask restore`: nothing acknowledged is missing, on either database."""

import errno
import os
import secrets
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import Connection, create_engine, func, select, text

from chatapp import create_app
from chatapp.database import engine_options
from chatapp.domain import messages, reactions, search, workspace
from chatapp.domain.backups import postgresql
from chatapp.extensions import db
from chatapp.models import Message, Room, User, Workspace
from chatapp.text.plain import plain
from config import ROOT
from tests.builders.messages import new_message
from tests.builders.people import new_user
from tests.builders.rooms import new_room
from tests.databases import add_migration
from tests.realtime.browsers import eventually

Flask_ = Callable[..., Result]


@pytest.fixture
def flask(app: Flask) -> Flask_:
    """`flask("backup", path)` runs the command."""
    return lambda *words: run(app, *words)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "monday.sqlite3"


@pytest.fixture(autouse=True)
def folder(file: Path) -> None:
    file.parent.mkdir()


def run(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def well(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def refusal(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.output


def talk(app: Flask) -> int:
    """A room in which something of each kind has happened; its id."""
    with app.app_context():
        ann, bob = new_user("ann", role="admin"), new_user("bob")
        room = new_room("quay", members=[ann, bob])
        first = new_message(room, ann, "The **ferry** leaves at ten.")
        second = new_message(room, bob, "Which ferry?")
        third = new_message(room, bob, "Never mind.")
        reactions.add(ann, second, "👍")
        messages.edit(ann, first, "The **ferry** leaves at eleven.")
        messages.delete_message(bob, third)
        return room.id


def rows(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Everything there is, but the epoch and what belongs to running processes."""
    passing = {"processes", "presences"}
    with app.app_context():
        tables = {table.name: table for table in db.metadata.sorted_tables}
        found = {
            name: [tuple(row) for row in db.session.execute(select(table))]
            for name, table in tables.items()
            if name not in passing | {"workspace"}
        }
        found["workspace"] = [
            tuple(db.session.execute(select(Workspace.name, Workspace.head_seq)).one())
        ]
    return {name: sorted(values, key=repr) for name, values in found.items()}


def epoch(app: Flask) -> str:
    with app.app_context():
        return workspace.current().epoch


def found(app: Flask, words: str) -> list[str]:
    with app.app_context():
        ann = db.session.execute(select(User).where(User.user_name == "ann")).scalar_one()
        return [plain(hit.html) for hit in search.find(ann, words).rows]


def say(app: Flask, room_id: int, body: str) -> None:
    with app.app_context():
        ann = db.session.execute(select(User).where(User.user_name == "ann")).scalar_one()
        new_message(db.session.get_one(Room, room_id), ann, body)


def test_a_restored_workspace_is_what_it_was(app, flask, file):
    room_id = talk(app)
    before, old_epoch = rows(app), epoch(app)
    assert "2 people, 1 rooms and 3 messages" in well(flask("backup", file))
    say(app, room_id, "said after the backup")
    assert rows(app) != before
    assert "3 messages" in well(flask("restore", file))
    assert rows(app) == before
    assert epoch(app) != old_epoch


def test_what_was_said_is_found_and_talk_goes_on(app, flask, file):
    room_id = talk(app)
    well(flask("backup", file))
    well(flask("restore", file))
    assert found(app, "ferry eleven") == ["The ferry leaves at eleven."]
    assert found(app, "ten") == []
    assert found(app, "never") == []
    say(app, room_id, "Then I take the ferry.")
    assert len(found(app, "ferry")) == 3
    with app.app_context():
        new_room("another")
        assert db.session.execute(select(func.max(Message.id))).scalar_one() == 4


def test_what_was_replaced_is_kept_and_is_a_backup_itself(app, flask, file):
    room_id = talk(app)
    well(flask("backup", file))
    say(app, room_id, "said after the backup")
    after = rows(app)
    well(flask("restore", file))
    kept = next(app.config["INSTANCE_PATH"].glob("*.replaced-*"))
    well(flask("restore", kept))
    assert rows(app) == after


def test_nobody_is_signed_out_and_pages_start_anew(app, flask, file, client, make_user, sign_in):
    room_id = talk(app)
    sign_in(client, make_user("cleo"))
    client.post(f"/rooms/{room_id}/join")
    old = epoch(app)
    well(flask("backup", file))
    well(flask("restore", file))
    answer = client.get(f"/rooms/{room_id}/changes?since=1&workspace=0&epoch={old}")
    assert answer.get_json() == {"epoch": epoch(app), "reset": True}


def test_a_backup_moves_to_the_other_database(app, flask, file, other_app):
    talk(app)
    before = rows(app)
    well(flask("backup", file))
    assert "kept" not in well(run(other_app, "restore", file)) or is_sqlite(other_app)
    assert rows(other_app) == before
    assert found(other_app, "ferry eleven") == ["The ferry leaves at eleven."]
    say(other_app, 1, "said over there")
    well(run(other_app, "backup", file, "--replace"))
    well(flask("restore", file))
    assert rows(app) == rows(other_app)
    assert found(app, "over there") == ["said over there"]


@pytest.mark.sqlite_only
def test_a_lost_database_is_made_anew(app, flask, file):
    talk(app)
    before = rows(app)
    well(flask("backup", file))
    forget(app)
    for left in live(app).parent.glob("chatapp.sqlite3*"):
        left.unlink()
    assert "kept" not in well(flask("restore", file))
    assert rows(app) == before


@pytest.mark.sqlite_only
def test_a_disk_that_gives_files_one_name_only_takes_a_restore(app, flask, file, monkeypatch):
    room_id = talk(app)
    well(flask("backup", file))
    before = rows(app)
    say(app, room_id, "said after the backup")
    after = rows(app)

    def refused(*_names: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    well(flask("restore", file))
    assert rows(app) == before
    well(flask("restore", next(live(app).parent.glob("*.replaced-*"))))
    assert rows(app) == after


@pytest.mark.sqlite_only
def test_what_a_lost_database_left_beside_it_does_not_get_into_the_new_one(app, flask, file):
    room_id = talk(app)
    before = rows(app)
    well(flask("backup", file))
    say(app, room_id, "said after the backup")
    log = beside(live(app), "-wal")
    left = log.read_bytes()
    assert b"said after the backup" in left
    forget(app)
    live(app).unlink()
    log.write_bytes(left)
    assert "kept" not in well(flask("restore", file))
    assert rows(app) == before
    assert next(log.parent.glob("*.replaced-*-wal")).read_bytes() == left


@pytest.mark.sqlite_only
def test_a_damaged_database_is_replaced_and_kept(app, flask, file):
    talk(app)
    before = rows(app)
    well(flask("backup", file))
    forget(app)
    live(app).write_bytes(b"\0" * 5_000)
    well(flask("restore", file))
    assert rows(app) == before
    kept = next(live(app).parent.glob("*.replaced-*"))
    assert kept.read_bytes() == b"\0" * 5_000


def test_a_backup_is_one_file_for_its_owner_only(app, flask, file):
    talk(app)
    well(flask("backup", file))
    assert list(file.parent.iterdir()) == [file]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(app, flask, file):
    talk(app)
    file.write_text("something else")
    assert "--replace" in refusal(flask("backup", file))
    assert file.read_text() == "something else"
    well(flask("backup", file, "--replace"))
    well(flask("restore", file))


@pytest.mark.sqlite_only
def test_the_database_itself_is_no_place_for_a_backup(app, flask):
    assert "the database itself" in refusal(flask("backup", live(app), "--replace"))


@pytest.mark.parametrize("name", ["a%20b #1 ü.sqlite3", "what?.sqlite3", "[x].sqlite3"])
def test_a_backup_may_have_any_name(app, flask, file, name):
    room_id = talk(app)
    odd = file.with_name(name)
    well(flask("backup", odd))
    assert [path.name for path in odd.parent.iterdir()] == [name]
    say(app, room_id, "afterwards")
    well(flask("restore", odd))
    assert found(app, "afterwards") == []
    assert [path.name for path in odd.parent.iterdir()] == [name]


def test_a_backup_has_a_name(flask):
    assert "needs a name" in refusal(flask("backup", "--replace", ""))


def test_a_folder_that_one_may_not_enter_is_named(flask, file, monkeypatch):
    def refused(path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refused)
    assert f"Permission denied: {file}" in refusal(flask("backup", file))


def test_what_a_killed_backup_left_is_removed_by_the_next(app, flask, file):
    talk(app)
    left, running = (file.with_name(f".{file.name}.draft-{n * 8}") for n in "ab")
    # Names with a date in them come but once.
    others = [file.with_name(f".before-{n}.sqlite3.draft-{'c' * 8}{n}") for n in ("", "-journal")]
    another = file.with_name(".letter.draft-2")
    for path in (left, running, another, *others):
        path.write_bytes(b"half")
    for path in (left, another, *others):
        os.utime(path, (0, 0))
    well(flask("backup", file))
    assert not left.exists()
    assert not any(path.exists() for path in others)
    assert another.exists()
    # Somebody else may be at it.
    assert running.exists()


@pytest.mark.parametrize("ended", [signal.SIGTERM, signal.SIGHUP])
def test_a_backup_that_is_ended_leaves_nothing(app, file, ended):
    command = [sys.executable, "-m", "flask", "backup", file]
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        for _ in range(60):
            new_user(secrets.token_hex(8))
    settings = {"DATABASE_URL": url, "INSTANCE_PATH": str(app.config["INSTANCE_PATH"])}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | settings) as backup:
        eventually(lambda: any(file.parent.iterdir()))
        backup.send_signal(ended)
        # When all is done and Python ends, the signal does what it does to any process.
        assert backup.wait(20) in (0, 128 + ended, -ended)
    assert not [path for path in file.parent.iterdir() if path != file]


@pytest.mark.sqlite_only
def test_a_database_that_is_a_link_stays_where_it_is(app, flask, file, tmp_path):
    talk(app)
    well(flask("backup", file))
    forget(app)
    link, elsewhere = live(app), tmp_path / "other-disk.sqlite3"
    link.rename(elsewhere)
    link.symlink_to(elsewhere)
    assert str(elsewhere) in well(flask("restore", file))
    assert link.is_symlink()
    assert not elsewhere.is_symlink()
    assert found(app, "eleven")


@pytest.mark.sqlite_only
def test_a_backup_with_a_row_that_points_to_nothing_is_restored(app, flask, file):
    talk(app)
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("UPDATE reactions SET user_id = 999")
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    well(flask("backup", file))
    well(flask("restore", file))
    assert found(app, "eleven")


def test_a_migration_that_fails_restores_nothing(app, flask, file, later_schema):
    room_id = talk(app)
    well(flask("backup", file))
    say(app, room_id, "afterwards")
    later_schema(app)
    script = Path(app.extensions["migrate"].migrate.directory) / "versions" / "later.py"
    script.write_text(f'{script.read_text()}    op.execute("DELETE FROM rooms")\n')
    assert "memberships, messages pointing to nothing" in refusal(flask("restore", file))
    assert found(app, "afterwards") == ["afterwards"]


def test_a_folder_that_is_not_there_is_named(flask, file):
    missing = file.parent / "no" / "such.sqlite3"
    told = refusal(flask("backup", missing))
    assert f"No such file or directory: {missing.parent}\n" in told


def test_a_database_without_tables_says_what_to_do(app, flask, file):
    with app.app_context():
        downgrade(revision="base")
    assert "un `flask db upgrade` first." in refusal(flask("backup", file))
    assert not any(file.parent.iterdir())


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"x" * 500])
def test_what_is_no_backup_is_refused(app, flask, file, content):
    talk(app)
    before, same = rows(app), epoch(app)
    file.write_bytes(content)
    assert "is not a backup of chatapp" in refusal(flask("restore", file))
    assert (rows(app), epoch(app)) == (before, same)


def test_the_database_of_another_program_is_refused(flask, file):
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
        connection.commit()
    assert "is not a backup of chatapp" in refusal(flask("restore", file))


def test_a_damaged_backup_changes_nothing(app, flask, file):
    talk(app)
    well(flask("backup", file))
    before, same = rows(app), epoch(app)
    content = bytearray(file.read_bytes())
    content[8_192:40_960] = b"\x55" * 32_768
    file.write_bytes(content)
    refusal(flask("restore", file))
    assert (rows(app), epoch(app)) == (before, same)
    assert list(file.parent.iterdir()) == [file]


def test_a_backup_of_a_later_version_is_refused(app, flask, file):
    talk(app)
    well(flask("backup", file))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert "a later version of chatapp (schema 9999)" in refusal(flask("restore", file))


@pytest.mark.postgresql_only
def test_a_database_of_a_later_version_is_left_alone(app, flask, file):
    talk(app)
    well(flask("backup", file))
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    told = refusal(flask("restore", file))
    assert "schema of a later version of chatapp (9999)" in told
    assert "new, empty database" in told


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(app, flask, file, later_schema):
    talk(app)
    well(flask("backup", file))
    later_schema(app)
    well(flask("restore", file))
    with app.app_context():
        assert db.session.execute(text("SELECT motto FROM rooms")).scalar_one() == "none yet"


def forget(app: Flask) -> None:
    """Close this application's connections."""
    with app.app_context():
        db.engine.dispose()


def live(app: Flask) -> Path:
    with app.app_context():
        return Path(db.engine.url.database or "")


def beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def is_sqlite(app: Flask) -> bool:
    with app.app_context():
        return db.engine.dialect.name == "sqlite"


@pytest.fixture
def other_app(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Flask]:
    """An application without data on the other kind of database."""
    kind = "postgresql" if database_kind == "sqlite" else "sqlite"
    databases = request.getfixturevalue(f"{kind}_databases")
    folder = tmp_path / "other"
    folder.mkdir()
    url = databases.create(folder)
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "INSTANCE_PATH": folder})
    yield app
    forget(app)
    databases.drop(url)


LATER = """
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{head}"


def upgrade():
    motto = sa.Column("motto", sa.String(20), server_default="none yet")
    op.add_column("rooms", motto)
"""


@pytest.fixture
def later_schema(tmp_path: Path) -> Callable[[Flask], None]:
    """Has an application learn of a migration more."""
    return lambda app: add_migration(app, tmp_path / "migrations", LATER)


@pytest.mark.postgresql_only
def test_a_server_that_is_just_leaving_is_waited_for(app, flask, file):
    talk(app)
    well(flask("backup", file))
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    server = create_engine(url, **engine_options(url))
    connection = server.connect()
    leaving = threading.Timer(0.5, connection.invalidate)
    leaving.start()
    assert "3 messages" in well(flask("restore", file))
    leaving.join()
    connection.close()


@pytest.mark.postgresql_only
def test_a_server_that_starts_during_a_restore_is_noticed(app, flask, file, monkeypatch):
    room_id = talk(app)
    well(flask("backup", file))
    say(app, room_id, "said after the backup")
    before, same = rows(app), epoch(app)
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    server = create_engine(url, **engine_options(url))
    empty = postgresql._empty

    def start(connection: Connection) -> None:
        server.connect().close()
        empty(connection)

    monkeypatch.setattr(postgresql, "_empty", start)
    assert "has the database open" in refusal(flask("restore", file))
    assert (rows(app), epoch(app)) == (before, same)
    server.dispose()


def test_rows_are_copied_all_at_once(app, flask, file, database_kind, monkeypatch):
    """One by one, each would wait for the disk: ten thousand messages took minutes."""
    talk(app)
    copy, seen = postgresql.copy_out, set()

    def copy_watched(draft: Path, progress: Callable[[int, int], None]) -> None:
        def look(done: int, total: int) -> None:
            with closing(sqlite3.connect(draft)) as another:
                seen.add(another.execute("SELECT count(*) FROM users").fetchone()[0])
            progress(done, total)

        copy(draft, look)

    monkeypatch.setattr(postgresql, "copy_out", copy_watched)
    well(flask("backup", file))
    # SQLite's backup copies pages, not rows.
    assert seen == ({0} if database_kind == "postgresql" else set())


def test_a_backup_takes_the_place_of_files_only(flask, file):
    os.mkfifo(file)
    answer = flask("backup", "--replace", file)
    assert answer.exit_code != 0
    assert f"{file} is no file" in answer.output
    assert stat.S_ISFIFO(file.stat().st_mode)


def test_a_backup_that_cannot_be_read_is_not_called_another_file(flask, file, monkeypatch):
    """Whoever is in need would throw it away."""
    well(flask("backup", file))
    opened = Path.open

    def refuse(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path == file:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *args, **kwargs)

    # Root may read everything.
    monkeypatch.setattr(Path, "open", refuse)
    answer = flask("restore", file)
    assert answer.exit_code != 0
    assert f"Permission denied: {file}" in answer.output
