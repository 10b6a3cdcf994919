"""Forms that are read in one go say what Werkzeug would have read, whatever is sent."""

import socket
from io import BytesIO

import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import (
    ClientDisconnected,
    RequestEntityTooLarge,
    RequestTimeout,
    UnsupportedMediaType,
)

from chatapp import request
from chatapp.request import MOST_FIELDS, SMALL, ChatRequest

FORM = "application/x-www-form-urlencoded"


def environ(body: bytes, kind: str = FORM, **more: object) -> dict[str, object]:
    facts = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}
    return facts | {"wsgi.input": BytesIO(body), "wsgi.url_scheme": "http"} | more


@given(st.binary(max_size=60) | st.text("ab=&+%20äF😀;", max_size=40).map(str.encode))
def test_small_forms_are_read_as_any_other(body):
    ours, theirs = ChatRequest(environ(body)), Request(environ(body))
    # What is spelt out and no UTF-8 stays so with Werkzeug; here it is marked.
    if "\ufffd" not in str(ours.form):
        assert ours.form == theirs.form
    assert ours.form.keys() == theirs.form.keys() or "\ufffd" in str(ours.form.keys())
    assert [*ours.files] == [*theirs.files] == []
    assert ours.stream.read() == ours.get_data() == b""


@pytest.mark.parametrize("kind", [f"{FORM};charset=UTF-8", f"{FORM}; charset=utf-8", FORM])
def test_what_a_browser_sends_is_read(kind):
    asked = ChatRequest(environ(b"body=a+b&client_key=%C3%A4", kind))
    assert asked.form.to_dict() == {"body": "a b", "client_key": "ä"}
    assert asked.values["body"] == "a b"


def test_what_was_read_as_bytes_is_read_again_as_a_form():
    asked = ChatRequest(environ(b"body=a"))
    assert asked.get_data() == b"body=a"
    assert asked.form["body"] == "a"


def test_a_form_in_parts_is_refused_unread():
    named = b'Content-Disposition: form-data; name="f"; filename="f.txt"'
    body = b"--x\r\n" + named + b"\r\n\r\nsaid\r\n--x--\r\n"
    asked = ChatRequest(environ(body, "multipart/form-data; boundary=x"))
    with pytest.raises(UnsupportedMediaType):
        _ = asked.form
    assert not asked.form


def test_what_is_no_utf8_is_marked():
    assert ChatRequest(environ(b"body=%ff%61")).form["body"] == "\ufffda"


@pytest.mark.parametrize("kind", [FORM.upper(), f"{FORM} ; charset=utf-8", FORM])
def test_a_form_in_pieces_meets_the_same_limits(app, kind):
    pieces = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}

    def chunked(body):
        facts = environ(body, kind) | pieces
        del facts["CONTENT_LENGTH"]
        return ChatRequest(facts)

    with app.app_context():
        assert chunked(b"body=a+b&c=d").form.to_dict() == {"body": "a b", "c": "d"}
        for body in (b"&".join([b"a"] * (MOST_FIELDS + 2)), b"body=" + b"a" * SMALL):
            with pytest.raises(RequestEntityTooLarge):
                _ = chunked(body).form


def test_a_body_that_breaks_off_is_no_form():
    asked = ChatRequest(environ(b"body=a", CONTENT_LENGTH="100"))
    with pytest.raises(ClientDisconnected):
        _ = asked.form


@pytest.mark.parametrize("kind", [FORM, FORM.upper()])
def test_a_form_that_does_not_come_is_not_waited_for(monkeypatch, kind):
    monkeypatch.setattr(request, "SILENCE_SECONDS", 0.05)
    here, there = socket.socketpair()
    with here, there, here.makefile("rb") as stream:
        there.sendall(b"body=a")
        line = {"wsgi.input": stream, "gunicorn.socket": here}
        asked = ChatRequest(environ(b"", kind, CONTENT_LENGTH="100") | line)
        # Werkzeug takes silence for the end of the line.
        with pytest.raises((RequestTimeout, ClientDisconnected)):
            _ = asked.form
        here.setblocking(True)
        monkeypatch.setattr(asked, "_read_form", lambda: pytest.fail("read once more"))
        # Whoever tells of it looks for what was written: that must not wait once more.
        assert not asked.form
        # What comes next on this connection may take its time again.
        assert here.gettimeout() is None


def test_a_large_form_meets_the_limit(app):
    body = b"body=" + b"a" * (app.config["MAX_CONTENT_LENGTH"] + 1)
    assert len(body) > SMALL
    with app.app_context(), pytest.raises(RequestEntityTooLarge):
        _ = ChatRequest(environ(body)).form


def test_a_form_of_fields_without_end_is_not_read():
    fields = b"&".join([b"a"] * (MOST_FIELDS + 2))
    with pytest.raises(RequestEntityTooLarge):
        _ = ChatRequest(environ(fields)).form
