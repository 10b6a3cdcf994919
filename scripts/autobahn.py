"""Fetches Autobahn|Testsuite into build/autobahn, where tests/realtime/test_autobahn.py finds it.

It runs on Python 2.7 alone (`pyenv install 2.7.18`): `python3 scripts/autobahn.py [python2.7]`.
"""

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "build" / "autobahn"
# The version whose results docs/protocol.md tells.
PACKAGE = "autobahntestsuite==25.10.1"
PROGRAM = """#!{python}
import site
site.addsitedir({packages!r})
from autobahntestsuite.wstest import run
run()
"""


def main(python: str = "python2.7") -> None:
    found = shutil.which(python)
    if found is None:
        sys.exit(f"There is no {python} here. Try: pyenv install 2.7.18, and give its path.")
    packages = str(FOLDER / "packages")
    command = [found, "-m", "pip", "install", "--quiet", "--target", packages, PACKAGE]
    subprocess.run(command, check=True)  # noqa: S603  Our own words.
    program = FOLDER / "wstest"
    program.write_text(PROGRAM.format(python=found, packages=packages))
    program.chmod(0o755)


if __name__ == "__main__":
    main(*sys.argv[1:])
