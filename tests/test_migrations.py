"""`flask db ...` works from the folder, on an empty database and on an old one."""

import os
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from chatapp.extensions import db
from config import ROOT


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


def is_search(name: str | None, kind: str) -> bool:
    return kind == "table" and name is not None and name.startswith("message_search")
