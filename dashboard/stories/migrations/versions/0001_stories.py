"""Stories, their slides, and what was changed: the tables up to version 0.6.0."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    op.create_table(
        "stories",
        sa.Column("story_id", sa.Text, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("title_at", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("is_deleted", sa.Boolean, nullable=False),
    )
    op.create_table(
        "slides",
        sa.Column("slide_id", sa.Text, primary_key=True),
        sa.Column(
            "story_id", sa.Text, sa.ForeignKey("stories.story_id"), nullable=False, index=True
        ),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("exhibit", sa.Text, nullable=False),
        sa.Column("exhibit_at", sa.Integer, nullable=False),
        sa.Column("headline", sa.Text, nullable=False),
        sa.Column("headline_at", sa.Integer, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("notes_at", sa.Integer, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("question_at", sa.Integer, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("is_deleted", sa.Boolean, nullable=False),
    )
    op.create_table(
        "changes",
        sa.Column("change_id", sa.Integer, primary_key=True),
        sa.Column(
            "story_id", sa.Text, sa.ForeignKey("stories.story_id"), nullable=False, index=True
        ),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("was", sa.Text, nullable=False),
    )
