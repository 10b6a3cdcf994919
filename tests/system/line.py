"""The line between one person and the server, which can fall silent, come back, or sleep."""

import socket
import threading
from contextlib import suppress

CHUNK = 65_536


class Line:
    """A TCP proxy in threads: `cut()` swallows everything in silence, `mend()` resets, goes on."""

    def __init__(self, port: int):
        self.port = port
        self.silent = threading.Event()
        self.dead: set[socket.socket] = set()
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        self.sockets: set[socket.socket] = set()
        self.closed = False
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Nothing passes from now on, either way, and nobody is told."""
        self.silent.set()

    def mend(self) -> None:
        """Connections from before are lost, new ones pass."""
        with self.lock:
            # They have swallowed something: what the server says now would be heard with a hole.
            self.dead.update(*self.pairs)
        self.silent.clear()
        self._drop()

    def sleep(self) -> None:
        """WebSockets from before are dead and nobody is told; new connections pass.

        What else is open is closed: browsers see to that, as the machine falls asleep or wakes.
        """
        with self.lock:
            kept = [pair for pair in self.pairs if self.sockets.intersection(pair)]
            self.pairs = [pair for pair in self.pairs if pair not in kept]
            self.dead.update(*kept)
        self._drop()
        with self.lock:
            self.pairs += kept

    def close(self) -> None:
        self.closed = True
        self.listener.close()
        self._drop()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.port))
        except OSError:
            near.close()
            return
        with self.lock:
            self.pairs.append((near, far))
        if self.closed:
            # The test ended while this one was being joined.
            self._drop()
            return
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if b"Upgrade: websocket" in data:
                    self.sockets.add(source)
                if self._passes(source):
                    target.sendall(data)
        if self._passes(source):
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)

    def _passes(self, source: socket.socket) -> bool:
        return not self.silent.is_set() and source not in self.dead

    def _drop(self) -> None:
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
