"""Passwords: which are refused, how they are hashed, and asking whether one is right.

Hashing is slow and takes 64 MiB on purpose: it runs outside the event loop and behind it, one at a
time, while no database connection is held. It is libsodium's argon2id, which uses what the
processor has (AVX2, AVX-512), and so takes three fifths of the time that argon2-cffi takes.
"""

import base64
import threading
import unicodedata
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from flask import current_app
from flask_babel import gettext as _
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from chatapp.domain.common_passwords import is_common
from chatapp.domain.errors import Busy
from chatapp.extensions import db
from chatapp.offload import offload_slow
from chatapp.text.names import name_key

# In bytes: bcrypt-sized limits are not needed, but nobody makes us hash a novel.
MIN_BYTES, MAX_BYTES = 8, 1024
# libsodium takes its 64 MiB and gives them back in one go (28 ms on a slow core). The loop, which
# needs some memory for each new connection, waits for that; for two of them, twice as long.
HASHES_AT_ONCE = 1
PATIENCE_SECONDS = 10.0

R = TypeVar("R")


class Cost(NamedTuple):
    """What one hash costs whoever makes it: passes over so much memory."""

    passes: int
    kib: int

    @property
    def written(self) -> str:
        """How each hash of this cost begins. What follows says in how many lanes it was made."""
        return f"$argon2id$v=19$m={self.kib},t={self.passes},"


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
    cost, secret = _cost(), _bytes(password)
    return _slowly(lambda: argon2id.str(secret, cost.passes, cost.kib * 1024).decode())


def is_right(password: str, kept: str | None) -> bool:
    """Whether the password is the one that was hashed.

    None, for a person who does not exist, takes the same time and is never right. So is none when
    there is no memory to hash in: the library does not tell. Rows loaded before are detached.
    """
    secret, stored = _bytes(password)[: MAX_BYTES + 1], kept or _nobodys_hash()
    return _slowly(lambda: _verify(stored, secret))


def is_outdated(kept: str) -> bool:
    """Whether this was hashed with other parameters than today's."""
    return not kept.startswith(_cost().written)


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


def _verify(kept: str, secret: bytes) -> bool:
    try:
        return argon2id.verify(kept.encode(), secret)
    except CryptoError:
        return False


def _cost() -> Cost:
    settings = current_app.config
    return Cost(settings["PASSWORD_TIME_COST"], settings["PASSWORD_MEMORY_KIB"])


def _nobodys_hash() -> str:
    """A hash that nothing has, made without hashing: checking it costs what checking any does."""
    salt, digest = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"{_cost().written}p=1${salt}${digest}"


def _bytes(password: str) -> bytes:
    # The same letters typed on two systems are the same password (RFC 8265, OpaqueString).
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
