"""What the database tells each second: lost hints are healed, and revocations hold."""

import secrets
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import update

from chatapp.domain import memberships, messages, presence, reactions, rooms, sessions, standing
from chatapp.domain.transaction import transaction
from chatapp.extensions import db
from chatapp.models import Message, SignInSession, Workspace, WorkspaceChange
from chatapp.models.columns import now
from chatapp.realtime import delivery, service
from chatapp.realtime.delivery import Delivery
from chatapp.realtime.heads import Heads
from chatapp.realtime.hints import RoomHint
from chatapp.realtime.hub import Hub
from chatapp.realtime.relay import MemoryRelay
from chatapp.recent import recent
from tests.builders.messages import new_message
from tests.builders.people import new_user
from tests.builders.rooms import new_room
from tests.queries import counted
from tests.realtime.browsers import eventually
from tests.realtime.listeners import Listening, enter

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def people():
    return [new_user("ann"), new_user("bob")]


@pytest.fixture
def room(people):
    return new_room(members=people, kind="closed")


class Process:
    """What a worker knows, without the worker."""

    def __init__(self):
        self.hub = Hub()
        self.delivery = Delivery(self.hub)
        self.ended = []
        self.heads = Heads(self.hub, self.delivery, self.ended.append)

    def open(self, user, *rooms, views=None, session_id=0) -> Listening:
        connection = enter(self.hub, user.id, views=None)
        connection.session_id = session_id
        for room in rooms:
            self.hub.join(user.id, room.id, room.head_seq, room.last_number)
        if views:
            assert self.hub.subscribe(connection, views.id)
        return connection

    def heal(self) -> None:
        self.heads.heal(self.heads.behind())
        self.deliver()

    def deliver(self) -> None:
        while self.delivery.waiting:
            self.delivery._step()


@pytest.fixture
def process():
    return Process()


@pytest.fixture
def sign_in(people):
    """Signs Ann in; returns the session's id."""

    def make() -> int:
        sessions.start(people[0], kept=False, user_agent="", address="")
        return max(one.id for one in sessions.of(people[0]))

    return make


def heard(connection) -> str:
    return b" ".join(connection.heard).decode(errors="replace")


def test_a_room_that_moved_on_unheard_is_told_to_its_viewers(process, people, room):
    tab = process.open(people[0], room, views=room)
    message = new_message(room, people[1])
    process.heal()
    assert f'"seq":{message.seq}' in heard(tab)
    assert f'"author":{people[1].id}' in heard(tab)
    process.heal()
    assert len(tab.heard) == 1


def test_who_wrote_unheard_before_the_newest_hears_on_other_devices_that_they_did(
    process, people, room
):
    """Whoever writes has read what stands above: else it counts as unread there."""
    ann, bob = people
    there, other = process.open(ann, room), process.open(bob, room, views=room)
    for author in (ann, ann, bob):
        new_message(room, author)
    process.heal()
    assert f'"number":2,"author":{ann.id}' in heard(there)
    assert f'"number":3,"author":{bob.id}' in heard(other)


def test_whoever_listens_nowhere_here_is_not_told_of(process, people, room):
    ann, bob = people
    tab = process.open(ann, room, views=room)
    for author in (bob, ann):
        new_message(room, author)
    process.heal()
    assert len(tab.heard) == 1
    assert f'"number":2,"author":{ann.id}' in heard(tab)


def test_who_comes_meanwhile_does_not_hide_from_the_others_what_they_did_not_hear(
    process, people, room
):
    tab = process.open(people[0], room, views=room)
    message = new_message(room, people[1])
    enter(process.hub, people[1].id)
    process.hub.join(people[1].id, room.id, message.seq, message.number)
    process.heal()
    assert f'"seq":{message.seq}' in heard(tab)


def say(ann, room, message):
    messages.post(ann, room.id, "not for Bob", secrets.token_urlsafe(12))


def edit(ann, room, message):
    messages.edit(ann, message, "not for Bob")


def delete(ann, room, message):
    messages.delete_message(ann, message)


def react(ann, room, message):
    reactions.add(ann, message, "\U0001f44d")


def rename(ann, room, message):
    rooms.rename(ann, room, "not for Bob", "")


class Worker:
    """This process as a worker with a tab of Ann's and one of Bob's, who view the room."""

    def __init__(self, app, people, room, monkeypatch):
        self.realtime = app.extensions["realtime"]
        self.monkeypatch = monkeypatch
        monkeypatch.setattr(self.realtime, "_sockets", object())
        self.realtime.catch_up()
        self.ann, self.bob = (self._open(one, room) for one in people)

    def _open(self, person, room) -> Listening:
        tab = enter(self.realtime.hub, person.id)
        self.realtime.hub.join(person.id, room.id, room.head_seq, room.last_number)
        assert self.realtime.hub.subscribe(tab, room.id)
        return tab

    @contextmanager
    def elsewhere(self):
        """What is done meanwhile is done in another worker; gives what that tells."""
        told = []
        with self.monkeypatch.context() as patch:
            patch.setattr(self.realtime, "heads", Process().heads)
            patch.setattr(self.realtime, "relay", MemoryRelay(told.append))
            yield told

    def hear(self, hint) -> None:
        self.realtime._hear(hint)
        self.deliver()

    def deliver(self) -> None:
        while self.realtime.delivery.waiting:
            self.realtime.delivery._step()


@pytest.fixture
def worker(app, people, room, monkeypatch):
    return Worker(app, people, room, monkeypatch)


def test_who_was_removed_while_a_worker_stood_still_hears_nothing_of_what_came_then(
    worker, people, room
):
    """What it has to deliver comes sooner than its next look at the database."""
    with worker.elsewhere():
        memberships.remove(people[0], room, people[1].id)
    worker.realtime.heads.caught_up_at -= 4
    worker.hear(RoomHint(room.id, 3, 1, b"not for Bob"))
    assert "not_found" in heard(worker.bob)
    assert "not for Bob" not in heard(worker.bob)


@pytest.mark.parametrize("verb", [say, edit, delete, react, rename])
def test_what_is_heard_of_sooner_than_a_removal_is_not_for_who_was_removed(
    worker, people, room, verb
):
    """Another worker has removed them, and its hint is still on its way."""
    ann, bob = people
    message = new_message(room, ann)
    with worker.elsewhere():
        memberships.remove(ann, room, bob.id)
    assert heard(worker.bob) == "", "they have not heard of it"
    worker.realtime.hub.channels[room.id].advance(message.seq + 1, message.number)
    verb(ann, room, db.session.get_one(Message, message.id))
    worker.deliver()
    assert f'"room":{room.id},"seq":{message.seq + 2}' in heard(worker.ann)
    assert '"code":"not_found"' in heard(worker.bob)
    assert f'"seq":{message.seq + 2}' not in heard(worker.bob)


def test_who_was_removed_hears_so_first_though_others_are_told_sooner(worker, people, room):
    with worker.elsewhere() as told:
        memberships.remove(people[0], room, people[1].id)
    worker.hear(next(hint for hint in told if isinstance(hint, RoomHint)))
    assert '"change":"left"' in heard(worker.ann)
    assert '"code":"not_found"' in heard(worker.bob)
    assert '"change":"left"' not in heard(worker.bob)


def test_what_a_lost_hint_told_is_not_for_who_was_removed_since(worker, people, room):
    with worker.elsewhere():
        lost = new_message(room, people[0])
    behind = worker.realtime.heads.behind()
    with worker.elsewhere():
        memberships.remove(people[0], room, people[1].id)
    worker.realtime.heads.heal(behind)
    worker.deliver()
    assert f'"number":{lost.number}' in heard(worker.ann)
    assert '"type":"head"' not in heard(worker.bob)


def test_pages_ask_for_their_lists_where_hints_may_be_lost(worker, monkeypatch):
    worker.realtime._was_deaf(0.0)
    assert heard(worker.bob) == ""
    monkeypatch.setattr(service, "LISTS_AT_ONCE", 1)
    worker.realtime._was_deaf(3.0)
    worker.realtime._was_deaf(3.0)
    for tab in (worker.ann, worker.bob):
        eventually(lambda tab=tab: heard(tab).count('"type":"rooms"') == 2)
    eventually(lambda: worker.realtime._lists_due == 0)


@pytest.mark.parametrize("place", [0, 1])
def test_what_has_waited_in_a_worker_that_stood_still_is_not_for_who_was_removed(
    worker, people, room, place
):
    memberships.join(new_user("eve"), new_room())
    known = worker.realtime.heads.workspace_seq
    assert known > 0
    worker.hear(RoomHint(room.id, room.head_seq + 2, 1, b"not for Bob", workspace=known * place))
    with worker.elsewhere():
        memberships.remove(people[0], room, people[1].id)
    worker.realtime.heads.caught_up_at -= 4
    worker.realtime.delivery._ordering._until[room.id] = 0.0
    worker.realtime.delivery._overdue()
    worker.realtime.delivery._flush()
    assert "not for Bob" in heard(worker.ann)
    assert "not for Bob" not in heard(worker.bob)


def test_what_a_restore_has_undone_is_waited_for_once(worker, people, room):
    """The place that a hint names may never be reached again."""
    place = worker.realtime.heads.workspace_seq + 100
    worker.hear(RoomHint(room.id, room.head_seq + 1, 1, b"said before", workspace=place))
    assert heard(worker.ann) == "said before"


def test_a_welcome_tells_what_was_told_meanwhile(app, people, room, monkeypatch):
    """What a process tells before somebody enters it does not come once more."""
    realtime = app.extensions["realtime"]
    asked = []

    def ask(token_hash: bytes):
        found = of_sign_in(token_hash)
        if not asked:
            message = new_message(room, people[1])
            other = enter(realtime.hub, people[1].id)
            realtime.hub.join(other.user_id, room.id, message.seq, message.number)
        asked.append(found)
        return found

    of_sign_in = standing.of_sign_in
    monkeypatch.setattr(standing, "of_sign_in", ask)
    token = sessions.start(people[0], kept=False, user_agent="", address="")
    first = realtime._welcome(Listening(0), sessions.hash_of(token))
    assert len(asked) == 2
    assert f'"{room.id}":{{"seq":{asked[1].rooms[room.id][0]}'.encode() in first


def test_the_first_welcome_of_a_worker_tells_who_is_there_with_others(
    app, people, room, monkeypatch
):
    realtime = app.extensions["realtime"]
    monkeypatch.setattr(realtime, "_sockets", object())
    presence.beat("another", 1, 1, {people[1].id: "online"})
    token = sessions.start(people[0], kept=False, user_agent="", address="")
    first = realtime._welcome(Listening(0), sessions.hash_of(token))
    assert f'"online":[{people[1].id}]'.encode() in first


def test_nothing_is_said_of_what_was_heard(process, people, room):
    tab = process.open(people[0], room, views=room)
    message = new_message(room, people[1])
    process.hub.channels[room.id].advance(message.seq, message.number)
    process.heal()
    assert tab.heard == []


def test_a_busy_room_whose_hints_are_late_is_left_to_them(process, people, room):
    """A head would have all its viewers ask, at the worst moment, for what is on its way."""
    tab = process.open(people[0], room, views=room)
    late, later = (new_message(room, people[1]) for _ in range(2))
    behind = process.heads.behind()
    process.hub.channels[room.id].advance(late.seq, late.number)
    process.heads.heal(behind)
    process.deliver()
    assert tab.heard == []
    # Nothing comes any more: now it is lost.
    process.heal()
    assert f'"seq":{later.seq}' in heard(tab)


def test_a_lost_message_is_told_of_though_a_later_change_was_heard(
    process, people, room, monkeypatch
):
    """Who does not view the room hears of no change but messages."""
    monkeypatch.setattr(delivery, "HEADS_EVERY_SECONDS", 0.0)
    tab = process.open(people[0], room)
    lost = new_message(room, people[1])
    seq = reactions.add(people[0], lost, "👍")
    process.delivery.put(RoomHint(room.id, seq, lost.number, b"reacted"))
    process.deliver()
    # Until it has waited for what is missing.
    process.delivery._step()
    assert process.hub.channels[room.id].seq == seq
    assert tab.heard == []
    process.heal()
    assert f'"number":{lost.number}' in heard(tab)
    process.heal()
    assert len(tab.heard) == 1


def test_a_lost_message_is_told_of_while_other_changes_come_all_the_time(
    process, people, room, monkeypatch
):
    monkeypatch.setattr(delivery, "HEADS_EVERY_SECONDS", 0.0)
    tab, viewer = process.open(people[0], room), process.open(people[1], room, views=room)
    lost = new_message(room, people[1])
    behind = process.heads.behind()
    process.hub.channels[room.id].advance(lost.seq + 1, 0)
    process.heads.heal(behind)
    process.deliver()
    assert f'"number":{lost.number}' in heard(tab)
    # Whoever views it hears of no place that is not known already.
    assert f'"seq":{lost.seq + 1}' in heard(viewer)
    assert not process.heads.behind()


def test_asking_is_two_queries_however_many_listen(process, people, room, app):
    for _ in range(10):
        process.open(people[0], room, views=room)
    process.heads.catch_up()
    with counted(app) as asked:
        process.heads.catch_up()
        process.heads.behind()
    assert len(asked) == 2


def test_a_removal_ends_the_view_and_is_told(process, people, room):
    tab = process.open(people[1], room, views=room)
    process.heads.catch_up()
    memberships.remove(people[0], room, people[1].id)
    process.heads.catch_up()
    assert process.hub.viewers(room.id) == set()
    assert "not_found" in heard(tab)
    assert '"rooms"' in heard(tab)


def test_who_spoke_and_who_may_hear_it_are_two_queries_for_however_many_rooms(process, people, app):
    rooms = [new_room(members=people) for _ in range(10)]
    tab = process.open(people[0], *rooms)
    for room in rooms:
        process.hub.subscribe(tab, room.id)
    spoken = [new_message(room, people[number % 2]) for number, room in enumerate(rooms)]
    behind = process.heads.behind()
    with counted(app) as asked:
        process.heads.heal(behind)
    assert len(asked) == 2
    process.deliver()
    assert all(
        f'"room":{message.room_id},"seq":{message.seq},"number":1,"author":{message.author_id}'
        in heard(tab)
        for message in spoken
    )


def test_many_rooms_are_asked_for_in_pages_and_others_have_their_turn(
    process, people, app, monkeypatch
):
    monkeypatch.setattr(standing, "NAMED_ROOMS", 2)
    monkeypatch.setattr(standing, "ROOMS_A_PAGE", 3)
    given = []
    monkeypatch.setattr("chatapp.realtime.heads.give_way", lambda: given.append(1))
    rooms = [new_room(members=people) for _ in range(7)]
    process.open(people[0], *rooms)
    spoken = [new_message(room, people[0]).room_id for room in rooms[::2]]
    with counted(app) as asked:
        assert list(process.heads.behind()) == spoken
    assert len(asked) == len(given) == 3


def test_a_new_member_may_view_at_once(process, people, room):
    carl = new_user("carl")
    tab = process.open(carl)
    process.heads.catch_up()
    memberships.add(people[0], room, "carl")
    process.heads.catch_up()
    channel = process.hub.subscribe(tab, room.id)
    assert channel
    assert channel.seq == room.head_seq + 1
    assert '"rooms"' in heard(tab)


def test_joining_and_leaving_hold_in_the_order_in_which_they_happened(process, people, room):
    tab = process.open(people[1], room, views=room)
    process.heads.catch_up()
    memberships.remove(people[0], room, people[1].id)
    memberships.add(people[0], room, "bob")
    memberships.remove(people[0], room, people[1].id)
    process.heads.catch_up()
    assert process.hub.subscribe(tab, room.id) is None


def test_an_ended_sign_in_closes_its_own_sockets(process, people, sign_in):
    ended, kept = sign_in(), sign_in()
    tabs = [process.open(people[0], session_id=one) for one in (ended, kept)]
    process.heads.catch_up()
    sessions.end(people[0], ended)
    process.heads.catch_up()
    assert [tab.closed for tab in tabs] == [4001, None]
    assert process.ended == [people[0].id]


def test_what_was_decided_before_a_socket_was_let_in_does_not_end_it(process, people, sign_in):
    """Their worker hears of it late: they have come back by what the change gave them."""
    process.open(people[1])
    process.heads.catch_up()
    ended = sign_in()
    sessions.end(people[0], ended)
    again = process.open(people[0], session_id=ended)
    again.workspace_seq = standing.of_workspace().head_seq
    process.heads.catch_up()
    assert again.closed is None
    sessions.end(people[0], sign_in())
    with transaction() as session:
        session.execute(update(WorkspaceChange).values(session_id=ended))
    process.heads.catch_up()
    assert again.closed == 4001, "what comes later does"


def test_changes_from_before_the_first_listener_are_nobodys(process, people, sign_in):
    sessions.end(people[0], sign_in())
    process.heads.catch_up()
    tab = process.open(people[0], session_id=1)
    process.heads.catch_up()
    assert tab.closed is None


def test_a_sign_in_that_ran_out_closes_its_sockets(process, people, sign_in):
    tab = process.open(people[0], session_id=sign_in())
    with transaction() as session:
        session.execute(update(SignInSession).values(expires_at=now() - timedelta(seconds=1)))
    process.heads.look_again_at_sign_ins({tab})
    assert tab.closed == 4001


def test_a_sign_in_that_was_used_meanwhile_lives_on(process, people, sign_in):
    tab = process.open(people[0], session_id=sign_in())
    tab.expires = 0.0
    process.heads.look_again_at_sign_ins({tab})
    assert tab.closed is None
    assert tab.expires > 0.0


@pytest.mark.parametrize("values", [{"epoch": "another"}, {"head_seq": 0}])
def test_another_history_sends_everybody_back(process, people, room, values):
    tab = process.open(people[0], room, views=room)
    with transaction() as session:
        session.execute(update(Workspace).values(head_seq=5))
    process.heads.catch_up()
    with transaction() as session:
        session.execute(update(Workspace).values(values))
    recent("pages", 1).put("a page", "of then")
    process.heads.catch_up()
    assert tab.closed == 1012
    assert not process.hub.channels, "who comes back meets none that know of more than there is"
    assert recent("pages", 1).get("a page") is None


def test_before_the_first_run_there_is_nothing_to_ask(process):
    process.heads.catch_up()
    assert not process.heads.known
