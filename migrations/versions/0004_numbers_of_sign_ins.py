"""Numbers of sign-ins that SQLite gives only once

Revision: 0004, after 0003.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_anew(sqlite_autoincrement=True)


def downgrade() -> None:
    _make_anew(sqlite_autoincrement=False)


def _make_anew(**how: bool) -> None:
    """SQLite says this with the table only; PostgreSQL's numbers never come again."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("sessions", recreate="always", table_kwargs=how):
            pass
