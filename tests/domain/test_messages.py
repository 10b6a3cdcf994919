"""What is said is stored once, in one order, for members only."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update

from chatapp.domain import messages, reactions
from chatapp.domain.errors import Conflict, Invalid, NotFound, TooMany
from chatapp.domain.transaction import transaction
from chatapp.events import MessageDeleted, MessageEdited, MessagePosted
from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, User
from chatapp.text import markdown
from chatapp.text.source import MAX_SOURCE


def key() -> str:
    return secrets.token_urlsafe(12)


def stored(room_id: int) -> list[Message]:
    statement = select(Message).where(Message.room_id == room_id).order_by(Message.number)
    return list(db.session.execute(statement).scalars())


def test_a_message_takes_the_next_seq_and_number_of_its_room(context, room, ann, bob):
    before = db.session.get(Room, room.id).head_seq
    first = messages.post(ann, room.id, "one", key())
    second = messages.post(bob, room.id, "two", key())
    assert (first.seq, second.seq) == (before + 1, before + 2)
    assert (first.number, second.number) == (1, 2)
    assert [message.source for message in stored(room.id)] == ["one", "two"]


def test_the_same_key_with_the_same_body_is_stored_once(context, room, ann):
    once = key()
    first = messages.post(ann, room.id, "hello", once)
    again = messages.post(ann, room.id, "hello", once)
    assert first.created
    assert not again.created
    assert (again.id, again.seq, again.number) == (first.id, first.seq, first.number)
    assert len(stored(room.id)) == 1


def test_a_retry_takes_no_place_in_the_sequence(context, room, ann):
    once = key()
    first = messages.post(ann, room.id, "hello", once)
    messages.post(ann, room.id, "hello", once)
    assert messages.post(ann, room.id, "next", key()).seq == first.seq + 1


def test_the_same_key_with_another_body_is_a_conflict(context, room, ann):
    once = key()
    messages.post(ann, room.id, "hello", once)
    with pytest.raises(Conflict):
        messages.post(ann, room.id, "something else", once)
    assert [message.source for message in stored(room.id)] == ["hello"]


def test_the_same_key_in_another_room_is_a_conflict(context, room, ann, make_room):
    other = make_room("hall", members=[ann])
    once = key()
    messages.post(ann, room.id, "hello", once)
    with pytest.raises(Conflict):
        messages.post(ann, other.id, "hello", once)
    assert stored(other.id) == []


def test_two_people_may_use_the_same_key(context, room, ann, bob):
    once = key()
    assert messages.post(ann, room.id, "hello", once).created
    assert messages.post(bob, room.id, "hello", once).created


def test_one_key_sent_by_many_threads_at_once_is_stored_once(app, room, ann):
    once, start = key(), Barrier(6)

    def send(_):
        with app.app_context():
            start.wait()
            return messages.post(ann, room.id, "hello", once)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert len({(answer.id, answer.seq, answer.number) for answer in answers}) == 1
    assert sum(answer.created for answer in answers) == 1
    with app.app_context():
        assert len(stored(room.id)) == 1


def test_many_writers_leave_no_hole_in_the_sequence(app, room, ann, bob):
    def send(number):
        with app.app_context():
            return messages.post((ann, bob)[number % 2], room.id, f"m{number}", key())

    with ThreadPoolExecutor(4) as pool:
        seqs = sorted(answer.seq for answer in pool.map(send, range(12)))
    assert seqs == list(range(seqs[0], seqs[0] + 12))
    with app.app_context():
        assert [message.number for message in stored(room.id)] == list(range(1, 13))


def test_outsiders_cannot_post(context, room, make_user):
    with pytest.raises(NotFound):
        messages.post(make_user("eve"), room.id, "hello", key())
    assert stored(room.id) == []


def test_a_refused_post_takes_no_place_in_the_sequence(context, room, ann, make_user):
    before = db.session.get(Room, room.id).head_seq
    with pytest.raises(NotFound):
        messages.post(make_user("eve"), room.id, "hello", key())
    assert messages.post(ann, room.id, "hello", key()).seq == before + 1


@pytest.mark.parametrize("body", ["", "  \n ", "\u200b", "\x00"])
def test_an_empty_message_is_refused(context, room, ann, body):
    with pytest.raises(Invalid) as refusal:
        messages.post(ann, room.id, body, key())
    assert "body" in refusal.value.fields


def test_a_message_as_long_as_allowed_is_stored(context, room, ann):
    assert messages.post(ann, room.id, "x" * MAX_SOURCE, key()).created


def test_a_longer_one_is_refused_with_its_limit(context, room, ann):
    with pytest.raises(Invalid) as refusal:
        messages.post(ann, room.id, "x" * (MAX_SOURCE + 1), key())
    assert str(MAX_SOURCE) in refusal.value.fields["body"]


@pytest.mark.parametrize("client_key", ["", "short", "x" * 65, "with space", "ümlauts-here"])
def test_a_client_key_has_8_to_64_plain_characters(context, room, ann, client_key):
    with pytest.raises(Invalid) as refusal:
        messages.post(ann, room.id, "hello", client_key)
    assert "client_key" in refusal.value.fields


def test_who_posts_has_read(context, room, ann, bob):
    posted = messages.post(ann, room.id, "hello", key())
    assert db.session.get(Membership, (room.id, ann.id)).read_number == posted.number
    assert db.session.get(Membership, (room.id, bob.id)).read_number == 0


def test_posting_is_told_once(context, room, ann, told):
    heard = told(MessagePosted)
    once = key()
    posted = messages.post(ann, room.id, "hello", once)
    messages.post(ann, room.id, "hello", once)
    assert heard == [MessagePosted(room.id, posted.seq, posted.id)]


def test_a_retry_is_answered_even_when_the_limit_is_reached(app, context, room, ann):
    app.config["RATE_POST"] = "1 per 10 seconds"
    once = key()
    first = messages.post(ann, room.id, "hello", once)
    with pytest.raises(TooMany):
        messages.post(ann, room.id, "more", key())
    assert messages.post(ann, room.id, "hello", once).id == first.id


def test_what_the_limit_refuses_is_not_rendered(app, context, room, ann, monkeypatch):
    app.config["RATE_POST"] = "1 per 10 seconds"
    rendered = []
    monkeypatch.setattr(markdown, "to_html", lambda source: rendered.append(source) or "<p>a</p>")
    messages.post(ann, room.id, "hello", key())
    with pytest.raises(TooMany):
        messages.post(ann, room.id, "more", key())
    assert rendered == ["hello"]


def test_a_refused_post_is_not_told(context, room, make_user, told):
    heard = told(MessagePosted)
    with pytest.raises(NotFound):
        messages.post(make_user("eve"), room.id, "hello", key())
    assert heard == []


def test_whoever_is_barred_meanwhile_changes_nothing_more(context, room, ann, make_message):
    message = make_message(room, ann, "hello")
    with transaction() as session:
        session.execute(update(User).where(User.id == ann.id).values(status="banned"))
    for change in (
        lambda: messages.edit(ann, message, "hello you"),
        lambda: messages.delete_message(ann, message),
        lambda: reactions.add(ann, message, "👍"),
    ):
        with pytest.raises(NotFound):
            change()
    assert [(one.source, one.seq) for one in stored(room.id)] == [("hello", message.seq)]


def test_changes_take_the_next_seq_and_are_told(context, room, ann, make_message, told):
    heard = told(MessageEdited, MessageDeleted)
    message = make_message(room, ann, "hello")
    edited = messages.edit(ann, message, "hello you")
    deleted = messages.delete_message(ann, message)
    assert (edited, deleted) == (message.seq + 1, message.seq + 2)
    assert heard == [
        MessageEdited(room.id, edited, message.id),
        MessageDeleted(room.id, deleted, message.id),
    ]


def test_what_changes_nothing_is_not_told(context, room, ann, make_message, told):
    message = make_message(room, ann, "hello")
    messages.delete_message(ann, message)
    heard = told(MessageEdited, MessageDeleted)
    messages.delete_message(ann, message)
    assert heard == []


def test_a_change_keeps_the_place_in_the_room(context, room, ann, make_message):
    first, second = make_message(room, ann, "one"), make_message(room, ann, "two")
    messages.edit(ann, first, "one!")
    assert [message.id for message in stored(room.id)] == [first.id, second.id]


def test_a_retry_after_an_edit_gets_the_place_that_it_got_first(context, room, ann):
    once = key()
    first = messages.post(ann, room.id, "hello", once)
    messages.edit(ann, db.session.get_one(Message, first.id), "hello you")
    again = messages.post(ann, room.id, "hello", once)
    assert (again.id, again.number, again.created) == (first.id, first.number, False)
