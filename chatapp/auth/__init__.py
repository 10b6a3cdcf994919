"""The blueprint for accounts: first run, registration, sign-in, sessions, profile, workspace."""

from flask import Blueprint

auth = Blueprint("auth", __name__)

# The views register themselves on the blueprint.
from chatapp.auth import csrf_tokens  # noqa: E402, F401
