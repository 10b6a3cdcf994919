from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from chatapp.auth import auth
from chatapp.auth.forms import WorkspaceForm, show
from chatapp.domain import workspace as workspaces
from chatapp.domain.errors import Invalid
from chatapp.models import Workspace


@auth.route("/workspace", methods=["GET", "POST"])
def workspace() -> Response | tuple[str, int]:
    """An admin's page: the workspace's name, who may register, the invite link."""
    found = workspaces.for_admin(g.user)
    form = WorkspaceForm(obj=found)
    if form.validate_on_submit():
        try:
            return _change(form)
        except Invalid as error:
            show(form, error)
    page = render_template(
        "workspaces/edit.html",
        form=form,
        invite=_invite_link(found),
        takes_invites=found.takes_invites,
    )
    return page, 422 if form.errors else 200


@auth.post("/workspace/invite")
def rotate_invite() -> Response:
    """Another invite link; the old one stops working."""
    workspaces.rotate_invite(g.user)
    flash(_("There is a new invite link. The old one no longer works."))
    return redirect(url_for("auth.workspace"), code=303)


def _invite_link(workspace: Workspace) -> str:
    path = url_for("auth.join", invite=workspace.invite_code)
    # Without a configured address, the one that this admin uses: only they get to see it.
    return (current_app.config["BASE_URL"] or request.host_url.rstrip("/")) + path


def _change(form: WorkspaceForm) -> Response:
    workspaces.change(g.user, form.name.data or "", form.registration.data or "")
    flash(_("The settings are saved."))
    return redirect(url_for("auth.workspace"), code=303)
