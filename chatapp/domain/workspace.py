"""The one workspace of this install: its settings, and the link that invites people."""

import secrets

from flask import current_app
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Workspace

INVITE_BYTES = 18


def exists() -> bool:
    """Whether the first run is over. Asked of the database until it is, and never again."""
    seen = current_app.extensions.setdefault("chatapp.workspace", {})
    if not seen:
        seen.update({"exists": True} if current() else {})
    return bool(seen)


def current() -> Workspace | None:
    """The workspace; None before the first run."""
    return db.session.execute(select(Workspace)).scalar_one_or_none()


def new_invite_code() -> str:
    """A code that nobody guesses, for the invite link."""
    return secrets.token_urlsafe(INVITE_BYTES)
