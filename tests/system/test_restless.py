"""Two restless people: whatever they do, in the end both see what the server has."""

import os
import random
import re

from playwright.sync_api import Error, Page, expect

from tests.system.people import Person
from tests.system.scenes import Scene
from tests.system.test_catch_up import picture
from tests.visitors import Visitor

# More of both: RESTLESS_STEPS=500 RESTLESS_SEED=3.
STEPS = int(os.environ.get("RESTLESS_STEPS", "40"))
SEED = int(os.environ.get("RESTLESS_SEED", "7"))


class Restless:
    """Does one random thing after the other; remembers what was said."""

    def __init__(self, person: Person, chance: random.Random, path: str):
        self.person, self.chance, self.path = person, chance, path
        self.said: list[str] = []
        self.page = person.page
        self.deeds = [self.say] * 6 + [self.reload, self.lose, self.edit, self.react]
        self.deeds += [self.wander, self.look_back, self.open_and_close]

    def step(self) -> None:
        self.chance.choice(self.deeds)()

    def say(self) -> None:
        for _ in range(self.chance.randrange(1, 4)):
            body = f"{self.person.user_name} says {len(self.said)}."
            self.said.append(body)
            self.person.say(body)

    def reload(self) -> None:
        self.page.reload(wait_until="commit")
        expect(self.page.locator(".composer textarea")).to_be_visible()

    def lose(self) -> None:
        """The network goes for posts and fetches, while the socket may live on."""
        self.person.context.set_offline(True)
        self.say()
        self.page.wait_for_timeout(self.chance.randrange(0, 500))
        self.person.context.set_offline(False)

    def edit(self) -> None:
        self.page.locator(".composer textarea").fill("")
        self.page.locator(".composer textarea").press("ArrowUp")
        field = self.page.locator(".message-editor textarea")
        try:
            field.press("End", timeout=1_000)
            field.type(" (edited)", timeout=1_000)
            field.press("Enter", timeout=1_000)
            expect(field).to_have_count(0)
        except Error:
            # There was nothing to edit yet, or it came too late.
            self.page.keyboard.press("Escape")

    def react(self) -> None:
        articles = self.page.locator("article[data-number]")
        if not articles.count():
            return
        articles.last.hover()
        try:
            self.page.locator("[data-action=react]").click(timeout=1_000)
            emoji = self.page.locator(".emoji-quick button")
            emoji.nth(self.chance.randrange(6)).click(timeout=1_000)
        except Error:
            # It moved away from under the pointer.
            self.page.keyboard.press("Escape")

    def wander(self) -> None:
        link = self.page.locator(".sidebar").get_by_text("All rooms")
        link.click()
        try:
            self.page.wait_for_url("**/rooms", timeout=4_000)
        except Error:
            # The network was not quite back; the page has said so, and is still there.
            expect(self.page.locator(".toast")).to_have_count(1)
            link.click()
            self.page.wait_for_url("**/rooms")
        self.page.go_back()
        expect(self.page.locator(".composer textarea")).to_be_visible()

    def look_back(self) -> None:
        self.page.locator(".timeline").evaluate("e => { e.scrollTop = 0; }")

    def open_and_close(self) -> None:
        tab = self.person.open_tab(self.path)
        self.page.bring_to_front()
        tab.close()


def test_two_restless_people_see_the_same_in_the_end(server, make_scene):
    scene = make_scene(server)
    chance = random.Random(SEED)
    path = f"/rooms/{scene.room.id}"
    people = [Restless(person, chance, path) for person in scene.enter_both()]
    for step in range(STEPS):
        chance.choice(people).step()
        if step == STEPS // 3:
            server.kill()
            people[0].say()
            server.start()
        if step == 2 * STEPS // 3:
            server.restart()
    for each in people:
        each.page.evaluate("dispatchEvent(new Event('online'))")
    for each in people:
        expect(each.page.locator(".is-pending")).to_have_count(0, timeout=40_000)
        expect(each.page.locator(".is-failed")).to_have_count(0)
    bodies = history(server.visitor(scene.ann.user_name), path)
    for each in people:
        mine = [body for body in bodies if body.startswith(each.person.user_name)]
        assert [body.split("(")[0].strip() for body in mine] == each.said
        assert_shows_the_store(each, scene, len(bodies))
        # Turbo throws what it has told, when a visit finds no server.
        assert set(each.person.problems) <= {"Failed to fetch"}


def assert_shows_the_store(restless: Restless, scene: Scene, newest: int) -> None:
    """The page has every number once and in order, and equals a fresh one as far as that goes."""
    restless.page.locator(".jump-to-latest").dispatch_event("click")
    for user in (scene.ann, scene.bob):
        restless.person.is_at(user.id, "online")
    shows_to(restless.page, newest)
    fresh = restless.person.open_tab(restless.path)
    shows_to(fresh, newest)
    fresh.wait_for_timeout(1_500)
    old, new = picture(restless.page)["rows"], picture(fresh)["rows"]
    # The first rows of a window have their head and day line because they are its first.
    size = min(len(old), len(new)) - 2
    for mine, theirs in zip(old[-size:], new[-size:], strict=True):
        assert mine == theirs
    fresh.close()


def shows_to(page: Page, newest: int) -> None:
    expect(page.locator("article").last).to_have_attribute("data-number", str(newest))
    numbers = page.locator("article").evaluate_all("all => all.map(a => +a.dataset.number)")
    assert numbers == list(range(numbers[0], newest + 1))


def history(visitor: Visitor, path: str) -> list[str]:
    """Every message's text, from the first to the last."""
    page = visitor.get(f"{path}/messages").json()
    bodies = texts(page["rows"])
    while page["more_before"]:
        page = visitor.get(f"{path}/messages?before={page['first']}").json()
        bodies = texts(page["rows"]) + bodies
    return bodies


def texts(rows: str) -> list[str]:
    parts = rows.split('<div class="message-body" dir="auto">')[1:]
    return [re.sub("<[^>]*>", "", part.split("</div>")[0]).strip() for part in parts]
