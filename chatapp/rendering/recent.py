"""What was made recently, kept by what it was made from. Each application has its own."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, TypeVar, cast

from flask import current_app

T = TypeVar("T")


class Recent:
    """Holds the last `size` pieces that were asked for.

    A key names a version (an id with its seq), so nothing here is ever out of date.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.pieces: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Any | None:
        piece = self.pieces.get(key)
        if piece is not None:
            try:
                self.pieces.move_to_end(key)
            except KeyError:
                # Another thread has dropped it since.
                self.pieces[key] = piece
        return piece

    def put(self, key: Hashable, piece: T) -> T:
        self.pieces[key] = piece
        if len(self.pieces) > self.size:
            self.pieces.popitem(last=False)
        return piece


def recent(kind: str, size: int) -> Recent:
    """The running application's pieces of that kind."""
    kept = current_app.extensions.setdefault("chatapp.rendering", {})
    if kind not in kept:
        kept[kind] = Recent(size)
    return cast("Recent", kept[kind])
