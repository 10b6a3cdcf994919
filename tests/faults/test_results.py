"""What long rounds found adds up over all runs, and becomes the tables of docs/delivery.md."""

import re
from pathlib import Path

import pytest

from tests.faults.harness import results

LINE: results.Line = {
    "place": "SQLite",
    "seconds": 60,
    "acked": 12,
    "messages": 10,
    "rows": {
        "calm": {"acked": 7, "stored": 7},
        "worker killed": {"times": 2, "acked": 5, "stored": 4, "lost": 1},
    },
    "recoveries": {"worker killed": [0.5, 1.5]},
    "kinds": {"lost": 1},
}
OTHER = LINE | {"place": "PostgreSQL", "kinds": {}, "rows": {"calm": {"acked": 3}}}


def test_each_place_has_a_row_and_all_together_one() -> None:
    *_, last = rows = results.summary([LINE, LINE, OTHER]).splitlines()
    assert len(rows) == 5
    assert last.startswith("| together | 3 | 4 | 27 | 30 | 2 |")


def test_every_promise_of_the_contract_has_its_figures() -> None:
    tables = results.everything([LINE, OTHER])
    told = re.findall(r"^\| C(\d+) \|", tables, re.MULTILINE)
    assert [int(number) for number in told] == list(range(1, 26))
    assert "| C1 | 1 lost of 15 acknowledged writes, through 2 `kill -9` |" in tables
    assert "worker killed (2) 1.50 s / 1.50 s" in tables


def test_the_tables_take_the_place_of_the_old_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = tmp_path / "delivery.md"
    document.write_text(f"before\n{results.BEGIN}old\n{results.END}after\n")
    monkeypatch.setattr(results, "DOCUMENT", document)
    results.write("new\n")
    assert document.read_text() == f"before\n{results.BEGIN}\nnew\n\n{results.END}after\n"


def test_the_document_has_a_place_for_them() -> None:
    text = results.DOCUMENT.read_text()
    assert results.BEGIN in text.split(results.END)[0]
