"""The tables of forms: what is kept for later, case cards, reminders. Same conventions as `tables.py`."""

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, String, Table, Text, text

from bot.storage.tables import Id, metadata

form_drafts = Table(
    "form_drafts",
    metadata,
    Column("code_hash", String(64), primary_key=True),  # SHA-256: a stolen database continues no form
    Column("conversation_id", Id, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("state", JSON, nullable=False),  # intents.forms.model.FormState
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
)
Index("drafts_by_expiry", form_drafts.c.expires_at)

case_cards = Table(
    "case_cards",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "public_id", String(40), nullable=False, unique=True
    ),  # opens the documents, with the chat it is of
    Column("conversation_id", Id, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("form", String(40), nullable=False),
    Column("lines", JSON, nullable=False),  # the answers as people read them, by name
    Column("answers", JSON, nullable=False),  # the answers as stored, by slot
    Column("facts", JSON, nullable=False),  # what was worked out from them
    Column("documents", JSON, nullable=False),  # names of the documents that can be made
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
)
Index("cards_of_conversation", case_cards.c.conversation_id)

reminders = Table(
    "reminders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("due_at", Float, nullable=False),
    Column("text", Text, nullable=False),
    Column("posted_at", Float),  # said to the person
)
Index(
    "reminders_due",
    reminders.c.due_at,
    sqlite_where=text("posted_at IS NULL"),
    postgresql_where=text("posted_at IS NULL"),
)
Index("reminders_of_conversation", reminders.c.conversation_id)
