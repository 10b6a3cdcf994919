"""What we serve of others' is exactly what their packages hold, without asking the network."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "chatapp" / "static" / "vendor"
ENTRIES = json.loads((VENDOR / "vendor.json").read_text())
FILES = {name: integrity for entry in ENTRIES for name, integrity in entry["files"].items()}


def integrity_of(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


@pytest.mark.parametrize("name", FILES)
def test_a_vendored_file_is_unchanged(name: str) -> None:
    assert integrity_of((VENDOR / name).read_bytes()) == FILES[name]


def test_a_changed_file_would_be_noticed() -> None:
    name, integrity = next(iter(FILES.items()))
    assert integrity_of((VENDOR / name).read_bytes() + b" ") != integrity


def test_each_script_in_the_folder_is_listed() -> None:
    scripts = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*.js")}
    assert scripts == set(FILES)


def test_each_package_has_the_pinned_version_and_its_licence() -> None:
    pins = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    for entry in ENTRIES:
        assert entry["version"] == pins[entry["package"]]
        folder = next(iter(entry["files"])).split("/")[0]
        assert (VENDOR / folder / "LICENSE").is_file()
        assert entry["licence"]
