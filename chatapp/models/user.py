from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import Base
from chatapp.models.columns import Id, Instant, now

HUES = 12
# The longest that mail is delivered to (RFC 5321, 4.5.3.1.3, without the brackets).
MAX_EMAIL = 254


class User(UserMixin, Base):
    """A person with an account. Names are kept as typed, beside the keys that make them unique."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('member', 'admin')", name="role"),
        CheckConstraint("status IN ('active', 'deactivated', 'banned')", name="status"),
    )

    id: Mapped[Id]
    user_name: Mapped[str] = mapped_column(String(40))
    user_name_key: Mapped[str] = mapped_column(String(160), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    display_name_key: Mapped[str] = mapped_column(String(320), unique=True)
    email: Mapped[str | None] = mapped_column(String(MAX_EMAIL))
    email_key: Mapped[str | None] = mapped_column(String(MAX_EMAIL), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(10), default="member")
    status: Mapped[str] = mapped_column(String(12), default="active")
    locale: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)

    # The secret of the sign-in that this request came with, if it came with one. Not a column.
    token = ""

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the sign-in's token, never the person's id."""
        return self.token

    @property
    def is_active(self) -> bool:
        """Whether this person may sign in; Flask-Login asks for it."""
        return self.status == "active"

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

    @property
    def hue(self) -> int:
        """The number (1 to 12) of the colour behind this person's initials; never changes."""
        return hue_of(self.id)

    @property
    def initials(self) -> str:
        """One or two letters that stand for the person where there is no picture."""
        return initials_of(self.display_name)


def hue_of(user_id: int) -> int:
    """`User.hue`, for rows that carry only the id."""
    return user_id % HUES + 1


def initials_of(display_name: str) -> str:
    """`User.initials`, for rows that carry only the name."""
    words = display_name.split()
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [display_name[:1]]
    return "".join(letters).upper()
