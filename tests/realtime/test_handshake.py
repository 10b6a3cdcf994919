"""A handshake that is not as it must be gets a plain HTTP answer, and never a traceback."""

import pytest
import requests

from tests.realtime.browsers import Browser, HandshakeRefusedError
from tests.visitors import Visitor


def refusal(visitor: Visitor, **headers: str) -> HandshakeRefusedError:
    with pytest.raises(HandshakeRefusedError) as refused:
        Browser(visitor, **headers)
    assert "Traceback" not in refused.value.head
    return refused.value


def test_a_good_handshake_is_accepted_without_extensions(ann):
    browser = Browser(ann.visitor, Sec_WebSocket_Extensions="permessage-deflate")
    assert "Sec-WebSocket-Extensions" not in browser.head
    assert browser.expect("welcome")["user"] == ann.id


def test_what_is_no_handshake_is_told_what_is_spoken_here(ann):
    answer = ann.visitor.get("/ws")
    assert answer.status_code == 426
    assert answer.headers["Sec-WebSocket-Version"] == "13"
    assert answer.headers["Upgrade"] == "websocket"


def test_another_method_is_refused(ann):
    assert ann.visitor.submit("/ws").status_code == 405


def test_another_version_is_refused_with_ours(ann):
    refused = refusal(ann.visitor, Sec_WebSocket_Version="8")
    assert refused.status == 426
    assert "Sec-WebSocket-Version: 13" in refused.head


@pytest.mark.parametrize("key", ["", "short", "not base64 at all!!!", "A" * 200])
def test_a_broken_key_is_refused(ann, key):
    assert refusal(ann.visitor, Sec_WebSocket_Key=key).status == 400


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", "http://127.0.0.1"])
def test_foreign_pages_may_not_listen(ann, origin):
    assert refusal(ann.visitor, Origin=origin).status == 403


def test_strangers_may_not_listen(shared_server):
    assert refusal(Visitor(shared_server.url)).status == 401


def test_a_configured_address_is_the_only_origin(make_server, make_place):
    server = make_server(
        BASE_URL="http://chat.example:80", ALLOWED_ORIGINS="http://Other.example:80"
    )
    ann = make_place(server).person("ann")
    assert refusal(ann.visitor).status == 403
    for origin in ("http://chat.example", "http://other.example"):
        assert Browser(ann.visitor, Origin=origin).expect("welcome")


def test_who_comes_too_often_waits(make_server, make_place):
    ann = make_place(make_server(RATE_SOCKET="3 per minute")).person("ann")
    for _ in range(3):
        Browser(ann.visitor).drop()
    refused = refusal(ann.visitor)
    assert refused.status == 429
    assert "Retry-After:" in refused.head


def test_a_full_worker_refuses_sockets_and_still_answers_pages(make_server, make_place):
    place = make_place(make_server(SOCKET_CAPACITY="2"))
    ann = place.person("ann")
    ann.open(), ann.open()
    refused = refusal(ann.visitor)
    assert refused.status == 503
    assert "Retry-After:" in refused.head
    assert ann.visitor.get("/rooms").ok
    ann.browsers[0].leave()
    assert ann.open()


def test_other_workers_refuse_sockets_and_say_so(make_server, make_place):
    server = make_server(GUNICORN_CMD_ARGS="--worker-class=sync")
    ann = make_place(server).person("ann")
    assert refusal(ann.visitor).status == 503
    assert "gevent worker" in server.log


def test_failed_handshakes_leave_no_traceback(place, ann):
    for headers in ({"Sec_WebSocket_Key": ""}, {"Origin": "x"}, {"Sec_WebSocket_Version": "1"}):
        refusal(ann.visitor, **headers)
    requests.get(f"{place.server.url}/ws", timeout=5)
    assert "Traceback" not in place.log
