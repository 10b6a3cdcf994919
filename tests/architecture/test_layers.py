"""Nothing imports upwards: import-linter's contract in pyproject.toml, and that it can fail."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

LINTER = Path(sys.executable).with_name("lint-imports")
BAD_CONTRACT = """
[importlinter]
root_package = sample
[importlinter:contract:layers]
name = layers
type = layers
containers = sample
layers =
    doors
    domain
"""


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(LINTER), "--no-cache", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_nothing_imports_upwards():
    answer = lint(ROOT)
    assert answer.returncode == 0, answer.stdout


def test_an_import_upwards_would_be_noticed(tmp_path):
    package = tmp_path / "sample"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "doors.py").write_text("")
    (package / "domain.py").write_text("from sample import doors\n")
    (tmp_path / ".importlinter").write_text(BAD_CONTRACT)
    assert lint(tmp_path).returncode == 1
