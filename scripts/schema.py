"""Brings the database to the newest schema: `.venv/bin/python scripts/schema.py`.

`flask db upgrade` does it, but importing everything only to find nothing to do would take longer
than the rest of a second start. So a SQLite file in the instance folder is looked at first.
"""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REVISION = re.compile(r'^(revision|down_revision) = "(\w+)"', re.M)


def main() -> int:
    """Upgrade unless it is sure that there is nothing to upgrade; returns the exit status."""
    if not os.environ.get("DATABASE_URL") and found() == newest():
        return 0
    flask = Path(sys.executable).with_name("flask")
    return subprocess.call([flask, "db", "upgrade"], cwd=ROOT)  # noqa: S603  Our own words.


def newest() -> str | None:
    """The one revision that no other follows; None when the files don't say it plainly."""
    texts = [path.read_text() for path in (ROOT / "migrations" / "versions").glob("*.py")]
    named = [dict(REVISION.findall(text)) for text in texts]
    ends = {one.get("revision") for one in named} - {one.get("down_revision") for one in named}
    return ends.pop() if len(ends) == 1 else None


def found() -> str | None:
    """The revision of the SQLite file in the instance folder; None when it cannot be told."""
    folder = Path(os.environ.get("INSTANCE_PATH") or ROOT / "instance")
    try:
        with closing(sqlite3.connect(f"file:{folder}/chatapp.sqlite3?mode=ro", uri=True)) as line:
            rows = line.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error:
        return None
    return rows[0][0] if len(rows) == 1 else None


if __name__ == "__main__":
    sys.exit(main())
