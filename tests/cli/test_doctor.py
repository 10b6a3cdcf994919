"""`flask doctor` says what is wrong, and what to do."""

from chatapp.extensions import db


def test_a_sound_install_is_well(app):
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 0, answer.output
    assert "has the newest schema" in answer.output
    assert "WRONG" not in answer.output


def test_an_old_schema_is_wrong_and_says_what_to_run(app):
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert "WRONG  The database has another schema: run `flask db upgrade`." in answer.output


def test_a_secret_that_others_can_read_is_wrong(app):
    path = app.config["INSTANCE_PATH"] / "secret_key"
    path.write_text("x" * 64)
    path.chmod(0o644)
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert f"chmod 600 {path}" in answer.output


def test_a_redis_that_is_away_is_wrong(app):
    app.config["REDIS_URL"] = "redis://127.0.0.1:1/0"
    answer = app.test_cli_runner().invoke(args=["doctor"])
    assert answer.exit_code == 1
    assert "Redis does not answer at REDIS_URL" in answer.output
