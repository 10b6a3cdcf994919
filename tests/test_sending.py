"""gunicorn's answers leave in one piece, and say what they would have said in two."""

import io
import time

import pytest
from gunicorn import util
from gunicorn.config import Config
from gunicorn.http import wsgi

from chatapp.headers import FIXED
from chatapp.sending import WholeResponse, date_now

FILE_BYTES = b"of a file" * 1_000


class Wire:
    """The socket's end of it; takes at most so many bytes at once."""

    def __init__(self, at_once: int = 1 << 20) -> None:
        self.pieces: list[bytes] = []
        self.at_once = at_once

    def send(self, data: bytes) -> int:
        self.pieces.append(bytes(data[: self.at_once]))
        return len(self.pieces[-1])

    def sendall(self, data: bytes) -> None:
        self.pieces.append(bytes(data))


class Asked:
    """What gunicorn's response wants to know of the request."""

    def __init__(self, method: str = "GET") -> None:
        self.method, self.version = method, (1, 1)

    def should_close(self) -> bool:
        return False


def answered(kind, body, *, headers=(), status="200 OK", method="GET", wire=None) -> list[bytes]:
    """What goes over the wire, call by call."""
    wire = wire or Wire()
    response = kind(Asked(method), wire, Config())
    response.start_response(status, [*headers])
    if isinstance(body, wsgi.FileWrapper):
        response.write_file(body)
    else:
        for piece in body:
            response.write(piece)
    response.close()
    return wire.pieces


def length(count: int) -> list[tuple[str, str]]:
    return [("Content-Length", str(count))]


def without_date(wire: bytes) -> list[bytes]:
    head, _, body = wire.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Date:")]
    return [*sorted(lines), body]


ANSWERS = [
    pytest.param({"body": [b"hello"], "headers": length(5)}, id="one piece"),
    pytest.param({"body": [b"he", b"llo"], "headers": length(5)}, id="two pieces"),
    pytest.param({"body": [], "headers": length(0)}, id="nothing"),
    pytest.param({"body": [b""], "headers": length(0)}, id="an empty piece"),
    pytest.param({"body": [b"he", b"llo"]}, id="of no known length"),
    pytest.param({"body": [b"hello"], "headers": length(5), "method": "HEAD"}, id="HEAD"),
    pytest.param({"body": [], "status": "304 Not Modified"}, id="unchanged"),
    pytest.param({"body": [b"more than said"], "headers": length(4)}, id="too much"),
    pytest.param({"body": [b"hello"], "headers": [*FIXED.items(), *length(5)]}, id="our headers"),
]


@pytest.mark.parametrize("about", ANSWERS)
def test_the_same_is_said_as_gunicorn_says(about):
    ours = b"".join(answered(WholeResponse, **about))
    theirs = b"".join(answered(wsgi.Response, **about))
    assert without_date(ours) == without_date(theirs)


def test_an_answer_leaves_in_one_piece():
    about = {"body": [b"hello"], "headers": length(5)}
    assert len(answered(wsgi.Response, **about)) == 2
    assert len(answered(WholeResponse, **about)) == 1


def test_what_the_system_does_not_take_at_once_follows():
    body = b"x" * 1_000
    first, rest = answered(WholeResponse, [body], headers=length(len(body)), wire=Wire(at_once=300))
    assert len(first) == 300
    assert (first + rest).partition(b"\r\n\r\n")[2] == body


def test_a_files_head_goes_before_what_the_system_sends_by_itself(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(FILE_BYTES)

    class Sending(Wire):
        def sendfile(self, file, offset, count):
            self.pieces.append(file.read(count))

    with path.open("rb") as file:
        pieces = answered(
            WholeResponse,
            wsgi.FileWrapper(file),
            headers=length(len(FILE_BYTES)),
            wire=Sending(),
        )
    assert pieces[0].endswith(b"\r\n\r\n")
    assert pieces[1:] == [FILE_BYTES]


def test_a_file_that_is_none_of_the_systems_is_sent_whole():
    file = wsgi.FileWrapper(io.BytesIO(FILE_BYTES))
    pieces = answered(WholeResponse, file, headers=length(len(FILE_BYTES)))
    assert b"".join(pieces).partition(b"\r\n\r\n")[2] == FILE_BYTES


@pytest.mark.parametrize("moment", [1_764_547_199.9, 1_764_547_200.0, 1_764_547_200.9, 0.5])
def test_the_date_is_gunicorns(monkeypatch, moment):
    monkeypatch.setattr(time, "time", lambda: moment)
    assert date_now() == util.http_date(moment)


def test_what_is_not_looked_at_again_has_passed_gunicorns_rules():
    response = wsgi.Response(Asked(), Wire(), Config())
    response.process_headers(FIXED.items())
    assert response.headers == [*FIXED.items()]


@pytest.mark.parametrize("header", [("X-Bad", "a\r\nSet-Cookie: b"), ("X Bad", "a")])
def test_other_headers_are_looked_at(header):
    with pytest.raises(Exception, match=r"X.Bad"):
        answered(WholeResponse, [], headers=[header, *FIXED.items()])
