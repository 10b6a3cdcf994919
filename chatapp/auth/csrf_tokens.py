from flask import Response, jsonify
from flask_wtf.csrf import generate_csrf

from chatapp.auth import auth


@auth.get("/csrf-token")
def csrf_token() -> Response:
    """A token that is good now, for a page that slept through a sign-in or a restart."""
    return jsonify(token=generate_csrf())
