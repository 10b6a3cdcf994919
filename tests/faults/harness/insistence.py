"""Asking until there is a definite answer: same request, same key, with pauses."""

import random
from collections.abc import Callable

import gevent

from tests.faults.harness.browser import Browser
from tests.faults.harness.history import PASSING, History, clock
from tests.faults.harness.wire import Answer, DoubtError, RefusedError

AGAIN = (408, 425, 429, *PASSING)
# A form answered without JSON leads on to a page.
FINE = (200, 201, 204, 302, 303)


class Insistence:
    """Repeats a request for one person until it is answered for good, or patience ends."""

    def __init__(self, browser: Browser, history: History, rng: random.Random) -> None:
        self.browser = browser
        self.history = history
        self.rng = rng
        self.give_up_at = float("inf")
        self.last_fine = 0.0

    def until_answered(self, ask: Callable[[], Answer]) -> Answer | None:
        """The fine answer, or None when it was refused for good or patience has ended."""
        tries = 0
        while clock() < self.give_up_at:
            tries += 1
            try:
                answer = ask()
            except (RefusedError, DoubtError):
                self._pause(tries)
                continue
            if answer.status in FINE:
                self.last_fine = clock()
                return answer
            # That a 500 is trouble, the history sees by itself.
            if answer.status not in AGAIN and answer.status < 500:
                detail = f"{self.browser.name}: {answer.status} {answer.text[:300]}"
                self.history.trouble("refused", detail)
                return None
            self._pause(tries)
        return None

    def _pause(self, tries: int) -> None:
        gevent.sleep(self.rng.uniform(0.02, min(1.0, 0.05 * 2**tries)))
