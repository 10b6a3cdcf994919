"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Row
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment in time: aware and in UTC on the Python side, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return as_instant(value) if value is not None else None


def as_instant(stored: datetime | str) -> datetime:
    """A moment as a driver gives it (SQLite's: its text), aware and in UTC."""
    value = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite only counts up by itself in a column declared INTEGER PRIMARY KEY.
BigId = BigInteger().with_variant(Integer, "sqlite")

Id = Annotated[int, mapped_column(BigId, primary_key=True)]


# A row of a select of columns.
AnyRow = Row[*tuple[Any, ...]]


def now() -> datetime:
    """This moment, aware and in UTC."""
    return datetime.now(UTC)
