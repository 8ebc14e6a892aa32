"""Every table, once. Times are UTC seconds since 1970 (float); order inside a conversation is `seq`, never time.

Alembic migrations in `migrations/` build exactly this; a test compares the two.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("public_id", String(40), nullable=False, unique=True),  # opaque; shown to people and programs
    Column("channel", String(20), nullable=False),
    Column("address", String(128), nullable=False),  # who it is on that channel; a hash where it is a secret
    Column("language", String(2), nullable=False),
    Column("state", JSON, nullable=False),  # conversation.model.State
    Column("version", Integer, nullable=False),  # +1 a turn: a reply made for an older version is dropped
    Column("last_seq", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("ended_at", Float),  # cleared by the person: the address starts a new conversation
)
Index(
    "one_conversation_an_address",
    conversations.c.channel,
    conversations.c.address,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("author", String(10), nullable=False),
    Column("external_id", String(128)),  # the channel's or the client's id: the key against doubles
    Column("reply_to", Id),  # messages.id of the citizen's message this answers
    Column("text", Text, nullable=False),
    Column("payload", JSON, nullable=False),  # choices, sources, turn
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Float),  # a queued message is not tried before this
    Column("error", Text),  # why it failed, in words for staff
    Column("created_at", Float, nullable=False),
    UniqueConstraint("conversation_id", "seq"),
    CheckConstraint("author IN ('citizen', 'bot', 'staff', 'system')", name="author"),
    CheckConstraint("status IN ('received', 'inline', 'queued', 'sent', 'failed')", name="status"),
)
Index(
    "one_row_an_external_id",
    messages.c.conversation_id,
    messages.c.external_id,
    unique=True,
    sqlite_where=text("external_id IS NOT NULL"),
    postgresql_where=text("external_id IS NOT NULL"),
)
Index(
    "queued_messages",
    messages.c.next_at,
    sqlite_where=text("status = 'queued'"),
    postgresql_where=text("status = 'queued'"),
)
Index("replies_to", messages.c.reply_to)

failures = Table(
    "failures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("address", String(128)),
    Column("raw", Text, nullable=False),  # what came in, as it came: nothing acknowledged is lost
    Column("reason", Text, nullable=False),  # the kind of error, never the person's words
    Column("created_at", Float, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("rating", Integer, nullable=False),  # 1 helpful, -1 not helpful
    Column("created_at", Float, nullable=False),
    CheckConstraint("rating IN (1, -1)", name="rating"),
)
