"""Full-text search over messages, filled by the application with the grams of `storage.search`."""

import sqlalchemy as sa
from alembic import op

from bot.storage.search import grams

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the index, keep it free of deleted messages, and fill it with what is there."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        # detail=none: no phrases, the pairs are phrases already. Contentless tables that can delete need 3.43.
        op.execute(
            "CREATE VIRTUAL TABLE message_search USING fts5("
            "grams, detail=none, tokenize='unicode61 remove_diacritics 0')"
        )
        op.execute(
            "CREATE TRIGGER messages_leave_search AFTER DELETE ON messages "
            "BEGIN DELETE FROM message_search WHERE rowid = old.id; END"
        )
        add = "INSERT INTO message_search (rowid, grams) VALUES (:id, :grams)"
    else:
        op.execute(
            "CREATE TABLE message_search (message_id BIGINT PRIMARY KEY "
            "REFERENCES messages (id) ON DELETE CASCADE, grams TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX message_search_grams ON message_search USING GIN (grams)")
        add = (
            "INSERT INTO message_search (message_id, grams) VALUES (:id, to_tsvector('simple', :grams))"
        )
    for id, text in connection.execute(sa.text("SELECT id, text FROM messages ORDER BY id")).all():
        connection.execute(sa.text(add), {"id": id, "grams": grams(text)})
