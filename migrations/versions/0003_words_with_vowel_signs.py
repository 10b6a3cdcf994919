"""Words with vowel signs in the search index; an index for whose names are new

Revision: 0003, after 0002.
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

from chatapp.domain import search_entries
from chatapp.text import words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_workspace_changes_kind_seq", "workspace_changes"

# What a word was until now (chatapp/text/words.py).
WORD, LONGEST = re.compile(r"[^\W_]+"), 64


def upgrade() -> None:
    op.create_index(INDEX, TABLE, ["kind", "seq", "user_id"], unique=False)
    connection = op.get_bind()
    if _is_concerned(connection):
        is_sqlite = connection.dialect.name == "sqlite"
        empty = "INSERT INTO message_search (message_search) VALUES ('delete-all')"
        op.execute(empty if is_sqlite else "TRUNCATE message_search")
        search_entries.rebuild(connection)


def downgrade() -> None:
    """The search index stays as it is: what an earlier version edits of it would not be found."""
    op.drop_index(INDEX, TABLE)


def _is_concerned(connection: sa.Connection) -> bool:
    """Whether anybody has written anything that is found by other words now."""
    said = sa.text("SELECT source FROM messages").execution_options(yield_per=1000)
    with connection.execute(said) as rows:
        return any(not said.isascii() and _before(said) != words.folded(said) for (said,) in rows)


def _before(text: str) -> list[str]:
    split = WORD.findall(unicodedata.normalize("NFC", text))
    return sorted({*map(_folded_before, split)} - {""})


def _folded_before(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(filter(str.isalnum, apart))[:LONGEST]
