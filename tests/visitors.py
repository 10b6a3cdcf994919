"""An HTTP client against a real server, with cookies and forms as a browser has them."""

import re
from typing import Any

import requests

from tests.builders.people import PASSWORD

TOKEN = re.compile(r'name="csrf-?_?token"[^>]*(?:value|content)="([^"]+)"')


class Visitor(requests.Session):
    """One browser: paths instead of addresses, and a CSRF token on what it posts."""

    def __init__(self, origin: str):
        super().__init__()
        self.origin = origin
        self.trust_env = False

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", 10)
        return super().request(method, self.origin + url, *args, **kwargs)

    def submit(self, path: str, values: dict[str, str] | None = None, **kwargs: Any):
        """Post a form with a fresh CSRF token; redirects are not followed."""
        headers = kwargs.pop("headers", {}) | {"X-CSRFToken": self.token()}
        kwargs.setdefault("allow_redirects", False)
        return self.post(path, data=values or {}, headers=headers, **kwargs)

    def token(self) -> str:
        return self.get("/csrf-token").json()["token"]

    def sign_in(self, user_name: str, password: str = PASSWORD) -> None:
        answer = self.submit("/sign-in", {"user_name": user_name, "password": password})
        assert answer.status_code in (302, 303), answer.text

    def copied(self) -> "Visitor":
        """Somebody else with the same cookies, as they are now."""
        copy = Visitor(self.origin)
        copy.cookies.update(self.cookies)
        return copy

    @property
    def cookie(self) -> str:
        """The Cookie header that this browser sends."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
