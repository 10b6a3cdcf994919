"""How far a long round is: a bar on a terminal, a line for each event everywhere."""

import sys

import gevent

from tests.faults.harness.history import clock

WIDTH = 24


class Progress:
    """Counts the time of the whole run; `acked` is what the chapters so far have come to."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.began = clock()
        self.acked = 0
        self.doing = ""
        self._live = sys.stdout.isatty()
        self._greenlet = gevent.spawn(self._run) if self._live else None

    def say(self, text: str) -> None:
        """A line that stays, above the bar."""
        sys.stdout.write(("\r\x1b[K" if self._live else "") + text + "\n")
        self._draw()

    def event(self, text: str) -> None:
        """Something that happened, with how far the run is."""
        self.say(f"{self.share:4.0%} {text}, {self.acked:,} acked")

    def close(self) -> None:
        if self._greenlet is not None:
            self._greenlet.kill()
            self._live = False
            sys.stdout.write("\r\x1b[K")

    @property
    def share(self) -> float:
        return min(1.0, (clock() - self.began) / self.seconds)

    def _run(self) -> None:
        while True:
            self._draw()
            gevent.sleep(0.5)

    def _draw(self) -> None:
        if self._live:
            full = int(self.share * WIDTH)
            bar = "#" * full + "." * (WIDTH - full)
            sys.stdout.write(f"\r\x1b[K[{bar}] {self.share:4.0%} {self.doing}")
        sys.stdout.flush()
