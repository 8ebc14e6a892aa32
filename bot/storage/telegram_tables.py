"""The tables of the Telegram channel. Same conventions as `tables.py`; ids of Telegram are 64-bit."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from bot.storage.tables import Id, metadata

# What came in, committed before Telegram is told so. `raw` is emptied once it is dealt with.
telegram_updates = Table(
    "telegram_updates",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    Column("raw", Text, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("error", String(100)),
    UniqueConstraint("bot_id", "update_id"),
    CheckConstraint("state IN ('new', 'done', 'failed')", name="state"),
)
Index("telegram_updates_by_state", telegram_updates.c.state, telegram_updates.c.id)

telegram_bots = Table(
    "telegram_bots",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False, server_default="0"),
    Column("received_at", Float),  # the newest update
    Column("holder", String(40)),  # the process that talks to Telegram
    Column("lease_until", Float),
)

telegram_people = Table(
    "telegram_people",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("blocked_at", Float),
)

# Which message of Telegram shows which message of ours. One of ours may have several: parts, a copy in a topic.
telegram_links = Table(
    "telegram_links",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("thread_id", BigInteger),  # the topic it stands in
    Column(
        "post_id", Id, ForeignKey("messages.id", ondelete="CASCADE")
    ),  # NULL: shows no message of the chat
    Column("seq", Integer, nullable=False),  # whoever reads it has seen the chat up to here
    Column("role", String(10), nullable=False),
    Column("kind", String(10), nullable=False),  # text, photo, voice, …
    Column("album", String(64)),
    Column("shown", String(10)),  # the delivery status the topic shows
)
Index("telegram_links_of_post", telegram_links.c.post_id)
Index("telegram_links_of_topic", telegram_links.c.chat_id, telegram_links.c.thread_id)

# Every part of a message on its way out: written before it is sent, so that a crash in between is known.
telegram_parts = Table(
    "telegram_parts",
    metadata,
    Column("post_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("message_id", BigInteger),  # NULL: not known to have arrived
    Column("maybe_twice", Boolean, nullable=False, server_default=false()),
)

telegram_staff = Table(
    "telegram_staff",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("staff_id", Id, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("linked_at", Float, nullable=False),
)

telegram_invites = Table(
    "telegram_invites",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", Float, nullable=False),
)

# No foreign key to tickets: a topic must be found and deleted after its ticket is gone.
telegram_topics = Table(
    "telegram_topics",
    metadata,
    Column("ticket_id", Id, primary_key=True, autoincrement=False),
    Column("group_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("card_id", BigInteger),
    Column("card", Text),  # what the card shows
    Column("card_at", Float),
    Column("name", String(128)),
    Column("icon", String(40)),
    Column("closed", Boolean, nullable=False, server_default=false()),
    Column("seen_seq", Integer, nullable=False),  # the chat is shown up to here
    Column("seen_note", Integer, nullable=False, server_default="0"),
    Column("seen_version", Integer, nullable=False, server_default="-1"),  # of the ticket
    Column("served_at", Float, nullable=False, server_default="0"),
    UniqueConstraint("group_id", "thread_id"),
)

# What the bot owes a group besides showing the tickets: answers to commands, reactions.
telegram_jobs = Table(
    "telegram_jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("kind", String(10), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    CheckConstraint("kind IN ('say', 'react')", name="kind"),
)

telegram_modes = Table(
    "telegram_modes",
    metadata,
    Column("staff_id", Id, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "until", Float, nullable=False
    ),  # what the person writes in the topic goes to the citizen until then
)

telegram_groups = Table(
    "telegram_groups",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("moved_to", BigInteger),  # the supergroup it became
    Column("watches", Boolean, nullable=False, server_default=false()),  # speaks up about certain scams
)
