import gzip
import secrets

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chatapp import compression, headers

GZIP = {"Accept-Encoding": "gzip, br"}
PACKED = gzip.compress(secrets.token_bytes(2_000))
LONG = "<p>the same words again and again</p>" * 100


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("chatapp")
    compression.init_app(app)
    app.response_class = headers.SafeResponse
    app.add_url_rule("/long", "long", lambda: LONG)
    app.add_url_rule("/short", "short", lambda: "short")
    app.add_url_rule("/facts", "facts", lambda: {"html": LONG})
    app.add_url_rule("/plain", "plain", lambda: (LONG, {"Content-Type": "text/plain"}))
    about = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    app.add_url_rule("/packed", "packed", lambda: (PACKED, about))
    return app.test_client()


@pytest.mark.parametrize("path", ["/long", "/facts"])
def test_a_long_answer_is_compressed_for_who_accepts_it(client: FlaskClient, path: str) -> None:
    plain, packed = client.get(path), client.get(path, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 10
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding, Cookie"


@pytest.mark.parametrize("path", ["/short", "/plain"])
def test_what_gains_nothing_goes_as_it_is(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers=GZIP).headers


@pytest.mark.parametrize("encodings", ["gzip;q=0", "*;q=0", "gzip;q=0, br", "identity"])
def test_who_does_not_accept_it_gets_it_as_it_is(client: FlaskClient, encodings: str) -> None:
    answer = client.get("/long", headers={"Accept-Encoding": encodings})
    assert "Content-Encoding" not in answer.headers


def test_the_length_does_not_tell_the_content(client: FlaskClient) -> None:
    lengths = {len(client.get("/long", headers=GZIP).data) for _ in range(40)}
    assert len(lengths) > 5


def test_what_is_compressed_already_is_left_alone(client: FlaskClient) -> None:
    assert client.get("/packed", headers=GZIP).data == PACKED
