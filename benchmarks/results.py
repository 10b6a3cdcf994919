"""What was measured: rows with their medians, spreads, ratios and bars, as JSON."""

import json
import os
import platform
import statistics
import subprocess
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

LATEST = Path(__file__).resolve().parent / "results" / "latest.json"


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
    """One line of the table. `bar` compares the ratio (ours / peer), or ours where no peer is named.

    `at_least`: a higher number is better; otherwise the bar is the most that is allowed.
    """

    name: str
    unit: str
    bar: float
    at_least: bool = True
    peer_name: str = ""
    ours: Sample = field(default_factory=Sample)
    peer: Sample = field(default_factory=Sample)
    note: str = ""
    missing: str = ""

    @property
    def ratio(self) -> float | None:
        if not self.ours.median or not self.peer.median:
            return None
        return self.ours.median / self.peer.median

    @property
    def met(self) -> bool | None:
        """None when the row could not be measured."""
        value = self.ratio if self.peer_name else self.ours.median
        if value is None:
            return None
        return value >= self.bar if self.at_least else value <= self.bar

    def summary(self) -> dict[str, Any]:
        known = asdict(self) | {"ours": self.ours.summary(), "peer": self.peer.summary()}
        return known | {"ratio": self.ratio, "met": self.met}


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
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "measured_at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def save(rows: list[Row], versions: dict[str, str]) -> None:
    """Write latest.json; rows that were not run now keep what an earlier run said of them."""
    LATEST.parent.mkdir(exist_ok=True)
    kept = {row["name"] + row["peer_name"]: row for row in _earlier()}
    kept |= {row.name + row.peer_name: row.summary() for row in rows}
    content = {"machine": machine(), "versions": versions, "rows": list(kept.values())}
    LATEST.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def versions(python: Path) -> dict[str, str]:
    """The versions of the peers' packages, as installed."""
    listed = subprocess.run(
        [str(python), "-m", "pip", "list", "--format=json"], capture_output=True, check=False
    )
    wanted = {"flask", "flask-socketio", "channels", "uvicorn", "matrix-synapse", "gunicorn"}
    found = {
        entry["name"].lower(): entry["version"]
        for entry in json.loads(listed.stdout or b"[]")
        if entry["name"].lower() in wanted
    }
    for name, command in (("node", ["node", "--version"]), ("prosody", ["prosodyctl", "about"])):
        found[name] = _first_line(command)
    return found


def _first_line(command: list[str]) -> str:
    try:
        out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return "missing"
    return out.strip().splitlines()[0] if out.strip() else "unknown"


def _earlier() -> list[dict[str, Any]]:
    return json.loads(LATEST.read_text())["rows"] if LATEST.exists() else []


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
