"""What a server's log says of what went wrong."""

import re

from tests.faults.harness.server import Server

# A line with a traceback in it, and what belongs to it when the traceback is not in one line.
TRACEBACK = re.compile(
    r"^.*Traceback \(most recent call last\).*(?:\n[ \t].*)*(?:\n\S.*)?", re.MULTILINE
)
TRACEBACKS, CHARACTERS, LAST_LINES = 5, 3_000, 40


def tail(server: Server) -> str:
    """The last tracebacks of its log, readable, and its last lines."""
    log = server.log
    traces = [trace[-CHARACTERS:].replace("\\n", "\n") for trace in TRACEBACK.findall(log)]
    lines = [line[:500] for line in log.splitlines()[-LAST_LINES:]]
    return "\n".join([f"--- {server.log_path}", *traces[-TRACEBACKS:], "--- its end", *lines])
