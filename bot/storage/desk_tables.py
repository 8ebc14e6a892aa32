"""The tables of the desk: tickets, staff, audit. Same conventions as `tables.py`."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from bot.storage.tables import Id, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", Id, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),  # shown to colleagues; citizens see the desk, not the person
    Column("password_hash", String(256), nullable=False),
    Column("must_change_password", Boolean, nullable=False, server_default=false()),  # somebody else chose it
    Column("role", String(12), nullable=False),
    Column("language", String(2), nullable=False, server_default="zh"),
    Column("active", Boolean, nullable=False),
    Column("on_duty", Boolean, nullable=False, server_default=false()),  # takes new tickets
    Column("duty_since", Float),  # when that was switched the last time
    Column("max_tickets", Integer, nullable=False, server_default="10"),  # auto-assignment stops here
    Column("created_at", Float, nullable=False),
    Column("last_seen_at", Float),
    CheckConstraint("role IN ('agent', 'supervisor', 'admin', 'auditor')", name="role"),
)

staff_queues = Table(
    "staff_queues",
    metadata,
    Column("staff_id", Id, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("queue", String(12), primary_key=True),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),  # SHA-256: a stolen database opens no session
    Column("staff_id", Id, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("username", String(64), nullable=False),
    Column("origin", String(64), nullable=False),  # network address
    Column("at", Float, nullable=False),
)
Index("attempts_by_username", sign_in_attempts.c.username, sign_in_attempts.c.at)
Index("attempts_by_origin", sign_in_attempts.c.origin, sign_in_attempts.c.at)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(24), nullable=False, unique=True),
    Column("conversation_id", Id, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("queue", String(12), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("status", String(10), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("context", JSON, nullable=False),  # what staff need: what was asked, shown and answered
    Column("version", Integer, nullable=False),
    Column("assignee_id", Id, ForeignKey("staff.id")),
    Column("created_at", Float, nullable=False),
    Column("claimed_at", Float),
    Column("first_answer_at", Float),
    Column("last_citizen_at", Float),
    Column("last_staff_at", Float),
    Column("resolved_at", Float),
    Column("closed_at", Float),
    Column("close_reason", String(12)),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("satisfaction", Integer),
    Column("comment", Text),  # the citizen's, with the rating
    Column("open_since", Float),  # when it came into its queue, the last time
    Column("asked_at", Float),  # the oldest thing the citizen said that nobody has answered
    Column("rectify_since", Float),  # a complaint that is not dealt with yet
    Column("paused_at", Float),  # the clocks stand still since then
    Column("pauses", JSON, nullable=False, server_default="[]"),  # earlier standstills: [[from, to], …]
    Column("watcher_id", Id),  # who held it when a danger took it to another queue
    Column("due_at", Float),  # the next clock to run out; NULL while paused or done
    Column("due_clock", String(12)),  # which clock that is: accept, first, next, close, rectify
    Column("warned_at", Float),  # staff were warned of this clock
    Column("breached_at", Float),  # it ran out, the supervisor was told
    CheckConstraint("status IN ('open', 'claimed', 'waiting', 'resolved', 'closed')", name="status"),
    CheckConstraint("priority IN ('urgent', 'normal')", name="priority"),
    CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
)
Index(
    "one_live_ticket",
    tickets.c.conversation_id,
    unique=True,
    sqlite_where=text("status <> 'closed'"),
    postgresql_where=text("status <> 'closed'"),
)
Index("tickets_by_queue", tickets.c.status, tickets.c.queue, tickets.c.priority, tickets.c.created_at)
Index("tickets_due", tickets.c.due_at)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("at", Float, nullable=False),
    Column("actor", String(64), nullable=False),  # staff:<id>, citizen, bot, clock
    Column("kind", String(20), nullable=False),
    Column("detail", JSON, nullable=False),
)
Index("events_of_ticket", ticket_events.c.ticket_id, ticket_events.c.id)

# Notes are not messages: nothing that delivers to a citizen ever reads this table.
notes = Table(
    "notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Float, nullable=False),
)
Index("notes_of_ticket", notes.c.ticket_id, notes.c.id)

attachments = Table(
    "attachments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("public_id", String(40), nullable=False, unique=True),
    Column("conversation_id", Id, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE")),
    Column("name", String(200), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
)
Index("attachments_of_conversation", attachments.c.conversation_id)

# Apart from its description: a list of files must not read through their bytes.
attachment_contents = Table(
    "attachment_contents",
    metadata,
    Column("attachment_id", Id, ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", Id, primary_key=True),
    Column("queue", String(12)),  # NULL: every queue
    Column("title", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("queue", "title"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Float, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(30), nullable=False),
    Column("target", String(100), nullable=False),
    Column("detail", JSON, nullable=False),
)
Index("audit_by_time", audit.c.at)

# What somebody at the desk must be told, until they say that they know.
alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id")),  # whom; NULL: the supervisors and admins, any of them
    Column("kind", String(12), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("at", Float, nullable=False),
    Column("seen_at", Float),
    Column("seen_by", Id, ForeignKey("staff.id")),
)
Index(
    "alerts_unseen",
    alerts.c.staff_id,
    sqlite_where=text("seen_at IS NULL"),
    postgresql_where=text("seen_at IS NULL"),
)
Index("alerts_of_ticket", alerts.c.ticket_id)
