"""A room on Synapse whose members post as fast as they are answered, and what one of them reads."""

import json
from itertools import count

from benchmarks.load.http_clients import Client
from benchmarks.load.posters import marked
from benchmarks.peers import synapse

READ = 100
SYNC_FILTER = '{"room":{"timeline":{"limit":100}}}'


class SynapseRoom:
    """So many registered people, all joined to one public room."""

    def __init__(self, port: int, people: int):
        self.port = port
        self.room, self.people = synapse.people_in_a_room(port, people)
        self.said: list[str] = []
        self._numbers = count(1)

    def clients(self) -> list[Client]:
        """A posting client for each person."""
        return [self._client(person.token) for person in self.people]

    def audit(self) -> None:
        """Read the room by sync; raises unless its newest messages are those that were said last.

        So many people speak at once, so the order of the last few is Synapse's to say.
        """
        path = f"/sync?filter={synapse.quoted(SYNC_FILTER)}"
        joined = self.people[0].call("GET", path)["rooms"]["join"][self.room]
        events = [e for e in joined["timeline"]["events"] if e["type"] == "m.room.message"]
        last = set(self.said[-3 * READ :])
        known = {e["content"]["body"] for e in events} & last
        if len(known) != min(READ, len(self.said)):
            raise ValueError(f"sync shows {len(known)} of the last {READ} messages")

    def _client(self, token: str) -> Client:
        def request() -> bytes:
            number = next(self._numbers)
            text = marked(f"k{number:016x}")
            self.said.append(text)
            body = json.dumps({"msgtype": "m.text", "body": text})
            return (
                f"PUT /_matrix/client/v3/rooms/{synapse.quoted(self.room)}/send/m.room.message/"
                f"t{number} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode()

        return Client(request, _accepted)


def _accepted(status: int, body: bytes) -> str | None:
    return None if status == 200 and b'"event_id"' in body else f"{status}: {body[:200]!r}"
