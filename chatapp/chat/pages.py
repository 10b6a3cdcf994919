"""Which page of a room's history a request asks for."""

from flask import g, request

from chatapp.chat.answers import number_in
from chatapp.domain import access, history
from chatapp.domain.history import Page


def asked_page(room_id: int) -> Page:
    """`around` a message's id, `before` or `after` a number, else the newest messages."""
    asked = request.args
    if "around" in asked:
        message = access.message_for(g.user, number_in(asked, "around"))
        if message.room_id != room_id:
            raise access.no_message()
        return history.around(message)
    if "before" in asked:
        return history.before(room_id, number_in(asked, "before"))
    if "after" in asked:
        return history.after(room_id, number_in(asked, "after"))
    return history.latest(room_id)
