"""A hypothesis state machine: rooms, members, messages, edits, deletes, reactions and resume."""

import re
from html import unescape
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
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
from werkzeug.test import TestResponse

from tests.builders.people import new_user
from tests.builders.sign_ins import sign_in_client
from tests.faults.harness.looks import REACTION
from tests.faults.harness.view import Row, View, rows_of
from tests.model.world import ModelRoom, Said

JSON = {"Accept": "application/json"}
EMOJI = ["👍", "🎉", "❤️"]
PEOPLE = 3
EPOCH = re.compile(r'<meta name="epoch" content="([^"]*)"')
BODY = re.compile(r'<div class="message-body"[^>]*>\s*<p>(.*?)</p>', re.DOTALL)

people = st.integers(0, PEOPLE - 1)
words = st.sampled_from(["apple", "pear", "plum", "quince", "fig"])
_numbers = count(1)


class Machine(RuleBasedStateMachine):
    """Each example has rooms of its own; the three people stay."""

    clients: list[FlaskClient]
    ids: list[int]
    names: list[str]
    epoch: str

    rooms = Bundle("rooms")
    messages = Bundle("messages")
    pages = Bundle("pages")

    def __init__(self) -> None:
        super().__init__()
        self.world: dict[int, ModelRoom] = {}

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
        assert answer.status_code == (303 if self.is_member(room, person) else 404)
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

    # How

    def is_member(self, room: int, person: int) -> bool:
        return self.ids[person] in self.world[room].members

    def post(self, person: int, path: str, **fields: Any) -> TestResponse:
        return self.clients[person].post(path, data=fields, headers=JSON)

    def send(self, person: int, room: int, body: str, key: str) -> TestResponse:
        return self.post(person, f"/rooms/{room}/messages", body=body, client_key=key)

    def promised(self, answer: TestResponse, seq: int, number: int) -> None:
        said = answer.get_json()
        assert (said["seq"], said["number"]) == (seq, number)

    def resume(self, person: int, view: View) -> bool:
        """Catch up by sequence; whether one still may."""
        more = True
        while more:
            query = f"since={view.have}&workspace=0&epoch={self.epoch}"
            answer = self.clients[person].get(f"/rooms/{view.room}/changes?{query}", headers=JSON)
            if not self.is_member(view.room, person):
                assert answer.status_code == 404
                return False
            page = answer.get_json()
            assert [m["seq"] for m in page["messages"]] == sorted(
                m["seq"] for m in page["messages"]
            )
            view.catch_up(page)
            more = page["more"]
        assert view.have == self.world[view.room].head
        return True

    def fresh(self, person: int, room: int) -> list[Row]:
        rows = rows_of(self.clients[person].get(f"/rooms/{room}").text)
        while rows and rows[0].number > 1:
            path = f"/rooms/{room}/messages?before={rows[0].number}"
            answer = self.clients[person].get(path, headers=JSON)
            rows = rows_of(answer.get_json()["rows"]) + rows
        return rows

    def wanted(self, room: int) -> list[tuple[Any, ...]]:
        return [
            (said.id, said.seq, said.number, said.body, sorted(said.reactions))
            for said in self.world[room].said
        ]

    def rows(self, rows: list[Row]) -> list[tuple[Any, ...]]:
        """What the rows show, as the model says it."""
        return [(row.id, row.seq, row.number, text_of(row), reactions_of(row)) for row in rows]

    def html(self, rows: list[Row]) -> list[str]:
        return [row.html for row in rows]


def text_of(row: Row) -> str:
    body = BODY.search(row.html)
    return unescape(body[1]).strip() if body else ""


def reactions_of(row: Row) -> list[tuple[str, int]]:
    found = []
    for emoji, users, number in REACTION.findall(row.html):
        assert len(users.split()) == int(number)
        found += [(emoji, int(user)) for user in users.split()]
    return sorted(found)


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
