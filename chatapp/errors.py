"""Domain and HTTP errors become a page, or problem+json for clients that ask for JSON.

Nothing here needs the database or the signed-in person: it may be the database that is gone.
"""

from flask import Flask, Response, current_app, g, json, render_template, request
from flask_babel import force_locale
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from chatapp.contexts import request_context
from chatapp.domain.errors import DomainError
from chatapp.language import asked_for
from chatapp.problems import Problem, problem_of, storage_status

# What an exception's own answer says about the request, beside its body: RFC 9110.
KEPT_HEADERS = {"allow", "retry-after", "www-authenticate", "content-range"}
# A message that was refused so may be taken soon. Sent with its key, it is never stored twice.
WORTH_RESENDING = (429, 500, 503, 507)
HTML, JSON = "text/html", "application/json"


def init_app(app: Flask) -> None:
    """Register the error handlers on the application."""
    app.register_error_handler(DomainError, answer)
    app.register_error_handler(HTTPException, answer)
    for kind in (DBAPIError, PoolTimeout, OSError):
        app.register_error_handler(kind, answer_storage)


def answer(error: Exception) -> Response:
    """The error as a page or as JSON, with the headers that belong to it."""
    if isinstance(error, InternalServerError):
        _log(error)
    try:
        response = _tell(error)
    except SQLAlchemyError:
        # The person's language could not be read: what their browser asks for does.
        with force_locale(asked_for()):
            response = _tell(error)
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name.lower() in KEPT_HEADERS:
                response.headers[name] = value
    return response


def answer_storage(error: Exception) -> Response:
    """A full disk or a database that is away for now; any other error of theirs is a 500."""
    status = storage_status(error)
    if status is None:
        raise error
    current_app.logger.error("request %s: storage answers %s", request_id(), error)
    return answer(error)


def request_id() -> str:
    """The number under which the log knows this request."""
    return g.get("request_id", "")


def wants_json() -> bool:
    """Whether the client prefers JSON to a page; one that takes anything gets the page."""
    kinds = request.accept_mimetypes
    return kinds.best_match([HTML, JSON, "application/problem+json"], HTML) != HTML


def _tell(error: Exception) -> Response:
    problem = problem_of(error)
    # Whoever calls us by what is no host's name gets no page: it could not name its own files.
    has_addresses = request_context().url_adapter is not None
    response = _page(problem) if has_addresses and not wants_json() else _json(problem)
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _json(problem: Problem) -> Response:
    facts = {**problem.as_json(), "request": request_id()}
    return Response(json.dumps(facts), mimetype="application/problem+json")


def _page(problem: Problem) -> Response:
    # A GET can simply be asked again; what was typed into a form is shown so that it can be kept.
    again = request.full_path.rstrip("?") if request.method == "GET" else None
    page = render_template(
        "errors/error.html",
        problem=problem,
        again=again if problem.status in (429, 500, 503) else None,
        typed=_typed("body"),
        resend=_typed("client_key") if problem.status in WORTH_RESENDING else "",
        token=_typed("csrf_token"),
        request_id=request_id(),
    )
    return Response(page, mimetype=HTML)


def _typed(field: str) -> str:
    """What came with a failed post, as far as it could be read."""
    try:
        return request.form.get(field, "")
    except (HTTPException, OSError):
        return ""


def _log(error: InternalServerError) -> None:
    cause = error.original_exception
    current_app.logger.error("request %s: %s", request_id(), type(cause or error).__name__)
