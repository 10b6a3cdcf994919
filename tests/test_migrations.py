"""`flask db ...` works from the folder, on an empty database and on an old one."""

import os
import runpy
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import event, func, inspect, select
from sqlalchemy.exc import IntegrityError

from chatapp import schema
from chatapp.domain import messages, search, search_terms, sessions
from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, SignInSession, User
from config import ROOT
from tests.databases import add_migration


def flask(folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "INSTANCE_PATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_commands_need_no_settings(tmp_path):
    folder = tmp_path / "instance"
    for command in ("upgrade", "current", "check", "downgrade", "upgrade"):
        answer = flask(folder, "db", command)
        assert answer.returncode == 0, answer.stderr
    assert (folder / "chatapp.sqlite3").is_file()


def test_a_database_of_a_later_version_is_told_with_what_to_do(tmp_path):
    assert flask(tmp_path, "db", "upgrade").returncode == 0
    with closing(sqlite3.connect(tmp_path / "chatapp.sqlite3")) as line, line:
        line.execute("UPDATE alembic_version SET version_num = '9999'")
    answer = flask(tmp_path, "db", "upgrade")
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].endswith(
        "The database was made by a later version of chatapp (schema 9999) than this one (up to"
        f" {schema.NEWEST}). Update the code, or restore the backup made before."
    )


@pytest.mark.usefixtures("context")
def test_what_a_server_wants_is_what_the_migrations_lead_to():
    assert schema.newest() == schema.NEWEST
    assert schema.lack() is None


@pytest.mark.usefixtures("context")
def test_the_migrations_make_what_the_models_say():
    with db.engine.connect() as connection:
        options = {"include_name": lambda name, kind, _parents: not is_search(name, kind)}
        migration = MigrationContext.configure(connection, opts={"compare_type": True, **options})
        assert compare_metadata(migration, db.metadata) == []


@pytest.mark.usefixtures("context")
def test_a_difference_would_be_noticed():
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE rooms ADD COLUMN forgotten INTEGER")
    with db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), db.metadata)
        assert any("remove_column" in str(difference) for difference in differences)


@pytest.mark.usefixtures("context")
def test_down_and_up_again_leaves_the_same_tables():
    before = sorted(inspect(db.engine).get_table_names())
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade()
    assert sorted(inspect(db.engine).get_table_names()) == before


@pytest.mark.usefixtures("context")
def test_a_message_is_found_by_its_words_as_they_are_now(make_user, make_room, make_message):
    ann = make_user("ann")
    room = make_room("quay", members=[ann])
    book, kettle = (make_message(room, ann, said) for said in ("किताब", "kettle é"))
    downgrade(revision="0002")
    write_entries(room, {book: ["क", "त", "ब"], kettle: ["kettle", "e"]})
    assert not search.find(ann, "किताब").rows
    db.session.rollback()
    upgrade()
    found = [len(search.find(ann, word).rows) for word in ("किताब", "त", "kettle", "e")]
    assert found == [1, 0, 1, 1]


@pytest.mark.usefixtures("context")
def test_a_message_is_found_by_plain_letters(make_user, make_room, make_message):
    ann = make_user("ann")
    room = make_room("quay", members=[ann])
    town, ship = (make_message(room, ann, said) for said in ("Łódź", "Donau\u00adschiff"))
    tea = make_message(room, ann, "Tee für uns")
    downgrade(revision="0004")
    write_entries(room, {town: ["łodz"], ship: ["donau", "schiff"], tea: ["fur", "tee", "uns"]})
    assert not search.find(ann, "lodz").rows
    db.session.rollback()
    upgrade()
    words = ("lodz", "Łódź", "łó", "donauschiff", "schiff", "tee fur")
    assert [len(search.find(ann, word).rows) for word in words] == [1, 1, 1, 1, 0, 1]
    messages.edit(ann, town, "Gdańsk")
    assert not search.find(ann, "lodz").rows


def test_no_word_that_is_another_now_is_passed_over():
    path = ROOT / "migrations" / "versions" / "0005_letters_without_a_plain_form.py"
    version = runpy.run_path(str(path))
    before, now, maybe = (version[name] for name in ("_folded_before", "_folded", "MAYBE"))
    signs = [chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xE000]
    changed = [sign for sign in signs if before(sign) != now(sign)]
    assert {"ł", "Æ", "\u210f"} <= set(changed)
    assert all(map(maybe.search, changed))
    assert all(map(maybe.search, version["UNSEEN"]))


def write_entries(room: Room, entries: dict[Message, list[str]]) -> None:
    """These messages' entries as a version before wrote them."""
    with db.engine.begin() as connection:
        for message, words in entries.items():
            terms = [f"0·{word}" for word in words] + [f"0§{room.id}"]
            if connection.dialect.name == "sqlite":
                now = " ".join(search_terms.of_message(message.id, room.id, message.source))
                add = "INSERT INTO message_search (message_search, rowid, terms) VALUES (?, ?, ?)"
                connection.exec_driver_sql(add, ("delete", message.id, now))
                add = "INSERT INTO message_search (rowid, terms) VALUES (?, ?)"
                connection.exec_driver_sql(add, (message.id, " ".join(terms)))
            else:
                change = (
                    "UPDATE message_search SET document = array_to_tsvector(%s) WHERE message_id=%s"
                )
                connection.exec_driver_sql(change, (terms, message.id))


@pytest.mark.sqlite_only  # PostgreSQL's never come again.
def test_numbers_of_sign_ins_come_once_and_the_rows_stay(app, make_user):
    def sign_in() -> SignInSession:
        sessions.start(ann, kept=False, user_agent="", address="192.0.2.7")
        return sessions.of(ann)[0]

    with app.app_context():
        ann = make_user("ann")
        indexes = inspect(db.engine).get_indexes("sessions")
        downgrade(revision="0003")
        kept, ended = sign_in(), sign_in()
        sessions.end(ann, ended.id)
        assert sign_in().id == ended.id, "as it was before"
        sessions.end(ann, ended.id)
        db.session.remove()
        upgrade()
        assert inspect(db.engine).get_indexes("sessions") == indexes
        assert [(one.id, one.address) for one in sessions.of(ann)] == [(kept.id, "192.0.2.7")]
        given = [sign_in().id]
        sessions.end(ann, given[0])
        given.append(sign_in().id)
        assert given == [kept.id + 1, kept.id + 2]


REBUILDS = """
import sqlalchemy as sa
from alembic import op

revision = "rebuilds"
down_revision = "{head}"


def upgrade():
    # SQLite changes a column by copying the table and dropping the old one.
    with op.batch_alter_table("rooms") as rooms:
        rooms.alter_column("topic", type_=sa.String(500))
"""


def test_a_table_that_others_point_to_can_be_changed(app, make_user, make_room, later):
    ann = make_user("ann")
    room = make_room("quay", members=[ann])
    with app.app_context():
        later(REBUILDS)
        upgrade()
        with db.engine.connect() as connection:
            assert MigrationContext.configure(connection).get_current_revision() == "rebuilds"
        assert db.session.scalars(select(Membership.user_id)).all() == [ann.id]
        db.session.add(Membership(user_id=ann.id, room_id=room.id + 1, read_number=0))
        # And the database watches over it again.
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


ORPHANS = """
from alembic import op

revision = "orphans"
down_revision = "{head}"


def upgrade():
    op.execute("DELETE FROM users")
"""


@pytest.mark.sqlite_only  # PostgreSQL sees to it by itself.
def test_a_migration_that_leaves_something_pointing_to_nothing_is_undone(
    app, make_user, make_room, later
):
    make_room("quay", members=[make_user("ann")])
    with app.app_context():
        later(ORPHANS)
        # Flask-Migrate ends the command with it.
        with pytest.raises(SystemExit):
            upgrade()
        assert db.session.scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.sqlite_only
def test_what_has_pointed_to_nothing_before_stops_nobody(app, make_user, make_room, later):
    """Whoever has used the `sqlite3` shell may have left such a row: it watches over nothing."""
    make_room("quay", members=[make_user("ann")])
    with app.app_context():
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("UPDATE memberships SET user_id = 999")
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        asked = []
        event.listen(db.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
        upgrade()
        # There was nothing to do, and to look through all tables takes its time.
        assert not [each for each in asked if "foreign_key_check" in each]
        later(REBUILDS)
        upgrade()
        assert db.session.scalars(select(Membership.user_id)).all() == [999]


@pytest.fixture
def later(app, tmp_path):
    """`later(source)`: there is a migration more."""
    return lambda source: add_migration(app, tmp_path / "migrations", source)


def test_a_database_that_cannot_be_opened_is_told_in_a_line(tmp_path):
    folder = tmp_path / "instance"
    folder.mkdir()
    (folder / "chatapp.sqlite3").write_bytes(b"no database" * 1_000)
    answer = flask(folder, "db", "upgrade")
    assert answer.returncode == 1
    assert "The database says: file is not a database" in answer.stderr
    assert "Traceback" not in answer.stderr


def is_search(name: str | None, kind: str) -> bool:
    return kind == "table" and name is not None and name.startswith("message_search")
