"""What was made recently, kept by what it was made from. Each application has its own."""

import sys
from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any, TypeVar, cast

from chatapp.contexts import app_context

T = TypeVar("T")

# Of each kind at most so many bytes are kept: a message may be 16 KiB, and fifty stand on a page.
MOST_BYTES = 16 << 20


class Recent:
    """Holds the last `size` pieces that were asked for, as far as they fit into `most_bytes`.

    A key names a version (an id with its seq), so nothing here is ever out of date.
    """

    def __init__(self, size: int, most_bytes: int = MOST_BYTES) -> None:
        self.size, self.most_bytes = size, most_bytes
        self.pieces: OrderedDict[Hashable, Any] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> Any | None:
        piece = self.pieces.get(key)
        if piece is not None:
            try:
                self.pieces.move_to_end(key)
            except KeyError:
                # Another thread has dropped it since.
                return piece
        return piece

    def put(self, key: Hashable, piece: T) -> T:
        """Keep this piece, which never changes from now on; gives it back."""
        with self._lock:
            self._bytes += _bytes_of(piece) - _bytes_of(self.pieces.pop(key, None))
            self.pieces[key] = piece
            while len(self.pieces) > self.size or self._bytes > self.most_bytes:
                self._bytes -= _bytes_of(self.pieces.popitem(last=False)[1])
        return piece


def _bytes_of(piece: object) -> int:
    """What its texts take: whatever can be long in a piece is text, alone or beside others."""
    if isinstance(piece, tuple | list):
        return sum(map(_bytes_of, piece))
    return sys.getsizeof(piece) if isinstance(piece, str | bytes) else 0


def be_of_history(epoch: str) -> None:
    """Keep nothing of another history: where a restore took it back, a version of then may say
    something else now.
    """
    if app_context().app.extensions.setdefault("recent_history", epoch) != epoch:
        forget_recent()
        app_context().app.extensions["recent_history"] = epoch


def forget_recent() -> None:
    """Let go of all that the running application keeps."""
    app_context().app.extensions.pop("recent", None)


def recent(kind: str, size: int, most_bytes: int = MOST_BYTES) -> Recent:
    """The running application's pieces of that kind."""
    kept = app_context().app.extensions.setdefault("recent", {})
    if kind not in kept:
        # Whoever works on a template sees it with the next page.
        kept[kind] = Recent(0 if app_context().app.debug else size, most_bytes)
    return cast("Recent", kept[kind])
