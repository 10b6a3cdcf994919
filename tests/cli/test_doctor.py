"""`flask doctor` says what is wrong, and what to do."""

from pathlib import Path

import pytest
from flask import Flask

from chatapp.extensions import db


@pytest.fixture(autouse=True)
def for_people(app):
    """As an install is; that this one is for tests would be wrong by itself."""
    app.config["ENVIRONMENT"] = "production"


def test_settings_for_tests_are_wrong(app):
    app.config["ENVIRONMENT"] = "test"
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert "WRONG  CHATAPP_ENV=test is for tests" in answer.output


def test_settings_for_developers_are_told(app):
    app.config["ENVIRONMENT"] = "development"
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 0
    assert "note  CHATAPP_ENV=development is not for people" in answer.output


def test_a_sound_install_is_well(app):
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 0, answer.output
    assert "has the newest schema" in answer.output
    assert "WRONG" not in answer.output


def test_a_terminal_of_another_charset_is_told_paths_by_number(app):
    app.config["REDIS_URL"] = "unix:///no/日.sock"
    answer = app.test_cli_runner(charset="latin-1").invoke(args=["doctor"])
    assert "Redis does not answer at REDIS_URL" in answer.output, answer.exception
    assert "/no/\\u65e5.sock" in answer.output


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "DELETE FROM alembic_version",
            "WRONG  The database has another schema: run `flask db upgrade`.",
        ),
        (
            "UPDATE alembic_version SET version_num = '9999'",
            "made by a later version of chatapp (schema 9999)",
        ),
    ],
)
def test_another_schema_is_wrong_and_says_what_to_do(app, change, told):
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(change)
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert told in answer.output


def test_a_secret_that_others_can_read_is_wrong(app):
    path = app.config["INSTANCE_PATH"] / "secret_key"
    path.write_text("x" * 64)
    path.chmod(0o644)
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert f"chmod 600 {path}" in answer.output


@pytest.mark.sqlite_only
def test_a_database_that_others_can_read_is_wrong(app):
    path = file_of(app)
    path.chmod(0o644)
    path.parent.chmod(0o755)
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert f"chmod 600 {path}" in answer.output


@pytest.mark.postgresql_only
def test_more_workers_than_postgresql_takes_connections_for_are_told(app):
    app.config["WEB_CONCURRENCY"] = 64
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert "64 workers may open 2560" in answer.output


def test_a_redis_that_is_away_is_wrong(app):
    app.config["REDIS_URL"] = "redis://127.0.0.1:1/0"
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert "Redis does not answer at REDIS_URL" in answer.output


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (b"not a database" * 1_000, "file is not a database"),
        (b"SQLite format 3\0" + b"\x55" * 8_000, "file is not a database"),
    ],
)
def test_a_damaged_file_is_wrong_and_the_other_looks_go_on(app, damage, said):
    path = file_of(app)
    path.write_bytes(damage)
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert f"WRONG  The file {path} is damaged ({said}): restore a backup." in answer.output
    assert "is sound" not in answer.output
    assert "sockets" in answer.output


@pytest.mark.sqlite_only
def test_a_damaged_page_is_wrong(app):
    path = file_of(app)
    content = bytearray(path.read_bytes())
    content[8_192:40_960] = b"\x55" * 32_768
    path.write_bytes(content)
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert f"WRONG  The file {path} is damaged (" in answer.output
    assert "is sound" not in answer.output


def file_of(app: Flask) -> Path:
    """The SQLite file, which nobody has open."""
    with app.app_context():
        db.engine.dispose()
        return Path(db.engine.url.database or "")
