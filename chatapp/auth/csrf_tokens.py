from flask import Response, g, jsonify
from flask_wtf.csrf import generate_csrf

from chatapp.auth import auth


@auth.get("/csrf-token")
def csrf_token() -> Response:
    """A token that is good now, for a page that slept through a sign-in or a restart, and whose.

    `user` is 0 for a stranger.
    """
    return jsonify(token=generate_csrf(), user=g.user.id if g.user else 0)
