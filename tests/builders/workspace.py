"""The install that people and rooms belong to."""

import secrets
from typing import Any

from chatapp.models import Workspace


def ensure_workspace(session: Any) -> Workspace:
    """The workspace, made when there is none yet."""
    workspace = session.get(Workspace, 1)
    if workspace is None:
        workspace = Workspace(
            id=1,
            name="Harbour",
            registration="open",
            invite_code=secrets.token_urlsafe(16),
            epoch=secrets.token_hex(8),
            head_seq=0,
        )
        session.add(workspace)
        session.flush()
    return workspace
