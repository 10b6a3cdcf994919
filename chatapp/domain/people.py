"""Who is in the workspace, and keeping somebody out of it.

A deactivated person has left and may come back; a banned one is kept out. Neither can sign in;
what they said stays, and so do their memberships.
"""

from typing import Literal, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import or_, select, update

from chatapp.domain import sessions
from chatapp.domain.errors import Forbidden, NotFound
from chatapp.domain.sequences import lock_person, note_workspace_change
from chatapp.domain.transaction import record, transaction
from chatapp.domain.workspace import require_admin, require_still_admin
from chatapp.events import PersonBarred
from chatapp.extensions import db
from chatapp.models import User
from chatapp.text.names import name_key

# So many at a time.
SHOWN = 100


class Directory(NamedTuple):
    """A page of the people in the workspace, and whether more come behind them."""

    people: list[User]
    more: bool


def directory(viewer: User, named: str = "", after: str = "") -> Directory:
    """Who may sign in, by shown name; admins see those who may not, too.

    `named`: those with this in one of their names. `after`: from whoever comes behind the person
    with that user name.
    """
    statement = select(User).order_by(User.display_name_key).limit(SHOWN + 1)
    if not viewer.is_admin:
        statement = statement.where(User.status == "active")
    if named:
        names, part = (User.display_name_key, User.user_name_key), name_key(named)
        statement = statement.where(or_(*(name.contains(part, autoescape=True) for name in names)))
    last = select(User.display_name_key).where(User.user_name_key == name_key(after))
    if after and (key := db.session.execute(last).scalar_one_or_none()):
        statement = statement.where(User.display_name_key > key)
    found = list(db.session.execute(statement).scalars())
    return Directory(found[:SHOWN], len(found) > SHOWN)


def bar(admin: User, user_id: int, status: Literal["deactivated", "banned"]) -> User:
    """Keep a person out: they are signed out everywhere, at once.

    Raises `NotFound`, and `Forbidden` for who is no admin, for oneself and for the last admin.
    """
    require_admin(admin)
    if user_id == admin.id:
        raise Forbidden(_("You can't close your own account. Ask another admin."))
    with transaction() as session:
        lock_person(user_id)
        # Takes the workspace's row: two admins who bar each other do so one after the other, and
        # one of them always remains.
        seq = note_workspace_change("person_barred", user_id)
        person = _person(user_id)
        # Not held: each of them would wait for the other.
        require_still_admin(admin, hold=False)
        session.execute(update(User).where(User.id == user_id).values(status=status))
        sessions.end_within(user_id)
        record(PersonBarred(user_id, seq))
    return person


def restore(admin: User, user_id: int) -> User:
    """Let a person sign in again. Raises `NotFound` and `Forbidden`."""
    require_admin(admin)
    with transaction() as session:
        require_still_admin(admin)
        person = _person(user_id)
        # The row of somebody who is active stays as it is, for they may hold their own.
        barred = User.id == user_id, User.status != "active"
        session.execute(update(User).where(*barred).values(status="active"))
    return person


def _person(user_id: int) -> User:
    person = db.session.get(User, user_id)
    if person is None:
        raise NotFound(_("There is no such person."))
    return person
