"""Checks the browser's side: biome, the type checker and the unit tests, where node is there.

In CI (`CI` set) node must be there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = ROOT / "node_modules" / ".package-lock.json"
STEPS = (
    ("npm", "run", "--silent", "lint"),
    ("npm", "run", "--silent", "types"),
    ("npm", "test", "--silent"),
)


def main() -> int:
    if not (shutil.which("node") and shutil.which("npm")):
        sys.stderr.write("JavaScript was not checked: install node and npm (apt install npm).\n")
        return 1 if os.environ.get("CI") else 0
    if is_stale() and run("npm", "install", "--silent", "--ignore-scripts"):
        sys.stderr.write("The tools that package.json names could not be installed.\n")
        return 1
    # All are run, whatever became of the first; one that was killed has a negative code.
    codes = [run(*step) for step in STEPS]
    return int(any(codes))


def is_stale() -> bool:
    pins = ROOT / "package.json"
    return not INSTALLED.exists() or INSTALLED.stat().st_mtime < pins.stat().st_mtime


def run(*command: str) -> int:
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603  Our own words.


if __name__ == "__main__":
    raise SystemExit(main())
