"""The blueprint for accounts: first run, registration, sign-in, sessions, profile, workspace."""

from flask import Blueprint

auth = Blueprint("auth", __name__)

# The views register themselves on the blueprint, so it is made first.
from chatapp.auth import (  # noqa: E402, F401
    csrf_tokens,
    first_runs,
    health,
    passwords,
    people,
    profiles,
    registrations,
    sessions,
    sign_ins,
    workspaces,
)
