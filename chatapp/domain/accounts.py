"""People's accounts: making one, proving that it is one's own, changing it.

Names, addresses and passwords are checked here, whatever door they came through; what is wrong
is raised as `Invalid`, with the sentence for each field.
"""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from chatapp.domain import memberships, passwords, rates, sessions, workspace
from chatapp.domain.errors import Invalid
from chatapp.domain.names import problem_with_shown_name, problem_with_user_name
from chatapp.domain.sequences import lock_person, note_workspace_change
from chatapp.domain.transaction import record, transaction
from chatapp.events import PersonChanged
from chatapp.extensions import db
from chatapp.models import SignInSession, User
from chatapp.models.user import MAX_EMAIL
from chatapp.text.names import name_key, tidy_name


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a person fills in to get an account."""

    user_name: str
    display_name: str
    password: str
    email: str = ""


def register(account: NewAccount, *, invite: str = "", address: str = "") -> User:
    """Make an account and let the person into the first open room.

    Raises `Invalid` with every field that is off, names that are taken included; `Forbidden` when
    registration is closed to this invite; `TooMany`.
    """
    workspace.require_registration(invite)
    rates.spend("REGISTER_ADDRESS", rates.network_of(address))
    rates.spend("REGISTER", name_key(account.user_name))
    user = prepare(account)
    try:
        with transaction() as session:
            # Hashing takes long enough for an invite to be replaced meanwhile.
            workspace.require_registration(invite)
            session.add(user)
            session.flush()
            memberships.join_first_rooms(user)
    except IntegrityError:
        # Somebody was faster with one of the names, between our look and our insert.
        _refuse_taken(user)
        raise
    return user


def prepare(account: NewAccount, role: str = "member") -> User:
    """The row of a new account, checked but not stored. Raises `Invalid`."""
    user = User(
        user_name=tidy_name(account.user_name),
        user_name_key=name_key(account.user_name),
        display_name=tidy_name(account.display_name),
        display_name_key=name_key(account.display_name),
        role=role,
    )
    problems = {
        "user_name": problem_with_user_name(user.user_name),
        "display_name": problem_with_shown_name(user.display_name),
        "password": passwords.problem_with(account.password, user.user_name),
        "email": _set_email(user, account.email),
    }
    # A name that is no name can't be taken either: its own sentence goes first.
    _refuse(_taken(user) | {field: text for field, text in problems.items() if text})
    user.password_hash = passwords.hashed(account.password)
    return user


def _set_email(user: User, typed: str) -> str | None:
    """Put the address into the row; returns what is wrong with it."""
    if not typed.strip():
        return None
    # Loaded as a worker warms up, after it has begun to serve: it takes some 40 ms.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(typed.strip(), check_deliverability=False)
    except EmailNotValidError:
        return _("This is not an e-mail address.")
    key = found.normalized.casefold()
    if len(key) > MAX_EMAIL:
        # Some letters become two or three when case is set aside.
        return _("This is not an e-mail address.")
    user.email, user.email_key = found.normalized, key
    return None


def _taken(user: User) -> dict[str, str]:
    """The fields whose value another account has, each with its sentence."""
    same = [
        User.user_name_key == user.user_name_key,
        User.display_name_key == user.display_name_key,
    ]
    if user.email_key:
        # Without one, all who have none are not the same.
        same.append(User.email_key == user.email_key)
    keys = select(User.user_name_key, User.display_name_key, User.email_key)
    found = db.session.execute(keys.where(or_(*same))).all()
    fields: dict[str, str] = {}
    if any(row.user_name_key == user.user_name_key for row in found):
        fields["user_name"] = _("This user name is taken.")
    if any(row.display_name_key == user.display_name_key for row in found):
        fields["display_name"] = _("This display name is taken.")
    if user.email_key and any(row.email_key == user.email_key for row in found):
        fields["email"] = _("This e-mail address is in use.")
    return fields


def _refuse_taken(user: User) -> None:
    _refuse(_taken(user))


def _refuse(fields: dict[str, str]) -> None:
    if fields:
        raise Invalid(fields)


def authenticate(user_name: str, password: str, *, address: str = "") -> User:
    """The person whose password this is.

    Raises `Invalid`, saying the same and taking as long whether the person exists or not, and
    `TooMany`.
    """
    key, network = name_key(user_name), rates.network_of(address)
    rates.spend("SIGN_IN_ADDRESS", network)
    rates.spend("SIGN_IN", key)
    statement = select(User).where(User.user_name_key == key)
    user = db.session.execute(statement).scalar_one_or_none()
    if not passwords.is_right(password, user.password_hash if user else None) or user is None:
        raise sessions.wrong_password()
    if not user.is_active:
        raise Invalid({"user_name": _("This account is closed. Ask an admin of the workspace.")})
    rates.forget("SIGN_IN", key)
    # One only: whoever guesses at others' must not begin anew by an account of their own.
    rates.give_back("SIGN_IN_ADDRESS", network)
    _renew_hash(user, password)
    return user


def _renew_hash(user: User, password: str) -> None:
    """Hash the password anew where the settings ask for more or less work than its hash took."""
    if not passwords.is_outdated(user.password_hash):
        return
    renewed = passwords.hashed(password)
    statement = select(User.password_hash).where(User.id == user.id)
    with transaction() as session:
        is_replaced = _replace_hash(user, renewed)
        kept = session.execute(statement).scalar_one()
    # As it is in the row, not to be written there: the check below takes long enough for a change.
    set_committed_value(user, "password_hash", kept)
    # Another sign-in has renewed it meanwhile; or the password was changed, and this one is void.
    if not is_replaced and not passwords.is_right(password, kept):
        raise sessions.wrong_password()


def _replace_hash(user: User, renewed: str) -> bool:
    """Put this in place of the hash that was checked; False where it is another one by now."""
    checked = User.id == user.id, User.password_hash == user.password_hash
    statement = update(User).where(*checked).values(password_hash=renewed).returning(User.id)
    return db.session.execute(statement).one_or_none() is not None


def change_password(user: User, sign_in: SignInSession, current: str, new: str) -> str:
    """Set another password and end all other sign-ins; returns this one's new token.

    Raises `Invalid`, `TooMany`, and `NotFound` when this sign-in has ended meanwhile.
    """
    # Not the account's own count: whoever guesses at it must not keep its owner from changing it.
    # No name's key has a capital letter.
    count = f"USER:{user.id}"
    rates.spend("SIGN_IN", count)
    if not passwords.is_right(current, user.password_hash):
        raise _not_current()
    problem = passwords.problem_with(new, user.user_name)
    if problem:
        raise Invalid({"password": problem})
    renewed = passwords.hashed(new)
    with transaction():
        lock_person(user.id)
        if not _replace_hash(user, renewed):
            raise _not_current()
        sessions.end_within(user.id, SignInSession.id != sign_in.id)
        token = sessions.renew_within(user.id, sign_in.id)
    rates.forget("SIGN_IN", count)
    return token


def _not_current() -> Invalid:
    return Invalid({"current_password": _("This is not your current password.")})


def change_profile(user: User, display_name: str, locale: str | None) -> None:
    """Set the shown name and the language (None: what the browser asks for).

    Raises `Invalid`, `TooMany`.
    """
    rates.spend("CHANGE", f"user:{user.id}")
    name, key = tidy_name(display_name), name_key(display_name)
    # A name that has been there since before a rule was made stays.
    problem = problem_with_shown_name(name) if name != user.display_name else None
    if problem:
        raise Invalid({"display_name": problem})
    values = {"display_name": name, "display_name_key": key, "locale": locale}
    try:
        with transaction() as session:
            # Another tab may have changed it meanwhile: what changes now is to be told.
            known = select(User.display_name).where(User.id == user.id)
            before = session.execute(known.with_for_update(key_share=True)).scalar_one()
            session.execute(update(User).where(User.id == user.id).values(values))
            if name != before:
                record(PersonChanged(user.id, note_workspace_change("person_changed", user.id)))
    except IntegrityError:
        raise Invalid({"display_name": _("This display name is taken.")}) from None
