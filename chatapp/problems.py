"""What went wrong, in words that say what happened and what to do; RFC 9457 calls it a problem."""

import errno
import sqlite3
from dataclasses import asdict, dataclass, field

from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from chatapp.domain.errors import Busy, DomainError, Invalid

# SQLite's result codes for a disk without room, and for what passes by itself.
SQLITE_FULL = {sqlite3.SQLITE_FULL}
SQLITE_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
}
# PostgreSQL's SQLSTATE: disk full; and classes of lost connections, locks, resources, shutdowns.
POSTGRESQL_FULL = "53100"
POSTGRESQL_PASSING = ("08", "25006", "25P03", "40", "53", "55P03", "57P")


@dataclass(frozen=True)
class Problem:
    """One error as it is told. `code` is a stable word for scripts, `fields` a sentence each."""

    status: int
    title: str
    detail: str
    code: str = "error"
    fields: dict[str, str] = field(default_factory=dict)
    retry_after: int | None = None

    def as_json(self) -> dict[str, object]:
        """The members of an application/problem+json document."""
        facts = {name: value for name, value in asdict(self).items() if value}
        return {"type": "about:blank", **facts}


def problem_of(error: Exception) -> Problem:
    """The problem that tells this error; an unknown one is a 500 without any of its details."""
    if isinstance(error, DomainError):
        return _of_domain(error)
    if isinstance(error, CSRFError):
        return _expired_form()
    if isinstance(error, HTTPException):
        return _of_http(error)
    return by_status(storage_status(error) or 500)


def by_status(status: int, detail: str = "", retry_after: int | None = None) -> Problem:
    """The problem for an HTTP status, in our words; `detail` replaces the general sentence."""
    code, title, general = _words().get(status) or _any_words(status)
    if status == 503:
        retry_after = retry_after or 2
    return Problem(status, title, detail or general, code, retry_after=retry_after)


def is_outage(error: BaseException) -> bool:
    """Whether the database was away, full or busy: what was asked of it can be asked again."""
    return isinstance(error, Busy) or storage_status(error) is not None


def storage_status(error: BaseException) -> int | None:
    """507 when the disk is full, 503 when storage is away for now, None when it is neither."""
    if isinstance(error, PoolTimeout):
        return 503
    if isinstance(error, DBAPIError):
        return _database_status(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return 507
    if isinstance(error, OSError) and error.errno in (errno.EROFS, errno.EMFILE, errno.ENFILE):
        return 503
    return None


def _database_status(error: DBAPIError) -> int | None:
    result = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    state = getattr(error.orig, "sqlstate", None) or ""
    if result in SQLITE_FULL or state == POSTGRESQL_FULL:
        return 507
    passing = result in SQLITE_PASSING or state.startswith(POSTGRESQL_PASSING)
    # What neither database said came from the way to it: nobody was there.
    unreachable = isinstance(error, OperationalError) and not result and not state
    return 503 if passing or unreachable or error.connection_invalidated else None


def _of_domain(error: DomainError) -> Problem:
    general = by_status(error.status)
    fields = error.fields if isinstance(error, Invalid) else {}
    wait = getattr(error, "retry_after", None)
    detail = str(error) or general.detail
    return Problem(error.status, general.title, detail, general.code, fields, wait)


def _of_http(error: HTTPException) -> Problem:
    wait = getattr(error, "retry_after", None)
    return by_status(error.code or 500, retry_after=wait if isinstance(wait, int) else None)


def _expired_form() -> Problem:
    title = _("This page was open for too long")
    detail = _("Its form is no longer valid, so nothing was sent. Go back, reload and send again.")
    return Problem(400, title, detail, "csrf")


def _words() -> dict[int, tuple[str, str, str]]:
    return {
        400: (
            "bad_request",
            _("The server could not read that"),
            _("Something in the request was missing or garbled. Go back and try again."),
        ),
        401: (
            "signed_out",
            _("You are signed out"),
            _("Sign in, and you can go on where you were."),
        ),
        403: (
            "forbidden",
            _("This is not yours to do"),
            _("Your account may not do that. An admin of the workspace can help."),
        ),
        404: (
            "not_found",
            _("There is nothing here"),
            _("It was removed, or it is not for you to see. Check the address for a typing error."),
        ),
        405: (
            "method_not_allowed",
            _("That does not work at this address"),
            _("The page exists, but not for this kind of request. Start again from your rooms."),
        ),
        409: (
            "conflict",
            _("Someone was faster"),
            _("It has changed in the meantime. Go back, reload and look again."),
        ),
        413: (
            "too_large",
            _("That is too large"),
            _("The server takes less than that at once. Make it shorter and send it again."),
        ),
        422: (
            "invalid",
            _("Something is not right yet"),
            _("Go back, correct it and send it again."),
        ),
        429: (
            "too_many",
            _("That was too often"),
            _("Wait a little, then try again."),
        ),
        500: (
            "server_error",
            _("Something broke on the server"),
            _("It was not your doing. Try again; if it stays, give the number below to an admin."),
        ),
        503: (
            "busy",
            _("The server is busy"),
            _("Nothing was changed. Try again in a moment."),
        ),
        507: (
            "full",
            _("The server has run out of space"),
            _("Nothing was saved, but you can still read. Tell an admin that the disk is full."),
        ),
    }


def _any_words(status: int) -> tuple[str, str, str]:
    if status >= 500:
        return ("server_error", _("The server could not do that"), _("Try again in a moment."))
    return ("refused", _("That did not work"), _("Go back and try again another way."))
