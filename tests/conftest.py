"""What every test may ask for: a fresh `app`, clients, builders and real servers.

`--database=sqlite|postgresql|both` says on which database the tests of the application run.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["CHATAPP_ENV"] = "test"

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from chatapp import create_app
from chatapp.extensions import db
from tests.builders import make_member, make_message, make_room, make_user, sign_in
from tests.clients import SeparateClient
from tests.databases import (
    database_url,
    databases,
    postgresql_databases,
    sqlite_databases,
)
from tests.realtime.autobahn import HOW_TO_GET_IT, find_wstest
from tests.relays import redis_url, shared_redis_url
from tests.servers import make_server, server, shared_server

# Fixtures are found by their names here.
__all__ = [
    "database_url",
    "databases",
    "make_member",
    "make_message",
    "make_room",
    "make_server",
    "make_user",
    "postgresql_databases",
    "redis_url",
    "server",
    "shared_redis_url",
    "shared_server",
    "sign_in",
    "sqlite_databases",
]

KINDS = {"sqlite": ["sqlite"], "postgresql": ["postgresql"], "both": ["sqlite", "postgresql"]}


def pytest_addoption(parser: pytest.Parser) -> None:
    given = os.environ.get("DATABASE_URL", "")
    parser.addoption(
        "--database",
        choices=KINDS,
        default="postgresql" if given.startswith("postgres") else "sqlite",
        help="the database that the application's tests run on",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", kinds_for(metafunc), scope="session")


def kinds_for(metafunc: pytest.Metafunc) -> list[str]:
    """Browsers and own servers make slow tests: on "both" they take SQLite unless marked."""
    kinds = KINDS[metafunc.config.getoption("--database")]
    marked = metafunc.definition.get_closest_marker
    for kind in KINDS["both"]:
        if marked(f"{kind}_only"):
            return [kind]
    slow = "make_server" in metafunc.fixturenames
    return kinds[:1] if slow and not marked("both_databases") else kinds


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if must_not_skip(terminalreporter):
        terminalreporter.write_line("Nothing may skip where CI is set.", red=True)
    if find_wstest() is None and has_run(terminalreporter, "tests/realtime/"):
        terminalreporter.write_line(HOW_TO_GET_IT, yellow=True)


def has_run(reporter: pytest.TerminalReporter, folder: str) -> bool:
    return any(report.nodeid.startswith(folder) for report in reporter.stats.get("passed", ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if must_not_skip(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def must_not_skip(reporter: pytest.TerminalReporter | None) -> bool:
    """Whether tests were skipped where everything has to run."""
    return bool(os.environ.get("CI") and reporter and reporter.stats.get("skipped"))


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Overrides pytest-flask's, which holds one context open around all clients of a test."""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> dict[str, object]:
    """What differs from `config.TestConfig` in this test; override it in a module for more."""
    return {
        "SQLALCHEMY_DATABASE_URI": database_url,
        "INSTANCE_PATH": tmp_path,
        "PROPAGATE_EXCEPTIONS": True,
        "WTF_CSRF_ENABLED": False,
    }


@pytest.fixture
def app(settings: dict[str, object]) -> Iterator[Flask]:
    """The application on a database of its own. Forms take no CSRF token (see `settings`)."""
    app = create_app(settings)
    app.test_client_class = SeparateClient
    opened: list[Any] = []
    with app.app_context():
        event.listen(db.engine, "connect", lambda connection, _record: opened.append(connection))
    yield app
    with app.app_context():
        db.engine.dispose()
        if db.engine.dialect.name == "postgresql":
            # What a background thread has out at this moment goes back to a pool that nobody has
            # any more, and psycopg would complain of it in some later test.
            for connection in opened:
                connection.close()


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An application context, for tests that call verbs and models themselves."""
    with app.app_context():
        yield


@pytest.fixture
def make_client(app: Flask) -> Callable[[], FlaskClient]:
    """Makes browsers that share nothing: cookies and identity are each one's own."""
    return app.test_client
