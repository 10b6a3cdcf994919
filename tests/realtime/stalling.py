"""The product with two pages that hold the loop: for the test of who notices.

`gunicorn tests.realtime.stalling:app` serves it.
"""

import time

from gevent.monkey import get_original

from chatapp import create_app

native_sleep = get_original("time", "sleep")

app = create_app()


@app.get("/work/<int:ms>")
def work(ms: int) -> str:
    work_without_a_pause(ms / 1000)
    return ""


@app.get("/wait/<int:ms>")
def wait(ms: int) -> str:
    wait_without_giving_way(ms / 1000)
    return ""


def work_without_a_pause(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def wait_without_giving_way(seconds: float) -> None:
    native_sleep(seconds)
