from flask import flash, g, redirect, render_template, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from chatapp.auth import auth
from chatapp.auth.forms import ProfileForm, show
from chatapp.domain import accounts
from chatapp.domain.errors import Invalid
from chatapp.language import language


@auth.route("/profile", methods=["GET", "POST"])
def profile() -> Response | tuple[str, int]:
    """One's own display name and language."""
    form = ProfileForm(display_name=g.user.display_name, locale=g.user.locale or "")
    if form.validate_on_submit():
        try:
            return _change(form)
        except Invalid as error:
            show(form, error)
    return render_template("profiles/edit.html", form=form), 422 if form.errors else 200


def _change(form: ProfileForm) -> Response:
    accounts.change_profile(g.user, form.display_name.data or "", form.locale.data or None)
    # In the language that was just chosen.
    with force_locale(language()):
        flash(_("Your profile is saved."))
    return redirect(url_for("auth.profile"), code=303)
