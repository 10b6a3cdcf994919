from typing import Any

from flask import current_app, g

from chatapp.auth import auth
from chatapp.domain import workspace


@auth.get("/workspace/health")
def health() -> dict[str, Any]:
    """How the worker that answers is doing, in numbers, for an admin: see docs/self-hosting.md."""
    workspace.require_admin(g.user)
    return current_app.extensions["health"]()
