"""Counting what a request asks of the database."""

from collections.abc import Generator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

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
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
