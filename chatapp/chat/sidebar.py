"""What stands beside every signed-in page: the workspace and one's own rooms."""

from collections.abc import Sequence

from flask import g, render_template

from chatapp.chat import chat
from chatapp.domain import rooms
from chatapp.domain.rooms import Sidebar, SidebarRoom


@chat.get("/sidebar")
def sidebar() -> str:
    """The sidebar alone, for a page whose list of rooms has changed."""
    return render_template("sidebar/_sidebar.html")


def current_sidebar() -> Sidebar:
    """The sidebar of this request's person, read once."""
    if "sidebar" not in g:
        g.sidebar = rooms.sidebar(g.user.id)
    return g.sidebar


@chat.app_template_global()
def sidebar_rooms() -> Sequence[SidebarRoom]:
    """One's own rooms by name, each with its unread count."""
    return current_sidebar().rooms


@chat.app_template_global()
def workspace_name() -> str:
    return current_sidebar().workspace_name


@chat.app_template_global()
def workspace_epoch() -> str:
    return current_sidebar().epoch
