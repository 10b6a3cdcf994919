"""What long rounds found adds up over all runs, and becomes the tables of docs/delivery.md."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.faults.harness import promises, results
from tests.faults.harness.table import Table

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
OTHER = LINE | {
    "place": "PostgreSQL",
    "kinds": {},
    "rows": {"calm": {"acked": 3}},
    "recoveries": {},
}


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


def test_the_rounds_since_a_commit_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "has_commit", lambda later, earlier: later >= earlier)
    old, new = LINE | {"commit": "a1"}, OTHER | {"commit": "b2-dirty"}
    whole, _, later = results.everything([old, new], "b2").partition("Since `b2`:")
    assert "| together | 2 | 2 | 15 | 20 |" in whole
    assert "| together | 1 | 0 | 3 | 10 |" in later
    assert "| C1 | 0 lost of 3 acknowledged writes" in later


def test_commits_follow_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "ROOT", tmp_path)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=ann", "-c", "user.email=ann@example.org"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    for name in ("early", "late"):
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", name], check=True)
        subprocess.run([*git, "tag", name], check=True)
    assert results.has_commit("late", "early")
    assert results.has_commit("early", "early")
    assert not results.has_commit("early", "late")


def test_how_far_pages_were_behind_is_told_of_each_place() -> None:
    line = LINE | {"lags": {"0.0": 98, "0.4": 1, "1.2": 1}}
    assert results.lags([line, OTHER]) == ["0.00 s", "1.20 s", "1.20 s"]
    assert results.lags([OTHER]) == ["", "", ""]


def test_the_newest_benchmark_and_the_newest_backup_stand_among_the_promises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"work": "latency", "unit": "ms", "name": "p50", "ours": {"median": 7.7}}]
    latest = tmp_path / "latest.json"
    latest.write_text(json.dumps({"rows": rows}))
    monkeypatch.setattr(promises, "BENCHMARK", latest)
    measure = {"promise": "C25", "what": "missing", "value": 1234, "unit": "messages"}
    told = promises.promises(Table(), {}, [measure])
    assert "| C7 | p50 7.7 ms; [benchmarks](benchmarks.md) |" in told
    assert "| C25 | missing 1,234 |" in told


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
