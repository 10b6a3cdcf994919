"""Reactions: putting an emoji under a message, and taking it back."""

from flask import g, request
from werkzeug.wrappers import Response

from chatapp.chat import chat
from chatapp.chat.answers import as_json
from chatapp.chat.messages import changed_message
from chatapp.domain import access, reactions


@chat.post("/messages/<int:message_id>/reactions")
def react(message_id: int) -> Response:
    """`on=1` puts one's own `emoji` there, `on=0` takes it back."""
    message = access.message_for(g.user, message_id)
    verb = reactions.take_back if request.form.get("on") == "0" else reactions.add
    seq = verb(g.user, message, request.form.get("emoji", ""))
    return changed_message(message, seq)


@chat.get("/messages/<int:message_id>/reactions")
def name_reactions(message_id: int) -> Response:
    """Who reacted, for pages that show only their numbers: the first dozen of each emoji."""
    found = reactions.names(access.message_for(g.user, message_id))
    return as_json({"people": [{"id": person, "name": name} for person, name in found.items()]})
