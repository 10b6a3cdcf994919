"""Rows of a room's timeline: articles in their list items, grouped, with a line for each day."""

from collections.abc import Sequence
from datetime import timedelta

from flask_babel import format_date
from markupsafe import Markup

from chatapp.models.columns import AnyRow
from chatapp.rendering.messages import articles

# A message this soon after another of the same person stands without head.
FOLLOWS_WITHIN = timedelta(minutes=5)


def timeline(rows: Sequence[AnyRow]) -> Markup:
    """The list items for these rows of `shown_messages`, in their order.

    Days are UTC's here; the browser knows better and redraws the lines.
    """
    items, previous = [], None
    for row, article in zip(rows, articles(rows), strict=True):
        if previous is None or previous.posted_at.date() != row.posted_at.date():
            items.append(_day(row))
        items.append(_item(article, follows=_follows(previous, row)))
        previous = row
    return Markup("\n").join(items)


def _item(article: Markup, *, follows: bool) -> Markup:
    # The list is a log to screen readers, so its items are not list items to them.
    row = "message-row follows" if follows else "message-row"
    return Markup('<li class="{}" role="none">{}</li>').format(row, article)


def _day(row: AnyRow) -> Markup:
    day = row.posted_at.date()
    name = format_date(day, "full", rebase=False)
    item = Markup('<li class="day" role="none"><time datetime="{}">{}</time></li>')
    return item.format(day.isoformat(), name)


def _follows(previous: AnyRow | None, row: AnyRow) -> bool:
    if previous is None or previous.author_id != row.author_id:
        return False
    near = row.posted_at - previous.posted_at < FOLLOWS_WITHIN
    return near and previous.posted_at.date() == row.posted_at.date()
