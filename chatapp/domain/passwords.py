"""Passwords: which are refused, how they are hashed, and asking whether one is right.

Hashing is slow and takes 64 MiB on purpose: it is left to a process of its own (`hashing.py`), one
at a time, while no database connection is held. It is libsodium's argon2id, which uses what the
processor has (AVX2, AVX-512), and so takes three fifths of the time that argon2-cffi takes.
"""

import base64
import logging
import threading
import unicodedata
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from flask import current_app
from flask_babel import gettext as _

from chatapp.domain.common_passwords import is_common
from chatapp.domain.errors import Busy
from chatapp.domain.hashing import Hasher
from chatapp.extensions import db
from chatapp.text.names import name_key

# In bytes: bcrypt-sized limits are not needed, but nobody makes us hash a novel.
MIN_BYTES, MAX_BYTES = 8, 1024
# How long one waits while others' passwords are hashed: each takes 0.1 s of a slow core.
PATIENCE_SECONDS = 10.0

log = logging.getLogger(__name__)

R = TypeVar("R")


class Cost(NamedTuple):
    """What one hash costs whoever makes it: passes over so much memory."""

    passes: int
    kib: int

    @property
    def written(self) -> str:
        """How each hash of this cost begins. What follows says in how many lanes it was made."""
        return f"$argon2id$v=19$m={self.kib},t={self.passes},"


_hasher = Hasher()
_turn = threading.Lock()


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
    cost, secret = _cost(), _bytes(password)
    return _in_turn(lambda: _hasher.hashed(secret, cost.passes, cost.kib))


def is_right(password: str, kept: str | None) -> bool:
    """Whether the password is the one that was hashed.

    None, for a person who does not exist, takes the same time and is never right. So is none when
    there is no memory to hash in: the library does not tell. Rows loaded before are detached.
    """
    secret, stored = _bytes(password)[: MAX_BYTES + 1], kept or _nobodys_hash()
    return _in_turn(lambda: _hasher.is_right(secret, stored))


def is_outdated(kept: str) -> bool:
    """Whether this was hashed with other parameters than today's."""
    return not kept.startswith(_cost().written)


def _in_turn(ask: Callable[[], R]) -> R:
    if db.session.info.get("writing"):
        raise RuntimeError("Hash before the transaction: everybody waits for it.")
    # The connection goes back to the pool: those who wait here must not empty it.
    db.session.close()
    with _own_turn():
        try:
            return ask()
        except OSError as error:
            log.exception("A password could not be hashed")
            raise Busy(_("Passwords can't be checked just now. Try again in a moment.")) from error


@contextmanager
def _own_turn() -> Generator[None]:
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise Busy(_("Too many people are signing in just now. Try again in a moment."))
    try:
        yield
    finally:
        _turn.release()


def _cost() -> Cost:
    settings = current_app.config
    return Cost(settings["PASSWORD_TIME_COST"], settings["PASSWORD_MEMORY_KIB"])


def _nobodys_hash() -> str:
    """A hash that nothing has, made without hashing: checking it costs what checking any does."""
    salt, digest = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"{_cost().written}p=1${salt}${digest}"


def _bytes(password: str) -> bytes:
    # The same letters typed on two systems are the same password (RFC 8265, OpaqueString). Of what
    # is longer, so much is too long still; marks by the thousand would take it seconds to compose.
    composed = unicodedata.normalize("NFC", password[: 2 * MAX_BYTES])
    return composed.encode("utf-8", "surrogatepass")
