"""People as rows of a list, with their presence."""

from collections.abc import Iterable
from typing import Any, Protocol

from flask import render_template
from markupsafe import Markup

from chatapp.contexts import app_context
from chatapp.models.user import hue_of, initials_of
from chatapp.recent import recent
from chatapp.rendering.languages import current_language

# At most 50 rows of half a kilobyte each: 6 MB.
KEPT_LISTS = 256


class Shown(Protocol):
    """Whoever has an id and a name: a `User`, or a row with both."""

    @property
    def id(self) -> int: ...
    @property
    def display_name(self) -> str: ...


def person_row(person: Shown) -> str:
    """One list item, with the presence at this moment."""
    return str(people_rows([person])).strip()


def people_rows(people: Iterable[Shown]) -> Markup:
    """The list items of these people, in their order."""
    rows = tuple((person.id, person.display_name, presence_of(person.id)) for person in people)
    kept, key = recent("people_rows", KEPT_LISTS), (current_language(), rows)
    return kept.get(key) or kept.put(key, _rendered(rows))


def _rendered(rows: Iterable[tuple[int, str, str]]) -> Markup:
    shown = [
        {
            "id": user_id,
            "name": name,
            "hue": hue_of(user_id),
            "initials": initials_of(name),
            "presence": presence,
        }
        for user_id, name, presence in rows
    ]
    return Markup(render_template("members/_people.html", rows=shown))  # noqa: S704


def presence_of(user_id: int) -> str:
    """online, away or offline, as the sockets know it; offline where there are none."""
    ask = _globals().get("presence_of")
    return ask(user_id) if ask else "offline"


def presence_changes() -> int:
    """As long as this number stays, so does everybody's presence."""
    ask = _globals().get("presence_changes")
    return ask() if ask else 0


def _globals() -> dict[str, Any]:
    return app_context().app.jinja_env.globals
