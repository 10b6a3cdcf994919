"""From latest.json: the table and the plots of docs/benchmarks.md."""

import html
import json
from pathlib import Path
from typing import Any

from benchmarks.results import LATEST

DOCS = Path(__file__).resolve().parent.parent / "docs"
PLOTS = DOCS / "benchmarks"
BEGIN, END = "<!-- table: make bench -->", "<!-- end of table -->"
BAR_HEIGHT, WIDTH, LABEL = 22, 720, 250


def write() -> None:
    """Put the table between the marks of docs/benchmarks.md, and one plot a row beside it."""
    content = json.loads(LATEST.read_text())
    page = DOCS / "benchmarks.md"
    text = page.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(before + BEGIN + "\n" + _table(content) + END + after)
    PLOTS.mkdir(exist_ok=True)
    for unit in dict.fromkeys(row["unit"] for row in content["rows"]):
        rows = [row for row in content["rows"] if row["unit"] == unit]
        (PLOTS / f"{_slug(unit)}.svg").write_text(_plot(unit, rows))


def _table(content: dict[str, Any]) -> str:
    machine = content["machine"]
    lines = [
        f"\nMeasured {machine['measured_at']} on {machine['cores']} cores of "
        f"{machine['processor']}, {machine['memory_gib']} GiB, Python {machine['python']}.",
        "Versions: " + ", ".join(f"{k} {v}" for k, v in content["versions"].items()) + ".\n",
        "| row | ours | peer | ratio | bar | met |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_line(row) for row in content["rows"])]) + "\n"


def _line(row: dict[str, Any]) -> str:
    if row["missing"]:
        return f"| {row['name']} | missing: {row['missing']} | {row['peer_name']} | | | |"
    sign = ">=" if row["at_least"] else "<="
    bar = f"{sign} {row['bar']:g}" + (" x" if row["peer_name"] else f" {row['unit']}")
    ratio = f"{row['ratio']:.2f}" if row["ratio"] else ""
    peer = f"{row['peer_name']}: {_number(row['peer'])}" if row["peer_name"] else ""
    met = {True: "yes", False: "**no**", None: "not measured"}[row["met"]]
    ours = f"{_number(row['ours'])} {row['unit']}"
    return f"| {row['name']} | {ours} | {peer} | {ratio} | {bar} | {met} |"


def _number(sample: dict[str, Any]) -> str:
    if sample["median"] is None:
        return "missing"
    digits = 0 if sample["median"] >= 100 else 2
    return f"{sample['median']:,.{digits}f} (±{(sample['spread'] or 0) / 2:.0%})"


def _plot(unit: str, rows: list[dict[str, Any]]) -> str:
    bars = []
    for row in rows:
        bars.append((row["name"], row["ours"]["median"], "ours"))
        if row["peer_name"]:
            bars.append((row["peer_name"], row["peer"]["median"], "peer"))
    known = list(dict.fromkeys(bar for bar in bars if bar[1]))
    most = max((value for _, value, _ in known), default=1)
    drawn = "\n".join(_bar(i, most, *bar) for i, bar in enumerate(known))
    height = len(known) * BAR_HEIGHT + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, sans-serif" font-size="12">\n'
        "<style>text{fill:#333}.ours{fill:#b4532a}.peer{fill:#9aa0a6}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>\n"
        f'<text x="0" y="16" font-weight="600">{html.escape(unit)}</text>\n{drawn}\n</svg>\n'
    )


def _bar(place: int, most: float, name: str, value: float, kind: str) -> str:
    top = 28 + place * BAR_HEIGHT
    width = max(1.0, (WIDTH - LABEL - 90) * value / most)
    return (
        f'<text x="{LABEL - 8}" y="{top + 13}" text-anchor="end">{html.escape(name[:40])}</text>'
        f'<rect class="{kind}" x="{LABEL}" y="{top}" width="{width:.1f}" height="16" rx="2"/>'
        f'<text x="{LABEL + width + 6:.1f}" y="{top + 13}">{value:,.4g}</text>'
    )


def _slug(unit: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in unit).strip("-").lower()
