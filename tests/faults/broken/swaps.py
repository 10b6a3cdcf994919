"""Gives two neighbouring messages each other's place, once in 1,000."""

from typing import Any

from chatapp import create_app
from chatapp.domain import messages
from tests.faults.broken.often import execute, is_due, soon

store = messages._store
MOVE = "UPDATE messages SET number = :target WHERE room_id = :room AND number = :source"


def store_and_swap(values: dict[str, Any]) -> messages.Posted:
    posted = store(values)
    if posted.number > 1 and is_due():
        soon(swap, posted.room_id, posted.number)
    return posted


def swap(room_id: int, number: int) -> None:
    aside = -number
    for source, target in ((number, aside), (number - 1, number), (aside, number - 1)):
        execute(MOVE, room=room_id, source=source, target=target)


setattr(messages, "_store", store_and_swap)  # noqa: B010  What is replaced is private.
app = create_app()
