"""Real browsers beside the greenlets: Playwright has a thread of its own, and is given orders."""

import os
import queue
import shutil
import threading
from collections.abc import Callable
from typing import Any

import gevent
from playwright.sync_api import Browser, Page, sync_playwright

from tests.faults.harness.history import clock

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions"]
FLAGS += ["--disable-background-timer-throttling", "--disable-renderer-backgrounding"]
Order = Callable[[Browser], Any]


class NoBrowserError(Exception):
    """There is none here; `str()` says how to get one."""


class Screens:
    """One Chromium. `do(order)` runs the order in its thread while the loop goes on."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Order, list[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.do(lambda _browser: None)

    def do(self, order: Order, seconds: float = 60) -> Any:
        """What the order returns. Raises what it raised."""
        box: list[Any] = []
        self._orders.put((order, box))
        deadline = clock() + seconds
        while not box:
            if clock() > deadline or not self._thread.is_alive():
                raise NoBrowserError("the browser does not answer")
            gevent.sleep(0.01)
        if isinstance(box[0], BaseException):
            raise box[0]
        return box[0][0]

    def close(self) -> None:
        self._orders.put(None)
        while self._thread.is_alive():
            gevent.sleep(0.01)

    def _run(self) -> None:
        with sync_playwright() as playwright:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            if path is None and not os.path.exists(playwright.chromium.executable_path):
                self._refuse()
                return
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            while (given := self._orders.get()) is not None:
                self._obey(browser, *given)
            browser.close()

    def _obey(self, browser: Browser, order: Order, box: list[Any]) -> None:
        try:
            box.append((order(browser),))
        except BaseException as error:  # The one who gave the order gets it.
            box.append(error)

    def _refuse(self) -> None:
        given = self._orders.get()
        if given is not None:
            given[1].append(NoBrowserError("there is no Chromium: apt-get install chromium"))


class Screen:
    """One person's page of one room."""

    SHOWN = """() => [...document.querySelectorAll("ol.messages article.message")].map(
        (one) => [Number(one.dataset.message), one.querySelector(".message-body").innerText])"""
    UNSETTLED = "document.querySelectorAll('.is-pending, .is-failed').length"

    def __init__(self, screens: Screens, origin: str, name: str, password: str, room: int) -> None:
        self._screens = screens
        self.name = name
        self.page: Page = screens.do(lambda browser: sign_in(browser, origin, name, password))
        self._screens.do(lambda _: self.page.goto(f"{origin}/rooms/{room}"))

    def say(self, body: str) -> None:
        """Type it and press Enter."""

        def order(_browser: Browser) -> None:
            composer = self.page.locator(".composer textarea")
            composer.fill(body)
            composer.press("Enter")

        self._screens.do(order)

    def is_settled(self) -> bool:
        """Whether nothing waits to be sent."""
        return self._screens.do(lambda _: self.page.evaluate(self.UNSETTLED)) == 0

    def shown(self) -> list[tuple[int, str]]:
        """The ids and texts on the page, from top to bottom."""
        rows = self._screens.do(lambda _: self.page.evaluate(self.SHOWN))
        return [(number, text) for number, text in rows]


def sign_in(browser: Browser, origin: str, name: str, password: str) -> Page:
    page = browser.new_context().new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{origin}/sign-in")
    page.fill("[name=user_name]", name)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page
