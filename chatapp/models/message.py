from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import Base
from chatapp.models.columns import Id, Instant, now
from chatapp.models.user import User


class Message(Base):
    """What a person said in a room, once: one client key, one row, for ever."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("author_id", "client_key"),
        Index("ix_messages_room_id_seq", "room_id", "seq"),
        Index("ix_messages_room_id_number", "room_id", "number", unique=True),
    )

    id: Mapped[Id]
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    client_key: Mapped[str] = mapped_column(String(64))
    # SHA-256 of the room and the body as first posted: a retry is told from another use of its key.
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    number: Mapped[int] = mapped_column(BigInteger)
    posted_seq: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    posted_at: Mapped[datetime] = mapped_column(Instant, default=now)
    edited_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None


class ShownMessage(NamedTuple):
    """What an article is made of, of a message that was stored a moment ago."""

    id: int
    room_id: int
    author_id: int
    client_key: str
    number: int
    posted_seq: int
    seq: int
    html: str
    posted_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    author_name: str

    @classmethod
    def posted(cls, message_id: int, author_name: str, row: Mapping[str, Any]) -> Self:
        """The message with that id, made of the values that were stored as its row."""
        kept = (row[name] for name in cls._fields[1:9])
        return cls(message_id, *kept, None, None, author_name)


def shown_messages() -> Select[*tuple[Any, ...]]:
    """The rows that an article is made of: a message's columns and `author_name`.

    Plain rows, not objects: five times quicker to load, and nobody changes them.
    """
    return _SHOWN


_SHOWN: Select[*tuple[Any, ...]] = select(
    Message.id,
    Message.room_id,
    Message.author_id,
    Message.client_key,
    Message.number,
    Message.posted_seq,
    Message.seq,
    Message.html,
    Message.posted_at,
    Message.edited_at,
    Message.deleted_at,
    User.display_name.label("author_name"),
).join(User, User.id == Message.author_id)
