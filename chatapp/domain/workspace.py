"""The one workspace of this install: its settings, and the link that invites people."""

import hmac
import secrets

from flask_babel import gettext as _
from sqlalchemy import select, update

from chatapp.contexts import app_context
from chatapp.domain.errors import Forbidden, Invalid
from chatapp.domain.names import problem_with_shown_name
from chatapp.domain.transaction import transaction
from chatapp.extensions import db
from chatapp.models import User, Workspace
from chatapp.models.workspace import REGISTRATION_KINDS
from chatapp.text.names import tidy_name

INVITE_BYTES = 18


def exists() -> bool:
    """Whether the first run is over. Asked of the database until it is, and never again."""
    seen = app_context().app.extensions.setdefault("chatapp.workspace", {})
    if not seen and current():
        seen["exists"] = True
    return bool(seen)


def current() -> Workspace | None:
    """The workspace; None before the first run."""
    return db.session.execute(select(Workspace)).scalar_one_or_none()


def for_admin(user: User) -> Workspace:
    """The workspace with its settings and its invite link, for an admin. Raises `Forbidden`."""
    require_admin(user)
    return db.session.execute(select(Workspace)).scalar_one()


def may_register(invite: str = "") -> bool:
    """Whether whoever brings this code of an invite link (or none) may make an account."""
    found = current()
    if found is None:
        return False
    # In constant time, so that nobody finds the code letter by letter.
    invited = hmac.compare_digest(found.invite_code.encode(), invite.encode())
    return found.is_open or (found.takes_invites and invited)


def require_registration(invite: str) -> None:
    """Refuse whoever may not register: raises `Forbidden`."""
    if not may_register(invite):
        raise Forbidden(_("Registration is closed. Ask an admin for an invite link."))


def change(user: User, name: str, registration: str) -> None:
    """Set the name, and who may register. Raises `Forbidden` and `Invalid`."""
    require_admin(user)
    name = tidy_name(name)
    problem = problem_with_shown_name(name)
    if problem:
        raise Invalid({"name": problem})
    if registration not in REGISTRATION_KINDS:
        raise Invalid({"registration": _("Choose who may register.")})
    with transaction() as session:
        require_still_admin(user)
        session.execute(update(Workspace).values(name=name, registration=registration))


def rotate_invite(user: User) -> None:
    """Make a new invite link; the old one stops working. Raises `Forbidden`."""
    require_admin(user)
    with transaction() as session:
        require_still_admin(user)
        session.execute(update(Workspace).values(invite_code=new_invite_code()))


def require_admin(user: User) -> None:
    """Refuse whoever is not an admin: raises `Forbidden`."""
    if not user.is_admin:
        raise _not_admin()


def require_still_admin(user: User, *, hold: bool = True) -> None:
    """`require_admin` within a transaction: whoever was barred since they came is refused, too.

    `hold`: nor can they be barred before it ends.
    """
    is_admin = User.id == user.id, User.role == "admin", User.status == "active"
    statement = select(User.id).where(*is_admin)
    held = statement.with_for_update(read=True) if hold else statement
    if db.session.execute(held).one_or_none() is None:
        raise _not_admin()


def _not_admin() -> Forbidden:
    return Forbidden(_("Only an admin of the workspace can do this."))


def new_invite_code() -> str:
    """A code that nobody guesses, for the invite link."""
    return secrets.token_urlsafe(INVITE_BYTES)
