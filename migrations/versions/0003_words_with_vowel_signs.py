"""Words with vowel signs in the search index; an index for whose names are new

Revision: 0003, after 0002.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_workspace_changes_kind_seq", "workspace_changes"
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
WORD_BEFORE = re.compile(r"[^\W_]+")
WORD = re.compile(rf"[^\W_]+(?:[{MARKS}]+[^\W_]*+)*+")
# Only texts with one of these can have other words now: most are passed over at once.
MAYBE = re.compile(
    "[\u0300-\u0dff\u1d2c-\u1dbf\u2070-\u214f\u2c7d\u3200-\u33ff\ua69c-\ua7f9\ufb1d-\ufb4e\uff00-\uffef"
    "\U0001d400-\U0001d7ff\U0001f100-\U0001f1ff]"
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
    # Last, for whoever else writes to that table has to wait.
    op.create_index(INDEX, TABLE, ["kind", "seq", "user_id"], unique=False)


def downgrade() -> None:
    """The search index stays as it is: what an earlier version edits of it would not be found."""
    op.drop_index(INDEX, TABLE)


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
    if word.isascii():
        return word.lower()[:LONGEST]
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(filter(str.isalnum, apart))[:LONGEST]


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()[:LONGEST]
    apart = unicodedata.normalize("NFKD", word.casefold()).casefold()
    return "".join(sign for sign in apart if sign.isalnum() or sign in VOWEL_SIGNS)[:LONGEST]


def _terms(window: int, room_id: int, words: set[str]) -> list[str]:
    said = [f"{window}·{word}" for word in sorted(words)]
    return [*said, f"{window}§{room_id}"] if said else []
