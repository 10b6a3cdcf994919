"""Reading the scenes in talk/ (its README.md has their form), and having people perform them."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from chatapp.cli.demonstration.people import first_name

TALK = Path(__file__).parent / "talk"

_LINE = re.compile(r"(?:(?P<role>[A-Z])|@(?P<user_name>[a-z]+)): (?P<text>.*)")
_ROLES = re.compile(r"\{([A-Z])\}|^([A-Z]): ", re.MULTILINE)
_INNERMOST = re.compile(r"\{([^{}]*)\}")


class Said(NamedTuple):
    """One message of a scene, and the place of its line within it."""

    user_name: str
    text: str
    begins: bool


def perform(scenes: str, members: Sequence[str], rng: random.Random) -> Iterator[list[Said]]:
    """The room's scenes for ever, in a new order and with a new cast each time."""
    order = rng.sample(_scenes(scenes), len(_scenes(scenes)))
    half = len(order) // 2
    while True:
        for scene in order:
            yield _played(scene, members, rng)
        # Halves are shuffled apart, so that no scene comes again soon.
        order = rng.sample(order[:half], half) + rng.sample(order[half:], len(order) - half)


@cache
def _scenes(name: str) -> list[str]:
    text = (TALK / f"{name}.txt").read_text(encoding="utf-8")
    # A blank line ends a scene unless the message goes on after it.
    return re.split(r"\n\n+(?! )", text.strip())


def _played(scene: str, members: Sequence[str], rng: random.Random) -> list[Said]:
    roles = sorted({first or second for first, second in _ROLES.findall(scene)})
    cast = dict(zip(roles, rng.sample(members, len(roles)), strict=True))
    words = {key: rng.choice(choices) for key, choices in _words().items()}
    words |= {role: first_name(user_name) for role, user_name in cast.items()}
    said: list[Said] = []
    for line in scene.split("\n"):
        match = _LINE.fullmatch(line)
        if match:
            user_name = match["user_name"] or cast[match["role"]]
            said.append(Said(user_name, match["text"], begins=not said))
        else:
            said[-1] = said[-1]._replace(text=f"{said[-1].text}\n{line.removeprefix('  ')}")
    return [line._replace(text=_filled(line.text, words, rng)) for line in said]


def _filled(text: str, words: Mapping[str, str], rng: random.Random) -> str:
    def fill(match: re.Match[str]) -> str:
        inner = match[1]
        if inner in words:
            return words[inner]
        # Braces that mean nothing to us are code: kept, out of the next round's sight.
        return rng.choice(inner.split("|")) if "|" in inner else f"\x01{inner}\x02"

    while _INNERMOST.search(text):
        text = _INNERMOST.sub(fill, text)
    return text.replace("\x01", "{").replace("\x02", "}")


@cache
def _words() -> dict[str, list[str]]:
    lines = (TALK / "words.txt").read_text(encoding="utf-8").splitlines()
    return {key: choices.split("|") for key, _, choices in (line.partition(": ") for line in lines)}
