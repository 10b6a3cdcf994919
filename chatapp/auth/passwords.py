from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from chatapp.auth import auth
from chatapp.auth.entering import begin
from chatapp.auth.forms import PasswordForm, show
from chatapp.domain import accounts
from chatapp.domain.errors import Invalid


@auth.route("/password", methods=["GET", "POST"])
def password() -> Response | tuple[str, int]:
    """Another password; all other devices are signed out by it."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            return _change(form)
        except Invalid as error:
            show(form, error)
    return render_template("passwords/edit.html", form=form), 422 if form.errors else 200


def _change(form: PasswordForm) -> Response:
    token = accounts.change_password(
        g.user, g.session, form.current_password.data or "", form.password.data or ""
    )
    begin(g.user, token, kept=g.session.kept)
    flash(_("Your password is changed. All other devices are signed out."))
    return redirect(url_for("auth.password"), code=303)
