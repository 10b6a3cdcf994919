"""People at their browsers: what they do, in the words of the page."""

import re

from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.builders.people import PASSWORD


class Person:
    """One person in one browser. `page` is the first tab; `open_tab` opens more."""

    def __init__(self, url: str, context: BrowserContext, user_name: str):
        self.url, self.context, self.user_name = url, context, user_name
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self._watch(self.page)

    def sign_in(self, password: str = PASSWORD) -> None:
        """Through the form, like everybody."""
        self.page.goto(f"{self.url}/sign-in")
        self.page.fill("[name=user_name]", self.user_name)
        self.page.fill("[name=password]", password)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def open_tab(self, path: str = "/") -> Page:
        page = self.context.new_page()
        self._watch(page)
        page.goto(self.url + path)
        return page

    def open_room(self, room_id: int) -> None:
        self.page.goto(f"{self.url}/rooms/{room_id}")
        expect(self.page.locator("chat-room")).to_be_visible()

    def say(self, body: str) -> None:
        """Type it and press Enter."""
        composer = self.page.locator(".composer textarea")
        composer.fill(body)
        composer.press("Enter")

    def message(self, body: str) -> Locator:
        """The articles with that text."""
        return self.page.locator("article.message").filter(has_text=body)

    def act(self, body: str, action: str) -> None:
        """Press a button of the bar over that message: react, edit, copy or delete."""
        self.message(body).hover()
        self.page.locator(f".message-actions [data-action={action}]").click()

    def texts(self) -> list[str]:
        """What the timeline shows, from top to bottom."""
        return self.page.locator("article .message-body").all_inner_texts()

    def presence_of(self, user_id: int) -> Locator:
        """The mark beside a person in the people pane."""
        return self.page.locator(f".people [data-presence-of='{user_id}']")

    def is_at(self, user_id: int, state: str) -> None:
        """Wait until that person is shown as online, away or offline.

        Whoever closes the last tab is gone after 5 s: a reload is no absence.
        """
        mark = self.presence_of(user_id)
        expect(mark).to_have_attribute("data-state", state)

    def sees(self, body: str) -> None:
        """Wait until the message is there, confirmed, exactly once."""
        expect(self.message(body)).to_have_count(1)
        expect(self.message(body)).not_to_contain_class("is-pending")

    def is_told(self, what: str) -> None:
        """Wait until the page says so where it has no place of its own for it."""
        toast = self.page.locator(".toast")
        expect(toast).to_contain_text(what)
        expect(toast).to_be_in_viewport(ratio=1)

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.problems.append(str(error)))


def hold_back(page: Page, pattern: str | re.Pattern[str]) -> list[Route]:
    """What is asked for there waits until the test lets it go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(pattern, hold)
    return held


def wait_for_one(page: Page, held: list[Route]) -> Route:
    """The first of the requests that are held there, once there is one."""
    while not held:
        page.wait_for_timeout(20)
    return held[0]


def wait_for_turbo(page: Page) -> None:
    """From then on a visit keeps the document. The page's policy forbids `wait_for_function`."""
    while not page.evaluate("'Turbo' in window"):
        page.wait_for_timeout(50)
