"""How far one has read."""

from flask import Response, g, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from chatapp.chat import chat
from chatapp.chat.answers import number_in, see
from chatapp.domain import reads


@chat.post("/rooms/<int:room_id>/reads")
def mark_read(room_id: int) -> AnyResponse:
    """Move one's read mark forward to the message with that `number`."""
    reads.mark(g.user, room_id, number_in(request.form, "number"))
    if "text/html" in request.headers.get("Accept", ""):
        # A browser without a script.
        return see(url_for("chat.show_room", room_id=room_id))
    return Response(status=204)
