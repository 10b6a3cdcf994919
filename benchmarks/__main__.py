"""`python -m benchmarks [ROWS...]`: measure, and write latest.json, the table and the plots."""

import argparse
import importlib
import os
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import replace

from benchmarks import environment, report, results, scaling
from benchmarks.plan import Plan, tell
from benchmarks.results import WORK, Row
from benchmarks.servers import LOAD_CORE


def main() -> int:
    """Measure the rows that were asked for; 1 when one of them has no result."""
    asked = _arguments()
    # Whoever ends it may expect that its servers and folders go, too: by itself it would just stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # The load has its core, every server is started on the other one.
    os.sched_setaffinity(0, {int(core) for core in LOAD_CORE.split(",")})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print("Preparing benchmarks/.env")
    plan = Plan(
        rounds=asked.rounds,
        seconds=asked.seconds,
        most=int(os.environ.get("GROWTH_MOST", Plan.most)),
        missing=environment.prepare(),
    )
    # Once: what is saved on the way would make the sources look changed.
    failed, versions = 0, results.versions(environment.PYTHON)
    for place, work in enumerate(asked.rows or WORK, 1):
        print(f"[{place}/{len(asked.rows or WORK)}] {work}", flush=True)
        rows = _measured(work, plan)
        failed += any(row.missing and row.ours.median is None for row in rows)
        results.save(rows, versions)
        report.write()
    with suppress(KeyError):  # A row that it counts with has not been measured yet.
        scaling.main()
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROWS", help=", ".join(WORK))
    parser.add_argument("--rounds", type=int, default=Plan.rounds)
    parser.add_argument("--seconds", type=float, default=Plan.seconds, help="of each round")
    asked = parser.parse_args()
    unknown = set(asked.rows) - set(WORK)
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    return asked


def _measured(work: str, plan: Plan) -> list[Row]:
    began = time.monotonic()
    rows: list[Row] = []
    module = importlib.import_module(f"benchmarks.rows.{work}")
    try:
        for row in module.measure(plan):
            rows.append(row)
            tell(_told(row))
    except Exception as error:
        reason = f"no result: {type(error).__name__}: {error}"[:500]
        rows += _without_result(work, module.barred(plan), rows, reason)
        tell(reason)
        traceback.print_exc()
    tell(f"{work} took {time.monotonic() - began:.0f} s")
    return rows


def _without_result(work: str, barred: list[Row], rows: list[Row], reason: str) -> list[Row]:
    """Those with a bar that are not among the rows: a bar stays in the table when it is missed."""
    measured = {(row.name, row.peer_name) for row in rows}
    left = [row for row in barred if (row.name, row.peer_name) not in measured]
    left = left or [Row(work, work.replace("_", " "), "")]
    return [replace(row, missing=reason) for row in left]


def _told(row: Row) -> str:
    if row.missing:
        return f"= {row.name} against {row.peer_name}: missing ({row.missing})"
    against = f", {row.ratio:.2f} x {row.peer_name}" if row.ratio else ""
    met = {True: "met", False: "NOT MET", None: "no bar"}[row.met]
    return f"= {row.name}: {row.ours.median or 0:,.2f} {row.unit}{against}: {met}"


if __name__ == "__main__":
    sys.exit(main())
