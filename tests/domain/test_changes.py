"""The catch-up, below HTTP."""

import random

from sqlalchemy import select

from chatapp.domain import changes, messages, reactions
from chatapp.extensions import db
from chatapp.models import Message


def test_any_two_places_join_without_hole(context, room, ann, bob, make_message):
    """Whatever is done, in whatever order: catching up from anywhere ends in the stored rows."""
    chance = random.Random(7)
    posted = [make_message(room, ann, f"message {number}") for number in range(12)]
    marks = [posted[-1].seq]
    for step in range(40):
        message = db.session.get_one(Message, chance.choice(posted).id, populate_existing=True)
        verb = chance.choice(["edit", "add", "take", "delete"])
        if verb == "edit" and not message.is_deleted:
            messages.edit(ann, message, f"edit {step}")
        elif verb == "add" and not message.is_deleted:
            reactions.add(bob, message, chance.choice("👍🎉"))
        elif verb == "take":
            reactions.take_back(bob, message, "👍")
        elif step % 10 == 0:
            messages.delete_message(ann, message)
        marks.append(changes.head(bob, room.id).head_seq)
    stored = {row.id: (row.seq, row.html) for row in db.session.scalars(_all(room.id))}
    head = changes.head(bob, room.id).head_seq
    for since in marks:
        found = changes.between(room.id, since, head)
        assert {row.id: (row.seq, row.html) for row in found.messages} == {
            id: value for id, value in stored.items() if value[0] > since
        }
        assert found.seq == head


def _all(room_id: int):
    statement = select(Message).where(Message.room_id == room_id)
    return statement.execution_options(populate_existing=True)
