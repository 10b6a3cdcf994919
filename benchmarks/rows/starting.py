"""From `gunicorn wsgi:app` to the first answer, and what a worker that nobody uses holds."""

import time
from collections.abc import Iterator

from benchmarks.load.http_clients import Client, run
from benchmarks.plan import Plan, tell
from benchmarks.product import filled, opened, served
from benchmarks.results import Row

WORK = "starting"
SETTLE_SECONDS = 2.0


def barred(_plan: Plan) -> list[Row]:
    """The rows with a bar, before anything is measured."""
    start = Row(WORK, "start to serving", "s", 2, at_least=False, note="until /up answers 200")
    memory = Row(WORK, "memory of an idle worker", "MB", 120, at_least=False, note="after one page")
    return [start, memory]


def measure(plan: Plan) -> Iterator[Row]:
    """Seconds until /up answers 200; the worker's memory (PSS) after one page."""
    start, memory = barred(plan)
    with filled({"people": 10, "messages": 40}) as (settings, facts):
        with served(settings):
            pass  # What Python compiles once is not what a start takes.
        for number in range(1, plan.rounds + 1):
            with served(settings) as server:
                ours = opened(server, dict(facts), settings)
                requests = iter([ours.clients[0].get(f"/rooms/{ours.room}")])
                run(server.port, [Client(lambda requests=requests: next(requests, None), _is_page)])
                time.sleep(SETTLE_SECONDS)
                start.ours.values.append(server.seconds_to_serve)
                memory.ours.values.append(server.worker_memory() / 1e6)
            told = f"{start.ours.values[-1]:.2f} s, {memory.ours.values[-1]:.0f} MB"
            tell(f"round {number}/{plan.rounds}  {told}")
    memory.facts = {"worker_bytes": (memory.ours.median or 0) * 1e6}
    yield from (start, memory)


def _is_page(status: int, _body: bytes) -> str | None:
    return None if status == 200 else f"the room page: {status}"
