"""A fault test that fails shows enough to find the cause."""

import json
from pathlib import Path

from tests.faults.harness.log import tail
from tests.faults.harness.server import Server

IN_MANY_LINES = "Traceback (most recent call last):\n  File two\n    code\nValueError: two"
IN_ONE_LINE = json.dumps({"exception": "Traceback (most recent call last):\n  File one\nKeyError"})


def test_the_log_is_shown_with_every_traceback_and_its_end(tmp_path: Path) -> None:
    server = Server(tmp_path / "instance")
    lines = [f"line {number}" for number in range(200)]
    log = [IN_ONE_LINE, *lines[:100], IN_MANY_LINES, *lines[100:]]
    server.log_path.write_text("\n".join(log))
    shown = tail(server)
    assert "Traceback (most recent call last):\n  File one\nKeyError" in shown
    assert IN_MANY_LINES in shown
    assert shown.endswith("line 199")
    assert "line 50\n" not in shown


def test_a_server_that_never_started_has_nothing_to_show(tmp_path: Path) -> None:
    assert tail(Server(tmp_path / "instance")).endswith("its end")
