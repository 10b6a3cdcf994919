"""What the long rounds found, kept over all runs: a line of JSON for each audited chapter.

`python -m tests.faults.harness.results` prints the tables of all of them; with `--write` they also
take the place of those in docs/delivery.md. With `--since COMMIT` only the places are told of all
runs; then everything follows of that version and those that came after it.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from tests.faults.harness.promises import promises
from tests.faults.harness.round import Round
from tests.faults.harness.server import ROOT
from tests.faults.harness.stored import Stored
from tests.faults.harness.table import COLUMNS, Table, seconds
from tests.faults.harness.violation import Violation
from tests.measures import noted

RESULTS = ROOT / "build" / "faults" / "results.jsonl"
KEPT_VIOLATIONS = 50
DOCUMENT = ROOT / "docs" / "delivery.md"
LAGS = ["behind p50", "p99", "longest"]
BEGIN, END = "<!-- measured -->\n", "<!-- end of measured -->\n"
Line = dict[str, Any]


def keep(
    place: str, seconds: float, played: Round, stored: Stored, violations: Sequence[Violation]
) -> Line:
    """Add a chapter to the results of all runs."""
    table = Table()
    table.add(played.history, stored, violations)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "place": place,
        "seed": played.cast.seed,
        "writers": played.cast.writers,
        "seconds": round(seconds),
        "acked": table.acked,
        "messages": sum(send.acked is not None for send in played.history.sends),
        "stored": len(stored.messages),
        **table.plain(),
        "lags": played.history.lags,
        "kinds": Counter(violation.kind for violation in violations),
        "violations": [str(violation)[:500] for violation in violations[:KEPT_VIOLATIONS]],
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with RESULTS.open("a") as file:
        file.write(json.dumps(line) + "\n")
    return line


def commit() -> str:
    """Which version was tested."""
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stdout.strip()


def kept() -> list[Line]:
    """Every chapter of every run."""
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    return [json.loads(line) for line in lines]


def since(lines: Iterable[Line], first: str) -> list[Line]:
    """The chapters that were played on this commit or on one that has it."""
    return [line for line in lines if has_commit(line["commit"].removesuffix("-dirty"), first)]


@cache
def has_commit(later: str, earlier: str) -> bool:
    command = ["git", "merge-base", "--is-ancestor", earlier, later]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 0


def table_of(lines: Iterable[Line]) -> Table:
    table = Table()
    for line in lines:
        table.merge(line["rows"], line["recoveries"])
    return table


def summary(lines: Sequence[Line]) -> str:
    """One row for each place: what was acknowledged there, what was wrong, how far pages lagged."""
    heads = ["place", "minutes", "faults", "acked", "messages", *COLUMNS, "other", *LAGS]
    rows = [heads, ["---"] * len(heads)]
    places = sorted({line["place"] for line in lines})
    for place in [*places, ""]:
        chosen = [line for line in lines if place in ("", line["place"])]
        table = table_of(chosen)
        counts = [round(sum(line["seconds"] for line in chosen) / 60), table.total("times")]
        counts += [table.acked, sum(line["messages"] for line in chosen)]
        counts += [table.total(column) for column in (*COLUMNS, "other")]
        rows.append([place or "together", *(f"{count:,}" for count in counts), *lags(chosen)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def lags(lines: Sequence[Line]) -> list[str]:
    """How far pages were behind in calm; nothing where that was not looked at yet."""
    found = sum((Counter(line.get("lags", {})) for line in lines), Counter())
    behind = sorted(float(lag) for lag in found.elements())
    return [seconds(behind, share) for share in (0.5, 0.99, 1.0)]


def everything(lines: Sequence[Line], first: str = "") -> str:
    """All three tables, by place, by promise, by fault; since a commit, if one is given."""
    if first:
        chosen = since(lines, first)
        return f"All runs:\n\n{summary(lines)}\n\nSince `{first}`:\n\n{everything(chosen)}"
    kinds = sum((Counter(line["kinds"]) for line in lines), Counter())
    table = table_of(lines)
    return f"{summary(lines)}\n\n{promises(table, kinds, noted())}\n\n{table}\n"


def write(tables: str) -> None:
    """Put the tables between their marks in the document."""
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"into {DOCUMENT.name}, too")
    parser.add_argument("--since", default="", help="the first commit whose rounds are told whole")
    options = parser.parse_args()
    tables = everything(kept(), options.since)
    sys.stdout.write(tables)
    if options.write:
        write(tables)


if __name__ == "__main__":
    main()
