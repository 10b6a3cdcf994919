"""Long histories, filled once and kept in benchmarks/.env: ten million messages take minutes."""

import hashlib
import json
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.environment import FOLDER, HERE
from benchmarks.plan import tell
from benchmarks.product import ROOT, fill, settings_for

HISTORIES = FOLDER / "histories"
# The sign-ins in it run out after a month.
KEPT_SECONDS = 20 * 24 * 3600
# What runs have posted into it, above what it was filled with.
MOST_POSTED = 0.01


def history(wanted: dict[str, int]) -> tuple[dict[str, str], dict[str, Any]]:
    """The environment that finds a workspace like that, and the facts of load/fill.py.

    Runs post into it; `messages` is what its first room holds now. One that has grown by more than
    a hundredth is no longer of that size, and is filled anew.
    """
    size = "-".join(f"{count}-{noun}" for noun, count in wanted.items())
    folder = HISTORIES / f"{size}-{_made_by()}"
    if not _is_fit(folder, wanted["messages"]):
        _make(folder, wanted, size)
    facts = json.loads((folder / "facts.json").read_text())
    return settings_for(folder), facts | {"messages": _messages(folder)}


def _is_fit(folder: Path, messages: int) -> bool:
    facts = folder / "facts.json"
    if not facts.exists() or time.time() - facts.stat().st_mtime > KEPT_SECONDS:
        return False
    return _messages(folder) <= messages * (1 + MOST_POSTED)


def _messages(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "chatapp.sqlite3")) as store:
        (count,) = store.execute("SELECT last_number FROM rooms WHERE id = 1").fetchone()
        return count


def _make(folder: Path, wanted: dict[str, int], size: str) -> None:
    for older in HISTORIES.glob(f"{size}-*"):
        shutil.rmtree(older)
    tell(f"filling a workspace with {size} ...")
    began = time.monotonic()
    draft = folder.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    facts = fill(settings_for(draft), wanted)
    (draft / "facts.json").write_text(json.dumps(facts))
    draft.rename(folder)
    tell(f"filled in {time.monotonic() - began:.0f} s")


def _made_by() -> str:
    """Another schema, other search terms or another way of filling is another history."""
    sources = [HERE / "load" / "fill.py", HERE / "load" / "text.py"]
    sources += [ROOT / "chatapp" / "text" / "words.py"]
    sources += sorted((ROOT / "chatapp" / "domain").glob("search_[et]*.py"))
    sources += sorted((ROOT / "migrations" / "versions").glob("*.py"))
    joined = b"".join(path.read_bytes() for path in sources)
    return hashlib.sha256(joined).hexdigest()[:12]
