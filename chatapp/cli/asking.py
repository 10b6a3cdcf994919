"""What a command says when it can't do what it was asked."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click
from sqlalchemy.exc import DBAPIError

from chatapp.domain.errors import DomainError

P = ParamSpec("P")


def explained(command: Callable[P, None]) -> Callable[P, None]:
    """Have the command end with a sentence, not a traceback, when a verb refuses it."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except DomainError as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            raise click.ClickException(_about_database(error)) from error

    return run


def _about_database(error: DBAPIError) -> str:
    # PostgreSQL's code for a table that is not there; a database or a role has another one.
    if "no such table" in str(error.orig) or getattr(error.orig, "sqlstate", "") == "42P01":
        return "The database has no tables yet. Run `flask db upgrade` first."
    return f"The database did not answer as it should: {error.orig}"
