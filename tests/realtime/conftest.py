import json
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from tests.builders.people import new_user
from tests.builders.rooms import new_room
from tests.realtime.autobahn import find_wstest
from tests.realtime.browsers import Browser, open_browsers
from tests.servers import Server
from tests.visitors import Visitor

# A program for Python 2.7 cannot be asked of every machine: not collected instead of skipped.
collect_ignore = [] if find_wstest() else ["test_autobahn.py"]


@dataclass
class Person:
    """Somebody with an account, who may have several browsers open."""

    id: int
    user_name: str
    display_name: str
    visitor: Visitor
    browsers: list[Browser] = field(default_factory=list)
    csrf: str = ""

    def open(self, room: int | None = None, path: str = "/ws") -> Browser:
        """A new tab; it has heard its welcome, and views the room."""
        browser = Browser(self.visitor, path)
        self.browsers.append(browser)
        browser.welcome = browser.expect("welcome")
        if room is not None:
            browser.say("subscribe", room=room)
            browser.expect("subscribed", room=room)
        return browser

    def post(self, room: int, body: str) -> dict:
        """Say something by HTTP; the answer's JSON."""
        values = {"body": body, "client_key": f"key-{id(self)}-{next(_keys):06d}"}
        self.csrf = self.csrf or self.visitor.token()
        headers = {"Accept": "application/json", "X-CSRFToken": self.csrf}
        answer = self.visitor.post(f"/rooms/{room}/messages", data=values, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


_keys, _numbers = count(1), count(1)


class Place:
    """A server with people in a room."""

    def __init__(self, server: Server):
        self.server = server
        self._log_began = len(server.log)

    @property
    def log(self) -> str:
        """What the server has written since this place was made."""
        return self.server.log[self._log_began :]

    @property
    def memory(self) -> int:
        """Bytes that the first worker holds."""
        statm = Path(f"/proc/{self.server.worker_pids()[0]}/statm").read_text()
        return int(statm.split()[1]) * resource.getpagesize()

    def ended(self, person: Person) -> list[dict]:
        """What the log says of this person's sockets that have ended, in that order."""
        written = [json.loads(line) for line in self.log.splitlines() if '"socket"' in line]
        return [line for line in written if line["user"] == person.id]

    def person(self, name: str, server: Server | None = None, role: str = "member") -> Person:
        """An account, signed in. Its name is made unique: tests share a server."""
        user_name = f"{name}-{next(_numbers)}"

        def build() -> tuple[int, str]:
            user = new_user(user_name, role=role)
            return user.id, user.display_name

        user_id, display_name = self.server.build(build)
        return Person(user_id, user_name, display_name, (server or self.server).visitor(user_name))

    def room(self, *people: Person, kind: str = "open") -> int:
        from chatapp.extensions import db
        from chatapp.models import User

        def build() -> int:
            members = [db.session.get_one(User, person.id) for person in people]
            return new_room(members=members, kind=kind).id

        return self.server.build(build)


@pytest.fixture
def make_place() -> Iterator[Callable[[Server], Place]]:
    places: list[Place] = []

    def make(server: Server) -> Place:
        places.append(Place(server))
        return places[-1]

    yield make
    while open_browsers:
        open_browsers.pop().drop()
    for place in places:
        assert "Traceback" not in place.log, place.log


@pytest.fixture
def place(shared_server: Server, make_place: Callable[[Server], Place]) -> Place:
    """People and rooms on the server that tests share."""
    return make_place(shared_server)


@pytest.fixture
def ann(place: Place) -> Person:
    return place.person("ann")


@pytest.fixture
def bob(place: Place) -> Person:
    return place.person("bob")
