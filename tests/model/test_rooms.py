"""A hypothesis state machine: rooms, members, messages, edits, deletes, reactions and resume."""

import re
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.builders.people import new_user
from tests.builders.sign_ins import sign_in_client
from tests.faults.harness.view import View, rows_of
from tests.model.people import JSON, People
from tests.model.world import ModelRoom, Said

EMOJI = ["👍", "🎉", "❤️"]
PEOPLE = 3
EPOCH = re.compile(r'<meta name="epoch" content="([^"]*)"')

people = st.integers(0, PEOPLE - 1)
words = st.sampled_from(["apple", "pear", "plum", "quince", "fig"])
_numbers = count(1)


class Machine(People, RuleBasedStateMachine):
    """Each example has rooms of its own; the three people stay."""

    rooms = Bundle("rooms")
    messages = Bundle("messages")
    pages = Bundle("pages")

    def __init__(self) -> None:
        super().__init__()
        self.world = {}

    # What people do

    @rule(target=rooms, person=people, kind=st.sampled_from(["open", "closed"]))
    def create_room(self, person: int, kind: str) -> int:
        name = f"model {next(_numbers)}"
        answer = self.post(person, "/rooms", name=name, topic="", kind=kind)
        assert answer.status_code == 303
        room = int(answer.headers["Location"].rpartition("/")[2])
        self.world[room] = ModelRoom(kind, self.ids[person])
        self.world[room].enter(self.ids[person])
        return room

    @rule(room=rooms, person=people)
    def join(self, room: int, person: int) -> None:
        allowed = self.world[room].may_be_known_by(self.ids[person])
        answer = self.post(person, f"/rooms/{room}/join")
        assert answer.status_code == (303 if allowed else 404)
        if allowed:
            self.world[room].enter(self.ids[person])

    @rule(room=rooms, person=people)
    def leave(self, room: int, person: int) -> None:
        answer = self.post(person, f"/rooms/{room}/leave")
        wanted = self.world[room].may_leave(self.ids[person])
        assert answer.status_code == wanted
        if wanted == 303:
            self.world[room].exit(self.ids[person])

    @rule(room=rooms, person=people, other=people)
    def add(self, room: int, person: int, other: int) -> None:
        answer = self.post(person, f"/rooms/{room}/members", user_name=self.names[other])
        assert answer.status_code == (303 if self.is_member(room, person) else 404)
        if answer.status_code == 303:
            self.world[room].enter(self.ids[other])

    @rule(room=rooms, person=people, other=people)
    def remove(self, room: int, person: int, other: int) -> None:
        answer = self.post(person, f"/rooms/{room}/members/{self.ids[other]}/remove")
        allowed = person == other or self.world[room].creator == self.ids[person]
        wanted = (303 if allowed else 403) if self.is_member(room, person) else 404
        if wanted == 303 and person == other:
            wanted = self.world[room].may_leave(self.ids[person])
        assert answer.status_code == wanted
        if wanted == 303:
            self.world[room].exit(self.ids[other])

    @rule(target=messages, room=rooms, person=people, body=words)
    def say(self, room: int, person: int, body: str) -> Any:
        key = f"model-key-{next(_numbers)}"
        answer = self.send(person, room, body, key)
        if not self.is_member(room, person):
            assert answer.status_code == 404
            return multiple()
        assert answer.status_code == 201
        said = self.world[room].post(self.ids[person], key, body)
        said.id = answer.get_json()["id"]
        self.promised(answer, said.posted_seq, said.number)
        return (room, said)

    @rule(message=messages)
    def send_again(self, message: tuple[int, Said]) -> None:
        """The same key and text: the same answer, however often, whatever came between."""
        room, said = message
        answer = self.send(self.ids.index(said.author), room, said.first_body, said.key)
        if said.author not in self.world[room].members:
            assert answer.status_code == 404
            return
        assert answer.status_code == 200
        assert answer.get_json()["id"] == said.id
        self.promised(answer, said.posted_seq, said.number)

    @rule(message=messages)
    def send_another_text_with_its_key(self, message: tuple[int, Said]) -> None:
        room, said = message
        answer = self.send(self.ids.index(said.author), room, "something else", said.key)
        member = said.author in self.world[room].members
        assert answer.status_code == (409 if member else 404)

    @rule(message=messages, person=people, body=words)
    def edit(self, message: tuple[int, Said], person: int, body: str) -> None:
        room, said = message
        answer = self.post(person, f"/messages/{said.id}/edit", body=body)
        if not self.is_member(room, person):
            assert answer.status_code == 404
        elif said.author != self.ids[person]:
            assert answer.status_code == 403
        elif said.deleted:
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200
            self.world[room].edit(said, body)
            self.promised(answer, said.seq, said.number)

    @rule(message=messages, person=people)
    def delete(self, message: tuple[int, Said], person: int) -> None:
        room, said = message
        answer = self.post(person, f"/messages/{said.id}/delete")
        if not self.is_member(room, person):
            assert answer.status_code == 404
        elif said.author != self.ids[person]:
            assert answer.status_code == 403
        else:
            assert answer.status_code == 200
            self.world[room].delete(said)
            self.promised(answer, said.seq, said.number)

    @rule(message=messages, person=people, emoji=st.sampled_from(EMOJI), on=st.booleans())
    def react(self, message: tuple[int, Said], person: int, emoji: str, on: bool) -> None:
        room, said = message
        answer = self.post(person, f"/messages/{said.id}/reactions", emoji=emoji, on=int(on))
        if not self.is_member(room, person):
            assert answer.status_code == 404
        elif said.deleted and on:
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200
            if not said.deleted:
                self.world[room].react(said, emoji, self.ids[person], on=on)
            self.promised(answer, said.seq, said.number)

    # What people see

    @rule(target=pages, room=rooms, person=people)
    def open_page(self, room: int, person: int) -> Any:
        """A page that is opened now, and will be old later."""
        answer = self.clients[person].get(f"/rooms/{room}")
        if not self.is_member(room, person):
            assert answer.status_code == (200 if self.world[room].kind == "open" else 404)
            assert "<chat-room" not in answer.text
            return multiple()
        view = View(room, self.world[room].head)
        assert f'data-seq="{view.have}"' in answer.text
        for row in rows_of(answer.text):
            view.put(row)
        return (person, view)

    @rule(page=pages)
    def come_back(self, page: tuple[int, View]) -> None:
        """An old page asks for what it missed, and then equals a new one."""
        person, view = page
        if self.resume(person, view):
            assert self.rows(view.in_order()) == self.wanted(view.room)
            assert self.html(view.in_order()) == self.html(self.fresh(person, view.room))

    @rule(room=rooms, person=people, body=words)
    def search(self, room: int, person: int, body: str) -> None:
        """A word is found where it is written now, in one's own rooms only."""
        answer = self.clients[person].get(f"/searches?q={body}")
        found = {int(id) for id in re.findall(r"around=(\d+)#", answer.text)}
        mine = [one for one in self.world.values() if self.ids[person] in one.members]
        wanted = {said.id for one in mine for said in one.said if said.body == body}
        ours = {said.id for one in self.world.values() for said in one.said}
        assert found & ours <= wanted
        if len(found) < 30:
            assert wanted <= found

    @precondition(lambda self: self.world)
    @invariant()
    def whoever_is_not_a_member_sees_nothing(self) -> None:
        room = max(self.world)
        for person in range(PEOPLE):
            if not self.is_member(room, person):
                answer = self.clients[person].get(f"/rooms/{room}/messages", headers=JSON)
                assert answer.status_code == 404

    def teardown(self) -> None:
        """Every room at the end, as each of its members sees it."""
        for room, model in self.world.items():
            for user in model.members:
                person = self.ids.index(user)
                view = View(room)
                assert self.resume(person, view)
                assert self.rows(view.in_order()) == self.wanted(room)
                assert self.html(view.in_order()) == self.html(self.fresh(person, room))


@pytest.mark.timeout(300)
def test_the_product_does_what_the_model_says(app: Flask) -> None:
    with app.app_context():
        users = [new_user() for _ in range(PEOPLE)]
    clients = [sign_in_client(app.test_client(), user) for user in users]
    found = EPOCH.search(clients[0].get("/rooms").text)
    assert found is not None

    class ThisMachine(Machine):
        pass

    ThisMachine.clients = clients
    ThisMachine.ids = [user.id for user in users]
    ThisMachine.names = [user.user_name for user in users]
    ThisMachine.epoch = found[1]
    run_state_machine_as_test(
        ThisMachine,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
