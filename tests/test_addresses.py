"""A known host or path is taken for what Flask would make of it anew."""

from itertools import product
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask, Response, request, url_for

from chatapp import Chat, addresses
from chatapp.addresses import KEPT_HOSTS, KEPT_PATHS, LONGEST_KEPT, KnownAddresses

# Each as a path with its query, and what it is asked by.
ASKED = [
    ("/things/7", "GET"),
    ("/things/7?q=%C3%A4&q=%FF", "GET"),
    ("/things/7", "HEAD"),
    ("/things/7", "POST"),
    ("/things/7", "OPTIONS"),
    ("/things/9999999999999999999", "GET"),
    ("/things/%C3%A4", "GET"),
    ("/things/%FF", "GET"),
    ("//things/7", "GET"),
    ("/folder?q=1", "GET"),
    ("/folder/", "GET"),
    ("/nowhere", "GET"),
    ("/line", "GET"),
    ("", "GET"),
]
HOSTS = [
    "chat.test",
    "CHAT.test:80",
    "chat.test:8000",
    "other.test",
    "a..b",
    "b\u00fccher.test",
    "<>",
]


def with_routes(app: Flask) -> Flask:
    addresses.init_app(app)

    @app.route("/things/<int:number>")
    @app.route("/things/<name>")
    @app.route("/folder/", defaults={"name": "folder"})
    def thing(**values: object) -> dict[str, object]:
        seen = dict(values)
        request.view_args.clear()
        here = url_for("thing", name="x"), url_for("thing", name="x", _external=True)
        return {"values": seen, "here": here, "host": request.host, "args": request.args.to_dict()}

    @app.route("/line", websocket=True)
    def line() -> Response:
        return Response(url_for("thing", name="x", _external=True, _scheme="ws"))

    return app


@pytest.fixture
def ours() -> Flask:
    return with_routes(Chat("ours"))


@pytest.fixture
def plain() -> Flask:
    return with_routes(Flask("plain"))


def answer_of(app: Flask, path: str, method: str, host: str, **environ: str) -> tuple[object, ...]:
    path, _, query = path.partition("?")
    # As a server hands it over: bytes as Latin-1.
    asked = {"PATH_INFO": unquote_to_bytes(path).decode("latin1"), "HTTP_HOST": host, **environ}
    answer = app.test_client().open("/", method=method, query_string=query, environ_overrides=asked)
    told = map(answer.headers.get, ("Location", "Allow"))
    return answer.status, answer.get_data(), *told


@pytest.mark.parametrize("host", HOSTS)
def test_a_known_one_is_answered_as_a_new_one(ours, plain, host):
    for path, method in ASKED * 3:
        assert answer_of(ours, path, method, host) == answer_of(plain, path, method, host)


def test_hosts_schemes_and_roots_are_told_apart(ours, plain):
    ways = [*product(("chat.test", "other.test"), ("http", "https"), ("", "/team"))]
    for host, scheme, root in ways * 2:
        place = {"wsgi.url_scheme": scheme, "SCRIPT_NAME": root}
        expected = answer_of(plain, "/things/7", "GET", host, **place)
        assert answer_of(ours, "/things/7", "GET", host, **place) == expected


def test_a_socket_is_looked_for_among_its_own(ours, plain):
    upgrade = {"HTTP_CONNECTION": "Upgrade", "HTTP_UPGRADE": "websocket"}
    halves = [{name: value} for name, value in upgrade.items()]
    for more in ({}, *halves, upgrade, {}, *halves, upgrade):
        for path in ("/line", "/things/7"):
            expected = answer_of(plain, path, "GET", "chat.test", **more)
            assert answer_of(ours, path, "GET", "chat.test", **more) == expected


def test_so_many_are_kept_and_no_long_ones(ours):
    known = KnownAddresses()
    ours._known = known
    for number in range(KEPT_PATHS + 2):
        answer_of(ours, f"/things/{number}", "GET", "chat.test")
        assert len(known._paths.pieces) <= KEPT_PATHS
    assert known._paths.pieces
    for number in range(KEPT_HOSTS + 2):
        answer_of(ours, "/things/7", "GET", f"h{number}.test")
        assert len(known._hosts.pieces) <= KEPT_HOSTS
    answer_of(ours, "/things/7", "GET", "chat.test")
    kept = len(known._hosts.pieces), len(known._paths.pieces)
    long = "x." * LONGEST_KEPT
    answer_of(ours, f"/things/{long}", "GET", "chat.test")
    assert answer_of(ours, "/things/7", "GET", f"{long}test")[0] == "200 OK"
    assert (len(known._hosts.pieces), len(known._paths.pieces)) == kept
