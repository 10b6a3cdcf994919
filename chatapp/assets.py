"""The files under `static/`, read once, each with a fingerprint of its content in its address."""

import gzip
import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from chatapp.joining import join

# What these folders hold is served as a whole.
STYLE_SHEET, SCRIPT = "css/app.css", "js/app.js"
WHOLES = {"css": STYLE_SHEET, "js": SCRIPT}
# What gzip makes smaller; pictures are compressed already.
COMPRESSIBLE = ("text/", "application/json", "image/svg+xml")
# Comments that fill whole lines: a third of what would be sent. Licences (`/*!`) stay. Tests prove
# for each file that nothing else goes.
COMMENTS = re.compile(
    rb"^[ \t]*(?:/\*(?!!)(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n", re.MULTILINE | re.DOTALL
)
COMMENTED = (".css", ".js")
SERVED = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
}


@dataclass(frozen=True)
class Asset:
    """One file as it is served."""

    path: str
    body: bytes
    mimetype: str

    @cached_property
    def fingerprint(self) -> str:
        """12 hex digits of the content's SHA-256: another content, another address."""
        return hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def gzipped(self) -> bytes | None:
        """The content compressed, made once; None where that would not make it smaller."""
        if not self.mimetype.startswith(COMPRESSIBLE):
            return None
        packed = gzip.compress(self.body, compresslevel=9, mtime=0)
        return packed if len(packed) < len(self.body) else None


@dataclass
class Assets:
    """A folder's files by their path. With `watch`, for developers: a file that changed
    is read again, and comments stay."""

    folder: Path
    watch: bool = False
    _read: dict[str, tuple[float, Asset]] = field(default_factory=dict)
    _paths: frozenset[str] = frozenset()

    def get(self, path: str) -> Asset | None:
        """The file at this path, or None: only what the folder lists, so `..` leads nowhere."""
        if path not in self.paths():
            return None
        changed = self._changed(path)
        known = self._read.get(path)
        if known is None or known[0] != changed:
            known = self._read[path] = (changed, self._load(path))
        return known[1]

    def paths(self) -> frozenset[str]:
        """Every path that is served."""
        if self.watch or not self._paths:
            found = (p for p in self.folder.rglob("*") if p.suffix in SERVED and p.is_file())
            names = (p.relative_to(self.folder) for p in found)
            self._paths = frozenset(WHOLES.get(p.parts[0], p.as_posix()) for p in names)
        return self._paths

    def _changed(self, path: str) -> float:
        if not self.watch:
            return 0
        return max(part.stat().st_mtime for part in self._parts(path))

    def _load(self, path: str) -> Asset:
        parts = self._parts(path)
        body = self._script(parts) if path == SCRIPT else b"\n".join(p.read_bytes() for p in parts)
        if path.endswith(COMMENTED) and not self.watch:
            body = COMMENTS.sub(b"", body)
        return Asset(path, body, SERVED[PurePosixPath(path).suffix])

    def _parts(self, path: str) -> list[Path]:
        """The files that a path is made of: the style sheet is all of css/index.txt in order."""
        if path == SCRIPT:
            return sorted(self.folder.glob("js/**/*.js"))
        if path != STYLE_SHEET:
            return [self.folder / path]
        folder = self.folder / "css"
        return [folder / name for name in (folder / "index.txt").read_text().split()]

    def _script(self, parts: list[Path]) -> bytes:
        names = (part.relative_to(self.folder / "js").with_suffix("") for part in parts)
        sources = (part.read_text() for part in parts)
        return join(dict(zip(map(str, names), sources, strict=True))).encode()
