"""Autobahn|Testsuite, the field's test of WebSocket servers. It runs on Python 2.7 alone."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.relays import wait_for
from tests.servers import ROOT, free_port

HOW_TO_GET_IT = (
    "Autobahn|Testsuite did not run: there is no wstest on the PATH or in build/autobahn. "
    "Where Python 2.7 is, `python3 scripts/autobahn.py` fetches it."
)
# All but 9 (large messages; here 64 KiB is the limit) and 12, 13 (compression, which we refuse).
CASES = [f"{group}.*" for group in (1, 2, 3, 4, 5, 6, 7, 10)]
# Neither says that anything is wrong: how the server behaved where the protocol leaves it open.
FINE = {"OK", "NON-STRICT", "INFORMATIONAL"}


def find_wstest() -> str | None:
    fetched = ROOT / "build" / "autobahn" / "wstest"
    return shutil.which("wstest") or (str(fetched) if fetched.is_file() else None)


@contextmanager
def echo_server(folder: Path) -> Generator[str]:
    """gunicorn with the echo route that only tests have; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gevent", "--config", os.devnull]
    command += ["--bind", f"127.0.0.1:{port}", "--no-control-socket", "tests.realtime.echo:app"]
    with (folder / "echo.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_for(port)
        yield f"ws://127.0.0.1:{port}/echo"
    finally:
        process.terminate()
        process.wait()


def run_cases(wstest: str, url: str, folder: Path) -> dict[str, dict[str, str]]:
    """Each case by its number: `behavior` and `behaviorClose`, in Autobahn's words."""
    servers = [{"agent": "chatapp", "url": url}]
    options = {"exclude-cases": [], "exclude-agent-cases": {}}
    spec = {"outdir": "report", "servers": servers, "cases": CASES, **options}
    (folder / "spec.json").write_text(json.dumps(spec))
    command = [wstest, "--mode", "fuzzingclient", "--spec", "spec.json"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return json.loads((folder / "report" / "index.json").read_text())["chatapp"]
