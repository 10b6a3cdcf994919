"""Letters that are no letter with an accent, and soft hyphens, in the search index

Revision: 0005, after 0004.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As they are in this version (chatapp/text/words.py, chatapp/domain/search_terms.py).
WINDOW, LONGEST = 2**17, 64
MARKS = "".join(
    sign for sign in map(chr, range(0x300, 0xE00)) if unicodedata.category(sign)[0] == "M"
)
VOWEL_SIGNS = frozenset(
    sign
    for sign in MARKS
    if unicodedata.combining(sign) in (0, 9, 84, 91)
    and unicodedata.category(sign) != "Me"
    and sign != "\N{COMBINING GRAPHEME JOINER}"
)
PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"}
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)
UNSEEN = "\u00ad\u200d\u2060"
WORD_BEFORE = re.compile(rf"[^\W_]+(?:[{MARKS}]+[^\W_]*+)*+")
WORD = re.compile(rf"[^\W_]+(?:[{MARKS}{UNSEEN}]+[^\W_]*+)*+")
# Only texts with one of these can have other words now: most are passed over at once.
MAYBE = re.compile(
    "[\u00ad\u00c6\u00d0\u00d8\u00de\u00e6\u00f0\u00f8\u00fe\u0100-\u024f\u1d00-\u1eff\u200d\u2060"
    "\u210f\u2c60-\u2c7f\ua720-\ua7ff\uab30-\uab6f\ufb00-\uffef\U00010780-\U000107bf\U0001d400-\U0001d7ff]"
)
ROWS_AT_ONCE = 500

ADD = sa.text("INSERT INTO message_search (rowid, terms) VALUES (:id, :terms)")
REMOVE = sa.text(
    "INSERT INTO message_search (message_search, rowid, terms) VALUES ('delete', :id, :before)"
)
REPLACE = sa.text(
    "UPDATE message_search SET document = array_to_tsvector(CAST(:terms AS text[]))"
    " WHERE message_id = :id"
)


def upgrade() -> None:
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    for row in _concerned(connection):
        if is_sqlite:
            connection.execute(REMOVE, {"id": row["id"], "before": " ".join(row["before"])})
            connection.execute(ADD, {"id": row["id"], "terms": " ".join(row["terms"])})
        else:
            connection.execute(REPLACE, {"id": row["id"], "terms": row["terms"]})


def downgrade() -> None:
    """The search index stays as it is: what an earlier version edits of it would not be found."""


def _concerned(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """The messages that are found by other words now, with their terms of now and before."""
    after, rows = 0, True
    said = sa.text(
        "SELECT id, room_id, source FROM messages WHERE id > :after ORDER BY id LIMIT :most"
    )
    while rows:
        rows = connection.execute(said, {"after": after, "most": ROWS_AT_ONCE}).all()
        for after, room_id, source in rows:
            if not MAYBE.search(source):
                continue
            text = unicodedata.normalize("NFC", source)
            before = {*map(_folded_before, WORD_BEFORE.findall(text))} - {""}
            now = {*map(_folded, WORD.findall(text))} - {""}
            if before != now:
                place = after // WINDOW, room_id
                yield {"id": after, "terms": _terms(*place, now), "before": _terms(*place, before)}


def _folded_before(word: str) -> str:
    return _kept(word, {})


def _folded(word: str) -> str:
    return _kept(word, PLAIN)


def _kept(word: str, plain: dict[int, str]) -> str:
    if word.isascii():
        return word.lower()[:LONGEST]
    apart = unicodedata.normalize("NFKD", word.casefold()).casefold().translate(plain)
    return "".join(sign for sign in apart if sign.isalnum() or sign in VOWEL_SIGNS)[:LONGEST]


def _terms(window: int, room_id: int, words: set[str]) -> list[str]:
    said = [f"{window}·{word}" for word in sorted(words)]
    return [*said, f"{window}§{room_id}"] if said else []
