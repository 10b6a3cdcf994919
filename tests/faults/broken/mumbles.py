"""Tells of one message in 1,000 by a frame of a type that no page knows."""

from typing import Any

from chatapp import create_app
from chatapp.realtime import broadcasts
from tests.faults.broken.often import is_due

encode = broadcasts.encode_frame


def encode_or_mumble(frame: Any) -> bytes:
    wire = encode(frame)
    if isinstance(frame, broadcasts.Message) and is_due():
        # As long as the right word: the socket's own lengths stay true.
        return wire.replace(b'"type":"message"', b'"type":"massage"')
    return wire


setattr(broadcasts, "encode_frame", encode_or_mumble)  # noqa: B010  A type checker keeps it.
app = create_app()
