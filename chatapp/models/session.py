from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import Base
from chatapp.models.columns import Id, Instant, now


class SignInSession(Base):
    """One sign-in on one device. The cookie holds a random token, this row only its hash."""

    __tablename__ = "sessions"
    # SQLite would give the number of an ended one to whoever signs in next, and what still has that
    # number in hand would be about somebody else.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    kept: Mapped[bool] = mapped_column(default=False)
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str] = mapped_column(String(45), default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
