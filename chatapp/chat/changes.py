"""The catch-up: what a page has missed."""

from typing import Any, NamedTuple

import msgspec
from flask import Response, g, request

from chatapp.chat import chat
from chatapp.chat.answers import as_json, number_in
from chatapp.chat.members import people_list
from chatapp.domain import changes
from chatapp.domain.changes import Head
from chatapp.models.user import initials_of
from chatapp.recent import recent
from chatapp.rendering.changes import changed_messages

# After a restart everybody asks for the same. About 50 KB each, never more than LARGEST: 16 MB.
KEPT_ANSWERS = 128
LARGEST = 128 * 1024


class Missed(NamedTuple):
    """The changed messages as JSON, up to `seq`."""

    messages: msgspec.Raw
    seq: int
    more: bool


@chat.get("/rooms/<int:room_id>/changes")
def browse_changes(room_id: int) -> Response:
    """Everything after `since`, a page at a time, if `epoch` is still this history's."""
    since, workspace = number_in(request.args, "since"), number_in(request.args, "workspace")
    head = changes.head(g.user, room_id)
    if not head.follows(request.args.get("epoch", ""), since):
        return as_json({"epoch": head.epoch, "reset": True})
    missed = _missed(room_id, since, head)
    return as_json(
        {
            "epoch": head.epoch,
            "reset": False,
            **missed._asdict(),
            "room": _room(room_id, head) if head.details_seq > since else None,
            # As of which places the room and the names are told.
            "head": head.head_seq,
            "workspace": head.workspace_seq,
            "persons": _persons(workspace) if head.workspace_seq > workspace else (),
            "read_number": head.read_number,
            "last_number": head.last_number,
        }
    )


def _missed(room_id: int, since: int, head: Head) -> Missed:
    """Kept by all that can show in it: the places in the room's sequence, and people's names."""
    kept, key = recent("missed", KEPT_ANSWERS), (room_id, since, head.head_seq, head.workspace_seq)
    missed = kept.get(key)
    if missed is None:
        found = changes.between(room_id, since, head.head_seq)
        missed = Missed(changed_messages(found.messages), found.seq, found.more)
        if len(bytes(missed.messages)) <= LARGEST:
            kept.put(key, missed)
    return missed


def _persons(workspace_seq: int) -> list[dict[str, Any]]:
    return [
        {"user": user_id, "name": name, "initials": initials_of(name)}
        for user_id, name in changes.persons(workspace_seq)
    ]


def _room(room_id: int, head: Head) -> dict[str, Any]:
    people = people_list(room_id, (head.details_seq, head.workspace_seq))
    shown = {"people_html": people.rows.decode(), "people_count": people.count}
    return {"name": head.name, "topic": head.topic, **shown}
