"""How often something may be done: so many times in a moving window, counted on the server.

Windows are measured on the monotonic clock of this process, so a clock that jumps neither locks
anybody out nor lets anybody through. The rules that guard accounts are counted by all processes
together where there is a Redis; while it is away, each process counts for itself.
"""

import hashlib
import math
import re
import time
from collections import deque
from functools import cache, lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from flask import Flask, current_app
from flask_babel import ngettext
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from chatapp.contexts import app_context
from chatapp.domain.errors import TooMany

SHARED = frozenset({"SIGN_IN", "SIGN_IN_ADDRESS", "REGISTER", "REGISTER_ADDRESS"})
# An attacker with many addresses must not fill the memory: about 10 MB at most, of each kind.
MAX_KEYS = 20_000
# Of what somebody has typed as a name, a digest is counted.
LONGEST_KEY = 100
REDIS_PATIENCE_SECONDS = 0.5


def prepare(app: Flask) -> None:
    """Make the counters before anybody is counted: Redis's client takes 0.1 s to import."""
    _counters(app)


def spend(rule: str, key: str) -> None:
    """Count one more use of this rule by this key. Raises `TooMany` when there were enough.

    The rule's numbers stand in the setting `RATE_<rule>`, such as "20 per 10 seconds".
    """
    app = app_context().app
    seconds = _counter(app, rule).seconds_until_allowed(_limit(app, rule), _key(rule, key))
    if seconds:
        text = ngettext(
            "That was too often. Try again in %(num)s second.",
            "That was too often. Try again in %(num)s seconds.",
            seconds,
        )
        raise TooMany(text, retry_after=seconds)


def forget(rule: str, key: str) -> None:
    """Start this key's count afresh: whoever knew the password was no attacker."""
    app = app_context().app
    _counter(app, rule).forget(_limit(app, rule), _key(rule, key))


def give_back(rule: str, key: str) -> None:
    """Take back one use: an office that signs in correctly, all at nine, is no attacker either."""
    app = app_context().app
    _counter(app, rule).give_back(_limit(app, rule), _key(rule, key))


def _key(rule: str, key: str) -> str:
    if len(key) > LONGEST_KEY:
        key = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{rule}:{key}"


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What counts as one address: an IPv6 customer has a whole /64 of them."""
    try:
        found = ip_address(_without_port(address))
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None)
    if found.version == 4 or mapped:
        return str(mapped or found)
    return str(ip_network((found, 64), strict=False))


def _without_port(address: str) -> str:
    """Some proxies tell of "192.0.2.1:5678" and "[2001:db8::1]:443"."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


class Memory:
    """Counts of this process, each a queue of moments on the monotonic clock."""

    def __init__(self) -> None:
        self.uses: dict[str, deque[float]] = {}

    def seconds_until_allowed(self, limit: RateLimitItem, key: str) -> int:
        """0 and the use is counted, or how long to wait."""
        now, window = time.monotonic(), limit.get_expiry()
        if key not in self.uses and len(self.uses) >= MAX_KEYS:
            self._drop_oldest()
        # Put at the end again: what is dropped first was tried longest ago.
        uses = self.uses[key] = self.uses.pop(key, None) or deque()
        while uses and uses[0] <= now - window:
            uses.popleft()
        if len(uses) >= limit.amount:
            return max(1, math.ceil(uses[0] + window - now))
        uses.append(now)
        return 0

    def forget(self, limit: RateLimitItem, key: str) -> None:
        self.uses.pop(key, None)

    def give_back(self, limit: RateLimitItem, key: str) -> None:
        if uses := self.uses.get(key):
            uses.pop()

    def _drop_oldest(self) -> None:
        for key in list(self.uses)[: MAX_KEYS // 10]:
            del self.uses[key]


class Redis:
    """Counts of all processes together. Fixed windows: they end by Redis's clock, not by ours."""

    def __init__(self, url: str, memory: Memory) -> None:
        patience = REDIS_PATIENCE_SECONDS
        options: dict[str, Any] = {"socket_timeout": patience, "socket_connect_timeout": patience}
        # What redis-py calls a socket's path, and the configuration too, is "redis+unix" to it.
        storage = storage_from_string(re.sub("^unix:", "redis+unix:", url), **options)
        self.limiter = FixedWindowRateLimiter(storage)
        self.memory = memory

    def seconds_until_allowed(self, limit: RateLimitItem, key: str) -> int:
        """0 and the use is counted, or how long to wait."""
        try:
            if self.limiter.hit(limit, key):
                return 0
            seconds = math.ceil(self.limiter.get_window_stats(limit, key).reset_time - time.time())
            if seconds > limit.get_expiry() + 1:
                # Redis keeps the window's end by the clock, and that was put back meanwhile.
                self.limiter.clear(limit, key)
                return 0 if self.limiter.hit(limit, key) else limit.get_expiry()
            return max(1, seconds)
        except Exception:
            current_app.logger.warning("Redis does not answer; counting in this process alone.")
            return self.memory.seconds_until_allowed(limit, key)

    def forget(self, limit: RateLimitItem, key: str) -> None:
        self.memory.forget(limit, key)
        try:
            self.limiter.clear(limit, key)
        except Exception:
            current_app.logger.warning("Redis does not answer; a count was not cleared.")

    def give_back(self, limit: RateLimitItem, key: str) -> None:
        self.memory.give_back(limit, key)
        try:
            self.limiter.storage.incr(limit.key_for(key), limit.get_expiry(), amount=-1)
        except Exception:
            current_app.logger.warning("Redis does not answer; a use was not given back.")


def _limit(app: Flask, rule: str) -> RateLimitItem:
    return _parsed(app.config[f"RATE_{rule}"])


# A handful of settings, read with each post.
_parsed = cache(parse)


def _counter(app: Flask, rule: str) -> Memory | Redis:
    return _counters(app)["shared" if rule in SHARED else "own"]


def _counters(app: Flask) -> dict[str, Any]:
    counters = app.extensions.setdefault("chatapp.rates", {})
    if not counters:
        # Apart: whoever tries many names must not push out what others are counted by.
        counters["own"], counters["shared"] = Memory(), Memory()
        if url := app.config.get("REDIS_URL"):
            counters["shared"] = Redis(url, counters["shared"])
    return counters
