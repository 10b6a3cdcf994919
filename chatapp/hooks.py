"""Around every request: who is asking, whether they may, and what is left behind."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Flask, Request, Response, redirect, request, url_for
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from chatapp import cookies, headers, logs
from chatapp.contexts import app_context, request_context
from chatapp.csrf import HARMLESS
from chatapp.database import let_go
from chatapp.domain import sessions, workspace
from chatapp.errors import wants_json
from chatapp.extensions import login_manager
from chatapp.models import User

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Whatever is not named here is for signed-in people only; tests/test_strangers.py walks them all.
PUBLIC_RULES = frozenset(
    {
        "/first-run",
        "/register",
        "/join/<invite>",
        "/sign-in",
        "/csrf-token",
        "/up",
        # The socket's own answer to a stranger is a 401.
        "/ws",
    }
)
PUBLIC_BLUEPRINTS = frozenset({"static"})
# These answer before there is a workspace, too.
EARLY_RULES = frozenset({"/first-run", "/csrf-token", "/up", "/ws"})
# The socket looks for its person itself, with all that its welcome needs: after a restart,
# thousands come at once.
ASKS_ITSELF = frozenset({"socket", "socket_refused"})


def init_app(app: Flask) -> None:
    """Register the hooks, in the order in which they run."""
    _trust_proxies(app)
    cookies.init_app(app)
    # Templates ask `g.user`: the proxy would look the person up for a missing file, too.
    login_manager.init_app(app, add_context_processor=False)
    login_manager.user_loader(_person_behind)
    # There is no remember cookie; looking for one would make each file depend on the cookies.
    app.after_request_funcs[None].remove(login_manager._update_remember_cookie)
    logs.init_app(app)
    headers.init_app(app)
    app.before_request(load_person)
    app.before_request(refuse_strangers)
    app.after_request(forget_sign_ins)
    app.teardown_request(leave_database_clean)


def _trust_proxies(app: Flask) -> None:
    """Believe as many forwarding hops as were configured: by default only the peer."""
    hops = app.config["TRUSTED_PROXIES"]
    if hops:
        # Of several proxies each need not pass the scheme on; what people type is known anyway.
        secure = app.config["BASE_URL"].startswith("https://")
        fixed = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0 if secure else hops, x_host=0)
        app.wsgi_app = _Secure(fixed) if secure else fixed


class _Secure:
    """What comes through the proxies to an https address has come by TLS."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        environ["wsgi.url_scheme"] = "https"
        return self.app(environ, start_response)


def load_person() -> None:
    """Set `g.user` and `g.session`, or both to None. At most one query."""
    about, context = app_context().g, request_context()
    asked = context.request
    about.user = about.session = None
    if asked.blueprint in PUBLIC_BLUEPRINTS or asked.endpoint in ASKS_ITSELF:
        return
    # Before the database is asked: whoever sends a form slowly keeps no connection meanwhile.
    failure = _read_form(asked)
    # What Flask-Login would do at the first use of its proxy, without what is switched off anyway.
    token = context.session.get("_user_id")
    user = _person_behind(token) if token else None
    login_manager._update_request_context_with_user(user)
    if user:
        about.user = user
        about.user_id = user.id
        if sessions.touch(about.session):
            # The sign-in's end has moved on in its row: move it on in the cookie, too.
            context.session.modified = True
    if failure:
        raise failure


def _read_form(asked: Request) -> HTTPException | None:
    """Take in what comes with it; gives what is wrong with that, to be told to its person."""
    if asked.method in HARMLESS:
        return None
    try:
        _ = asked.form
    except HTTPException as error:
        return error
    return None


def _person_behind(token: str) -> User | None:
    # Where accounts are changed, the rows are read anew, and those of the database session.
    asks_anew = request_context().request.blueprint == "auth"
    found = (sessions.resume if asks_anew else sessions.recall)(token)
    if found is None:
        return None
    user, app_context().g.session = found
    user.token = token
    return user


def refuse_strangers() -> AnyResponse | None:
    """Send whoever is not signed in to the door; the first visitor of all to the first run."""
    if app_context().g.user or request.url_rule is None or request.blueprint in PUBLIC_BLUEPRINTS:
        return None
    rule = request.url_rule.rule
    if rule not in EARLY_RULES and not workspace.exists():
        return redirect(url_for("auth.first_run"), code=303)
    if rule in PUBLIC_RULES:
        return None
    if wants_json():
        raise Unauthorized
    asked = request.full_path.removesuffix("?") if request.method == "GET" else ""
    query = f"?{urlencode({'next': asked})}" if asked not in ("", "/") else ""
    return redirect(url_for("auth.sign_in") + query, code=303)


def forget_sign_ins(response: Response) -> Response:
    """Whoever signed out, was barred or has another language is so at once, in this process."""
    asked = request_context().request
    if asked.method == "POST" and asked.blueprint == "auth":
        sessions.forget()
    return response


def leave_database_clean(_error: BaseException | None) -> None:
    """Whatever a failed request began is undone; its connection goes back to the pool."""
    let_go()
