"""Pictures of the main pages in `tests/screenshots/`, to look at. They assert only the layout."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.builders.people import new_user
from tests.builders.rooms import new_room

FOLDER = Path(__file__).resolve().parent.parent / "screenshots"
SIZES = {"wide": (1440, 900), "tablet": (1024, 768), "phone": (390, 844), "narrow": (320, 640)}
LONG = "word " * 800


def scrolls_sideways(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.fixture
def lively(scene):
    """A room with a bit of everything."""
    server = scene.server
    wordy = server.build(
        new_user, f"w{scene.room.id}", display_name=f"Maximilian{scene.room.id}{'x' * 26}"
    )
    right_to_left = server.build(
        new_user, f"r{scene.room.id}", display_name=f"نور حداد {scene.room.id}"
    )
    for person in (wordy, right_to_left):
        server.visitor(person.user_name).submit(f"/rooms/{scene.room.id}/join")
    scene.write(wordy, LONG)
    scene.write(right_to_left, "مرحبا، كيف الحال؟")
    scene.write(scene.bob, "```\n" + "a line of code that is wider than the pane " * 6 + "\n```")
    scene.write(scene.ann, "> Shall we?\n\nYes: **today**, at *four*.\n\n1. cake\n2. tea")
    return scene


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pictures_of_the_main_pages(lively, enter, make_browser_context, size, color_scheme):
    width, height = SIZES[size]
    touch = width < 768
    options = {
        "viewport": {"width": width, "height": height},
        "color_scheme": color_scheme,
        "has_touch": touch,
        "is_mobile": touch,
    }
    FOLDER.mkdir(exist_ok=True)

    def shoot(page, name: str) -> None:
        page.screenshot(path=FOLDER / f"{name}-{size}-{color_scheme}.png")
        assert not scrolls_sideways(page), name

    stranger = make_browser_context(**options).new_page()
    stranger.goto(f"{lively.server.url}/sign-in")
    shoot(stranger, "sign-in")
    ann = enter(lively.server, lively.ann.user_name, **options)
    ann.open_room(lively.room.id)
    ann.sees("Shall we?")
    shoot(ann.page, "room")
    empty = lively.server.build(
        new_room, f"empty {lively.room.id} {size} {color_scheme}", members=[lively.ann]
    )
    ann.open_room(empty.id)
    shoot(ann.page, "empty-room")
    for name, path in {
        "rooms": "/rooms",
        "new-room": "/rooms/new",
        "people": "/people",
        "search": "/searches?q=today",
        "sessions": "/sessions",
        "profile": "/profile",
        "not-found": "/nowhere",
    }.items():
        ann.page.goto(lively.server.url + path)
        shoot(ann.page, name)


def test_pictures_of_trouble(lively, make_line):
    FOLDER.mkdir(exist_ok=True)
    line = make_line(lively.server)
    ann = lively.enter(lively.ann, line)
    ann.page.route("**/messages", lambda route: route.fulfill(status=403, body=""))
    ann.say("This one is refused")
    expect(ann.page.locator(".is-failed")).to_have_count(1)
    ann.page.unroute("**/messages")
    line.cut()
    ann.say("This one waits")
    expect(ann.page.locator(".is-pending")).to_have_count(1)
    expect(ann.page.locator(".connection-strip")).to_be_visible(timeout=20_000)
    ann.page.screenshot(path=FOLDER / "offline-wide-light.png")
