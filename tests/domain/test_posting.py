"""Posts that wait for their turn at the same moment are stored together, and fail apart."""

import secrets
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from chatapp.domain import messages, posting, transaction
from chatapp.domain.errors import Busy, DomainError, NotFound
from chatapp.events import MessagePosted, subscribe
from chatapp.extensions import db
from chatapp.models import Room
from tests.queries import counted

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def together(app, room):
    """Posts as these people, all while another writer has its turn."""

    def send(user):
        with app.app_context():
            return messages.post(user, room.id, "hello", secrets.token_urlsafe(12))

    def post(*users):
        with ThreadPoolExecutor(len(users)) as pool:
            with transaction._turn:
                answers = [pool.submit(send, user) for user in users]
                time.sleep(0.2)
            return [result_of(answer) for answer in answers]

    return post


def result_of(answer: Future[messages.Posted]) -> messages.Posted | Exception:
    error = answer.exception()
    if isinstance(error, Exception):
        return error
    return answer.result()


def test_posts_that_wait_share_a_commit(app, together, ann):
    with counted(app) as statements:
        posted = together(*[ann] * 8)
    seqs = sorted(one.seq for one in posted)
    assert seqs == list(range(seqs[0], seqs[0] + 8))
    # Whoever was first waited alone for the turn; the others gathered behind.
    assert statements.count("BEGIN IMMEDIATE") <= 2


def test_one_that_is_refused_does_not_fail_the_others(app, room, together, ann, bob, make_user):
    with app.app_context():
        head = db.session.get_one(Room, room.id).head_seq
    posted = together(ann, make_user("eve"), bob, ann)
    refused = [one for one in posted if isinstance(one, DomainError)]
    assert [type(one) for one in refused] == [NotFound]
    assert sorted(one.seq for one in posted if one not in refused) == [head + 1, head + 2, head + 3]


def test_one_that_cannot_be_stored_fails_alone(together, ann, bob, monkeypatch):
    write = posting._write

    def fail_for_bob(connection, values):
        if values["author_id"] == bob.id:
            raise LookupError
        return write(connection, values)

    monkeypatch.setattr(posting, "_write", fail_for_bob)
    posted = together(ann, bob, ann, bob, ann)
    assert [type(one) for one in posted].count(LookupError) == 2
    assert len({one.seq for one in posted if isinstance(one, messages.Posted)}) == 3


def test_what_shares_a_commit_is_told_in_its_order(app, together, ann, bob):
    told: list[int] = []
    subscribe(app, MessagePosted, lambda event: told.append(event.seq))
    together(ann, bob, ann, bob, ann, bob)
    assert told == sorted(told)
    assert len(told) == 6


def test_whoever_waits_too_long_stores_nothing(app, together, ann, room, monkeypatch):
    monkeypatch.setattr(posting, "PATIENCE_SECONDS", 0.05)
    with app.app_context():
        head = db.session.get_one(Room, room.id).head_seq
    assert {type(one) for one in together(ann, ann, ann)} == {Busy}
    with app.app_context():
        assert db.session.get_one(Room, room.id).head_seq == head
