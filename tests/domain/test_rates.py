from typing import Any
from uuid import uuid4

import pytest
import time_machine

from chatapp.domain import rates
from chatapp.domain.errors import TooMany
from tests.test_offload import run_patched


@pytest.fixture
def settings(settings):
    return settings | {"RATE_SEARCH": "3 per 10 seconds", "RATE_SIGN_IN": "2 per minute"}


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """The monotonic clock of the counters: `clock[0] += 5`."""
    seconds = [1000.0]
    monkeypatch.setattr(rates.time, "monotonic", lambda: seconds[0])
    return seconds


def wait_for(rule: str, key: str) -> int:
    """0 when it may be done, else for how long not."""
    try:
        rates.spend(rule, key)
    except TooMany as error:
        return error.retry_after
    return 0


@pytest.mark.usefixtures("context")
class TestWindow:
    def test_so_many_uses_are_allowed_in_any_window(self, clock):
        for _ in range(3):
            assert wait_for("SEARCH", "ann") == 0
            clock[0] += 2
        # The first use was six seconds ago: four more until it leaves the window.
        assert wait_for("SEARCH", "ann") == 4
        clock[0] += 4.1
        assert wait_for("SEARCH", "ann") == 0
        assert wait_for("SEARCH", "ann") == 2

    def test_refused_tries_do_not_count(self, clock):
        for _ in range(9):
            wait_for("SEARCH", "ann")
        clock[0] += 10
        assert wait_for("SEARCH", "ann") == 0

    def test_keys_and_rules_are_counted_apart(self, clock):
        for _ in range(4):
            wait_for("SEARCH", "ann")
        assert wait_for("SEARCH", "bob") == 0
        assert wait_for("SIGN_IN", "ann") == 0

    def test_a_count_can_be_forgotten(self, clock):
        for _ in range(3):
            wait_for("SIGN_IN", "ann")
        rates.forget("SIGN_IN", "ann")
        assert wait_for("SIGN_IN", "ann") == 0

    def test_one_use_can_be_given_back(self, clock):
        for _ in range(2):
            rates.spend("SIGN_IN", "ann")
        rates.give_back("SIGN_IN", "ann")
        rates.give_back("SIGN_IN", "nobody")
        assert [wait_for("SIGN_IN", "ann") > 0 for _ in range(2)] == [False, True]

    def test_what_somebody_typed_as_a_name_is_kept_as_a_digest(self, app):
        for _ in range(3):
            wait_for("SIGN_IN", "x" * 10_000)
        assert wait_for("SIGN_IN", "x" * 10_000) > 0
        assert wait_for("SIGN_IN", "x" * 9_999) == 0
        assert max(map(len, app.extensions["chatapp.rates"]["shared"].uses)) < 200
        rates.forget("SIGN_IN", "x" * 10_000)
        assert wait_for("SIGN_IN", "x" * 10_000) == 0

    def test_who_tries_many_names_does_not_push_out_other_rules(self, clock, monkeypatch):
        monkeypatch.setattr(rates, "MAX_KEYS", 50)
        for _ in range(3):
            rates.spend("SEARCH", "ann")
        for number in range(100):
            rates.spend("SIGN_IN", f"name {number}")
        assert wait_for("SEARCH", "ann") > 0

    @pytest.mark.parametrize("hours", [-1, 1])
    def test_a_wall_clock_that_jumps_changes_nothing(self, clock, hours):
        for _ in range(3):
            rates.spend("SEARCH", "ann")
        with time_machine.travel(1_800_000_000 + hours * 3600):
            assert wait_for("SEARCH", "ann") == 10

    def test_many_keys_do_not_fill_the_memory(self, clock, monkeypatch):
        monkeypatch.setattr(rates, "MAX_KEYS", 50)
        counter = rates.Memory()
        limit = rates.parse("3 per minute")
        for number in range(500):
            counter.seconds_until_allowed(limit, f"key{number}")
        assert len(counter.uses) <= 50


class TestRedis:
    @pytest.fixture
    def settings(self, settings):
        # Nobody listens there.
        return settings | {"REDIS_URL": "redis://127.0.0.1:9"}

    @pytest.mark.usefixtures("context")
    def test_while_redis_is_away_each_process_counts_for_itself(self):
        assert [wait_for("SIGN_IN", "ann") > 0 for _ in range(3)] == [False, False, True]
        rates.forget("SIGN_IN", "ann")
        assert wait_for("SIGN_IN", "ann") == 0

    @pytest.mark.usefixtures("context")
    def test_a_use_is_given_back_to_the_process(self):
        for _ in range(2):
            rates.spend("SIGN_IN", "ann")
        rates.give_back("SIGN_IN", "ann")
        assert wait_for("SIGN_IN", "ann") == 0

    def test_a_prepared_worker_has_its_client_before_anybody_is_counted(self):
        said = run_patched(
            """
            import sys
            from chatapp import create_app
            from chatapp.domain import rates
            app = create_app({"REDIS_URL": "redis://127.0.0.1:9"})
            print("redis" in sys.modules)
            rates.prepare(app)
            print("redis" in sys.modules)
            """
        )
        assert said == "False\nTrue\n"


class TestSharedRedis:
    @pytest.fixture
    def counter(self, redis_url) -> rates.Redis:
        return rates.Redis(redis_url, rates.Memory())

    def test_one_use_can_be_given_back(self, counter):
        limit, key = rates.parse("2 per minute"), f"ann-{uuid4().hex}"
        assert [counter.seconds_until_allowed(limit, key) for _ in range(2)] == [0, 0]
        counter.give_back(limit, key)
        assert counter.seconds_until_allowed(limit, key) == 0
        assert 0 < counter.seconds_until_allowed(limit, key) <= 60

    def test_a_window_that_the_clock_has_stretched_begins_anew(self, app, counter):
        """Redis keeps its end by the clock: put back by an hour, it lasts an hour longer."""
        limit, key = rates.parse("2 per minute"), f"ann-{uuid4().hex}"
        for _ in range(2):
            assert counter.seconds_until_allowed(limit, key) == 0
        redis = counter.limiter.storage.storage
        stretched = [name for name in redis.keys("*") if key.encode() in name]
        assert [redis.expire(name, 3_660) for name in stretched] == [True]
        assert [counter.seconds_until_allowed(limit, key) for _ in range(2)] == [0, 0]
        assert 0 < counter.seconds_until_allowed(limit, key) <= 60


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:5678", "192.0.2.7"),
        ("[2001:db8:1:2:aaaa::1]:443", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_customer_is_one_address(address, network):
    assert rates.network_of(address) == network


def test_a_redis_behind_a_socket_of_the_file_system_counts_too():
    storage: Any = rates.Redis("unix:///run/redis.sock", rates.Memory()).limiter.storage
    options = storage.storage.connection_pool.connection_kwargs
    assert options["path"] == "/run/redis.sock"
