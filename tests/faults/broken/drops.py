"""Loses one acknowledged message in 1,000."""

from typing import Any

from chatapp import create_app
from chatapp.domain import messages
from tests.faults.broken.often import execute, is_due, soon

store = messages._store


def store_and_forget(values: dict[str, Any]) -> messages.Posted:
    posted = store(values)
    if is_due():
        soon(lose, posted.id)
    return posted


def lose(message_id: int) -> None:
    execute("DELETE FROM messages WHERE id = :id", id=message_id)


setattr(messages, "_store", store_and_forget)  # noqa: B010  What is replaced is private.
app = create_app()
