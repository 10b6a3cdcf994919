"""People who sign in with their passwords, so many a second, while something else is measured."""

import re
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

from benchmarks.load.http_clients import ACCEPT_ENCODING, unpacked
from benchmarks.load.text import PASSWORD

_TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"|name="csrf-token" content="([^"]+)"')


class SignIns:
    """Runs in threads of its own from entering the block until leaving it."""

    def __init__(self, port: int, people: int, rate: float):
        self.port, self.people, self.rate = port, people, rate
        self.answered: list[float] = []
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._clock = threading.Thread(target=self._run)

    def __enter__(self) -> "SignIns":
        self._began = time.monotonic()
        self._clock.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._clock.join()

    @property
    def reached(self) -> float:
        """Sign-ins a second, by when they were answered, from the first to the last of them all."""
        took = max(self.answered, default=0.0) - min(self.answered, default=0.0)
        return (len(self.answered) - 1) / took if took else 0.0

    def _run(self) -> None:
        begun: list[threading.Thread] = []
        while not self._stop.wait(max(0, self._began + len(begun) / self.rate - time.monotonic())):
            begun.append(threading.Thread(target=self._sign_in, args=[len(begun)]))
            begun[-1].start()
        for thread in begun:
            thread.join()

    def _sign_in(self, number: int) -> None:
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("GET", "/sign-in", headers={"Accept-Encoding": ACCEPT_ENCODING})
            form = line.getresponse()
            cookie = (form.getheader("Set-Cookie") or "").partition(";")[0]
            page = unpacked(form.read(), (form.getheader("Content-Encoding") or "").encode())
            token = next(filter(None, _TOKEN.search(page).groups()))
            self._post(line, cookie, token.decode(), f"person{number % self.people + 1}")
            self.answered.append(time.monotonic())
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error}")
        finally:
            line.close()

    def _post(self, line: HTTPConnection, cookie: str, token: str, name: str) -> None:
        fields = {"csrf_token": token, "user_name": name, "password": PASSWORD}
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        headers["Accept-Encoding"] = ACCEPT_ENCODING
        line.request("POST", "/sign-in", urlencode(fields), headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != 303 or not answer.getheader("Set-Cookie"):
            raise ValueError(f"signing in was answered with {answer.status}")
