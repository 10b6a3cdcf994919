"""The nouns: one a file, columns and yes/no questions only. Nothing here commits."""

from chatapp.models.membership import Membership
from chatapp.models.message import Message
from chatapp.models.presence import Presence
from chatapp.models.process import Process
from chatapp.models.reaction import Reaction
from chatapp.models.room import Room
from chatapp.models.session import SignInSession
from chatapp.models.user import User
from chatapp.models.workspace import Workspace
from chatapp.models.workspace_change import WorkspaceChange

__all__ = [
    "Membership",
    "Message",
    "Presence",
    "Process",
    "Reaction",
    "Room",
    "SignInSession",
    "User",
    "Workspace",
    "WorkspaceChange",
]
