"""`flask doctor`: what is wrong with this install, and what to do about it."""

import resource
import shutil
import stat
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from chatapp import schema
from chatapp.cli.asking import explained
from chatapp.database import POSTGRESQL_POOL, is_damaged
from chatapp.domain.backups import files, sqlite
from chatapp.extensions import db
from config import hindrance

ENOUGH_DISK_BYTES = 200 * 1024 * 1024
# What a process has open beside its sockets: the database, logs, libraries.
OTHER_FILES = 200
WRITE_AGAIN = (
    "Where a disk turned read-only, `dmesg` says why; else call this as the server's user, or give"
    " the folder and all in it to that one (`chown -R`)."
)
SIGNS = {"well": "  well ", "note": "  note ", "wrong": " WRONG "}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `level` is well, note or wrong."""

    level: str
    sentence: str


@click.command()
@with_appcontext
@explained
def doctor() -> None:
    """Look at settings, data and surroundings; exit code 1 when something is wrong."""
    findings = [finding for look in LOOKS for finding in look()]
    for finding in findings:
        click.echo(f"{SIGNS[finding.level]} {finding.sentence}")
    if any(finding.level == "wrong" for finding in findings):
        sys.exit(1)


def environment() -> Iterator[Finding]:
    """Whether these are settings for people: those for tests have a key that everybody knows."""
    name = current_app.config["ENVIRONMENT"]
    if name == "test":
        yield Finding(
            "wrong",
            "CHATAPP_ENV=test is for tests: anybody can be anybody. Unset it, and begin anew.",
        )
    elif name == "development":
        yield Finding("note", "CHATAPP_ENV=development is not for people: unset it where they are.")


def place() -> Iterator[Finding]:
    path = _sqlite_path()
    for part in (path.parent, path, *sqlite.companions(path)) if path else ():
        if reason := hindrance(part):
            yield Finding("wrong", f"The server cannot write: {reason}. {WRITE_AGAIN}")
            return


def database() -> Iterator[Finding]:
    try:
        with _connection() as connection:
            present = schema.revision(connection)
    except SQLAlchemyError as error:
        yield Finding("wrong", f"The database does not answer: {getattr(error, 'orig', error)}")
        return
    if present and not schema.is_known(present):
        yield Finding("wrong", f"The database {schema.of_later(present)}")
    elif present != schema.newest():
        yield Finding("wrong", "The database has another schema: run `flask db upgrade`.")
    else:
        yield Finding("well", f"The database ({db.engine.dialect.name}) has the newest schema.")


def sqlite_file() -> Iterator[Finding]:
    path = _sqlite_path()
    if path is None:
        return
    try:
        damage = _damage()
    except SQLAlchemyError as error:
        yield Finding("wrong", f"The file {path} cannot be read: {getattr(error, 'orig', error)}")
        return
    if damage:
        yield Finding("wrong", f"The file {path} is damaged ({damage}): restore a backup.")
    else:
        yield Finding("well", f"The file {path} is sound.")


def disk() -> Iterator[Finding]:
    path = _sqlite_path()
    if path is None:
        return
    free = shutil.disk_usage(path.parent).free
    if free < ENOUGH_DISK_BYTES:
        yield Finding("wrong", f"Only {free // 2**20} MiB are free beside {path}.")
    else:
        yield Finding("well", f"{free // 2**20} MiB are free beside {path}.")


def private_files() -> Iterator[Finding]:
    path = current_app.config["INSTANCE_PATH"] / "secret_key"
    if path.is_file() and _mode(path) & 0o077:
        yield Finding("wrong", f"Others can read {path}: run `chmod 600 {path}`.")
    path = _sqlite_path()
    # In the instance folder that chatapp makes nobody else gets to it, whatever its mode.
    if path and _mode(path) & 0o077 and _mode(path.parent) & 0o011:
        yield Finding("wrong", f"Others can read {path}: run `chmod 600 {path}*`.")


def connections() -> Iterator[Finding]:
    """Whether PostgreSQL takes as many as the workers may open, twice while they are replaced."""
    if db.engine.dialect.name != "postgresql":
        return
    workers = current_app.config["WEB_CONCURRENCY"]
    wanted = 2 * workers * POSTGRESQL_POOL["pool_size"]
    try:
        with db.engine.connect() as connection:
            allowed = int(connection.exec_driver_sql("SHOW max_connections").scalar_one())
    except SQLAlchemyError:
        return  # `database` has told it.
    if allowed < wanted:
        yield Finding(
            "note",
            f"PostgreSQL takes {allowed} connections, and {workers} workers may open {wanted} while"
            f" they are replaced: raise its max_connections, or set WEB_CONCURRENCY.",
        )
    else:
        yield Finding("well", f"PostgreSQL takes {allowed} connections.")


def redis() -> Iterator[Finding]:
    url = current_app.config["REDIS_URL"]
    if not url:
        if current_app.config["WEB_CONCURRENCY"] > 1:
            yield Finding("note", "Several workers without REDIS_URL hear of each other late.")
        return
    from redis import Redis, RedisError

    try:
        with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
    except (RedisError, ValueError) as error:
        yield Finding("wrong", f"Redis does not answer at REDIS_URL: {error}")
    else:
        yield Finding("well", "Redis answers.")


def address() -> Iterator[Finding]:
    base = current_app.config["BASE_URL"]
    if not base:
        yield Finding("note", "BASE_URL is not set: invitations name the address their maker used.")
    elif base.startswith("http://"):
        yield Finding("note", f"{base} is not secure: put TLS in front, and https in BASE_URL.")
    else:
        yield Finding("well", f"People come by {base}.")


def open_files() -> Iterator[Finding]:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    capacity = current_app.config["SOCKET_CAPACITY"]
    if hard != resource.RLIM_INFINITY and hard < capacity + OTHER_FILES:
        room = hard - OTHER_FILES
        yield Finding(
            "note",
            f"A worker started from here may open {hard} files, so about {room} sockets: raise the"
            f" limit (`ulimit -Hn`) or set SOCKET_CAPACITY={room}.",
        )
    else:
        yield Finding("well", f"A worker started from here may hold {capacity} sockets.")


LOOKS = (
    environment,
    place,
    database,
    sqlite_file,
    disk,
    private_files,
    connections,
    redis,
    address,
    open_files,
)


def _sqlite_path() -> Path | None:
    """The file, where there is one."""
    path = Path(db.engine.url.database or "")
    return path if db.engine.dialect.name == "sqlite" and path.is_file() else None


@contextmanager
def _connection() -> Generator[Connection]:
    """The application's; what lies where nothing can be written is read all the same."""
    path = _sqlite_path()
    if path and sqlite.is_sealed(path):
        with files.opened(path, unchanging=True) as engine, engine.connect() as connection:
            yield connection
    else:
        with db.engine.connect() as connection:
            yield connection


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _damage() -> str:
    """What SQLite says is damaged in its file, if anything."""
    try:
        with _connection() as connection:
            answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    except DBAPIError as error:
        if not is_damaged(error):
            raise
        return str(error.orig)
    return "" if answer == "ok" else " ".join(answer.split())
