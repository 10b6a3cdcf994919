"""What a server logs of itself counts, though nobody may have noticed."""

import json

from tests.faults.harness.log import unexplained

PLAIN = """chatapp is on http://127.0.0.1:1
Traceback (most recent call last):
  File "server.py", line 190, in do_read
    read()
{error}
2026-12-01T14:12:29Z <StreamServer> failed
"""


def plain(error: str) -> str:
    return PLAIN.replace("{error}", error)


def structured(*errors: str) -> str:
    trace = 'Traceback (most recent call last):\n  File "x.py", line 1, in f\n    g()\n'
    told = "\n\nDuring handling of it, another one occurred:\n\n".join(trace + e for e in errors)
    return json.dumps({"event": "A delivery failed", "exception": told, "level": "error"}) + "\n"


def test_a_bug_is_told_however_it_is_written() -> None:
    log = plain("KeyError: 7") + structured("ValueError: no") + plain("TypeError: None")
    told = unexplained(log)
    assert len(told) == 3
    for trace, error in zip(
        told, ("KeyError: 7", "ValueError: no", "TypeError: None"), strict=True
    ):
        assert f"\n{error}" in trace


def test_what_a_fault_explains_is_no_bug() -> None:
    log = plain("OSError: [Errno 24] Too many open files")
    log += structured("psycopg.OperationalError: closed", "sqlalchemy.exc.StatementError: no")
    assert unexplained(log) == []
