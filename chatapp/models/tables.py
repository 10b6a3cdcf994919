"""The tables behind the models, for plain statements.

On the hot paths rows are written and read without objects: it is several times quicker.
"""

from typing import cast

from sqlalchemy import Table

from chatapp.extensions import Base
from chatapp.models.membership import Membership
from chatapp.models.message import Message
from chatapp.models.reaction import Reaction
from chatapp.models.room import Room


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


memberships = _table(Membership)
messages = _table(Message)
reactions = _table(Reaction)
rooms = _table(Room)
