from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import Base
from chatapp.models.columns import Id

REGISTRATION_KINDS = ("open", "invite", "closed")


class Workspace(Base):
    """One install. Its single row is made by the first run, which is what makes that race safe."""

    __tablename__ = "workspace"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("registration IN ('open', 'invite', 'closed')", name="registration"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    registration: Mapped[str] = mapped_column(String(10), default="invite")
    invite_code: Mapped[str] = mapped_column(String(64))
    # Another epoch means another history (a restored backup): pages reload themselves.
    epoch: Mapped[str] = mapped_column(String(32))
    # The sequence of WorkspaceChange rows: dense, taken under this row's lock.
    head_seq: Mapped[int] = mapped_column(BigInteger, default=0)

    @property
    def is_open(self) -> bool:
        return self.registration == "open"

    @property
    def takes_invites(self) -> bool:
        return self.registration in ("open", "invite")
