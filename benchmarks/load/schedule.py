"""Requests at a fixed rate, whatever the server does: what waits for a free line counts as late."""

import select
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.load.http_clients import PATIENCE_SECONDS, Client, WrongAnswerError, answer_of


@dataclass
class Scheduled:
    """So many lines, and the seconds that each request took from when it was due."""

    clients: list[Client]
    rate: float
    latencies: list[float] = field(default_factory=list)

    def run(self, port: int, count: int, due: Callable[[int], None]) -> None:
        """Send `count` requests, `due(i)` being told (in nanoseconds) when the next is due.

        Raises `WrongAnswerError`, and `TimeoutError` where answers are missing long after the end.
        """
        poll = select.epoll()
        by_file: dict[int, Client] = {}
        for client in self.clients:
            client.connect("127.0.0.1", port)
            by_file[client.line.fileno()] = client
            poll.register(client.line.fileno(), select.EPOLLIN)
        free, began = list(self.clients), time.monotonic()
        dues: dict[int, float] = {}
        sent = answered = 0
        end = began + count / self.rate + PATIENCE_SECONDS
        while answered < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{answered} of {count} requests were answered")
            wait = began + sent / self.rate - time.monotonic() if sent < count else 1.0
            if free and sent < count and wait <= 0:
                client, moment = free.pop(0), began + sent / self.rate
                due(round(moment * 1e9))
                client.send()
                dues[client.line.fileno()] = moment
                sent += 1
                continue
            for file, _event in poll.poll(max(0.0, wait) if free else 1.0):
                if self._answered(by_file[file], dues.get(file, began)):
                    free.append(by_file[file])
                    answered += 1
        for client in self.clients:
            client.line.close()

    def _answered(self, client: Client, due: float) -> bool:
        answer = answer_of(client)
        if answer is None:
            return False
        self.latencies.append(time.monotonic() - due)
        if complaint := client.check(*answer):
            raise WrongAnswerError(complaint)
        return True
