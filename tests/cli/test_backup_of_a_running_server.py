"""C25: a backup made while people talk holds everything that was acknowledged before it began."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from chatapp.extensions import db
from tests.builders.people import new_user
from tests.builders.rooms import new_room
from tests.measures import note
from tests.servers import ROOT, Server

WRITERS = 3


def flask(server: Server, *words: object) -> subprocess.CompletedProcess[str]:
    """The command as an operator runs it, beside the server."""
    return subprocess.run(
        [sys.executable, "-m", "flask", *map(str, words)],
        cwd=ROOT,
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """A running server; nothing but its own processes has its database open."""
    server = make_server()
    people = [server.build(new_user, f"writer{number}") for number in range(WRITERS)]
    server.build(new_room, "quay", members=people)
    with server.app.app_context():
        db.engine.dispose()
    return server


class Writer(Thread):
    """Posts until it is told to stop, and remembers which keys were acknowledged."""

    def __init__(self, server: Server, name: str):
        super().__init__()
        self.visitor = server.visitor(name)
        self.acknowledged: list[str] = []
        self.refused: list[int] = []
        self.enough = Event()

    def run(self) -> None:
        token = {"X-CSRFToken": self.visitor.token(), "Accept": "application/json"}
        number = 0
        while not self.enough.is_set():
            number += 1
            key = f"{self.name}-{number:06}"
            values = {"body": f"Message {key}.", "client_key": key}
            answer = self.visitor.post("/rooms/1/messages", data=values, headers=token)
            if answer.status_code == 201:
                self.acknowledged.append(key)
            else:
                self.refused.append(answer.status_code)


@contextmanager
def writing(server: Server) -> Generator[list[Writer]]:
    writers = [Writer(server, f"writer{number}") for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    yield writers
    for writer in writers:
        writer.enough.set()
    for writer in writers:
        writer.join()


def rows(file: Path) -> list[tuple[str, int, int]]:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = connection.execute("SELECT client_key, number, seq FROM messages ORDER BY number")
        return found.fetchall()


@pytest.mark.both_databases
def test_it_holds_what_was_acknowledged_before_it_began(server, tmp_path):
    files = [tmp_path / f"{number}.sqlite3" for number in range(3)]
    with writing(server) as writers:
        for file in files:
            before = {key for writer in writers for key in writer.acknowledged}
            answer = flask(server, "backup", file)
            assert answer.returncode == 0, answer.stderr
            found = rows(file)
            missing = before - {key for key, _, _ in found}
            note("C25", "acknowledged before a backup began", len(before), "messages")
            note("C25", "of them not in it", len(missing), "messages")
            assert not missing
            # A moment, not a stretch of time: nothing is missing in between.
            assert [number for _, number, _ in found] == list(range(1, len(found) + 1))
    assert len(rows(files[0])) < len(rows(files[-1]))
    assert [writer.refused for writer in writers] == [[]] * WRITERS


@pytest.mark.both_databases
def test_a_running_server_is_not_restored_under_its_feet(server, tmp_path):
    file = tmp_path / "backup.sqlite3"
    visitor = server.visitor("writer0")
    assert flask(server, "backup", file).returncode == 0
    answer = flask(server, "restore", file)
    assert answer.returncode == 1
    assert "Stop it, then restore." in answer.stderr
    assert visitor.get("/rooms/1").ok


@pytest.mark.both_databases
def test_after_a_restore_pages_start_anew_and_keys_can_be_sent_again(server, tmp_path):
    file = tmp_path / "backup.sqlite3"
    visitor = server.visitor("writer0")
    epoch = changes(visitor, "")["epoch"]
    assert flask(server, "backup", file).returncode == 0
    assert post(visitor, "after-the-backup") == (201, 1)
    server.stop()
    answer = flask(server, "restore", file)
    assert answer.returncode == 0, answer.stderr
    server.start()
    # The page still has its sign-in, learns that this is another history, and loses nothing.
    assert changes(visitor, epoch)["reset"] is True
    assert post(visitor, "after-the-backup") == (201, 1)
    assert post(visitor, "after-the-backup") == (200, 1)


def changes(visitor, epoch: str) -> dict[str, Any]:
    return visitor.get(f"/rooms/1/changes?since=1&workspace=0&epoch={epoch}").json()


def post(visitor, key: str) -> tuple[int, int]:
    headers = {"X-CSRFToken": visitor.token(), "Accept": "application/json"}
    values = {"body": "hello", "client_key": key}
    answer = visitor.post("/rooms/1/messages", data=values, headers=headers)
    return answer.status_code, answer.json()["number"]
