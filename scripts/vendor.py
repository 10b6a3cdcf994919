"""Copies the browser modules that chatapp serves out of their npm packages: `make vendor`.

Versions are the pins in package.json. npm fetches the packages; running chatapp never needs it.
What was copied stands in chatapp/static/vendor/vendor.json, and a test compares the files with it.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "chatapp" / "static" / "vendor"


@dataclass(frozen=True)
class Module:
    """One package: the folder it gets, and its files as {name in the package: our name}."""

    package: str
    folder: str
    files: dict[str, str]


MODULES = (Module("@hotwired/turbo", "turbo", {"dist/turbo.es2017-esm.js": "turbo.js"}),)


def main() -> int:
    pins = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    with tempfile.TemporaryDirectory() as folder:
        entries = [vendor(module, pins[module.package], Path(folder)) for module in MODULES]
    VENDOR.joinpath("vendor.json").write_text(json.dumps(entries, indent=2) + "\n")
    for entry in entries:
        sys.stdout.write(f"{entry['package']} {entry['version']} is in chatapp/static/vendor\n")
    return 0


def vendor(module: Module, version: str, folder: Path) -> dict[str, object]:
    """Copy one package's files; returns its entry for vendor.json."""
    tarball, integrity = pack(f"{module.package}@{version}", folder)
    sha512 = digest("sha512", tarball.read_bytes())
    if sha512 != integrity:
        raise SystemExit(f"{module.package}: the tarball is not the one that npm announced.")
    with tarfile.open(tarball) as archive:
        manifest = json.loads(member(archive, "package.json"))
        files = {
            f"{module.folder}/{ours}": copy(member(archive, theirs), module.folder, ours)
            for theirs, ours in module.files.items()
        }
    return {
        "package": module.package,
        "version": version,
        "licence": manifest["license"],
        "tarball": sha512,
        "files": files,
    }


def pack(spec: str, folder: Path) -> tuple[Path, str]:
    """Fetch a package; returns its tarball and the integrity that npm's registry gives for it."""
    command = ["npm", "pack", spec, "--json", "--pack-destination", str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  Our own words.
    entry = json.loads(answer.stdout)[0]
    return folder / entry["filename"], entry["integrity"]


def member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(f"package/{name}")
    if file is None:
        raise SystemExit(f"The package has no file {name}.")
    return file.read()


def copy(content: bytes, folder: str, name: str) -> str:
    """Write one file; returns its integrity, as an import map wants it."""
    target = VENDOR / folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return digest("sha384", content)


def digest(algorithm: str, content: bytes) -> str:
    """In the form of the web's subresource integrity: `sha384-<base64>`."""
    raw = hashlib.new(algorithm, content).digest()
    return f"{algorithm}-{base64.b64encode(raw).decode()}"


if __name__ == "__main__":
    raise SystemExit(main())
