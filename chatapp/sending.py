"""How gunicorn sends an answer: its head together with the beginning of its body.

gunicorn hands the system the head by itself and then the body. Each is a call, a packet, and a
reader who is woken: it took a twentieth of a page. What gunicorn checks stays checked.
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi

from chatapp.headers import FIXED

Header = tuple[str, str]

# The same on every answer: gunicorn's rules for names and values would find the same each time
# (tests/test_sending.py lets them look once).
KNOWN_HEADERS = frozenset(FIXED.items())


class WholeResponse(wsgi.Response):
    """gunicorn's response, which keeps its head until there is something to send with it."""

    def __init__(self, *about: Any) -> None:
        super().__init__(*about)
        self._head = b""

    def process_headers(self, headers: Iterable[Header]) -> None:
        given = [*headers]
        self.headers += [header for header in given if header in KNOWN_HEADERS]
        super().process_headers([header for header in given if header not in KNOWN_HEADERS])

    def send_headers(self) -> None:
        if not self.headers_sent:
            lines = [
                *self.default_headers(),
                *(f"{name}: {value}\r\n" for name, value in self.headers),
            ]
            self._head = "".join([*lines, "\r\n"]).encode("latin-1")
            self.headers_sent = True

    def write_file(self, respiter: Any) -> None:
        """A file may be sent by the system itself, past `_emit_body`: the head goes before it."""
        self.send_headers()
        self._send_head()
        super().write_file(respiter)

    def close(self) -> None:
        self.send_headers()
        self._send_head()
        super().close()

    def _emit_body(self, data: bytes) -> None:
        if self.chunked:
            self._send_head()
            super()._emit_body(data)
        else:
            data, self._head = self._head + data, b""
            self._send(data)

    def _send_head(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._send(head)

    def _send(self, data: bytes) -> None:
        # Most fit into what the system takes at once: `sendall` first asks it how much that is.
        sent = self.sock.send(data)
        if sent < len(data):
            self.sock.sendall(memoryview(data)[sent:])


def send_whole() -> None:
    """Have this worker's answers sent so."""
    # The names by which gunicorn finds them.
    vars(wsgi)["Response"] = WholeResponse
    vars(util)["http_date"] = date_now


def date_now() -> str:
    """The date for an answer's head, which is made once a second."""
    return _date_of(int(time.time()))


@lru_cache(maxsize=1)
def _date_of(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True)
