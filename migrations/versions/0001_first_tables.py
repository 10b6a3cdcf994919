"""First tables

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op

# SQLite only counts up by itself in a column declared INTEGER PRIMARY KEY.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presences",
        sa.Column("process_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('online', 'away', 'offline')", name=op.f("ck_presences_state")
        ),
        sa.PrimaryKeyConstraint("process_id", "user_id", name=op.f("pk_presences")),
    )
    op.create_index(
        "ix_presences_process_id_version", "presences", ["process_id", "version"], unique=False
    )

    op.create_table(
        "processes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
    )
    op.create_table(
        "users",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("user_name", sa.String(length=40), nullable=False),
        sa.Column("user_name_key", sa.String(length=160), nullable=False),
        sa.Column("display_name", sa.String(length=80), nullable=False),
        sa.Column("display_name_key", sa.String(length=320), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('member', 'admin')", name=op.f("ck_users_role")),
        sa.CheckConstraint(
            "status IN ('active', 'deactivated', 'banned')", name=op.f("ck_users_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("display_name_key", name=op.f("uq_users_display_name_key")),
        sa.UniqueConstraint("email_key", name=op.f("uq_users_email_key")),
        sa.UniqueConstraint("user_name_key", name=op.f("uq_users_user_name_key")),
    )
    op.create_table(
        "workspace",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("registration", sa.String(length=10), nullable=False),
        sa.Column("invite_code", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "registration IN ('open', 'invite', 'closed')", name=op.f("ck_workspace_registration")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_workspace_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
    )
    op.create_table(
        "workspace_changes",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_workspace_changes")),
    )
    op.create_table(
        "rooms",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=320), nullable=False),
        sa.Column("topic", sa.String(length=250), nullable=False),
        sa.Column("creator_id", BIG_ID, nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.Column("details_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('open', 'closed')", name=op.f("ck_rooms_kind")),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["users.id"], name=op.f("fk_rooms_creator_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)

    op.create_table(
        "memberships",
        sa.Column("room_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("user_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("read_number", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_memberships_room_id_rooms")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_memberships_user_id_users")
        ),
        sa.PrimaryKeyConstraint("room_id", "user_id", name=op.f("pk_memberships")),
    )
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"], unique=False)

    op.create_table(
        "messages",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("room_id", BIG_ID, nullable=False),
        sa.Column("author_id", BIG_ID, nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("posted_seq", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_messages_author_id_users")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_messages_room_id_rooms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "author_id", "client_key", name=op.f("uq_messages_author_id_client_key")
        ),
    )
    op.create_index("ix_messages_room_id_number", "messages", ["room_id", "number"], unique=True)
    op.create_index("ix_messages_room_id_seq", "messages", ["room_id", "seq"], unique=False)

    op.create_table(
        "reactions",
        sa.Column("message_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("emoji", sa.String(length=32), nullable=False),
        sa.Column("user_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_reactions_message_id_messages")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reactions_user_id_users")),
        sa.PrimaryKeyConstraint("message_id", "emoji", "user_id", name=op.f("pk_reactions")),
    )
    create_search()


def create_search() -> None:
    """The full-text index over the terms that `chatapp/domain/search_terms.py` makes."""
    if op.get_bind().dialect.name == "sqlite":
        # Only which message has which term: no text, no places in it, no lengths.
        op.execute(
            "CREATE VIRTUAL TABLE message_search USING fts5("
            "terms, content='', columnsize=0, detail=none, tokenize='ascii')"
        )
        return
    op.execute(
        "CREATE TABLE message_search (message_id BIGINT PRIMARY KEY REFERENCES messages (id), "
        "room_id BIGINT NOT NULL, document TSVECTOR NOT NULL)"
    )
    # What was posted last waits in a list that each search reads from end to end, and that some
    # post sorts in when it is full: with the usual 4 MB either takes 100 ms.
    op.execute(
        "CREATE INDEX message_search_document ON message_search USING GIN (document)"
        " WITH (gin_pending_list_limit = 256)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE message_search")
    op.drop_table("reactions")
    op.drop_index("ix_messages_room_id_seq", "messages")
    op.drop_index("ix_messages_room_id_number", "messages")

    op.drop_table("messages")
    op.drop_index("ix_memberships_user_id", "memberships")

    op.drop_table("memberships")
    op.drop_index("ix_sessions_user_id", "sessions")

    op.drop_table("sessions")
    op.drop_table("rooms")
    op.drop_table("workspace_changes")
    op.drop_table("workspace")
    op.drop_table("users")
    op.drop_table("processes")
    op.drop_index("ix_presences_process_id_version", "presences")

    op.drop_table("presences")
