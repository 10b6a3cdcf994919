"""Reactions and the sequence."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from chatapp.domain import reactions
from chatapp.domain.errors import NotFound, TooMany
from chatapp.events import ReactionsChanged
from chatapp.extensions import db
from chatapp.models import Room


def test_a_reaction_is_told_with_its_seq(context, room, ann, bob, make_message, told):
    heard, message = told(ReactionsChanged), make_message(room, ann)
    given = reactions.add(bob, message, "👍")
    taken = reactions.take_back(bob, message, "👍")
    assert heard == [
        ReactionsChanged(room.id, given, message.id),
        ReactionsChanged(room.id, taken, message.id),
    ]
    assert (given, taken) == (message.seq + 1, message.seq + 2)


def test_the_same_reaction_from_many_threads_is_one_change(app, room, ann, make_message):
    message = make_message(room, ann)

    def react(_):
        with app.app_context():
            return reactions.add(ann, message, "👍")

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(react, range(4))) == {message.seq + 1}
    with app.app_context():
        assert db.session.get(Room, room.id).head_seq == message.seq + 1


def test_ex_members_do_not_react(context, room, ann, make_user, make_message):
    message = make_message(room, ann)
    with pytest.raises(NotFound):
        reactions.add(make_user("eve"), message, "👍")


def test_reacting_has_a_limit(app, context, room, ann, make_message):
    app.config["RATE_REACT"] = "1 per 10 seconds"
    message = make_message(room, ann)
    reactions.add(ann, message, "👍")
    with pytest.raises(TooMany):
        reactions.add(ann, message, "🎉")


@pytest.mark.sqlite_only
def test_no_statement_is_left_unfinished(context, room, ann, make_message):
    # It would hold its connection at what is in the database now, for whoever gets that next.
    message, cursors = make_message(room, ann), []
    event.listen(db.engine, "after_cursor_execute", lambda _, cursor, *__: cursors.append(cursor))
    reactions.add(ann, message, "👍")
    assert len(cursors) > 3
    for cursor in cursors:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            cursor.fetchone()
