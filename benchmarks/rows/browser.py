"""The page in Chromium: how soon a room can be used, and how soon a message is drawn.

Measured from outside by load/watch.js. "Usable": 40 messages are painted, the composer has the
focus, which the room's script gives it when it is ready, and the socket has subscribed to the room.
The window shows a page of another site before, as windows do from which people come: in a blank one
our answer (its Cross-Origin-Opener-Policy) has Chromium give up the process that it has just taken
for the page, and take another. It is left alone then, for opening one loads pages of the browser's
own. A second visit begins in the same way, when the first page's last work is over. Whoever looks
stands on the server's core, which has little to do, not on the browser's.
The browser is Chromium's headless shell, which has no window. In a window, even one that nobody
sees, the tab's spinner turns until the page has loaded: 30 to 40 frames, which elsewhere a graphics
card puts together and here the only core that the page has, half of all that was measured. "In a
window": the same page in such a one.
"On two cores": the same where the browser's processes may work at the same time, as they do on a
computer of today; the second core is the server's, which they share with it.
"Forty lines": the same way to a page of text without style or script, until it is on the screen:
what there is to be spared at most, on this machine and in this hour.
"Drawn": from the socket's frame reaching the page to the end of the paint that shows it, the wait
for the screen's next turn (up to 16.7 ms at 60 Hz) not taken out.
"""

import os
import shutil
import statistics
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.audit import audited
from benchmarks.load.http_clients import run
from benchmarks.load.posters import posters, said, times
from benchmarks.plan import Plan, tell
from benchmarks.product import Product, product
from benchmarks.results import Row
from benchmarks.servers import BOTH_CORES, LOAD_CORE, SERVER_CORE, family, move

WORK = "browser"
# The first that is there. Without one of them, Playwright's own.
BARE = ("chromium-headless-shell", "chrome-headless-shell")
WINDOWED = ("chromium", "google-chrome")
WATCH = (Path(__file__).resolve().parents[1] / "load" / "watch.js").read_text()
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
PAUSE_SECONDS, PATIENCE_SECONDS, CALM_SECONDS = 0.15, 20.0, 1.5
MESSAGES = 40
LINE = "<p>One of forty lines, about as long as what people say to each other in a room.</p>"
LINES = f"<!doctype html><title>Lines</title>{LINE * 40}".encode()
ON_SCREEN = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def barred(_plan: Plan) -> list[Row]:
    """The rows with a bar, before anything is measured."""
    return [
        Row(WORK, "room usable, nothing cached", "ms", 300, at_least=False),
        Row(WORK, "room usable, seen before", "ms", 300, at_least=False),
        Row(WORK, "message drawn after its frame", "ms", 16, at_least=False),
    ]


def measure(plan: Plan) -> Iterator[Row]:
    """First and later visits; messages one by one."""
    first, again, drawn = barred(plan)
    lines = Row(WORK, "headroom: forty lines, nothing cached", "ms")
    two = Row(WORK, "headroom: room usable on two cores", "ms")
    window = Row(WORK, "headroom: room usable in a window", "ms")
    first.note = again.note = lines.note = "the browser and all its processes on one core"
    two.note = "the browser on both cores, the server on one of them"
    window.note = "on one core, with the spinner of its tab"
    wanted = {"people": 10, "messages": 200, "rooms": 10}
    with product(wanted) as ours, _browsers() as (browser, windowed), _plain_page() as port:
        for number in range(1, plan.rounds + 1):
            with _page(browser, ours, port) as page:
                page.goto(f"http://127.0.0.1:{port}/")
                lines.ours.values.append(_until(page, ON_SCREEN))
            with _page(windowed, ours, port) as page:
                window.ours.values.append(_usable(page, ours))
            with _page(browser, ours, port) as page, _both_cores():
                two.ours.values.append(_usable(page, ours))
            with _page(browser, ours, port) as page:
                first.ours.values.append(_usable(page, ours))
                _look_elsewhere(page, port)
                again.ours.values.append(_usable(page, ours))
                waits, works = _messages(page, ours)
            drawn.ours.values.append(statistics.median(waits))
            drawn.note = (
                f"{statistics.median(works):.1f} ms of it until it stands in the page; "
                f"slowest of {len(waits)}: {max(waits):.1f} ms"
            )
            values = [row.ours.values[-1] for row in (first, again, window, two, lines, drawn)]
            tell(f"round {number}/{plan.rounds}  " + ", ".join(f"{v:.1f} ms" for v in values))
    yield from (first, again, window, two, lines, drawn)


@contextmanager
def _browsers() -> Generator[tuple[Any, Any]]:
    """One without a window, and one with: each waits, and costs nothing, while the other works."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = [
            playwright.chromium.launch(executable_path=_path_of(names), args=FLAGS)
            for names in (BARE, WINDOWED)
        ]
        move([os.getpid(), _driver()], SERVER_CORE)
        try:
            yield opened[0], opened[1]
        finally:
            for one in opened:
                one.close()
            move([os.getpid()], LOAD_CORE)


def _path_of(names: tuple[str, ...]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


def _driver() -> int:
    """Playwright's own process, below which the browser's are."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in family(os.getpid())[1:]}
    return next(pid for pid, command in commands.items() if "playwright" in command)


@contextmanager
def _both_cores() -> Generator[None]:
    """The browser may use the server's core, too."""
    move(family(_driver())[1:], BOTH_CORES)
    try:
        yield
    finally:
        move(family(_driver())[1:], LOAD_CORE)


@contextmanager
def _plain_page() -> Generator[int]:
    """A page that costs a browser next to nothing, at every address of that port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Lines) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


class _Lines(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(LINES)))
        self.end_headers()
        self.wfile.write(LINES)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def _page(browser: Any, ours: Product, port: int) -> Generator[Any]:
    """A window with nothing cached, somebody signed in, and another site's page to look at."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    name, _, value = ours.clients[1].cookie.partition("=")
    url = f"http://127.0.0.1:{ours.server.port}"
    context.add_cookies([{"name": name, "value": value, "url": url}])
    context.add_init_script(WATCH)
    page = context.new_page()
    _look_elsewhere(page, port)
    try:
        yield page
    finally:
        context.close()


def _look_elsewhere(page: Any, port: int) -> None:
    page.goto(f"http://localhost:{port}/")
    time.sleep(CALM_SECONDS)


def _usable(page: Any, ours: Product) -> float:
    page.goto(f"http://127.0.0.1:{ours.server.port}/rooms/{ours.room}")
    return _until(page, "window.bench.usable")


def _messages(page: Any, ours: Product) -> tuple[list[float], list[float]]:
    """Milliseconds from arrival to paint, and to standing in the page, of message after message."""
    speaker = posters(ours.clients[:1], ours.room, said, times(0))[0]
    for _ in range(MESSAGES):
        speaker.goes_on = times(1)
        run(ours.server.port, [speaker.client()])
        time.sleep(PAUSE_SECONDS)
    _until(page, f"Object.keys(window.bench.painted).length >= {MESSAGES}")
    audited(ours.environment, ours.room, [speaker.acknowledged])
    seen = page.evaluate("window.bench")
    ids = [str(message.id) for message in speaker.acknowledged]
    arrived = seen["arrived"]
    return (
        [seen["painted"][one] - arrived[one] for one in ids],
        [seen["inserted"][one] - arrived[one] for one in ids],
    )


def _until(page: Any, expression: str) -> Any:
    # Playwright's own waiting evaluates strings in the page, which its policy forbids.
    end = time.monotonic() + PATIENCE_SECONDS
    while not (value := page.evaluate(expression)):
        if time.monotonic() > end:
            raise TimeoutError(f"the page never came to {expression}")
        time.sleep(0.02)
    return value
