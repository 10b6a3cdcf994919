"""A person of the product: accounts, rooms, messages, each verb by its form."""

import re
from dataclasses import dataclass, field
from html import unescape

from tests.faults.harness.browser import Browser, UnexpectedAnswerError
from tests.faults.harness.view import Row, rows_of
from tests.faults.harness.wire import Answer, Wire

VIEWER = re.compile(r'<meta name="viewer" content="(\d+)"')
EPOCH = re.compile(r'<meta name="epoch" content="([^"]*)"')
ROOM = re.compile(r"<chat-room\b[^>]*>")
HIT = re.compile(r'href="/rooms/\d+\?around=(\d+)#')
PASSWORD = "a long and quiet evening"


@dataclass
class RoomPage:
    """What a freshly loaded room page says."""

    seq: int
    workspace: int
    epoch: str
    read: int
    number: int
    rows: list[Row]
    html: str = field(repr=False)


class Person(Browser):
    """What a person can do."""

    def first_run(self, room: str = "general") -> None:
        """Make the workspace, and let everybody register."""
        fields = {"workspace_name": "Harness", "room_name": room}
        self.fill_in("/first-run", **fields, **self._names())
        self._arrive()
        self.fill_in("/workspace", name="Harness", registration="open")

    def register(self) -> None:
        self.fill_in("/register", **self._names())
        self._arrive()

    def sign_in(self) -> None:
        self.fill_in("/sign-in", user_name=self.name, password=PASSWORD)
        self._arrive()

    def sign_out(self) -> Answer:
        return self.submit("/sign-out")

    def _names(self) -> dict[str, str]:
        names = {"user_name": self.name, "display_name": self.name.capitalize()}
        return names | {"password": PASSWORD}

    def _arrive(self) -> None:
        page = self.get("/rooms")
        viewer = VIEWER.search(page.text)
        if page.status != 200 or viewer is None:
            raise UnexpectedAnswerError("after signing in", page)
        self.id = int(viewer[1])
        self.epoch = self._epoch_of(page)
        self.fetch_token()

    def _epoch_of(self, page: Answer) -> str:
        found = EPOCH.search(page.text)
        return found[1] if found else ""

    # Rooms

    def create_room(self, name: str, kind: str = "open") -> int:
        """Make a room and return its id."""
        answer = self.submit("/rooms", name=name, topic="", kind=kind)
        if answer.status not in (200, 201, 302, 303):
            raise UnexpectedAnswerError("making a room", answer)
        place = answer.headers.get("location", "") or answer.text
        found = re.search(r'/rooms/(\d+)|"(?:id|room)":\s*(\d+)', place)
        if found is None:
            raise UnexpectedAnswerError("where the new room is", answer)
        return int(found[1] or found[2])

    def room_ids(self) -> dict[str, int]:
        """The rooms in one's own sidebar, by name."""
        page = self.get("/sidebar")
        links = re.findall(r'data-room="(\d+)".*?class="room-name"[^>]*>(.*?)<', page.text, re.S)
        return {unescape(name).strip(): int(room) for room, name in links}

    def join(self, room: int) -> Answer:
        return self.submit(f"/rooms/{room}/join")

    def leave(self, room: int) -> Answer:
        return self.submit(f"/rooms/{room}/leave")

    def add(self, room: int, user_name: str) -> Answer:
        return self.submit(f"/rooms/{room}/members", user_name=user_name)

    def remove(self, room: int, user: int) -> Answer:
        return self.submit(f"/rooms/{room}/members/{user}/remove")

    def room_page(self, room: int) -> RoomPage:
        """Load the room's page. Raises `UnexpectedAnswerError` unless one may see it."""
        answer = self.get(f"/rooms/{room}")
        element = ROOM.search(answer.text)
        if answer.status != 200 or element is None:
            raise UnexpectedAnswerError(f"the page of room {room}", answer)
        numbers = dict(re.findall(r'data-(\w+)="(\d+)"', element[0]))
        return RoomPage(
            seq=int(numbers["seq"]),
            workspace=int(numbers["workspace"]),
            epoch=self._epoch_of(answer),
            read=int(numbers["read"]),
            number=int(numbers["number"]),
            rows=rows_of(answer.text),
            html=answer.text,
        )

    # Messages

    def post(self, room: int, body: str, key: str, wire: Wire | None = None) -> Answer:
        return self.submit(f"/rooms/{room}/messages", wire, body=body, client_key=key)

    def edit(self, message: int, body: str, wire: Wire | None = None) -> Answer:
        return self.submit(f"/messages/{message}/edit", wire, body=body)

    def delete(self, message: int, wire: Wire | None = None) -> Answer:
        return self.submit(f"/messages/{message}/delete", wire)

    def react(self, message: int, emoji: str, on: int, wire: Wire | None = None) -> Answer:
        return self.submit(f"/messages/{message}/reactions", wire, emoji=emoji, on=on)

    def read(self, room: int, number: int) -> Answer:
        return self.submit(f"/rooms/{room}/reads", number=number)

    def changes(self, room: int, since: int, wire: Wire | None = None) -> Answer:
        """A page of what has changed since then, in this person's epoch."""
        query = f"since={since}&workspace=0&epoch={self.epoch}"
        return self.get(f"/rooms/{room}/changes?{query}", wire, json=True)

    def search(self, words: str) -> list[int]:
        """The ids of all messages that the search finds, over all its pages."""
        found: list[int] = []
        path = f"/searches?q={words}"
        while path:
            answer = self.get(path)
            if answer.status != 200:
                raise UnexpectedAnswerError(f"search for {words}", answer)
            found += [int(id) for id in HIT.findall(answer.text)]
            more = re.search(r'href="(/searches\?[^"]*\bbefore=[^"]*)"', answer.text)
            path = unescape(more[1]) if more else ""
        return found

    def history(self, room: int, limit: int = 10**9) -> list[Row]:
        """The room's messages as paging back shows them, oldest first; at least `limit` of them."""
        rows: list[Row] = self.room_page(room).rows
        while rows and rows[0].number > 1 and len(rows) < limit:
            path = f"/rooms/{room}/messages?before={rows[0].number}"
            answer = self.get(path, json=True)
            if answer.status != 200:
                raise UnexpectedAnswerError("paging back", answer)
            rows = rows_of(answer.json()["rows"]) + rows
        return rows
