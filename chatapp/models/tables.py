"""The tables behind the models, for plain statements.

On the hot paths rows are written and read without objects: it is several times quicker.
"""

from typing import cast

from sqlalchemy import Table

from chatapp.extensions import Base
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


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


memberships = _table(Membership)
messages = _table(Message)
presences = _table(Presence)
processes = _table(Process)
reactions = _table(Reaction)
rooms = _table(Room)
sessions = _table(SignInSession)
users = _table(User)
workspace = _table(Workspace)
workspace_changes = _table(WorkspaceChange)
