from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from chatapp.auth import auth
from chatapp.auth.devices import device_of
from chatapp.auth.entering import leave
from chatapp.domain import sessions


@auth.get("/sessions")
def list_sessions() -> str:
    """The devices on which one is signed in."""
    devices = [(sign_in, device_of(sign_in.user_agent)) for sign_in in sessions.of(g.user)]
    return render_template("sessions/index.html", devices=devices)


@auth.post("/sessions/<int:session_id>/end")
def end_session(session_id: int) -> Response:
    """Sign out on one device; on this one, it is signing out."""
    if session_id == g.session.id:
        leave()
        return redirect(url_for("auth.sign_in"), code=303)
    sessions.end(g.user, session_id)
    flash(_("That device is signed out."))
    return redirect(url_for("auth.list_sessions"), code=303)


@auth.post("/sessions/end-others")
def end_other_sessions() -> Response:
    """Sign out everywhere else."""
    sessions.end_others(g.user, g.session.id)
    flash(_("All other devices are signed out."))
    return redirect(url_for("auth.list_sessions"), code=303)
