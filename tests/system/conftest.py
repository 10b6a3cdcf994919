"""Real browsers against a real server.

Chromium is the one on the PATH, else Playwright's own. Without one these tests skip; in CI (`CI`
set) they fail instead.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.builders.people import new_user
from tests.builders.rooms import new_room
from tests.databases import SqliteDatabases
from tests.servers import Server
from tests.system.line import Line
from tests.system.people import Person
from tests.system.scenes import Scene

HOW_TO_GET_ONE = (
    "No Chromium here: `apt install chromium`, or `.venv/bin/playwright install chromium`."
)
FLAGS = [
    # Containers and CI run as root, where Chromium's sandbox refuses to start.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    # Two people in two windows: the one behind must not be slowed down.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]
# As long as the slowest machine may need, for nothing waits longer than it must.
PAGE_MILLISECONDS = 15_000
expect.set_options(timeout=PAGE_MILLISECONDS)
_scenes = count(1)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
    if not path and not os.path.exists(playwright.chromium.executable_path):
        if os.environ.get("CI"):
            pytest.fail(HOW_TO_GET_ONE, pytrace=False)
        pytest.skip(HOW_TO_GET_ONE)
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def make_browser_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browsers that share nothing: `make_browser_context(color_scheme="dark", ...)`."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"} | options
        context = browser.new_context(**options)  # ty: ignore[invalid-argument-type]  Playwright's names.
        context.set_default_timeout(PAGE_MILLISECONDS)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        # A request that a test's handler still holds, or fetches itself, ends with the page; its
        # error would be raised in whichever test comes next.
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
        context.close()


@pytest.fixture
def page(make_browser_context: Callable[..., BrowserContext]) -> Page:
    """One page of a browser of its own."""
    return make_browser_context().new_page()


@pytest.fixture
def enter(
    make_browser_context: Callable[..., BrowserContext],
) -> Callable[..., Person]:
    """`enter(server, "ann")`: that person, signed in in a browser of their own."""

    def enter(server: Server | Line, user_name: str, **options: object) -> Person:
        person = Person(server.url, make_browser_context(**options), user_name)
        person.sign_in()
        return person

    return enter


@pytest.fixture(scope="session")
def town(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One server for the tests that don't harm it: each brings its own people and room."""
    folder = tmp_path_factory.mktemp("town")
    server = Server(folder, sqlite_databases.create(folder), {})
    server.start()
    yield server
    server.close()


@pytest.fixture
def make_scene(enter: Callable[..., Person]) -> Callable[[Server], Scene]:
    """Makes Ann and Bob on a server, in a room of their own, both looking at it."""

    def make(server: Server) -> Scene:
        number = next(_scenes)
        ann = server.build(new_user, f"ann{number}", display_name=f"Ann {number}")
        bob = server.build(new_user, f"bob{number}", display_name=f"Bob {number}")
        room = server.build(new_room, f"room of scene {number}", members=[ann, bob])
        return Scene(server, room, ann, bob, enter)

    return make


@pytest.fixture
def scene(town: Server, make_scene: Callable[[Server], Scene]) -> Scene:
    """Ann and Bob in a room of their own."""
    return make_scene(town)


@pytest.fixture
def make_line() -> Iterator[Callable[[Server], Line]]:
    """Makes lines to a server that a test can cut: `enter(line, "ann")`."""
    lines: list[Line] = []

    def make(server: Server) -> Line:
        lines.append(Line(server.port))
        return lines[-1]

    yield make
    for line in lines:
        line.close()
