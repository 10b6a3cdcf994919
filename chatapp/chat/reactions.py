"""Reactions: putting an emoji under a message, and taking it back."""

from flask import g, request
from werkzeug.wrappers import Response

from chatapp.chat import chat
from chatapp.chat.messages import changed_message
from chatapp.domain import access, reactions


@chat.post("/messages/<int:message_id>/reactions")
def react(message_id: int) -> Response:
    """`on=1` puts one's own `emoji` there, `on=0` takes it back."""
    message = access.message_for(g.user, message_id)
    verb = reactions.take_back if request.form.get("on") == "0" else reactions.add
    seq = verb(g.user, message, request.form.get("emoji", ""))
    return changed_message(message, seq)
