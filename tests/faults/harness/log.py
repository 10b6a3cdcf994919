"""What a server's log says of what went wrong."""

import re

from tests.faults.harness.server import Server

# A line with a traceback in it, and what belongs to it when the traceback is not in one line.
TRACEBACK = re.compile(
    r"^.*Traceback \(most recent call last\).*(?:\n[ \t].*)*(?:\n\S.*)?", re.MULTILINE
)
# What a database, a Redis, a disk or a system says that was made to fail.
PASSING = re.compile(r"OperationalError|InterfaceError|redis\.exceptions|Errno 2[48]\]")
TRACEBACKS, CHARACTERS, LAST_LINES = 5, 3_000, 40


def unexplained(log: str) -> list[str]:
    """The tracebacks that no fault explains: bugs, though people may not have noticed."""
    traces = [trace for trace in TRACEBACK.findall(log) if not PASSING.search(trace)]
    return [trace[-CHARACTERS:].replace("\\n", "\n") for trace in traces]


def tail(server: Server) -> str:
    """The last tracebacks of its log, readable, and its last lines."""
    log = server.log
    traces = [trace[-CHARACTERS:].replace("\\n", "\n") for trace in TRACEBACK.findall(log)]
    lines = [line[:500] for line in log.splitlines()[-LAST_LINES:]]
    return "\n".join([f"--- {server.log_path}", *traces[-TRACEBACKS:], "--- its end", *lines])
