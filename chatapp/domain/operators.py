"""What whoever runs the server may do to accounts. No admin is asked: they hold the database."""

from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from chatapp.domain import passwords, sessions
from chatapp.domain.errors import Forbidden, Invalid, NotFound
from chatapp.domain.sequences import lock_person, note_workspace_change
from chatapp.domain.transaction import record, transaction
from chatapp.events import PersonBarred
from chatapp.extensions import db
from chatapp.models import User
from chatapp.models.session import SignInSession
from chatapp.text.names import name_key


class Account(NamedTuple):
    """An account as its operator sees it. `seen_at` is None for who is not signed in anywhere."""

    user_name: str
    display_name: str
    role: str
    status: str
    seen_at: datetime | None


def everybody() -> list[Account]:
    """Every account, by user name."""
    seen_at = func.max(SignInSession.last_seen_at)
    statement = (
        select(User.user_name, User.display_name, User.role, User.status, seen_at)
        .outerjoin(SignInSession, SignInSession.user_id == User.id)
        .group_by(User.id)
        .order_by(User.user_name_key)
    )
    return [Account(*row) for row in db.session.execute(statement)]


def make_admin(user_name: str) -> None:
    """Give a person an admin's rights. Raises `NotFound`, `Forbidden` (a closed account)."""
    with transaction():
        user = _named(user_name)
        if not user.is_active:
            raise Forbidden(_("This account is closed. Restore it on the people page first."))
        _change(user, role="admin")


def reset_password(user_name: str, password: str) -> None:
    """Set a password and end all of this person's sign-ins. Raises `NotFound`, `Invalid`."""
    user = _named(user_name)
    problem = passwords.problem_with(password, user.user_name)
    if problem:
        raise Invalid({"password": problem})
    hashed = passwords.hashed(password)
    with transaction():
        _change(user, password_hash=hashed)
        sessions.end_within(user.id)


def deactivate(user_name: str) -> None:
    """Close an account and sign it out everywhere.

    Raises `NotFound`, `Forbidden` for the last admin: somebody has to run the workspace.
    """
    with transaction():
        user = _named(user_name)
        lock_person(user.id)
        # Takes the workspace's row: of two last admins only one can be closed at a time.
        seq = note_workspace_change("person_barred", user.id)
        if user.is_admin and _other_admins(user) == 0:
            raise Forbidden(_("This is the only admin. Make somebody else an admin first."))
        _change(user, status="deactivated")
        sessions.end_within(user.id)
        record(PersonBarred(user.id, seq))


def _named(user_name: str) -> User:
    statement = select(User).where(User.user_name_key == name_key(user_name))
    user = db.session.execute(
        statement, execution_options={"populate_existing": True}
    ).scalar_one_or_none()
    if user is None:
        raise NotFound(_("Nobody here has that user name."))
    return user


def _other_admins(user: User) -> int:
    admins = (User.role == "admin", User.status == "active", User.id != user.id)
    return db.session.execute(select(func.count()).select_from(User).where(*admins)).scalar_one()


def _change(user: User, **values: str) -> None:
    statement = update(User).where(User.id == user.id).values(values)
    db.session.execute(statement, execution_options={"synchronize_session": False})
