"""A process beside each server process that makes and checks hashes, behind everybody else.

libsodium has the kernel put its 64 MiB there in one go, and until that is done nobody of the same
process is given memory: not the loop for a connection's greenlet, nor SQLite. That kept everybody
waiting for 20 to 45 ms with nearly every hash; a process of its own keeps nobody.

This file is also what that process runs, so it imports nothing of the product: it is ready after
70 ms, takes 14 MB, and ends when its line does, however the other end ended.
"""

import json
import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from io import BufferedRWPair
from typing import Any

log = logging.getLogger(__name__)

# On one core with a loop that never rests, it has a tenth of the time.
NICENESS = 10
# Beyond that it stands still: such a hash takes 100 ms of a slow core by itself.
ANSWER_SECONDS = 30.0


class Hasher:
    """Asks that process, one question at a time: the caller sees to that.

    It is started with the first question, and again when it was found to have ended.
    """

    def __init__(self) -> None:
        self._line: BufferedRWPair | None = None
        self._pid = 0
        # A forked process that shared the line would be given its parent's answers.
        os.register_at_fork(after_in_child=self._forget)

    def hashed(self, secret: bytes, passes: int, kib: int) -> str:
        """A new hash, made in `passes` over `kib` KiB. Raises `OSError` when that cannot be had."""
        return self._ask([secret.hex(), passes, kib])

    def is_right(self, secret: bytes, kept: str) -> bool:
        """Whether this was hashed to `kept`. Raises `OSError` when nobody answers."""
        return self._ask([secret.hex(), kept])

    def _ask(self, question: list[str | int]) -> Any:
        try:
            return self._ask_once(question)
        except ConnectionError:
            # Memory ran out, or somebody tidied up. A second time is no accident.
            log.warning("The process that hashes passwords had ended; another one is started.")
            return self._ask_once(question)

    def _ask_once(self, question: list[str | int]) -> Any:
        try:
            line = self._line or self._begin()
            line.write(json.dumps(question).encode() + b"\n")
            line.flush()
            answer = line.readline()
            if not answer.endswith(b"\n"):
                raise ConnectionAbortedError("The process that hashes passwords has ended.")
            return json.loads(answer)
        except BaseException:
            # Whoever asks next must not be given the answer to this question.
            self._end()
            raise

    def _begin(self) -> BufferedRWPair:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.settimeout(ANSWER_SECONDS)
            self._pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-P", __file__],
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0)],
                # What a terminal sends to all that run in it (Control-C) is not for this one. In a
                # session of its own, its niceness would say nothing to us (Linux's autogroups).
                setpgroup=0,
            )
            self._line = ours.makefile("rwb")
        return self._line

    def _end(self) -> None:
        line, pid = self._line, self._pid
        self._forget()
        if pid:
            with suppress(OSError):
                # gevent notes who has ended, and their number may be somebody else's by now.
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
        if line is not None:
            with suppress(OSError):
                line.close()

    def _forget(self) -> None:
        self._line, self._pid = None, 0


def main() -> None:
    """Answer what comes over the line, which is this process's standard input."""
    with suppress(OSError):
        os.nice(NICENESS)
    # It ends with its line. Where everybody is asked to leave, the worker is not done yet.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # gevent's sockets never block, and what one end of a pair is set to holds for its copies.
    os.set_blocking(sys.stdin.fileno(), True)
    with suppress(ConnectionError):
        for question in sys.stdin.buffer:
            answer = json.dumps(_made(*json.loads(question)))
            os.write(sys.stdin.fileno(), answer.encode() + b"\n")


def _made(secret: str, *how: Any) -> str | bool:
    # Whoever asks has no use for the library.
    from nacl.exceptions import CryptoError
    from nacl.pwhash import argon2id

    if len(how) == 2:
        passes, kib = how
        return argon2id.str(bytes.fromhex(secret), passes, kib * 1024).decode()
    try:
        return argon2id.verify(how[0].encode(), bytes.fromhex(secret))
    except CryptoError:
        return False


if __name__ == "__main__":
    main()
