"""What a command says when it can't do what it was asked."""

import sys
from collections.abc import Callable
from functools import wraps
from io import TextIOWrapper
from typing import ParamSpec

import click
from sqlalchemy.exc import DBAPIError

from chatapp.database import NO_TABLES, lacks_tables
from chatapp.domain.errors import DomainError

P = ParamSpec("P")


def explained(command: Callable[P, None]) -> Callable[P, None]:
    """Have the command end with a sentence, not a traceback, when a verb refuses it."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        _write_anything()
        try:
            command(*args, **kwargs)
        except DomainError as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            raise click.ClickException(_about_database(error)) from error

    return run


def _write_anything() -> None:
    """Names have letters that a terminal of another charset lacks: it gets their numbers."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _about_database(error: DBAPIError) -> str:
    if lacks_tables(error):
        return NO_TABLES
    return f"The database did not answer as it should: {error.orig}"
