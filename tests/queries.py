"""Counting what a request asks of the database."""

from collections.abc import Generator
from contextlib import contextmanager
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event

from chatapp.domain.prepared import Prepared
from chatapp.extensions import db


@contextmanager
def counted(app: Flask) -> Generator[list[str]]:
    """The statements that run inside the block, in their order."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(Prepared, "run", _noting(statements)):
            yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _noting(statements: list[str]):
    """What goes past SQLAlchemy's events: SQLite is asked directly."""
    run = Prepared.run

    def noting(self, *given):
        statements.append(str(self.statement))
        return run(self, *given)

    return noting
