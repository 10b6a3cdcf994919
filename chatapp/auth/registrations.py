from flask import g, redirect, render_template
from werkzeug.wrappers import Response

from chatapp.auth import auth
from chatapp.auth.entering import enter_first
from chatapp.auth.forms import RegistrationForm, show
from chatapp.domain import accounts, workspace
from chatapp.domain.errors import Invalid
from chatapp.request import client_address


@auth.route("/register", methods=["GET", "POST"])
def register() -> Response | tuple[str, int]:
    """The form for a new account, where registration is open to everybody."""
    return _answer()


@auth.route("/join/<invite>", methods=["GET", "POST"])
def join(invite: str) -> Response | tuple[str, int]:
    """The same form behind the invite link."""
    return _answer(invite)


def _answer(invite: str = "") -> Response | tuple[str, int]:
    if g.user:
        return redirect("/", code=303)
    if not workspace.may_register(invite):
        return render_template("registrations/closed.html", invite=invite), 403
    form = RegistrationForm()
    if form.validate_on_submit():
        try:
            user = accounts.register(form.account(), invite=invite, address=client_address())
            return enter_first(user)
        except Invalid as error:
            show(form, error)
    page = render_template("registrations/new.html", form=form, workspace=workspace.current())
    return page, 422 if form.errors else 200
