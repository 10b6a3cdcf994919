"""How many frames a socket, a person and an address may send."""

import pytest

from chatapp.realtime.allowance import Allowance
from chatapp.realtime.connection import Connection, Limits
from chatapp.realtime.service import ADDRESS_SOCKETS, PERSON_SOCKETS, Realtime
from chatapp.realtime.sockets import ThreadSockets


def test_so_many_at_once_and_then_so_many_a_second():
    allowance = Allowance(3, 2, now=0)
    assert [allowance.take(0) for _ in range(4)] == [True, True, True, False]
    assert [allowance.take(1.5) for _ in range(3)] == [True, True, False]


def test_several_may_be_taken_at_once_and_parts_of_one():
    allowance = Allowance(3, 2, now=0)
    assert [allowance.take(0, count) for count in (2, 0.5, 0.5, 0.25)] == [True] * 3 + [False]


def test_waiting_long_saves_up_no_more_than_the_bucket_holds():
    allowance = Allowance(3, 2, now=0)
    assert [allowance.take(1_000) for _ in range(4)] == [True, True, True, False]


@pytest.fixture
def live(app, context):
    return Realtime(app)


def connection(live: Realtime, user_id: int, network: str) -> Connection:
    connection = Connection(ThreadSockets(), live.listener, Limits())
    connection.user_id = user_id
    live.share_allowances(connection, network)
    return connection


def test_a_persons_sockets_share_what_the_person_may_send(live):
    first, second = (connection(live, 7, network) for network in ("192.0.2.1", "192.0.2.2"))
    other = connection(live, 8, "192.0.2.3")
    persons, addresses = first.allowances.shared
    assert second.allowances.shared[0] is persons
    assert second.allowances.own is not first.allowances.own
    assert second.allowances.shared[1] is not addresses
    assert other.allowances.shared[0] is not persons
    burst = round(live.limits.burst * PERSON_SOCKETS)
    taken = [persons.take(persons._at) for _ in range(burst + 1)]
    assert taken == [True] * burst + [False]


def test_an_address_shares_too_and_has_room_for_an_office(live):
    first, second = (connection(live, user_id, "192.0.2.1") for user_id in (7, 8))
    assert first.allowances.shared[1] is second.allowances.shared[1]
    assert first.allowances.shared[1]._burst == live.limits.burst * ADDRESS_SOCKETS


def test_what_nobody_holds_is_forgotten(live):
    first = connection(live, 7, "192.0.2.1")
    assert len(live._allowances) == 2
    del first
    assert len(live._allowances) == 0
