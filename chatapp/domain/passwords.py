"""Passwords: which are refused, how they are hashed, and asking whether one is right.

Hashing is slow and takes 64 MiB on purpose: it runs outside the event loop and behind it, two at a
time, while no database connection is held.
"""

import base64
import threading
import unicodedata
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_babel import gettext as _

from chatapp.domain.common_passwords import is_common
from chatapp.domain.errors import Busy
from chatapp.extensions import db
from chatapp.offload import offload_slow
from chatapp.text.names import name_key

# In bytes: bcrypt-sized limits are not needed, but nobody makes us hash a novel.
MIN_BYTES, MAX_BYTES = 8, 1024
HASHES_AT_ONCE = 2
PATIENCE_SECONDS = 10.0

R = TypeVar("R")

_places = threading.Semaphore(HASHES_AT_ONCE)


def problem_with(password: str, user_name: str) -> str | None:
    """Why this person may not have this password, as a sentence; None if they may."""
    size = len(_bytes(password))
    if size < MIN_BYTES:
        return _("A password needs at least 8 characters.")
    if size > MAX_BYTES:
        return _("This password is too long: 1,024 bytes at most.")
    if name_key(password) == name_key(user_name):
        return _("The password can't be the user name.")
    if is_common(password):
        return _("This password is one of the first that are guessed. Choose another one.")
    return None


def hashed(password: str) -> str:
    """What is kept of a password. Takes its time; rows loaded before are detached."""
    hasher, secret = _hasher(), _bytes(password)
    return _slowly(lambda: hasher.hash(secret))


def is_right(password: str, kept: str | None) -> bool:
    """Whether the password is the one that was hashed.

    None, for a person who does not exist, takes the same time and is never right. Rows loaded
    before are detached.
    """
    hasher, secret = _hasher(), _bytes(password)[: MAX_BYTES + 1]
    return _slowly(lambda: _verify(hasher, kept or _nobodys_hash(hasher), secret))


def is_outdated(kept: str) -> bool:
    """Whether this was hashed with other parameters than today's."""
    return _hasher().check_needs_rehash(kept)


def _slowly(work: Callable[[], R]) -> R:
    if db.session.info.get("writing"):
        raise RuntimeError("Hash before the transaction: everybody waits for it.")
    # The connection goes back to the pool: those who wait here must not empty it.
    db.session.close()
    with _place():
        return offload_slow(work)


@contextmanager
def _place() -> Generator[None]:
    if not _places.acquire(timeout=PATIENCE_SECONDS):
        raise Busy(_("Too many people are signing in just now. Try again in a moment."))
    try:
        yield
    finally:
        _places.release()


def _verify(hasher: PasswordHasher, kept: str, secret: bytes) -> bool:
    try:
        return hasher.verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False


def _hasher() -> PasswordHasher:
    settings = current_app.config
    return PasswordHasher(
        time_cost=settings["PASSWORD_TIME_COST"],
        memory_cost=settings["PASSWORD_MEMORY_KIB"],
        parallelism=settings["PASSWORD_PARALLELISM"],
    )


def _nobodys_hash(hasher: PasswordHasher) -> str:
    """A hash that nothing has, made without hashing: checking it costs what checking any does."""
    salt, digest = (
        base64.b64encode(bytes(size)).decode().rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def _bytes(password: str) -> bytes:
    # The same letters typed on two systems are the same password (RFC 8265, OpaqueString).
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
