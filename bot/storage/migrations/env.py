"""Run by Alembic with a connection that `bot.storage` or the command line of Alembic opened."""

from alembic import context

from bot.storage.tables import is_common, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=is_common,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
