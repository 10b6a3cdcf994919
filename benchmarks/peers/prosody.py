"""Prosody, an XMPP server: a room of its own kind (XEP-0045), spoken to in its own protocol."""

import select
import shutil
import socket
import time
from contextlib import suppress
from pathlib import Path

CONFIG = """
daemonize = false
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
log = {{ error = "{folder}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
s2s_ports = {{ }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping" }}
modules_disabled = {{ "s2s", "tls" }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
VirtualHost "localhost"
  authentication = "anonymous"
Component "rooms.localhost" "muc"
  -- A thousand who enter need not be told of each other: the row measures messages.
  muc_room_default_presence_broadcast = {{
    visitor = false, participant = false, moderator = false
  }}
  restrict_room_creation = false
  muc_room_locking = false
"""
STREAM = "<stream:stream to='localhost' xmlns='jabber:client' version='1.0' "
STREAM += "xmlns:stream='http://etherx.jabber.org/streams'>"
SASL = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
BIND = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
ENTER = "<presence to='room@rooms.localhost/n{n}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
SAY = "<message to='room@rooms.localhost' type='groupchat'><body>{text}</body></message>"


def available() -> bool:
    return shutil.which("prosody") is not None


def command(folder: Path, port: int) -> list[str]:
    """Write the configuration into `folder`; gives the command that serves it."""
    (folder / "data").mkdir(exist_ok=True)
    (folder / "prosody.cfg.lua").write_text(CONFIG.format(folder=folder, port=port))
    return ["prosody", "--config", str(folder / "prosody.cfg.lua"), "-F"]


class Room:
    """So many occupants of one room; the first of them speaks."""

    def __init__(self, port: int, occupants: int):
        self.sockets = [self._enter(port, n) for n in range(occupants)]
        self.poll = select.epoll()
        for one in self.sockets:
            one.setblocking(False)
            self._drain(one)
            self.poll.register(one.fileno(), select.EPOLLIN)
        self.by_file = {one.fileno(): one for one in self.sockets}
        self._settle()

    def _enter(self, port: int, n: int) -> socket.socket:
        one = socket.create_connection(("127.0.0.1", port), 30)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for stanza, answer in (
            (STREAM, b"</stream:features>"),
            (SASL, b"<success"),
            (STREAM, b"</stream:features>"),
            (BIND, b"</iq>"),
            (ENTER.format(n=n), b"<subject"),
        ):
            one.sendall(stanza.encode())
            self._until(one, answer)
        return one

    @staticmethod
    def _until(one: socket.socket, mark: bytes) -> None:
        seen = b""
        while mark not in seen:
            data = one.recv(65536)
            if not data or b"<failure" in seen + data:
                raise ConnectionError(f"Prosody refused: {(seen + data)[-300:]!r}")
            seen += data

    @staticmethod
    def _drain(one: socket.socket) -> None:
        with suppress(BlockingIOError):
            while one.recv(65536):
                pass
            raise ConnectionError("Prosody closed a connection")

    def _settle(self) -> None:
        while ready := self.poll.poll(0.5):
            for file, _event in ready:
                self._drain(self.by_file[file])

    def fan_out(self, texts: list[str], patience: float) -> tuple[float, int]:
        """Say each text; gives the deliveries a second and how many deliveries are missing."""
        wanted, seen = len(texts) * len(self.sockets), 0
        tails = dict.fromkeys(self.by_file, b"")
        began = time.perf_counter()
        self.sockets[0].settimeout(patience)
        self.sockets[0].sendall("".join(SAY.format(text=text) for text in texts).encode())
        self.sockets[0].setblocking(False)
        last = began
        while seen < wanted and time.perf_counter() - began < patience:
            for file, _event in self.poll.poll(0.2):
                data = tails[file] + self.by_file[file].recv(262144)
                seen += data.count(b"bench:")
                tails[file] = data[-5:] if not data.endswith(b">") else b""
                last = time.perf_counter()
        return seen / (last - began), wanted - seen

    def leave(self) -> None:
        for one in self.sockets:
            one.close()
