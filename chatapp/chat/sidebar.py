"""What stands beside every signed-in page: the workspace and one's own rooms."""

from collections.abc import Iterable

from flask import current_app, g
from markupsafe import Markup

from chatapp.chat import chat
from chatapp.contexts import app_context
from chatapp.domain.sidebar import Sidebar, sidebar_of
from chatapp.models import User
from chatapp.models.room import VisitedRoom
from chatapp.recent import recent
from chatapp.rendering.frames import fill
from chatapp.rendering.languages import current_language

# About half a kilobyte each: 4 MB.
KEPT_ROWS = 8192


@chat.get("/sidebar")
def sidebar() -> bytes:
    """The sidebar alone, for a page whose list of rooms has changed."""
    return sidebar_piece(app_context().g.user, current_sidebar())


@chat.app_template_global()
def sidebar_html() -> Markup:
    """`sidebar_piece`, for the template of a page that is no room's."""
    return Markup(sidebar_piece(g.user, current_sidebar()).decode())  # noqa: S704  The template has escaped.


def sidebar_piece(user: User, found: Sidebar, here: int = 0) -> bytes:
    """A person's sidebar, on the page of the room `here`."""
    slots = {
        "workspace": found.workspace_name,
        "rows": _rows(found.rooms, here),
        "user_id": user.id,
        "name": user.display_name,
        "initials": user.initials,
        "hue": user.hue,
    }
    return fill("sidebar/_sidebar.html", slots, {})


def _rows(rooms: Iterable[VisitedRoom], here: int) -> bytes:
    """A row says the same to all who have read as far: it is made once for them."""
    kept, language, rows = recent("sidebar", KEPT_ROWS), current_language(), []
    for item in rooms:
        key = item, item.id == here, language
        rows.append(kept.get(key) or kept.put(key, _row(item, here=item.id == here)))
    return b"".join(rows)


def _row(item: VisitedRoom, *, here: bool) -> bytes:
    template = current_app.jinja_env.get_template("sidebar/_room.html")
    return template.render(item=item, here=here).encode()


def current_sidebar() -> Sidebar:
    """The sidebar of this request's person, read once."""
    about = app_context().g
    if "sidebar" not in about:
        about.sidebar = sidebar_of(about.user.id)
    return about.sidebar


@chat.app_template_global()
def workspace_epoch() -> str:
    return current_sidebar().epoch
