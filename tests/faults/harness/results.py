"""What the long rounds found, kept over all runs: a line of JSON for each audited chapter.

`python -m tests.faults.harness.results` prints the tables of all of them; with `--write` they also
take the place of those in docs/delivery.md.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.faults.harness.promises import promises
from tests.faults.harness.round import Round
from tests.faults.harness.server import ROOT
from tests.faults.harness.stored import Stored
from tests.faults.harness.table import COLUMNS, Table
from tests.faults.harness.violation import Violation
from tests.measures import noted

RESULTS = ROOT / "build" / "faults" / "results.jsonl"
KEPT_VIOLATIONS = 50
DOCUMENT = ROOT / "docs" / "delivery.md"
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


def table_of(lines: Iterable[Line]) -> Table:
    table = Table()
    for line in lines:
        table.merge(line["rows"], line["recoveries"])
    return table


def summary(lines: Sequence[Line]) -> str:
    """One row for each place: what was acknowledged there, and what was wrong."""
    heads = ["place", "minutes", "faults", "acked", "messages", *COLUMNS, "other"]
    rows = [heads, ["---"] * len(heads)]
    places = sorted({line["place"] for line in lines})
    for place in [*places, ""]:
        chosen = [line for line in lines if place in ("", line["place"])]
        table = table_of(chosen)
        counts = [round(sum(line["seconds"] for line in chosen) / 60), table.total("times")]
        counts += [table.acked, sum(line["messages"] for line in chosen)]
        counts += [table.total(column) for column in (*COLUMNS, "other")]
        rows.append([place or "together", *(f"{count:,}" for count in counts)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def everything(lines: Sequence[Line]) -> str:
    """All three tables: by place, by promise, by fault."""
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
    tables = everything(kept())
    sys.stdout.write(tables)
    if "--write" in sys.argv:
        write(tables)


if __name__ == "__main__":
    main()
