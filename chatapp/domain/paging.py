"""Reading many rows a page at a time: what takes long in one go would keep all others waiting."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, tuple_

from chatapp.extensions import db
from chatapp.models.columns import AnyRow


def pages(
    statement: Select[*tuple[Any, ...]],
    place: Sequence[ColumnElement[Any]],
    after: Sequence[Any],
    size: int,
) -> Iterator[Sequence[AnyRow]]:
    """The rows in the order of `place`, columns of theirs that together are unique, from the first
    one behind `after`; `size` at a time, the last page shorter. Each page is a query of its own.
    """
    page = statement.order_by(*place).limit(size)
    while True:
        rows = db.session.execute(page.where(tuple_(*place) > tuple(after))).all()
        yield rows
        if len(rows) < size:
            return
        after = [rows[-1]._mapping[column] for column in place]
