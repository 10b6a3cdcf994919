import errno
import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import TextIO

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chatapp import logs
from chatapp.extensions import db
from tests.builders.people import PASSWORD


@pytest.fixture
def lines(app, monkeypatch) -> Iterator[list[dict[str, object]]]:
    """What is logged from now on, each request among it."""
    found: list[dict[str, object]] = []
    tell = logs._tell

    def keep(stream: TextIO, facts: dict[str, object]) -> None:
        line = StringIO()
        tell(line, facts)
        stream.write(line.getvalue())
        found.append(json.loads(line.getvalue()))

    monkeypatch.setattr(logs, "_tell", keep)

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(self.format(record)))

    handler, logger = Keep(), logging.getLogger("chatapp")
    handler.setFormatter(logger.handlers[0].formatter)
    logger.addHandler(handler)
    yield found
    logger.removeHandler(handler)


@pytest.fixture
def settings(settings):
    return settings | {"LOG_FORMAT": "json", "LOG_LEVEL": "info"}


@pytest.fixture
def ann(make_user):
    return make_user("ann")


def test_each_request_is_one_line(client, ann, sign_in, lines):
    sign_in(client, ann)
    answer = client.get("/rooms/7?around=3")
    line = lines[-1]
    assert line["id"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/rooms/<int:room_id>", 404)
    assert line["user"] == ann.id
    assert 0 <= line["ms"] < 10_000
    assert len(lines) == 2


def test_no_line_tells_a_secret(client, make_client, ann, lines):
    typed = {"user_name": "ann", "password": PASSWORD, "next": "/secret-place"}
    client.post("/sign-in?next=/secret-place", data=typed)
    client.get("/join/secret-code")
    client.get("/searches?q=secret-words")
    client.post("/rooms/1/messages", data={"body": "secret-body"})
    with client.session_transaction() as session:
        token = session["_user_id"]
    said = json.dumps(lines)
    assert len(lines) == 4
    for secret in (PASSWORD, "secret", token, client.get_cookie("chatapp").value):
        assert secret not in said


def test_a_refused_request_is_logged_too(app, client, ann, lines):
    app.config["WTF_CSRF_ENABLED"] = True
    client.post("/sign-in")
    client.get("/profile")
    assert [(line["path"], line["status"]) for line in lines] == [
        ("/sign-in", 400),
        ("/profile", 303),
    ]
    assert all(line["user"] is None for line in lines)


def test_files_are_not_logged(client, ann, lines):
    client.get("/favicon.ico")
    assert lines == []


def test_whatever_is_logged_carries_the_number_of_its_request(app, client, ann, lines):
    @app.before_request
    def complain() -> None:
        app.logger.warning("the disk is %s", "nearly full")

    answer = client.get("/sign-in")
    complaint = lines[0]
    assert (complaint["event"], complaint["level"]) == ("the disk is nearly full", "warning")
    assert complaint["id"] == answer.headers["X-Request-ID"]


def test_an_error_of_the_database_does_not_tell_the_values(app, client, ann, lines):
    words = "-".join(("secret", "body"))

    @app.before_request
    def fail() -> None:
        try:
            db.session.execute(text("SELECT :words FROM nowhere"), {"words": words})
        except DBAPIError:
            app.logger.exception("it failed")
            # PostgreSQL takes nothing more in a transaction in which something failed.
            db.session.rollback()

    client.get("/sign-in")
    said = json.dumps(lines)
    assert "nowhere" in said
    assert words not in said


class TestForEyes:
    @pytest.fixture
    def settings(self, settings):
        return settings | {"LOG_FORMAT": "text"}

    def test_lines_are_readable(self, app):
        formatter = logging.getLogger("chatapp").handlers[0].formatter
        record = logging.LogRecord("chatapp", logging.INFO, "", 0, "hello %s", ("ann",), None)
        assert "hello ann" in formatter.format(record)
        assert not formatter.format(record).startswith("{")


def test_a_line_says_the_same_as_the_processors_would(client, ann, sign_in, lines, monkeypatch):
    sign_in(client, ann)
    client.get("/rooms/7")
    client.application.config["LOG_FORMAT"] = "text"
    client.get("/rooms/7")
    ready, processed = lines[-2:]
    assert list(ready) == list(processed)
    for name in ("method", "path", "status", "user", "event", "level", "logger"):
        assert ready[name] == processed[name]
    assert len(str(ready["timestamp"])) == len(str(processed["timestamp"]))


def test_a_log_that_cannot_be_written_is_no_reason_not_to_answer(client, ann, sign_in):
    class Full(StringIO):
        def write(self, line: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    sign_in(client, ann)
    assert client.get("/profile", errors_stream=Full()).status_code == 200
