"""The catch-up: what a page has missed."""

from typing import Any

from flask import Response, g, request

from chatapp.chat import chat
from chatapp.chat.answers import as_json, number_in
from chatapp.chat.members import people_list
from chatapp.domain import changes
from chatapp.domain.changes import Changes
from chatapp.models.user import initials_of
from chatapp.rendering.messages import articles


@chat.get("/rooms/<int:room_id>/changes")
def browse_changes(room_id: int) -> Response:
    """Everything after `since`, a page at a time, if `epoch` is still this history's."""
    since, workspace = number_in(request.args, "since"), number_in(request.args, "workspace")
    epoch = request.args.get("epoch", "")
    found = changes.since(g.user, room_id, since, workspace, epoch)
    if found.reset:
        return as_json({"epoch": found.epoch, "reset": True})
    return as_json(_described(room_id, found))


def _described(room_id: int, found: Changes) -> dict[str, Any]:
    return {
        "epoch": found.epoch,
        "reset": False,
        "seq": found.seq,
        "more": found.more,
        "messages": _messages(found),
        "room": _room(room_id, found),
        "workspace": found.workspace,
        "persons": _persons(found),
        "read_number": found.read_number,
        "last_number": found.last_number,
    }


def _messages(found: Changes) -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "seq": row.seq,
            "number": row.number,
            "author": row.author_id,
            "html": html,
        }
        for row, html in zip(found.messages, articles(found.messages), strict=True)
    ]


def _persons(found: Changes) -> list[dict[str, Any]]:
    return [
        {"user": user_id, "name": name, "initials": initials_of(name)}
        for user_id, name in found.persons
    ]


def _room(room_id: int, found: Changes) -> dict[str, Any] | None:
    if found.room is None:
        return None
    people = people_list(room_id)
    shown = {"people_html": people.rows, "people_count": people.count}
    return {"name": found.room.name, "topic": found.room.topic, **shown}
