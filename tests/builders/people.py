"""Accounts for tests. Everybody has the same password."""

from functools import cache
from itertools import count

from nacl.pwhash import argon2id

from chatapp.domain.transaction import transaction
from chatapp.models import User
from chatapp.text.names import name_key
from tests.builders.workspace import ensure_workspace

PASSWORD = "correct horse battery staple"

_numbers = count(1)


def new_user(
    user_name: str | None = None,
    *,
    display_name: str | None = None,
    password: str = PASSWORD,
    role: str = "member",
    status: str = "active",
    email: str | None = None,
    locale: str | None = None,
) -> User:
    """An account; the workspace is made along with the first one."""
    user_name = user_name or f"person{next(_numbers)}"
    display_name = display_name or user_name.capitalize()
    user = User(
        user_name=user_name,
        user_name_key=name_key(user_name),
        display_name=display_name,
        display_name_key=name_key(display_name),
        password_hash=hashed(password),
        role=role,
        status=status,
        email=email,
        email_key=email and email.casefold(),
        locale=locale,
    )
    with transaction() as session:
        ensure_workspace(session)
        session.add(user)
    return user


@cache
def hashed(password: str) -> str:
    return argon2id.str(password.encode(), argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN).decode()
