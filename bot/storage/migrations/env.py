"""Alembic's entry: runs on the connection that `storage.database` hands over."""

from alembic import context

from bot.storage import desk_tables, figure_tables, form_tables, telegram_tables  # noqa: F401 their tables join the metadata
from bot.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
