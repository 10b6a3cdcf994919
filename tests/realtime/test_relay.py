"""The line to Redis: each outage is told, and each return."""

import secrets
import time

import pytest
import redis

from chatapp import create_app
from chatapp.realtime import relay as relay_module
from chatapp.realtime.backlog import HINTS_A_TURN
from chatapp.realtime.hints import Hint, PersonHint, RoomHint
from chatapp.realtime.relay import RedisRelay
from tests.realtime.browsers import eventually


class Client:
    """A Redis that is there or not."""

    away = False

    def _ask(self, *_: object, **__: object) -> None:
        time.sleep(0.001)
        if self.away:
            raise redis.ConnectionError("refused")

    ping = subscribe = execute = publish = get_message = _ask

    def pipeline(self, **_: object):
        return self

    def pubsub(self):
        return self

    def client(self):
        return self

    def close(self) -> None: ...


@pytest.fixture
def client(monkeypatch):
    client = Client()
    monkeypatch.setattr(redis.Redis, "from_url", lambda *_, **__: client)
    return client


@pytest.fixture
def relay(client):
    relay = RedisRelay("redis://here", "hints", lambda _: None, lambda _: None)
    relay.listen()
    yield relay
    relay.stop()


def test_what_waits_for_redis_is_published_as_one_piece():
    heard: list[Hint] = []
    relay = RedisRelay("redis://here", "hints", lambda _: None, lambda _: None)
    other = RedisRelay("redis://here", "hints", heard.append, lambda _: None)
    hints = [PersonHint(user, b"x") for user in range(HINTS_A_TURN + 1)]
    for hint in hints:
        relay._waiting.add(hint)
    pieces = [relay._origin + relay._encoder.encode(relay._waiting.take()) for _ in range(2)]
    assert not relay._waiting
    for piece in pieces:
        for one in (relay, other):
            one._hear({"type": "message", "data": piece})
    assert heard == hints


def test_every_outage_is_told_and_every_return(relay, client, caplog):
    def told(text: str) -> int:
        return sum(text in record.getMessage() for record in list(caplog.records))

    for count in (1, 2):
        client.away = True
        relay.publish(PersonHint(1, b"x"))
        eventually(lambda count=count: told("does not answer") == count, 10)
        client.away = False
        eventually(lambda count=count: told("answers again") == count, 10)


def test_who_was_deaf_hears_for_how_long(client):
    heard: list[float] = []
    relay = RedisRelay("redis://here", "hints", lambda _: None, heard.append)
    relay.listen()
    eventually(lambda: len(heard) == 1, 10)
    client.away = True
    eventually(lambda: bool(relay._away), 10)
    client.away = False
    eventually(lambda: len(heard) == 2, 10)
    relay.stop()
    assert heard[0] == 0 < heard[1]


def test_a_fault_of_ours_does_not_end_the_hearing(client, caplog):
    """Else this process would be behind for good, and nobody would know why."""
    subscribed: list[bool] = []

    def stale(_seconds: float) -> None:
        subscribed.append(True)
        if len(subscribed) == 1:
            raise ValueError("ours")

    relay = RedisRelay("redis://here", "hints", lambda _: None, stale)
    relay.listen()
    eventually(lambda: len(subscribed) == 2, 10)
    relay.stop()
    assert "beginning again" in caplog.text


@pytest.mark.parametrize(("stale_seconds", "once_more"), [(0, False), (60, True)])
def test_what_the_database_has_told_of_is_not_told_once_more(
    client, monkeypatch, stale_seconds, once_more
):
    """After a long outage, minutes of messages at once would overflow every outbox."""
    said: list[Hint] = []
    monkeypatch.setattr(relay_module, "STALE_SECONDS", stale_seconds)
    relay = RedisRelay("redis://here", "hints", lambda _: None, lambda _: None)
    client.publish = lambda _channel, piece: (
        client._ask() or said.extend(relay._decoder.decode(piece[len(relay._origin) :]))
    )
    # The last is said just as Redis answers again.
    client.ping = lambda: client._ask() or relay.publish(RoomHint(1, 3, 4, b"new"))
    client.away = True
    relay.publish(RoomHint(1, 2, 3, b"old"))
    relay.publish(PersonHint(1, b"kept"))
    eventually(lambda: bool(relay._away), 10)
    client.away = False
    eventually(lambda: said[-1:] == [RoomHint(1, 3, 4, b"new")], 10)
    relay.stop()
    assert (RoomHint(1, 2, 3, b"old") in said) == once_more
    assert PersonHint(1, b"kept") in said


def test_what_met_a_dead_line_is_told_over_the_next(redis_url):
    """As after a restart of Redis, or a proxy that ends what was quiet for long."""
    heard: list[Hint] = []
    name = secrets.token_hex(8)
    teller = RedisRelay(redis_url, name, lambda _: None, lambda _: None)
    other = RedisRelay(redis_url, name, heard.append, lambda _: None)
    try:
        other.listen()

        def told(user: int) -> bool:
            teller.publish(PersonHint(user, b"x"))
            time.sleep(0.05)
            return bool(heard)

        eventually(lambda: told(1), 10)
        redis.Redis.from_url(redis_url).execute_command("CLIENT", "KILL", "TYPE", "normal")
        teller.publish(PersonHint(2, b"x"))
        eventually(lambda: PersonHint(2, b"x") in heard, 10)
    finally:
        teller.stop()
        other.stop()


def test_installs_that_share_a_redis_do_not_hear_each_other(redis_url, settings):
    """Its channels know nothing of the number of a database."""
    names = {
        create_app(settings | {"REDIS_URL": redis_url, "SECRET_KEY": secret})
        .extensions["realtime"]
        .relay._channel
        for secret in (
            "one of thirty-two letters or more",
            "another of thirty-two or more",
            "one of thirty-two letters or more",
        )
    }
    assert len(names) == 2
