"""From latest.json: the table and the plots of docs/benchmarks.md."""

import html
import json
from pathlib import Path
from typing import Any

from benchmarks.results import LATEST

DOCS = Path(__file__).resolve().parent.parent / "docs"
PLOTS = DOCS / "benchmarks"
BEGIN, END = "<!-- table: make bench -->", "<!-- end of table -->"
BAR_HEIGHT, WIDTH, LABEL = 22, 760, 290


def write() -> None:
    """Put the table between the marks of docs/benchmarks.md, and the plots beside it."""
    content = json.loads(LATEST.read_text())
    put("benchmarks.md", _table(content))
    PLOTS.mkdir(exist_ok=True)
    for work, rows in _by_work(content).items():
        (PLOTS / f"{work}.svg").write_text(_plot(rows))


def put(page: str, text: str) -> None:
    """Replace what stands between the marks of that page of docs/."""
    before, rest = (DOCS / page).read_text().split(BEGIN)
    after = rest.split(END)[1]
    (DOCS / page).write_text(f"{before}{BEGIN}\n{text}{END}{after}")


def _by_work(content: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in content["rows"]:
        rows.setdefault(row["work"], []).append(row)
    return rows


def _table(content: dict[str, Any]) -> str:
    machine = content["machine"]
    lines = [
        f"\nMeasured {machine['measured_at']} on {machine['cores']} cores of "
        f"{machine['processor']}, {machine['memory_gib']} GiB, Python {machine['python']}, "
        f"{machine['system']}.",
        "Versions: " + ", ".join(f"{k} {v}" for k, v in content["versions"].items()) + ".\n",
    ]
    for work, rows in _by_work(content).items():
        lines += [
            f"### {work.replace('_', ' ').capitalize()}\n",
            *_kept(rows, content),
            "| row | ours | against | ratio | bar | met | |",
            "|---|---:|---|---:|---|---|---|",
            *(_line(row) for row in rows),
            f"\n![{work.replace('_', ' ')}](benchmarks/{work}.svg)\n",
        ]
    return "\n".join(lines) + "\n"


def _kept(rows: list[dict[str, Any]], content: dict[str, Any]) -> list[str]:
    """When and with which version these were measured, where it was not with the last ones."""
    measured = {_told(row) for row in rows}
    return [] if measured == {_told(content)} else [f"Measured {', '.join(sorted(measured))}.\n"]


def _told(measured: dict[str, Any]) -> str:
    return f"{measured['machine']['measured_at']}, chatapp {measured['versions']['chatapp']}"


def _line(row: dict[str, Any]) -> str:
    nothing = row["ours"]["median"] is None
    ours = "missing" if nothing else f"{_number(row['ours'])} {row['unit']}"
    peer = f"{row['peer_name']}: {_number(row['peer'])}" if row["peer_name"] else ""
    if row["missing"]:
        reason = f"{row['missing']}. {row['note']}".strip()
        met = "**no**" if nothing and row["bar"] is not None else ""
        ours = f"{row['name']} | {ours} | {row['peer_name']}"
        return f"| {ours} | | {_bar_of(row)} | {met} | {reason} |"
    ratio = f"{row['ratio']:.2f}" if row["ratio"] else ""
    met = {True: "yes", False: "**no**", None: ""}[row["met"]]
    return f"| {row['name']} | {ours} | {peer} | {ratio} | {_bar_of(row)} | {met} | {row['note']} |"


def _bar_of(row: dict[str, Any]) -> str:
    if row["bar"] is None:
        return ""
    sign = ">=" if row["at_least"] else "<="
    return f"{sign} {row['bar']:g}" + (" x" if row["peer_name"] else f" {row['unit']}")


def _number(sample: dict[str, Any]) -> str:
    if sample["median"] is None:
        return "missing"
    digits = 0 if sample["median"] >= 100 else 2
    return f"{sample['median']:,.{digits}f} (±{(sample['spread'] or 0) / 2:.0%})"


def _plot(rows: list[dict[str, Any]]) -> str:
    """One picture a module of rows/: a group of bars for each unit, with a scale of its own."""
    drawn, top = [], 0
    for unit in dict.fromkeys(row["unit"] for row in rows):
        bars = _bars([row for row in rows if row["unit"] == unit])
        most = max((value for _, value, _ in bars), default=1)
        drawn.append(f'<text x="0" y="{top + 16}" font-weight="600">{html.escape(unit)}</text>')
        for place, bar in enumerate(bars):
            drawn.append(_bar(top + 26 + place * BAR_HEIGHT, most, *bar))
        top += 36 + len(bars) * BAR_HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" '
        'font-family="system-ui, sans-serif" font-size="12">\n'
        "<style>text{fill:#333}.ours{fill:#b4532a}.peer{fill:#9aa0a6}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>\n" + "\n".join(drawn)
    ) + "\n</svg>\n"


def _bars(rows: list[dict[str, Any]]) -> list[tuple[str, float, str]]:
    bars = []
    for row in rows:
        bars.append((row["name"], row["ours"]["median"], "ours"))
        if row["peer_name"]:
            bars.append((row["peer_name"], row["peer"]["median"], "peer"))
    return list(dict.fromkeys(bar for bar in bars if bar[1]))


def _bar(top: int, most: float, name: str, value: float, kind: str) -> str:
    width = max(1.0, (WIDTH - LABEL - 90) * value / most)
    return (
        f'<text x="{LABEL - 8}" y="{top + 13}" text-anchor="end">{html.escape(name[:42])}</text>'
        f'<rect class="{kind}" x="{LABEL}" y="{top}" width="{width:.1f}" height="16" rx="2"/>'
        f'<text x="{LABEL + width + 6:.1f}" y="{top + 13}">{value:,.4g}</text>'
    )
