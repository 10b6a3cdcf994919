"""What a request brings: its form, read in one go where it is small; and where it comes from."""

from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from io import BytesIO
from typing import ClassVar
from urllib.parse import unquote

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MIMEAccept
from werkzeug.exceptions import (
    ClientDisconnected,
    HTTPException,
    RequestEntityTooLarge,
    RequestTimeout,
    UnsupportedMediaType,
)
from werkzeug.http import parse_accept_header

from chatapp.contexts import request_context
from chatapp.domain.rates import network_of

URLENCODED = "application/x-www-form-urlencoded"
# No page of ours sends a form so. It takes long to read what somebody has made up on purpose: half
# a second for one part with 30,000 parameters.
MULTIPART = "multipart/form-data"
# All that is let in (MAX_CONTENT_LENGTH). A message of the greatest length, each of its letters
# spelt out as %F0%9F%98%80, has 117 KB.
SMALL = 256 * 1024
# No form of ours has a tenth of it; each one costs more than its bytes.
MOST_FIELDS = 100
# Browsers send a tenth of it. It takes long to take apart, and answers are kept by it.
LONGEST_ACCEPT = 500
# A form fits into a few packets: whoever sends nothing of it for so long is not sending it.
SILENCE_SECONDS = 10
# And who sends a byte now and then is not either.
FORM_SECONDS = 20


class ChatRequest(Request):
    """Flask's request, which reads a small form without a stream that watches its length.

    Werkzeug's way is for bodies of any size and kind; it takes a third as long as all else that
    happens to a post before the database is asked.
    """

    # Entered while a form is read: a worker ends what takes longer than FORM_SECONDS.
    reading: ClassVar[AbstractContextManager[None]] = nullcontext()

    @cached_property
    def accept_mimetypes(self) -> MIMEAccept:
        """What whoever asks takes, as far as anybody has to say."""
        return parse_accept_header(self.headers.get("Accept", "")[:LONGEST_ACCEPT], MIMEAccept)

    def _load_form_data(self) -> None:
        """Raises `HTTPException` where it does not come, and is an empty form from then on."""
        # Only where one has to wait is there a timer: most forms come with their request.
        line = self.environ.get("gunicorn.socket")
        if line:
            line.settimeout(SILENCE_SECONDS)
        try:
            with self.reading:
                self._read_form()
        except HTTPException:
            # What tells of it, too, looks for what was written: that must not wait once more.
            self._is_form([])
            raise
        finally:
            if line:
                line.settimeout(None)

    def _read_form(self) -> None:
        kind = self.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind == MULTIPART:
            raise UnsupportedMediaType
        known = vars(self)
        if kind != URLENCODED or "form" in known:
            super()._load_form_data()
            return
        self._is_form(_fields(self._body(known)))

    def _is_form(self, fields: list[tuple[str, str]]) -> None:
        """These are all that came, and nothing is left to read."""
        nothing: ImmutableMultiDict = ImmutableMultiDict()
        vars(self).update(form=ImmutableMultiDict(fields), files=nothing, stream=BytesIO())

    def _body(self, known: dict[str, object]) -> bytes:
        size = self.environ.get("CONTENT_LENGTH", "")
        try:
            if "stream" in known or not size.isdecimal() or int(size) > SMALL:
                return self._in_pieces()
            body = self.environ["wsgi.input"].read(int(size))
        except TimeoutError:
            raise RequestTimeout from None
        if len(body) < int(size):
            raise ClientDisconnected
        return body

    def _in_pieces(self) -> bytes:
        """Or read before, or too large: Werkzeug's stream knows."""
        try:
            body = self.get_data()
        except ClientDisconnected as error:
            # Werkzeug takes silence for the end of the line.
            if isinstance(error.__context__, TimeoutError):
                raise RequestTimeout from None
            raise
        # Where nobody has said how long it is, the stream just ends at what is let in.
        if len(body) >= SMALL:
            raise RequestEntityTooLarge
        return body


def _fields(body: bytes) -> list[tuple[str, str]]:
    if body.count(b"&") > MOST_FIELDS:
        raise RequestEntityTooLarge
    try:
        pairs = [pair.partition("=") for pair in body.decode().split("&") if pair]
    except ValueError:
        # Not UTF-8: Werkzeug takes that for an empty form, too.
        return []
    return [(_decoded(name), _decoded(value)) for name, _, value in pairs]


def _decoded(part: str) -> str:
    spaced = part.replace("+", " ")
    # What is no UTF-8 is marked as that. Werkzeug keeps it spelt out, and takes six times as long.
    return unquote(spaced, errors="replace") if "%" in spaced else spaced


def client_address() -> str:
    """The browser's address, as far as the configured proxies vouch for it."""
    return request_context().request.remote_addr or ""


def client_network() -> str:
    """What counts as the browser's address where something is limited by address."""
    return network_of(client_address())
