from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from chatapp.auth import auth
from chatapp.domain import people


@auth.get("/people")
def list_people() -> str:
    """Who is in the workspace, 100 at a time; for admins with the ways to keep somebody out."""
    named, after = request.args.get("q", "").strip(), request.args.get("after", "")
    found = people.directory(g.user, named, after)
    return render_template("people/index.html", named=named, after=after, found=found)


@auth.post("/people/<int:user_id>/deactivate")
def deactivate_person(user_id: int) -> Response:
    """Close the account of a person who has left."""
    person = people.bar(g.user, user_id, "deactivated")
    return _back(_("%(name)s is deactivated and signed out.", name=person.display_name))


@auth.post("/people/<int:user_id>/ban")
def ban_person(user_id: int) -> Response:
    """Keep a person out."""
    person = people.bar(g.user, user_id, "banned")
    return _back(_("%(name)s is banned and signed out.", name=person.display_name))


@auth.post("/people/<int:user_id>/restore")
def restore_person(user_id: int) -> Response:
    """Let a person in again."""
    person = people.restore(g.user, user_id)
    return _back(_("%(name)s can sign in again.", name=person.display_name))


def _back(notice: str) -> Response:
    """To where the button was."""
    flash(notice)
    named, after = (request.form.get(name) or None for name in ("q", "after"))
    return redirect(url_for("auth.list_people", q=named, after=after), code=303)
