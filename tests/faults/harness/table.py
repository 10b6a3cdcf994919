"""One table: what each fault cost."""

from collections.abc import Iterable, Sequence
from typing import Any

from tests.faults.harness.checker import lost_changes
from tests.faults.harness.history import History
from tests.faults.harness.stored import Stored
from tests.faults.harness.violation import Violation

COLUMNS = ["lost", "doubled", "misordered", "unseen", "leaked"]
COUNTED = ["times", "acked", "stored", *COLUMNS, "other"]
HEADS = ["fault", *COUNTED, "recovery p50", "p99", "longest"]


class Table:
    """Adds rounds up, one row a fault; a violation of no known phase stands in the row `any`."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, int]] = {}
        self.recoveries: dict[str, list[float]] = {}

    def add(self, history: History, stored: Stored, violations: Iterable[Violation]) -> None:
        """Count one round."""
        keys = {(message.author, message.key) for message in stored.messages}
        for send in history.sends:
            self._count(send.phase, "acked", send.acked is not None)
            self._count(send.phase, "stored", (send.author, send.key) in keys)
        lost = [change for change, _ in lost_changes(history, stored)]
        for change in history.changes:
            self._count(change.phase, "acked", change.acked is not None)
            self._count(change.phase, "stored", change.acked is not None and change not in lost)
        for fall in history.falls:
            self._count(fall.name, "times", True)
            self.recoveries.setdefault(fall.name, []).extend(fall.recoveries)
        for violation in violations:
            kind = violation.kind if violation.kind in COLUMNS else "other"
            self._count(violation.phase or "any", kind, True)

    def merge(self, rows: dict[str, dict[str, int]], recoveries: dict[str, list[float]]) -> None:
        """Add another table's rows and recoveries, as plain data."""
        for phase, row in rows.items():
            for column, count in row.items():
                self._count(phase, column, count)
        for name, times in recoveries.items():
            self.recoveries.setdefault(name, []).extend(times)

    def plain(self) -> dict[str, Any]:
        """What `merge` takes, with times in milliseconds' precision."""
        times = {name: [round(t, 3) for t in times] for name, times in self.recoveries.items()}
        return {"rows": self.rows, "recoveries": times}

    @property
    def acked(self) -> int:
        return self.total("acked")

    def total(self, column: str) -> int:
        return sum(row.get(column, 0) for row in self.rows.values())

    def _count(self, phase: str, column: str, by: int) -> None:
        row = self.rows.setdefault(phase, {})
        row[column] = row.get(column, 0) + by

    def lines(self) -> list[list[str]]:
        """The cells, head and total included; calm first, then the faults by name."""
        names = sorted(self.rows, key=lambda name: (name != "calm", name == "any", name.lower()))
        totals = [f"{self.total(column):,}" for column in COUNTED]
        return [HEADS, *map(self._line, names), ["together", *totals, "", "", ""]]

    def _line(self, name: str) -> list[str]:
        row = self.rows[name]
        times = self.recoveries.get(name, [])
        counts = [f"{row.get(column, 0):,}" for column in COUNTED]
        return [name, *counts, *(seconds(times, share) for share in (0.5, 0.99, 1.0))]

    def __str__(self) -> str:
        lines = self.lines()
        widths = [max(len(line[place]) for line in lines) for place in range(len(HEADS))]
        return "\n".join(
            "| " + " | ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            + " |"
            for line in [lines[0], ["-" * width for width in widths], *lines[1:]]
        )  # fmt: skip


def seconds(times: Sequence[float], share: float) -> str:
    """A percentile of durations, as text."""
    return f"{percentile(times, share):.2f} s" if times else ""


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
