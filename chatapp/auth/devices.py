"""Telling one's own devices apart by what their browsers say of themselves. Pure."""

from typing import NamedTuple

# In this order: Edge and Opera call themselves Chrome, and Chrome calls itself Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_HANDHELD = frozenset({"iPhone", "iPad", "Android"})


class Device(NamedTuple):
    """A browser and a system by their names, each empty where unknown."""

    browser: str
    system: str

    @property
    def is_handheld(self) -> bool:
        return self.system in _HANDHELD


def device_of(user_agent: str) -> Device:
    """The device behind a User-Agent header: a hint for its owner, proof of nothing."""
    return Device(_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent))


def _first(marks: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in marks if mark in text), "")
