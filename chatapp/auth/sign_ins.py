from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chatapp.auth import auth
from chatapp.auth.entering import enter, leave, own_path
from chatapp.auth.forms import SignInForm, show
from chatapp.domain import accounts, workspace
from chatapp.domain.errors import Invalid
from chatapp.request import client_address


@auth.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | tuple[str, int]:
    """The sign-in; leads on to the page in `next`."""
    if g.user and request.method == "GET":
        return redirect(own_path(request.args.get("next", "")), code=303)
    form = SignInForm()
    if form.validate_on_submit():
        try:
            return _enter(form)
        except Invalid as error:
            show(form, error)
    page = render_template("sign_ins/new.html", form=form, workspace=workspace.current())
    return page, 422 if form.errors else 200


def _enter(form: SignInForm) -> Response:
    user = accounts.authenticate(
        form.user_name.data or "", form.password.data or "", address=client_address()
    )
    return enter(user, kept=form.kept.data)


@auth.post("/sign-out")
def sign_out() -> Response:
    """End this sign-in; its sockets close, its cookie is void wherever it was copied to."""
    leave()
    return redirect(url_for("auth.sign_in"), code=303)
