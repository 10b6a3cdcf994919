"""Whole pages, rendered once with slots for what differs from answer to answer, then only filled.

Of a room's page, 60 KB of HTML, some thirty words differ from reader to reader. Asking the template
for all of it each time took ten times as long as putting those in.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from chatapp.contexts import request_context
from chatapp.recent import recent
from chatapp.rendering.languages import current_language

# About 20 KB each: 5 MB.
KEPT_FRAMES = 256
# What a template could ask of the request itself: in a frame, it must come as a slot.
PERSONAL = ("g", "request", "session", "csrf_token", "csp_nonce", "get_flashed_messages")

# Nobody can write it into a name: it is never shown.
_MARK = secrets.token_hex(16)
_SLOT = re.compile(rf"{_MARK}([\w.()]+);")

Value = str | int | bytes | None


class FrameError(Exception):
    """A template does with a slot what would not hold for the next reader."""


def fill(template: str, slots: Mapping[str, Value], shape: Mapping[str, Any]) -> bytes:
    """That template in this request's language, as UTF-8.

    `slots`: what differs, by the name under which the template prints it: "room.name",
    "csrf_token()". Bytes are HTML as they are, and so is `Markup`; other text is escaped.
    `shape`: what the template may ask about, and has few different values: "room.is_open".
    """
    root = request_context().request.script_root
    return _filled((template, current_language(), root), slots, shape)


def fill_wordless(template: str, slots: Mapping[str, Value], shape: Mapping[str, Any]) -> bytes:
    """`fill` for a template that holds no words: the same in every language, in a request or not.

    Nor may it hold an address that `url_for` makes.
    """
    return _filled((template,), slots, shape)


def _filled(key: tuple[str, ...], slots: Mapping[str, Value], shape: Mapping[str, Any]) -> bytes:
    kept, version = recent("frames", KEPT_FRAMES), (*key, *shape.values())
    texts, names = kept.get(version) or kept.put(version, _frame(key[0], slots, shape))
    values = {name: _encoded(value) for name, value in slots.items()}
    parts = [*texts]
    parts[1::2] = [values[name] for name in names]
    return b"".join(parts)


def _encoded(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"%d" % value if isinstance(value, int) else escape(value).encode()


def _frame(
    template: str, slots: Mapping[str, Value], shape: Mapping[str, Any]
) -> tuple[list[bytes], list[str]]:
    """Text and names of slots in turns, and those names once more."""
    context: dict[str, Any] = {name: _Given(name) for name in PERSONAL}
    for name, value in (*((name, _Slot.named(name)) for name in slots), *shape.items()):
        _place(context, name, value)
    made = current_app.jinja_env.get_template(template).render(context)
    texts = _SLOT.split(made)
    return [text.encode() for text in texts], texts[1::2]


def _place(context: dict[str, Any], name: str, value: Any) -> None:
    *path, last = name.split(".")
    for step in path:
        context = vars(context.setdefault(step, _Given(step)))
    if last.endswith("()"):
        context[last[:-2]] = lambda *_arguments: value
    else:
        context[last] = value


class _Given:
    """A name of which a template knows only the parts that were given."""

    def __init__(self, path: str):
        self.path_ = path

    def __getattr__(self, name: str) -> Any:
        raise FrameError(f"{self.path_}.{name} is neither a slot nor part of the shape.")

    def __call__(self, *_arguments: object, **_more: object) -> Any:
        raise FrameError(f"{self.path_}() is no slot.")


class _Slot(Markup):
    """A place in the text. It can be printed, and nothing else: what it will hold is not known."""

    @classmethod
    def named(cls, name: str) -> "_Slot":
        return cls(f"{_MARK}{name};")

    def __bool__(self) -> bool:
        name = _SLOT.sub(r"\1", str(self))
        raise FrameError(f"A template asks about {name}, which is a slot.")

    def __eq__(self, other: object) -> bool:
        return bool(self)

    __hash__ = Markup.__hash__
