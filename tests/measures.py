"""What tests measure of the delivery contract is kept for docs/delivery.md: a line for each time.

`python -m tests.faults.harness.results --write` puts it there.
"""

import json
from datetime import UTC, datetime

from tests.servers import ROOT

MEASURES = ROOT / "build" / "faults" / "measures.jsonl"


def note(promise: str, what: str, value: float, unit: str = "s") -> None:
    """Keep a figure that `promise` bounds, in seconds ("s"), "bytes", "times" or "messages"."""
    MEASURES.parent.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"promise": promise, "what": what, "value": round(value, 3), "unit": unit, "at": at}
    with MEASURES.open("a") as file:
        file.write(json.dumps(line) + "\n")


def noted() -> list[dict]:
    lines = MEASURES.read_text().splitlines() if MEASURES.exists() else []
    return [json.loads(line) for line in lines]
