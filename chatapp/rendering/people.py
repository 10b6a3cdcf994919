"""People as rows of a list, with their presence."""

from collections.abc import Iterable
from typing import Protocol

from flask import current_app, render_template
from markupsafe import Markup

from chatapp.models.user import hue_of, initials_of


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
    rows = [
        {
            "id": person.id,
            "name": person.display_name,
            "hue": hue_of(person.id),
            "initials": initials_of(person.display_name),
            "presence": presence_of(person.id),
        }
        for person in people
    ]
    return Markup(render_template("members/_people.html", rows=rows))  # noqa: S704


def presence_of(user_id: int) -> str:
    """online, away or offline, as the sockets know it; offline where there are none."""
    ask = current_app.jinja_env.globals.get("presence_of")
    return ask(user_id) if callable(ask) else "offline"
