"""The page in Chromium: how soon a room can be used, and how soon a message is drawn.

Measured from outside by load/watch.js. "Usable": 40 messages are painted, the composer has the
focus, which the room's script gives it when it is ready, and the socket has subscribed to the room.
The new window is left alone before that, for opening one loads pages of the browser's own.
"Drawn": from the socket's frame reaching the page to the end of the paint that shows it, the wait
for the screen's next turn (up to 16.7 ms at 60 Hz) not taken out.
"""

import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.load.http_clients import run
from benchmarks.load.posters import posters, said, times
from benchmarks.plan import Plan, tell
from benchmarks.product import Product, product
from benchmarks.results import Row

WORK = "browser"
WATCH = (Path(__file__).resolve().parents[1] / "load" / "watch.js").read_text()
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
PAUSE_SECONDS, PATIENCE_SECONDS, CALM_SECONDS = 0.15, 20.0, 1.5
MESSAGES = 40


def measure(plan: Plan) -> Iterator[Row]:
    """First and later visits; messages one by one."""
    first = Row(WORK, "room usable, nothing cached", "ms", 300, at_least=False)
    again = Row(WORK, "room usable, seen before", "ms", 300, at_least=False)
    drawn = Row(WORK, "message drawn after its frame", "ms", 16, at_least=False)
    first.note = again.note = "browser and load on one core"
    with product({"people": 10, "messages": 200, "rooms": 10}) as ours, _browser() as browser:
        for number in range(1, plan.rounds + 1):
            context = _signed_in(browser, ours)
            page = context.new_page()
            time.sleep(CALM_SECONDS)
            for row in (first, again):
                row.ours.values.append(_usable(page, ours))
            waits, works = _messages(page, ours)
            drawn.ours.values.append(statistics.median(waits))
            drawn.note = (
                f"{statistics.median(works):.1f} ms of it until it stands in the page; "
                f"slowest of {len(waits)}: {max(waits):.1f} ms"
            )
            context.close()
            values = [row.ours.values[-1] for row in (first, again, drawn)]
            tell(f"round {number}/{plan.rounds}  " + ", ".join(f"{v:.1f} ms" for v in values))
    yield from (first, again, drawn)


class _browser:  # noqa: N801 (read as a verb: `with _browser() as browser`)
    """Chromium from the PATH, else Playwright's own."""

    def __enter__(self) -> Any:
        from playwright.sync_api import sync_playwright

        self._playwright = sync_playwright().start()
        path = shutil.which("chromium") or shutil.which("google-chrome")
        self._open = self._playwright.chromium.launch(executable_path=path, args=FLAGS)
        return self._open

    def __exit__(self, *_error: object) -> None:
        self._open.close()
        self._playwright.stop()


def _signed_in(browser: Any, ours: Product) -> Any:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    name, _, value = ours.clients[1].cookie.partition("=")
    url = f"http://127.0.0.1:{ours.server.port}"
    context.add_cookies([{"name": name, "value": value, "url": url}])
    context.add_init_script(WATCH)
    return context


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
