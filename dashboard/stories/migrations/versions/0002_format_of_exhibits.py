"""Which format each slide's exhibit is kept in; all that are there are of the first."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.add_column(
        "slides", sa.Column("exhibit_format", sa.Integer, nullable=False, server_default="1")
    )
