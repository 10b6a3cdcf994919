"""A browser without the browser: cookies, CSRF and forms over a wire."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from tests.faults.harness.websocket import NotUpgradedError, WebSocket
from tests.faults.harness.wire import Address, Answer, Wire, form

TOKEN = re.compile(
    r'<meta name="csrf-token" content="([^"]+)"|name="csrf_token"[^>]*value="([^"]+)"'
)


class UnexpectedAnswerError(AssertionError):
    """An answer that the step cannot go on from."""

    def __init__(self, what: str, answer: Answer) -> None:
        super().__init__(f"{what}: {answer.status} {answer.text[:600]}")
        self.answer = answer


def told_nobody(_asked: str, _answer: Answer) -> None:
    """Where nobody wants to know what was answered."""


@dataclass
class Browser:
    """One sign-in: a name, cookies and a CSRF token, usable over several wires at once."""

    address: Address
    name: str
    origin: str
    id: int = 0
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    epoch: str = ""
    timeout: float = 15.0
    # Told of every answer, to handshakes too, and of what was asked.
    tell: Callable[[str, Answer], None] = told_nobody

    def __post_init__(self) -> None:
        self.wire = self.new_wire()

    def new_wire(self) -> Wire:
        """A connection of its own, for a second tab."""
        return Wire(self.address, self.timeout, self.origin.partition("//")[2])

    def headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Origin": self.origin, "Referer": self.origin + "/"}
        return headers | ({"Cookie": cookies} if cookies else {})

    def get(self, path: str, wire: Wire | None = None, *, json: bool = False) -> Answer:
        """Raises `RefusedError` or `DoubtError` when the wire fails."""
        accept = "application/json" if json else "text/html"
        answer = (wire or self.wire).ask("GET", path, self.headers() | {"Accept": accept})
        self.hear(f"GET {path}", answer)
        return answer

    def submit(self, path: str, wire: Wire | None = None, **fields: Any) -> Answer:
        """Post a form as the page's script does, and get JSON back."""
        headers, body = self.post_parts(fields)
        answer = (wire or self.wire).ask("POST", path, headers, body)
        self.hear(f"POST {path}", answer)
        return answer

    def post_parts(self, fields: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        headers = self.headers() | {"Accept": "application/json", "X-CSRFToken": self.token}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return headers, form(**fields)

    def hear(self, asked: str, answer: Answer) -> None:
        """Tell of the answer, and take its cookies over."""
        self.tell(asked, answer)
        for cookie in answer.cookies:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]

    def fetch_token(self) -> None:
        """A page that slept asks for a CSRF token of its present session."""
        self.token = self.get("/csrf-token", json=True).json()["token"]

    def fill_in(self, path: str, **fields: Any) -> Answer:
        """Load a page with a form, post the form as a browser without JavaScript would."""
        page = self.get(path)
        if page.status != 200:
            raise UnexpectedAnswerError(f"GET {path}", page)
        found = TOKEN.search(page.text)
        token = unescape(found[1] or found[2]) if found else ""
        headers = self.headers() | {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.wire.ask("POST", path, headers, form(csrf_token=token, **fields))
        self.hear(f"POST {path}", answer)
        if answer.status not in (302, 303):
            raise UnexpectedAnswerError(f"POST {path}", answer)
        return answer

    def open_socket(self, address: Address | None = None, timeout: float = 15.0) -> WebSocket:
        """Raises `NotUpgradedError` or OSError."""
        host = {"Host": self.origin.partition("//")[2]}
        try:
            opened = WebSocket(address or self.address, self.headers() | host, timeout=timeout)
        except NotUpgradedError as error:
            self.tell("a handshake", Answer(error.status, error.headers))
            raise
        self.tell("a handshake", Answer(101))
        return opened
