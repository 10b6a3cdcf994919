"""Which schema a database has, which one this version wants, and the way from one to the other.

Alembic knows. It is loaded when it is asked: a server, which only asks whether its database is too
old, would spend a tenth of its start on that.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import Flask, current_app
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from chatapp.extensions import db

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
# The last of the migrations, for those who ask without Alembic. They count upwards.
NEWEST = "0005"


class SchemaError(Exception):
    """A migration did not succeed, and the database is what it was."""


class _Late:
    """What `flask db` looks for in the application: Flask-Migrate, made when somebody does."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        # It puts its own in this one's place.
        Migrate(self._app, db, directory=str(FOLDER), render_as_batch=True)
        return getattr(self._app.extensions["migrate"], name)


def init_app(app: Flask) -> None:
    """Have `flask db` find the migrations."""
    app.extensions["migrate"] = _Late(app)
    if click.get_current_context(silent=True):
        # Whoever types `flask` is to find the command, too: Flask-Migrate brings it.
        _ = app.extensions["migrate"].migrate


def revision(connection: Connection) -> str | None:
    """Which schema that database has; None when it is none of ours."""
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The one that this version wants, by its files."""
    return _scripts().get_current_head()


def lack() -> str | None:
    """What is to be told of a database that this version does not fit, in one line, or None.

    None, too, where it does not answer, which requests are told themselves. Without Alembic: a
    server asks this when it starts.
    """
    try:
        with db.engine.connect() as connection:
            present = ""
            if inspect(connection).has_table("alembic_version"):
                rows = connection.execute(text("SELECT version_num FROM alembic_version"))
                present = rows.scalar() or ""
    except SQLAlchemyError:
        return None
    if present == NEWEST:
        return None
    if present > NEWEST:
        return f"the database {of_later(present)}"
    found = (
        f"has the schema {present}, and this version wants {NEWEST}"
        if present
        else "has no schema yet"
    )
    return f"the database {found}. End all servers that use it, then run `flask db upgrade`."


def of_later(present: str) -> str:
    """What is to be told of a database of that schema, which this version does not know."""
    return (
        f"was made by a later version of chatapp (schema {present}) than this one (up to {NEWEST})."
        " Update the code, or restore the backup made before."
    )


def is_known(present: str) -> bool:
    """Whether this version can bring a database of that schema up to date."""
    return present in {script.revision for script in _scripts().walk_revisions()}


def upgrade(connection: Connection) -> None:
    """Bring that database to the newest schema, from whichever it has, or none.

    Raises `SchemaError`, and what the database says.
    """
    from alembic import command
    from alembic.util import CommandError

    config = current_app.extensions["migrate"].migrate.get_config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise SchemaError(str(error)) from error


def _scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory

    return ScriptDirectory(current_app.extensions["migrate"].migrate.directory)
