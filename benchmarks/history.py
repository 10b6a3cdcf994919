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


def history(wanted: dict[str, int]) -> tuple[dict[str, str], dict[str, Any]]:
    """The environment that finds a workspace like that, and the facts of load/fill.py.

    Runs post into it; `messages` is what its first room holds now.
    """
    size = "-".join(f"{count}-{noun}" for noun, count in wanted.items())
    folder = HISTORIES / f"{size}-{_made_by()}"
    facts_file = folder / "facts.json"
    if not facts_file.exists() or time.time() - facts_file.stat().st_mtime > KEPT_SECONDS:
        _make(folder, wanted, size)
    facts = json.loads(facts_file.read_text())
    with closing(sqlite3.connect(folder / "chatapp.sqlite3")) as store:
        row = store.execute("SELECT last_number FROM rooms WHERE id = 1").fetchone()
    return settings_for(folder), facts | {"messages": row[0]}


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
