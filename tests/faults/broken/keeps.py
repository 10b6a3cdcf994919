"""Stores what a message is changed to, and goes on showing what it was."""

from typing import Any

from chatapp import create_app
from chatapp.domain import messages

changed = messages.changed


def change_source(message: Any, **values: Any) -> int:
    if "edited_at" in values:
        del values["html"]
    return changed(message, **values)


setattr(messages, "changed", change_source)  # noqa: B010  A type checker keeps it.
app = create_app()
