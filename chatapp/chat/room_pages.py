"""A room's page as one person finds it: a frame that is the same for many, and what is put in."""

import secrets
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from flask import render_template

from chatapp import csrf
from chatapp.chat.answers import number_in
from chatapp.chat.last_room import is_fetched_ahead
from chatapp.chat.members import people_list
from chatapp.chat.pages import shown_page
from chatapp.chat.sidebar import current_sidebar, sidebar_piece
from chatapp.contexts import app_context, request_context
from chatapp.domain import access
from chatapp.domain.sidebar import Sidebar
from chatapp.headers import csp_nonce
from chatapp.models import User
from chatapp.models.room import VisitedRoom
from chatapp.rendering.frames import Value, fill
from chatapp.text.emoji import QUICK

CLIENT_KEY_BYTES = 16
_QUICK = tuple(QUICK)


def _printed(name: str, *parts: str) -> Callable[[object], dict[str, Value]]:
    """What gives these parts of a thing, as slots."""
    names, parts_of = [f"{name}.{part}" for part in parts], attrgetter(*parts)
    return lambda whole: dict(zip(names, parts_of(whole), strict=True))


_ROOM = _printed("room", "id", "name", "topic", "head_seq", "last_number", "read_number")
_READER = _printed("g.user", "id", "role", "hue", "initials", "display_name")
_PAGE = _printed("page", "rows", "first", "last")
_PEOPLE = _printed("people", "rows", "count")


def room_page(room: VisitedRoom) -> bytes:
    """The page of a room that one is in, with the messages that the request asks for."""
    # What the page is as of was read before what it shows: a change in between is caught up twice
    # rather than never.
    reader, sidebar = app_context().g.user, current_sidebar()
    workspace_seq = sidebar.workspace_seq
    page = shown_page(room, workspace_seq)
    people = people_list(room.id, (room.details_seq, workspace_seq))
    found_id, found = _found()
    slots = {
        **_of_reader(reader, sidebar, room.id),
        **_ROOM(room),
        **_PAGE(page),
        **_PEOPLE(people),
        "workspace_seq": workspace_seq,
        "found.id": found_id,
    }
    shape = {
        "room.is_open": room.is_open,
        "room.is_ahead": is_fetched_ahead(),
        "room.is_run_here": room.is_run_by(reader),
        "page.is_empty": page.first is None,
        "page.more_before": page.more_before,
        "page.more_after": page.more_after,
        "people.more": people.more,
        **found,
        "quick_emoji": _QUICK,
    }
    return fill("rooms/show.html", slots, shape)


def _of_reader(user: User, sidebar: Sidebar, room_id: int) -> dict[str, Value]:
    return {
        **_READER(user),
        # Of these no letter needs escaping.
        "csp_nonce()": csp_nonce().encode(),
        "csrf_token()": csrf.token().encode(),
        "client_key": secrets.token_urlsafe(CLIENT_KEY_BYTES).encode(),
        "workspace_epoch()": sidebar.epoch.encode(),
        "sidebar_html()": sidebar_piece(user, sidebar, room_id),
        "notices": _notices(),
    }


def _found() -> tuple[int | None, dict[str, Any]]:
    """The id of the message that a permalink leads to, and what the page asks about it."""
    asked, reader = request_context().request, app_context().g.user
    if not asked.query_string or "around" not in asked.args:
        return None, {"found.is_there": False, "found.is_own": False}
    message = access.message_for(reader, number_in(asked.args, "around"))
    is_own = message.author_id == reader.id and not message.is_deleted
    return message.id, {"found.is_there": True, "found.is_own": is_own}


def _notices() -> bytes:
    if "_flashes" not in request_context().session:
        return b""
    return render_template("_notices.html").encode()
