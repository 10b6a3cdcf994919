"""How far one has read."""

from flask import Response, g, request

from chatapp.chat import chat
from chatapp.chat.answers import number_in
from chatapp.domain import reads


@chat.post("/rooms/<int:room_id>/reads")
def mark_read(room_id: int) -> Response:
    """Move one's read mark forward to the message with that `number`."""
    reads.mark(g.user, room_id, number_in(request.form, "number"))
    return Response(status=204)
