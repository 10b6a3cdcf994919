"""The C listeners, from Python: open them, then wait for what they counted."""

import json
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from benchmarks.environment import LISTENERS
from benchmarks.product import Client, Product
from benchmarks.servers import LOAD_CORE


class Listening:
    """So many open sockets; `result()` waits until all has arrived, or patience ends."""

    def __init__(self, process: subprocess.Popen[str]):
        self.process = process

    def result(self, messages: int | None = None, *, in_order: bool = True) -> dict[str, Any]:
        """The counts of listeners.c; raises when a mark was missing, doubled or out of order.

        `messages`: how many marks each socket should have had, where that was not known before.
        Not `in_order`: they may come in another order, and "errors" says how many did.
        """
        out, _ = self.process.communicate(None if messages is None else f"{messages}\n")
        if self.process.returncode:
            raise RuntimeError("the listeners failed; what they said is above")
        counts = json.loads(out)
        misplaced = counts["errors"] if in_order else 0
        if counts["missing"] or counts["uneven"] or counts["closed"] or misplaced:
            raise ValueError(f"deliveries went wrong: {counts}")
        return counts


def viewing(ours: Product, people: int, messages: int | None) -> AbstractContextManager[Listening]:
    """`listening` for the first so many people of ours, who have the room open."""
    return having_open(ours.room, ours.clients[:people], messages)


def having_open(
    room: int, people: Sequence[Client], messages: int | None
) -> AbstractContextManager[Listening]:
    """`listening` for these people, each of whom has that room open."""
    hello = f'{{"type":"subscribe","room":{room}}}'
    headers = [person.header() for person in people]
    return listening(people[0].port, "/ws", len(people), messages, hello=hello, headers=headers)


@contextmanager
def listening(
    port: int,
    path: str,
    sockets: int,
    messages: int | None,
    *,
    hello: str = "",
    headers: list[str] | None = None,
    patience: float = 60,
) -> Generator[Listening]:
    """Open the sockets (header line i for socket i) and expect `messages` marks on each.

    None: how many will be said at its end.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".headers") as file:
        file.write("\n".join(headers or [""]) + "\n")
        file.flush()
        expected = -1 if messages is None else messages
        numbers = [str(sockets), hello, str(expected), str(patience)]
        command = ["taskset", "-c", LOAD_CORE, str(LISTENERS), "127.0.0.1", str(port), path]
        process = subprocess.Popen(
            [*command, *numbers, file.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("the listeners could not all be opened")
            yield Listening(process)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
