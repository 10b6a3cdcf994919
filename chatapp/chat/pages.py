"""Which page of a room's history a request asks for, as it is shown."""

from typing import NamedTuple

from flask import g, request
from markupsafe import Markup

from chatapp.chat.answers import number_in
from chatapp.contexts import request_context
from chatapp.domain import access, history
from chatapp.models.room import VisitedRoom
from chatapp.recent import recent
from chatapp.rendering.languages import current_language
from chatapp.rendering.timeline import timeline

# About 50 KB each: 12 MB. Of rooms full of long messages fewer fit.
KEPT_PAGES = 256
PLACES = ("around", "before", "after")


class ShownPage(NamedTuple):
    """The rows as HTML, the numbers of the first and the last message, and whether more exist."""

    rows: Markup | bytes
    first: int | None
    last: int | None
    more_before: bool
    more_after: bool


def shown_page(room: VisitedRoom, workspace_seq: int) -> ShownPage:
    """`asked_page`, or the newest page where there is nothing.

    That one is kept, encoded, as long as nothing in it can have changed.
    Whatever shows in it takes a seq: of the room, or (another name) of the workspace.
    """
    # Most ask for nothing: reading that out of no query takes longer than finding the page.
    asked = request_context().request
    if asked.query_string and any(place in asked.args for place in PLACES):
        page = asked_page(room.id)
        if page.first is not None:
            return page
    kept = recent("pages", KEPT_PAGES)
    key = room.id, room.head_seq, workspace_seq, current_language()
    return kept.get(key) or kept.put(key, _encoded(_shown(history.latest(room.id))))


def asked_page(room_id: int) -> ShownPage:
    """`around` a message's id, `before` or `after` a number, else the newest messages."""
    return _shown(_found(room_id))


def _shown(page: history.Page) -> ShownPage:
    rows = timeline(page.rows)
    return ShownPage(rows, page.first, page.last, page.more_before, page.more_after)


def _encoded(page: ShownPage) -> ShownPage:
    return page._replace(rows=str(page.rows).encode())


def _found(room_id: int) -> history.Page:
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
