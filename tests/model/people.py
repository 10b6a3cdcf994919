"""How the machine's people ask, and what they see."""

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.faults.harness.looks import REACTION
from tests.faults.harness.view import Row, View, rows_of
from tests.model.world import ModelRoom

JSON = {"Accept": "application/json"}
BODY = re.compile(r'<div class="message-body"[^>]*>\s*<p>(.*?)</p>', re.DOTALL)


class People:
    """Three people at Flask's test clients, and the model of what they did."""

    clients: list[FlaskClient]
    ids: list[int]
    names: list[str]
    epoch: str
    world: dict[int, ModelRoom]

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
