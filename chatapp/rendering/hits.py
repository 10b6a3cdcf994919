"""What a search has found, as the rows of its page."""

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache

from babel import Locale, dates
from flask_babel import get_locale
from markupsafe import Markup

from chatapp.models.columns import AnyRow
from chatapp.rendering.excerpts import excerpts
from chatapp.rendering.frames import fill_wordless
from chatapp.rendering.messages import posted_text


def hit_rows(rows: Sequence[AnyRow], words: Sequence[str]) -> Markup:
    """The hits' HTML, one below the other; each shows its message around these words."""
    locale = get_locale()
    shown = zip(rows, excerpts([row.html for row in rows], words), strict=True)
    pieces = (_hit(row, excerpt, _in_words(row.posted_at, locale)) for row, excerpt in shown)
    return Markup(b"".join(pieces).decode())  # noqa: S704  The template escapes.


def _hit(row: AnyRow, excerpt: Markup, when: str) -> bytes:
    slots = {
        "hit.id": row.id,
        "hit.room_id": row.room_id,
        "hit.author_id": row.author_id,
        "hit.client_key": row.client_key,
        "hit.author_name": row.author_name,
        "hit.room_name": row.room_name,
        "posted": posted_text(row),
        "when": when,
        "excerpt": excerpt,
    }
    return fill_wordless("searches/_hit.html", slots, {})


def _in_words(moment: datetime, locale: Locale | None) -> str:
    """The date and the minute: "Nov 20, 2026, 4:13 PM"."""
    form = str(dates.get_datetime_format("medium", locale=locale))
    return form.format(_clock(locale, moment.hour, moment.minute), _date(locale, moment.date()))


# Babel takes 20 us for a date and a time, and a page has thirty of both.
@lru_cache(maxsize=4_000)
def _date(locale: Locale | None, date: date) -> str:
    return dates.format_date(date, "medium", locale)


@lru_cache(maxsize=4_000)
def _clock(locale: Locale | None, hour: int, minute: int) -> str:
    return dates.format_time(time(hour, minute), "short", locale=locale)
