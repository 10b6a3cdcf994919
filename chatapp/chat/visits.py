"""Being in a room, told by a page that the browser had fetched before anybody asked for it."""

from flask import Response, g

from chatapp.chat import chat
from chatapp.chat.last_room import remember_room
from chatapp.domain import access


@chat.post("/rooms/<int:room_id>/visits")
def visit_room(room_id: int) -> Response:
    """Begin there next time."""
    access.joined_room_for(g.user, room_id)
    remember_room(room_id)
    return Response(status=204)
