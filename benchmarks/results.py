"""What was measured: rows with their medians, spreads, ratios and bars, as JSON."""

import json
import os
import platform
import re
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LATEST = HERE / "results" / "latest.json"
# The modules of rows/, in the order of the table.
WORK = (
    "fan_out",
    "posts",
    "pages",
    "latency",
    "idle",
    "growth",
    "workers",
    "starting",
    "browser",
)
PEERS = frozenset(
    {"flask-sock", "flask-socketio", "channels", "uvicorn", "websockets", "matrix-synapse"}
)


@dataclass
class Sample:
    """The same number over several rounds: median, and spread as (most - least) / median."""

    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float | None:
        return statistics.median(self.values) if self.values else None

    @property
    def spread(self) -> float | None:
        middle = self.median
        return (max(self.values) - min(self.values)) / middle if middle else None

    def summary(self) -> dict[str, float | list[float] | None]:
        return {"median": self.median, "spread": self.spread, "rounds": self.values}


@dataclass
class Row:
    """One line of the table. `bar` is for the ratio (ours / peer), or for ours without a peer.

    The ratio is the median of the rounds' own ratios: in a round both have the same machine.

    `work`: the module in rows/ that measured it. `at_least`: a higher number is better; otherwise
    the bar is the most that is allowed. A row without a bar is there to be read. `facts`: what was
    measured on the way, by name; the simulation and docs/scaling.md count with it.
    """

    work: str
    name: str
    unit: str
    bar: float | None = None
    at_least: bool = True
    peer_name: str = ""
    ours: Sample = field(default_factory=Sample)
    peer: Sample = field(default_factory=Sample)
    note: str = ""
    missing: str = ""
    facts: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        if not self.ours.median or not self.peer.median:
            return None
        if len(self.ours.values) != len(self.peer.values):
            return self.ours.median / self.peer.median
        pairs = zip(self.ours.values, self.peer.values, strict=True)
        return statistics.median(ours / peer for ours, peer in pairs)

    @property
    def met(self) -> bool | None:
        """None when there is no bar, or the row could not be measured."""
        value = self.ratio if self.peer_name else self.ours.median
        if value is None or self.bar is None:
            return None
        return value >= self.bar if self.at_least else value <= self.bar

    def summary(self) -> dict[str, Any]:
        known = asdict(self) | {"ours": self.ours.summary(), "peer": self.peer.summary()}
        return known | {"ratio": self.ratio, "met": self.met}


def medians(costs: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """What each round gave, as the facts of a row."""
    return {name: statistics.median(values) for name, values in costs.items()}


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    model = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if "model name" in line),
        platform.processor(),
    )
    memory = next((line.split()[1] for line in _lines("/proc/meminfo") if "MemTotal" in line), "0")
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory) / 1024 / 1024, 1),
        # Without what whoever built this kernel calls it.
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
        "measured_at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def save(rows: list[Row], versions: dict[str, str]) -> None:
    """Write latest.json; work that was not done now keeps what an earlier run said of it."""
    LATEST.parent.mkdir(exist_ok=True)
    done = {row.work for row in rows}
    kept = [row for row in earlier() if row["work"] not in done]
    about = {"machine": machine(), "versions": versions}
    content = about | {"rows": kept + [row.summary() | about for row in rows]}
    content["rows"].sort(key=lambda row: WORK.index(row["work"]))
    LATEST.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def earlier() -> list[dict[str, Any]]:
    """The rows as the last runs left them."""
    return json.loads(LATEST.read_text())["rows"] if LATEST.exists() else []


def facts() -> dict[str, float]:
    """Everything that was measured beside the table, by name."""
    return {name: value for row in earlier() for name, value in row["facts"].items()}


def versions(python: Path) -> dict[str, str]:
    """The versions of what took part, as installed."""
    found = {"chatapp": _ours(), "SQLite": sqlite3.sqlite_version}
    for name in ("flask", "gunicorn", "gevent"):
        found[name] = metadata.version(name)
    listed = subprocess.run(
        [str(python), "-m", "pip", "list", "--format=json"], capture_output=True, check=False
    )
    for entry in json.loads(listed.stdout or b"[]"):
        if entry["name"].lower() in PEERS:
            found[entry["name"].lower()] = entry["version"]
    found["node"] = _first_line(["node", "--version"])
    found["ws"] = json.loads((HERE / "peers" / "node" / "package.json").read_text())[
        "dependencies"
    ]["ws"]
    # It may first say what it would like to have installed.
    found["prosody"] = _first_line(["prosodyctl", "about"], r"Prosody \d").removeprefix("Prosody ")
    found["redis"] = _first_line(["redis-server", "--version"]).partition("v=")[2].split(" ")[0]
    return found


def _ours() -> str:
    return _first_line(["git", "-C", str(HERE), "describe", "--always", "--dirty"])


def _first_line(command: list[str], begins: str = r"\S") -> str:
    try:
        out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return "missing"
    lines = (line for line in out.splitlines() if re.match(begins, line))
    return next(lines, "unknown").strip()


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
