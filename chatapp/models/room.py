from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import Base
from chatapp.models.columns import Id, Instant, now
from chatapp.models.user import User

ROOM_KINDS = ("open", "closed")


class Room(Base):
    """A place to talk. Its row's lock orders everything that its page shows."""

    __tablename__ = "rooms"
    __table_args__ = (CheckConstraint("kind IN ('open', 'closed')", name="kind"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(320))
    topic: Mapped[str] = mapped_column(String(250), default="")
    creator_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    # The seq of the last change that the room's page shows: dense from 1.
    head_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    # The seq of the last change of name, topic or members.
    details_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    # How many messages were ever posted here: the number of the newest one.
    last_number: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)

    @property
    def is_open(self) -> bool:
        return self.kind == "open"

    def is_run_by(self, user: User) -> bool:
        """Whether this member may rename the room and remove people: its creator, or an admin."""
        return is_run_by(user, self.creator_id)


class VisitedRoom(NamedTuple):
    """A room as one person finds it. `read_number`: how far they have read; None: no member."""

    id: int
    name: str
    topic: str
    kind: str
    creator_id: int
    head_seq: int
    details_seq: int
    last_number: int
    read_number: int | None

    @property
    def is_open(self) -> bool:
        return self.kind == "open"

    @property
    def unread(self) -> int:
        """How many messages a member has not read."""
        return self.last_number - (self.read_number or 0)

    def is_run_by(self, user: User) -> bool:
        """`Room.is_run_by`."""
        return is_run_by(user, self.creator_id)


def is_run_by(user: User, creator_id: int) -> bool:
    """`Room.is_run_by`, for rows that carry only the creator's id."""
    return user.is_admin or creator_id == user.id
