"""Every error is a page with a way onward, or problem+json, and never tells what is inside."""

import errno
import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

import config
from chatapp import errors, headers, language, logs
from chatapp.domain.errors import Busy, Conflict, DomainError, Forbidden, Invalid, NotFound, TooMany
from chatapp.static import static

STATUSES = [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503]
OTHERS = [406, 410, 418, 451, 501, 502, 504]
JSON = {"Accept": "application/json"}
SECRET = "what-only-the-server-knows"

Breaking = Callable[[Exception | int], FlaskClient]


class DriverError(Exception):
    """What a database driver raises: SQLite's with a result code, PostgreSQL's with a state."""

    def __init__(self, code: int = 0, state: str | None = None):
        super().__init__(SECRET)
        self.sqlite_errorcode = code
        self.sqlstate = state


@pytest.fixture
def breaking() -> Breaking:
    """`breaking(error)`: a client of an application whose "/broken" raises it.

    It has neither a database nor people: an error page must not need them.
    """
    return lambda error: _application(error).test_client()


def _application(error: Exception | int) -> Flask:
    app = Flask("chatapp", static_folder=None)
    app.config.from_object(config.current())
    # As in production: an unexpected error becomes a page, not the test's own failure.
    app.config["TESTING"] = False
    for part in (logs, headers, language, CSRFProtect(), errors):
        part.init_app(app)
    app.register_blueprint(static)

    @app.route("/broken", methods=["GET", "POST"])
    def broken() -> str:
        if isinstance(error, int):
            abort(error)
        raise error

    return app


def _stored(code: int = 0, state: str | None = None) -> OperationalError:
    return OperationalError("UPDATE rooms", {}, DriverError(code, state))


@pytest.mark.parametrize("status", STATUSES + OTHERS)
def test_each_error_is_a_page_with_a_way_onward(breaking: Breaking, status: int) -> None:
    answer = breaking(status).get("/broken")
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert f'<p class="error-status">{status}</p>' in answer.text
    assert '<a class="button' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("status", STATUSES + OTHERS)
def test_each_error_is_a_problem_for_clients_that_ask_for_json(
    breaking: Breaking, status: int
) -> None:
    answer = breaking(status).get("/broken", headers=JSON)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert problem["type"] == "about:blank"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["code"]


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("*/*", "text/html"),
        ("", "text/html"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("text/vnd.turbo-stream.html, text/html, application/xhtml+xml", "text/html"),
        ("application/problem+json", "application/problem+json"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
    ],
)
def test_the_page_is_for_all_who_do_not_prefer_json(
    breaking: Breaking, accept: str, mimetype: str
) -> None:
    answer = breaking(404).get("/broken", headers={"Accept": accept})
    assert answer.mimetype == mimetype


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("No such room."), 404),
        (Forbidden("Only its author."), 403),
        (Conflict("Another body."), 409),
        (DomainError("Off."), 400),
        (Busy("Busy."), 503),
    ],
)
def test_a_verbs_own_sentence_is_shown(breaking: Breaking, error: DomainError, status: int) -> None:
    answer = breaking(error).get("/broken", headers=JSON)
    assert answer.status_code == status
    assert answer.get_json()["detail"] == str(error)
    assert str(error) in breaking(error).get("/broken").text


def test_what_is_wrong_with_each_field_is_told(breaking: Breaking) -> None:
    error = Invalid({"name": "It is taken.", "topic": "It is too long."})
    answer = breaking(error).get("/broken", headers=JSON)
    assert answer.status_code == 422
    assert answer.get_json()["fields"] == error.fields


def test_too_many_says_when_to_come_back(breaking: Breaking) -> None:
    answer = breaking(TooMany("Wait a minute.", retry_after=60)).get("/broken")
    assert answer.status_code == 429
    assert answer.headers.get_all("Retry-After") == ["60"]


def test_busy_says_when_to_come_back(breaking: Breaking) -> None:
    assert breaking(Busy("Busy.")).get("/broken").headers.get_all("Retry-After") == ["2"]
    assert breaking(503).get("/broken").headers.get_all("Retry-After") == ["2"]


def test_a_wrong_method_names_the_right_ones(breaking: Breaking) -> None:
    answer = breaking(400).put("/broken")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_an_expired_form_has_its_own_words_and_code(breaking: Breaking) -> None:
    client = breaking(200)
    answer = client.post("/broken", headers=JSON)
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "csrf"
    assert answer.get_json()["title"] in client.post("/broken").text


def test_what_was_typed_into_a_failed_form_is_kept(breaking: Breaking) -> None:
    answer = breaking(200).post("/broken", data={"body": "A <long> text", "password": SECRET})
    assert "A &lt;long&gt; text</textarea>" in answer.text
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (_stored(sqlite3.SQLITE_FULL), 507),
        (_stored(sqlite3.SQLITE_BUSY), 503),
        (_stored(sqlite3.SQLITE_BUSY | 2 << 8), 503),
        (_stored(sqlite3.SQLITE_READONLY), 503),
        (_stored(sqlite3.SQLITE_CANTOPEN), 503),
        (_stored(sqlite3.SQLITE_IOERR), 503),
        (_stored(state="53100"), 507),
        (_stored(state="53300"), 503),
        (_stored(state="57P01"), 503),
        (_stored(state="08006"), 503),
        (_stored(state="25006"), 503),
        (DBAPIError("x", {}, DriverError(), connection_invalidated=True), 503),
        (OperationalError("connection refused", {}, DriverError()), 503),
        (PoolTimeout(SECRET), 503),
        (OSError(errno.ENOSPC, SECRET), 507),
        (OSError(errno.EDQUOT, SECRET), 507),
        (OSError(errno.EROFS, SECRET), 503),
        (OSError(errno.EMFILE, SECRET), 503),
    ],
)
def test_storage_that_is_full_or_away_is_told_plainly(
    breaking: Breaking, error: Exception, status: int
) -> None:
    answer = breaking(error).get("/broken")
    assert answer.status_code == status
    assert SECRET not in answer.text
    assert ("Retry-After" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(SECRET),
        _stored(sqlite3.SQLITE_ERROR),
        OSError(errno.ENOENT, SECRET),
    ],
)
def test_what_nobody_expected_tells_nothing_but_its_number(
    breaking: Breaking, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    answer = breaking(error).get("/broken")
    assert answer.status_code == 500
    assert SECRET not in answer.text
    number = answer.headers["X-Request-ID"]
    assert f"<code>{number}</code>" in answer.text
    assert f"request {number}: {type(error).__name__}" in caplog.text
    as_json = breaking(error).get("/broken", headers=JSON)
    assert SECRET not in as_json.text
    assert as_json.get_json()["request"] == as_json.headers["X-Request-ID"]


def test_a_page_that_can_be_asked_again_offers_it(breaking: Breaking) -> None:
    client = breaking(503)
    again = '<a class="button is-primary" href="/broken?q=1">'
    assert again in client.get("/broken?q=1").text
    assert "is-primary" in breaking(404).get("/broken").text


def test_the_words_are_in_the_visitors_language(breaking: Breaking) -> None:
    german = breaking(404).get("/broken", headers={"Accept-Language": "de"})
    assert '<html lang="de"' in german.text
