"""How Alembic applies the steps: on the connection it is given, in the transaction open there."""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"], version_table=given["version_table"], render_as_batch=True
)
context.run_migrations()
