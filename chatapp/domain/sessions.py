"""Sign-ins are rows: the cookie holds a random token, the table its hash, and ending one is a fact.

A sign-in runs out when it was not used for a while; each use moves that moment on.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any, TypeVar

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Boolean, bindparam, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from chatapp.contexts import app_context
from chatapp.domain.errors import DomainError, Invalid, NotFound
from chatapp.domain.prepared import Prepared
from chatapp.domain.sequences import note_workspace_change
from chatapp.domain.transaction import record, transaction
from chatapp.events import SessionEnded, SessionRenewed
from chatapp.extensions import db
from chatapp.models import SignInSession, User
from chatapp.models.columns import Instant, as_instant, now

R = TypeVar("R", User, SignInSession)

# How exact "last seen" is: one write per sign-in in this time, not one per request.
TOUCH_EVERY = timedelta(minutes=5)
TOUCH_PATIENCE_SECONDS = 0.2
TOKEN_BYTES = 32
# On so many devices at once; one more, and the one that was not used for longest is signed out. To
# end them all, as whoever is banned has it, must never take long.
DEVICES_AT_ONCE = 100
# How long a request believes what an earlier one was told (CONTRACT: what is revoked is over
# within 2 s, and the sockets ask each second, too). So who clicks through pages is asked for once.
BELIEVED_SECONDS = 1.0
# About 3 KB each.
BELIEVED_AT_ONCE = 2_000

_IS_VALID = (
    SignInSession.user_id == User.id,
    SignInSession.token_hash == bindparam("token_hash"),
    SignInSession.expires_at > bindparam("moment"),
    User.status == "active",
)
_RESUMED = select(User, SignInSession).where(*_IS_VALID)
# Asked by most requests: after a restart, by thousands of people in a few seconds.
_COLUMNS: dict[type, list[Any]] = {
    kind: [*kind.__table__.columns] for kind in (User, SignInSession)
}
_RECALLED = Prepared(select(*chain(*_COLUMNS.values())).where(*_IS_VALID))
# What SQLite keeps in another way.
_FROM_SQLITE = {Instant: as_instant, Boolean: bool}

log = logging.getLogger(__name__)


def resume(token: str) -> tuple[User, SignInSession] | None:
    """The person and the sign-in behind a cookie's token; None when it is over. One query."""
    row = db.session.execute(
        _RESUMED, {"token_hash": hash_of(token), "moment": now()}
    ).one_or_none()
    return (row[0], row[1]) if row else None


def recall(token: str) -> tuple[User, SignInSession] | None:
    """`resume` for whoever only looks at the rows: as they were at most BELIEVED_SECONDS ago.

    They belong to no database session, so nothing that is done to them is stored.
    """
    believed, moment = _believed(), time.monotonic()
    known = believed.get(token)
    if known and known[0] > moment:
        return known[1]
    rows = _RECALLED.rows({"token_hash": hash_of(token), "moment": now()})
    if not rows:
        believed.pop(token, None)
        return None
    values = iter(rows[0])
    found = (_detached(User, values), _detached(SignInSession, values))
    if len(believed) >= BELIEVED_AT_ONCE:
        believed.clear()
    believed[token] = (moment + BELIEVED_SECONDS, found)
    return found


def _detached(kind: type[R], values: Iterator[Any]) -> R:
    """A row of that kind, of the next of these values; it belongs to no database session."""
    row = kind()
    for column in _COLUMNS[kind]:
        value = next(values)
        convert = _FROM_SQLITE.get(type(column.type))
        set_committed_value(row, column.key, value if convert is None else convert(value))
    make_transient_to_detached(row)
    return row


def forget() -> None:
    """Believe nothing more: in this process, something about people or sign-ins has changed."""
    _believed().clear()


def _believed() -> dict[str, tuple[float, tuple[User, SignInSession]]]:
    return app_context().app.extensions.setdefault("chatapp.sign_ins", {})


def start(user: User, *, kept: bool, user_agent: str, address: str) -> str:
    """Sign this person in on one more device; returns the token for its cookie.

    `kept`: "keep me signed in", a sign-in that lives for months instead of a day. Raises `Invalid`
    when the password is another one than this person's row says, or the account has been closed:
    whoever proved who they are with what is void by now did so too late.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    sign_in = SignInSession(
        user_id=user.id,
        token_hash=hash_of(token),
        kept=kept,
        user_agent=user_agent[:300],
        address=address[:45],
        expires_at=now() + lifetime(kept),
    )
    with transaction() as session:
        if not _is_still(user):
            raise wrong_password()
        session.execute(
            delete(SignInSession).where(
                SignInSession.user_id == user.id, SignInSession.expires_at <= now()
            )
        )
        session.add(sign_in)
        session.flush()
        _end_the_least_used(sign_in)
    return token


def _end_the_least_used(new: SignInSession) -> None:
    # The new one stays, whatever the clock of another worker says of the others.
    others = SignInSession.user_id == new.user_id, SignInSession.id != new.id
    last_used = SignInSession.last_seen_at.desc(), SignInSession.id.desc()
    kept = select(SignInSession.id).where(*others).order_by(*last_used)
    end_within(new.user_id, SignInSession.id.in_(kept.offset(DEVICES_AT_ONCE - 1)))


def wrong_password() -> Invalid:
    """What somebody hears whose name and password do not belong together."""
    return Invalid({"password": _("The user name or the password is wrong.")})


def _is_still(user: User) -> bool:
    """Whether the account is as it was read. It is held so until the running transaction ends."""
    as_read = User.password_hash == user.password_hash, User.status == "active"
    statement = select(User.id).where(User.id == user.id, *as_read).with_for_update(key_share=True)
    return db.session.execute(statement).one_or_none() is not None


def of(user: User) -> list[SignInSession]:
    """The devices on which this person is signed in, the last used first."""
    statement = (
        select(SignInSession)
        .where(SignInSession.user_id == user.id, SignInSession.expires_at > now())
        .order_by(SignInSession.last_seen_at.desc(), SignInSession.id.desc())
    )
    return list(db.session.execute(statement).scalars())


def end(user: User, session_id: int) -> None:
    """Sign this person out on one of their own devices. Raises `NotFound`."""
    with transaction():
        if not end_within(user.id, SignInSession.id == session_id):
            raise _not_signed_in()


def _not_signed_in() -> NotFound:
    return NotFound(_("That device is not signed in."))


def end_others(user: User, kept_id: int) -> None:
    """Sign this person out everywhere but on the device they are asking from."""
    with transaction():
        end_within(user.id, SignInSession.id != kept_id)


def end_within(user_id: int, *conditions: object) -> int:
    """End this person's sign-ins that match, inside the running transaction; how many."""
    statement = (
        delete(SignInSession)
        .where(SignInSession.user_id == user_id, *conditions)  # ty: ignore[invalid-argument-type]
        .returning(SignInSession.id)
    )
    ended = list(db.session.execute(statement).scalars())
    for session_id in ended:
        seq = note_workspace_change("session_ended", user_id, session_id=session_id)
        record(SessionEnded(session_id, user_id, seq))
    return len(ended)


def renew_within(user_id: int, session_id: int) -> str:
    """Give a sign-in of theirs another token, inside the running transaction; returns it.

    The old cookie is void, and what listens with it is sent away: it may be somebody's copy.
    Raises `NotFound` when the sign-in has ended.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    theirs = SignInSession.id == session_id, SignInSession.user_id == user_id
    statement = update(SignInSession).where(*theirs)
    renewed = statement.values(token_hash=hash_of(token)).returning(SignInSession.id)
    if db.session.execute(renewed).one_or_none() is None:
        raise _not_signed_in()
    seq = note_workspace_change("session_renewed", user_id, session_id=session_id)
    record(SessionRenewed(session_id, user_id, seq))
    return token


def touch(sign_in: SignInSession) -> bool:
    """Note that this sign-in is in use, at most once in TOUCH_EVERY; whether it was noted.

    Never fails: a page that can be read must not hang on a database that cannot be written.
    """
    moment = now()
    if moment - sign_in.last_seen_at < TOUCH_EVERY:
        return False
    values = {"last_seen_at": moment, "expires_at": moment + lifetime(sign_in.kept)}
    statement = update(SignInSession).where(SignInSession.id == sign_in.id).values(values)
    try:
        with transaction(TOUCH_PATIENCE_SECONDS) as session:
            session.execute(statement)
    except (DomainError, SQLAlchemyError):
        log.warning("Could not note when a session was last seen.")
        return False
    forget()
    return True


def lifetime(kept: bool) -> timedelta:
    """How long a sign-in lasts without being used."""
    if kept:
        return timedelta(days=current_app.config["KEPT_SESSION_DAYS"])
    return timedelta(hours=current_app.config["SESSION_HOURS"])


def hash_of(token: str) -> bytes:
    """What the table keeps of a cookie's token."""
    return hashlib.sha256(token.encode()).digest()
