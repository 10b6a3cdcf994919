"""The first run: one form makes the workspace, its admin and its first room. Once."""

import secrets

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from chatapp.domain import accounts, rooms, workspace
from chatapp.domain.accounts import NewAccount
from chatapp.domain.errors import Conflict, Invalid
from chatapp.domain.names import problem_with_shown_name
from chatapp.domain.transaction import transaction
from chatapp.models import User, Workspace
from chatapp.text.names import tidy_name


def open_workspace(workspace_name: str, room_name: str, account: NewAccount) -> User:
    """Make the workspace, the first account (an admin's) and the first room.

    Raises `Conflict` for whoever comes second, also when both came at once, and `Invalid`.
    """
    _require_none()
    names = {"workspace_name": tidy_name(workspace_name), "room_name": tidy_name(room_name)}
    problems = {field: problem_with_shown_name(name) for field, name in names.items()}
    user = _prepare_admin(account, {field: text for field, text in problems.items() if text})
    try:
        with transaction() as session:
            # The only row that this table may hold stops the second of two.
            session.add(_workspace(names["workspace_name"]))
            session.flush()
            session.add(user)
            session.flush()
            rooms.add_room(user, names["room_name"])
    except IntegrityError:
        _require_none()
        raise
    return user


def _require_none() -> None:
    if workspace.current():
        raise Conflict(_("This workspace has just been set up by somebody else."))


def _prepare_admin(account: NewAccount, problems: dict[str, str]) -> User:
    """The admin's row; whatever is wrong is raised together with what was found before."""
    try:
        user = accounts.prepare(account, role="admin")
    except Invalid as error:
        raise Invalid(problems | error.fields) from None
    if problems:
        raise Invalid(problems)
    return user


def _workspace(name: str) -> Workspace:
    return Workspace(
        id=1,
        name=name,
        registration="invite",
        invite_code=workspace.new_invite_code(),
        epoch=secrets.token_hex(16),
        head_seq=0,
    )
