from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import Base


class Process(Base):
    """A running worker. Others hold it alive while its beat moves, by their own clocks."""

    __tablename__ = "processes"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    beat: Mapped[int] = mapped_column(BigInteger, default=0)
    # The version of its newest Presence row: unchanged means nothing to read.
    version: Mapped[int] = mapped_column(BigInteger, default=0)
