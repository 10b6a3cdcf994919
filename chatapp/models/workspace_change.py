from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import Base

CHANGE_KINDS = (
    "session_ended",
    "session_renewed",
    "person_barred",
    "person_changed",
    "member_joined",
    "member_left",
)


class WorkspaceChange(Base):
    """A fact about who may hear what, kept so that every process learns it, hint or no hint.

    The ids are plain numbers, not foreign keys: a fact outlives the row it speaks of.
    """

    __tablename__ = "workspace_changes"
    # Pages that come back ask whose name is new among all that was ever kept.
    __table_args__ = (Index("ix_workspace_changes_kind_seq", "kind", "seq", "user_id"),)

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int] = mapped_column(BigInteger)
    room_id: Mapped[int | None] = mapped_column(BigInteger)
    session_id: Mapped[int | None] = mapped_column(BigInteger)
