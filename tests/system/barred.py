"""Requests of a page that don't reach the server until they are let through."""

from collections.abc import Callable

from playwright.sync_api import Page, Route


class Barred:
    """Every request to `url` is aborted, or refused by `refuse`, until `let_through()`.

    They go through the test's hands from then on, too: Chromium is known to lose a request that
    begins as interception ends (`page.unroute`), and a page that tries again by itself may have
    one at just that moment.
    """

    def __init__(self, page: Page, url: str, refuse: Callable[[Route], None] = Route.abort):
        self._refuse = refuse
        self._is_open = False
        page.route(url, self._answer)

    def let_through(self) -> None:
        self._is_open = True

    def _answer(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._refuse(route)
