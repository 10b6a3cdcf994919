"""Leaves the newest message out of what it tells those who come back."""

from typing import Any

from chatapp import create_app
from chatapp.realtime import missed

changed_messages = missed.changed_messages


def skip_the_newest(messages: list[Any]) -> Any:
    return changed_messages(messages[:-1])


setattr(missed, "changed_messages", skip_the_newest)  # noqa: B010  A type checker keeps it.
app = create_app()
