"""Around every request: who is asking, what the answer carries, what is left behind."""

import secrets

from flask import Flask, Response, g
from flask_login import current_user

from chatapp.extensions import db, login_manager


def init_app(app: Flask) -> None:
    """Register the hooks on the application."""
    login_manager.init_app(app)
    app.before_request(load_person)
    app.after_request(set_security_headers)
    app.teardown_request(leave_database_clean)


def load_person() -> None:
    """Set `g.user` (or None) and `g.request_id`."""
    g.request_id = secrets.token_hex(8)
    g.user = current_user if current_user.is_authenticated else None


def set_security_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response


def leave_database_clean(_error: BaseException | None) -> None:
    db.session.rollback()
