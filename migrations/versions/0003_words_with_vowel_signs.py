"""Words with vowel signs in the search index; an index for whose names are new

Revision: 0003, after 0002.
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

from chatapp.domain import search_entries

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_workspace_changes_kind_seq", "workspace_changes"

# What ended a word until now, and belongs to it since (chatapp/text/words.py).
MARKS = "".join(
    sign for sign in map(chr, range(0x300, 0xE00)) if unicodedata.category(sign)[0] == "M"
)
HAS_MARKS = re.compile(f"[{MARKS}]")


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
        return any(not source.isascii() and HAS_MARKS.search(source) for (source,) in rows)
