"""Carries hints: to this process's own delivery, and to the other processes if there is a Redis.

Without Redis the others find out by asking the database each second: later, but surely.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from chatapp.realtime.backlog import Backlog
from chatapp.realtime.hints import Hint, RoomHint, TypingHint

log = logging.getLogger(__name__)

Handler = Callable[[Hint], None]


class Relay(Protocol):
    """Tells this process, and the others if it can."""

    # Whether there are processes that hear what is published.
    has_others: bool

    def publish(self, hint: Hint) -> None:
        """Tell everybody. Never waits, never fails: hints may be lost."""

    def listen(self) -> None:
        """Begin to hear the others; more calls change nothing."""

    def stop(self) -> None: ...


class MemoryRelay:
    """For one process, or several that find out by asking the database."""

    has_others = False

    def __init__(self, handler: Handler):
        self._handler = handler

    def publish(self, hint: Hint) -> None:
        self._handler(hint)

    def listen(self) -> None:
        pass

    def stop(self) -> None:
        pass


# How long Redis may be silent, after a ping, before the line counts as dead.
PING_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 5.0
# A lost hint is healed within this time.
STALE_SECONDS = 2.0


class RedisRelay:
    """Publishes and subscribes through Redis or Valkey. Its own hints don't take the round trip.

    `stale` is called when hints may have been lost, with the seconds for which Redis was away.
    """

    has_others = True

    def __init__(self, url: str, channel: str, handler: Handler, stale: Callable[[float], None]):
        self._url, self._channel, self._handler, self._stale = url, channel, handler, stale
        self._origin = secrets.token_bytes(8)
        self._waiting = Backlog()
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        # The threads whose line to Redis is down, and said to be, and since when.
        self._away: dict[str, float] = {}
        self._telling = threading.Lock()
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(list[Hint])

    def publish(self, hint: Hint) -> None:
        self._handler(hint)
        self._waiting.add(hint)
        self._wake.set()
        self._start("publish", self._publish)

    def listen(self) -> None:
        self._start("subscribe", self._subscribe)

    def stop(self) -> None:
        self._stopped.set()
        self._wake.set()

    def _start(self, name: str, target: Callable[[Any], None]) -> None:
        if not any(thread.name == name for thread in self._threads):
            keep = threading.Thread(target=self._keep, args=[target], name=name, daemon=True)
            self._threads.append(keep)
            keep.start()

    def _keep(self, target: Callable[[Any], None]) -> None:
        """Run it over a connection of its own, again and again, until `stop`."""
        import redis

        pause = 0.1
        while not self._stopped.is_set():
            # Its own retries would hide an outage from us.
            client = redis.Redis.from_url(
                self._url,
                socket_timeout=PING_SECONDS,
                socket_connect_timeout=PING_SECONDS,
                retry=None,
            )
            began = time.monotonic()
            try:
                target(client)
            except (redis.RedisError, OSError) as error:
                self._tell_of_outage(error)
            except Exception:
                # A fault of ours: who hears nothing any more would be behind by a second for good.
                log.exception("Hearing or telling the others failed; beginning again.")
            finally:
                client.close()
            pause = 0.1 if time.monotonic() - began > LONGEST_PAUSE_SECONDS else pause
            self._stopped.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _tell_of_outage(self, error: Exception) -> None:
        with self._telling:
            if not self._away:
                log.warning("Redis does not answer (%s); hints wait for the database.", error)
            self._away.setdefault(threading.current_thread().name, time.monotonic())

    def _away_for(self) -> float:
        """For how many seconds this thread's line has been away."""
        since = self._away.get(threading.current_thread().name)
        return 0.0 if since is None else time.monotonic() - since

    def _tell_of_return(self) -> None:
        with self._telling:
            since = self._away.pop(threading.current_thread().name, None)
            if since is not None and not self._away:
                log.warning("Redis answers again.")

    def _publish(self, client: Any) -> None:
        # One line for all: to borrow it from the pool anew takes a third of what telling costs.
        line = client.client()
        # Before the answer: what is said from then on has been told by nobody.
        self._forget_what_is_old()
        line.ping()
        self._tell_of_return()
        while not self._stopped.is_set():
            while self._waiting:
                self._tell(line)
            self._wake.wait()
            self._wake.clear()

    def _forget_what_is_old(self) -> None:
        away = self._away_for()
        if away:
            # Whoever was typing has long stopped.
            self._waiting.forget(TypingHint)
        if away > STALE_SECONDS:
            # The database has told of these: minutes of them once more would overflow outboxes.
            self._waiting.forget(RoomHint)

    def _tell(self, line: Any) -> None:
        hints = self._waiting.take()
        try:
            line.publish(self._channel, self._origin + self._encoder.encode(hints))
        except BaseException:
            # The line may have been dead for long: they go over the next one. What was heard after
            # all comes twice, which changes nothing.
            self._waiting.put_back(hints)
            raise

    def _subscribe(self, client: Any) -> None:
        pubsub = client.pubsub()
        pubsub.subscribe(self._channel)
        # Whatever was said while we didn't listen is lost.
        away = self._away_for()
        self._tell_of_return()
        self._stale(away)
        heard = asked = time.monotonic()
        while not self._stopped.is_set():
            message = pubsub.get_message(timeout=PING_SECONDS / 3)
            now = time.monotonic()
            if message is not None:
                heard = now
                self._hear(message)
            elif now - max(heard, asked) > PING_SECONDS and asked <= heard:
                pubsub.ping()
                asked = now
            elif asked > heard and now - asked > PING_SECONDS:
                raise OSError("no answer to a ping")

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] != "message" or message["data"].startswith(self._origin):
            return
        try:
            hints = self._decoder.decode(message["data"][len(self._origin) :])
        except msgspec.DecodeError:
            # Another version of the program, during an update: the database tells us.
            self._stale(0.0)
            return
        for hint in hints:
            self._handler(hint)
