from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from chatapp.auth import auth
from chatapp.auth.entering import enter_first
from chatapp.auth.forms import FirstRunForm, show
from chatapp.domain import first_run as first_runs
from chatapp.domain import workspace
from chatapp.domain.errors import Conflict, Invalid


@auth.route("/first-run", methods=["GET", "POST"])
def first_run() -> Response | tuple[str, int]:
    """The form that the first visitor of all fills in; afterwards it leads to the sign-in."""
    if workspace.exists():
        return redirect(url_for("auth.sign_in"), code=303)
    form = FirstRunForm()
    if form.validate_on_submit():
        try:
            return _open(form)
        except Invalid as error:
            show(form, error)
        except Conflict as error:
            flash(str(error), "error")
            return redirect(url_for("auth.sign_in"), code=303)
    return render_template("first_runs/new.html", form=form), 422 if form.errors else 200


def _open(form: FirstRunForm) -> Response:
    admin = first_runs.open_workspace(
        form.workspace_name.data or "", form.room_name.data or "", form.account()
    )
    return enter_first(admin)
