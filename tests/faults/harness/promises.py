"""The measured table of docs/delivery.md: each promise with its figures, from all runs so far."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.faults.harness.server import ROOT
from tests.faults.harness.table import Table, seconds

BENCHMARK = ROOT / "benchmarks" / "results" / "latest.json"

# It has a bound of its own: C13.
STORM = "500 sockets"
KILLS = ("worker killed", "master killed", "all killed", "PostgreSQL killed")


def promises(table: Table, kinds: Mapping[str, int], measures: Sequence[dict[str, Any]]) -> str:
    """A row for each promise. `kinds` counts violations; the newest of equal measures stands."""
    newest = {(one["promise"], one["what"]): one for one in measures}
    rows = ["| # | measured; after faults (how many) recovery p50 / p99 |", "|---|---|"]
    for promise, tell in TELLERS.items():
        told = [tell(table, kinds)]
        told += [figure(one) for (of, _), one in newest.items() if of == promise]
        rows.append(f"| {promise} | {'; '.join(filter(None, told))} |")
    return "\n".join(rows)


def figure(measure: dict[str, Any]) -> str:
    value = measure["value"]
    shown = {"s": f"{value:.2f} s", "bytes": f"{value / 2**20:.1f} MiB", "times": f"{value:.2f} x"}
    shown["messages"] = f"{value:,.0f}"
    return f"{measure['what']} {shown[measure['unit']]}"


Teller = Callable[[Table, Mapping[str, int]], str]


def counted(words: str, *kinds: str) -> Teller:
    """How many violations of these kinds there were."""
    return lambda _table, found: f"{sum(found.get(kind, 0) for kind in kinds)} {words}"


def recovered(*names: str) -> Teller:
    """After the faults whose names begin like this: how many, recovery p50 / p99."""

    def tell(table: Table, _kinds: Mapping[str, int]) -> str:
        return "; ".join(
            f"{name} ({table.rows[name]['times']}) {seconds(times, 0.5)} / {seconds(times, 0.99)}"
            for name, times in sorted(table.recoveries.items())
            if name.startswith(names)
        )

    return tell


def durable(table: Table, kinds: Mapping[str, int]) -> str:
    kills = sum(table.rows.get(name, {}).get("times", 0) for name in KILLS)
    lost = kinds.get("lost", 0)
    return f"{lost} lost of {table.acked:,} acknowledged writes, through {kills} `kill -9`"


def complete(table: Table, _kinds: Mapping[str, int]) -> str:
    found = {name: times for name, times in table.recoveries.items() if not name.startswith(STORM)}
    times = [time for times in found.values() for time in times]
    worst = max(found, key=lambda name: max(found[name]), default="")
    if not times:
        return ""
    told = f"all faults but the storm: p50 {seconds(times, 0.5)}, p99 {seconds(times, 0.99)}"
    return f"{told}, longest {max(times):.2f} s ({worst})"


def fast(_table: Table, _kinds: Mapping[str, int]) -> str:
    """What the last benchmark measured of it."""
    rows = json.loads(BENCHMARK.read_text())["rows"] if BENCHMARK.exists() else []
    told = [f"{row['name']} {row['ours']['median']:.1f} ms" for row in rows if is_latency(row)]
    return "; ".join([*told, "[benchmarks](benchmarks.md)"])


def is_latency(row: dict[str, Any]) -> bool:
    measured = row["ours"]["median"] is not None
    return row["work"] == "latency" and row["unit"] == "ms" and measured


def plain(words: str) -> Teller:
    return lambda _table, _kinds: words


TELLERS: dict[str, Teller] = {
    "C1": durable,
    "C2": counted("doubled", "doubled"),
    "C3": counted("unreal or altered", "phantom", "altered"),
    "C4": counted("misordered", "misordered"),
    "C5": counted("missing, twice or stale on a page", "unseen", "doubled", "stale"),
    "C6": complete,
    "C7": fast,
    "C8": counted("missing after a catch-up from nothing", "unseen"),
    "C9": recovered("worker killed"),
    "C10": recovered("PostgreSQL", "Redis"),
    "C11": plain(""),
    "C12": plain(""),
    "C13": recovered(STORM),
    "C14": recovered("clock"),
    "C15": recovered("never-reading"),
    "C16": recovered("flood"),
    "C17": plain(""),
    "C18": recovered("restarted", "reloaded"),
    "C19": counted("rounds that ended with a wrong page", "presence"),
    "C20": counted("frames to somebody who may not see the room", "leaked"),
    "C21": recovered("disk full", "out of files"),
    "C22": recovered("SQLite locked"),
    "C23": counted("miscounted", "miscounted"),
    "C24": plain("nothing to keep yet"),
    "C25": plain(""),
}
