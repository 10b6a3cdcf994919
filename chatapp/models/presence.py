from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import Base


class Presence(Base):
    """What one process knows of one person: their best state over its live connections."""

    __tablename__ = "presences"
    __table_args__ = (
        CheckConstraint("state IN ('online', 'away', 'offline')", name="state"),
        Index("ix_presences_process_id_version", "process_id", "version"),
    )

    process_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(BigInteger)
