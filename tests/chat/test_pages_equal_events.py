"""An old page with its catch-up applied equals a freshly loaded page, whatever happened between."""

import re
from dataclasses import dataclass, field
from html import unescape

import pytest

from tests.chat.conftest import AS_JSON

ARTICLE = re.compile(r'<article class="message" .*?</article>', re.S)


@dataclass
class Page:
    """What a room's page shows of it, and where in its sequence it stands."""

    room_id: int
    seq: int
    workspace: int
    epoch: str
    name: str
    topic: str
    people: str
    articles: dict[int, str] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[object, ...]:
        """What must be equal: all but the workspace's seq, which counts other things, too."""
        people = [line.strip() for line in self.people.splitlines() if line.strip()]
        return self.seq, self.name, self.topic, people, sorted(self.articles.items())

    def catch_up(self, client) -> None:
        """As the browser does: page by page, each article in the place of the old one."""
        more = True
        while more:
            query = f"since={self.seq}&workspace={self.workspace}&epoch={self.epoch}"
            found = client.get(f"/rooms/{self.room_id}/changes?{query}", headers=AS_JSON).json
            assert not found["reset"]
            for message in found["messages"]:
                self.articles[message["id"]] = message["html"]
            if room := found["room"]:
                self.name, self.topic = room["name"], room["topic"]
                self.people = room["people_html"]
            for person in found["persons"]:
                self._rename(person)
            self.seq, self.workspace = found["seq"], found["workspace"]
            more = found["more"]

    def _rename(self, person: dict) -> None:
        """Every place of a name says whose it is; so do the initials."""
        for id, html in self.articles.items():
            self.articles[id] = renamed(html, person)
        self.people = renamed(self.people, person)


def renamed(html: str, person: dict) -> str:
    for attribute, text in (("name", person["name"]), ("initials", person["initials"])):
        pattern = rf'(data-{attribute}-of="{person["user"]}"[^>]*>)[^<]*'
        html = re.sub(pattern, rf"\g<1>{text}", html)
    return html


def load(client, room) -> Page:
    """A fresh page, read as a browser reads it."""
    html = client.get(f"/rooms/{room.id}").text
    articles = ARTICLE.findall(html.split("<template", 1)[0])
    return Page(
        room_id=room.id,
        seq=int(find(r'<chat-room[^>]* data-seq="(\d+)"', html)),
        workspace=int(find(r'data-workspace="(\d+)"', html)),
        epoch=find(r'name="epoch" content="(\w+)"', html),
        name=unescape(find(r"data-room-name[^>]*>([^<]*)<", html)),
        topic=unescape(find(r"data-room-topic[^>]*>([^<]*)<", html)),
        people=find(r"(?s)<ul[^>]* data-people>(.*?)</ul>", html),
        articles={int(find(r'data-message="(\d+)"', html)): html for html in articles},
    )


def find(pattern: str, html: str) -> str:
    found = re.search(pattern, html)
    assert found, pattern
    return found[1]


@pytest.fixture
def message(make_message, room, ann):
    return make_message(room, ann, "hello *there*")


@pytest.fixture
def happen(as_ann, as_bob, as_eve, room, message, bob, post):
    """`happen("edit")`: one thing of each kind, as somebody does it."""

    def on_message(verb, **values):
        return as_ann.post(f"/messages/{message.id}/{verb}", data=values, headers=AS_JSON)

    def on_room(client, verb, **values):
        return client.post(f"/rooms/{room.id}/{verb}", data=values)

    things = {
        "post": lambda: post(as_bob, "news & <b>more</b>"),
        "edit": lambda: on_message("edit", body="hello again"),
        "react": lambda: on_message("reactions", emoji="👍", on="1"),
        "take back": lambda: on_message("reactions", emoji="👍", on="0"),
        "delete": lambda: on_message("delete"),
        "rename": lambda: on_room(as_ann, "edit", name="Galley <3", topic="Food & drink"),
        "join": lambda: on_room(as_eve, "join"),
        "leave": lambda: on_room(as_eve, "leave"),
        "remove": lambda: on_room(as_ann, f"members/{bob.id}/remove"),
        "add": lambda: on_room(as_ann, "members", user_name="bob"),
        "other name": lambda: as_bob.post(
            "/profile", data={"display_name": "Robert Roe", "locale": "en"}
        ),
    }

    def one(thing: str) -> None:
        answer = things[thing]()
        assert answer.status_code < 400, (thing, answer.text)

    one.things = list(things)  # ty: ignore[missing-attribute]  What there is to choose from.
    return one


@pytest.mark.parametrize(
    "things",
    [
        ["post"],
        ["edit"],
        ["delete"],
        ["react"],
        ["react", "take back"],
        ["react", "delete"],
        ["rename"],
        ["join"],
        ["join", "leave"],
        ["remove"],
        ["remove", "add"],
        ["post", "other name"],
        ["other name", "post"],
        ["post", "edit", "react", "rename", "join", "other name", "post", "delete", "leave"],
    ],
    ids=" ".join,
)
def test_catching_up_ends_in_the_fresh_page(as_ann, room, message, happen, things):
    page = load(as_ann, room)
    for thing in things:
        happen(thing)
    assert load(as_ann, room).shown != page.shown or things == ["join", "leave"]
    page.catch_up(as_ann)
    assert page.shown == load(as_ann, room).shown


def test_catching_up_after_each_step_ends_there_too(as_ann, room, message, happen):
    page = load(as_ann, room)
    for thing in happen.things:
        happen(thing)
        page.catch_up(as_ann)
        assert page.shown == load(as_ann, room).shown, thing


def test_catching_up_twice_changes_nothing(as_ann, room, message, happen):
    page = load(as_ann, room)
    happen("edit")
    page.catch_up(as_ann)
    once = page.shown
    page.catch_up(as_ann)
    assert page.shown == once
