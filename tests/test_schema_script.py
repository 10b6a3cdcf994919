"""The look that spares a second start the migrations must never spare a first one."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

from config import ROOT
from scripts import schema


def start(folder, **variables):
    """Run the script on that instance folder; whether it had to call `flask db upgrade`."""
    before = (folder / "chatapp.sqlite3").exists() and newest_change(folder)
    subprocess.run(
        [sys.executable, "scripts/schema.py"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "INSTANCE_PATH": str(folder)} | variables,
        timeout=60,
        check=True,
    )
    return newest_change(folder) != before


def newest_change(folder):
    with closing(sqlite3.connect(folder / "chatapp.sqlite3")) as line:
        return line.execute("PRAGMA schema_version").fetchone()


def test_a_missing_database_is_made_and_a_current_one_left_alone(tmp_path):
    assert start(tmp_path)
    assert not start(tmp_path)


def test_a_database_of_another_revision_is_not_taken_for_current(tmp_path, monkeypatch):
    start(tmp_path)
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
    assert schema.found() == schema.newest() is not None
    with closing(sqlite3.connect(tmp_path / "chatapp.sqlite3")) as line, line:
        line.execute("UPDATE alembic_version SET version_num = 'older'")
    assert schema.found() == "older"


def test_what_is_no_database_is_not_taken_for_current(tmp_path, monkeypatch):
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
    assert schema.found() is None
    (tmp_path / "chatapp.sqlite3").write_text("not a database")
    assert schema.found() is None


def test_two_revisions_that_nothing_follows_are_not_plain(tmp_path, monkeypatch):
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    monkeypatch.setattr(schema, "ROOT", tmp_path)
    (versions / "a.py").write_text('revision = "a"\ndown_revision = None\n')
    assert schema.newest() == "a"
    (versions / "b.py").write_text('revision = "b"\ndown_revision = "a"\n')
    assert schema.newest() == "b"
    (versions / "c.py").write_text('revision = "c"\ndown_revision = "a"\n')
    assert schema.newest() is None
