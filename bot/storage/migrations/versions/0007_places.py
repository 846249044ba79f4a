"""Rooms of digests, the layout of a chat, and which settings are its own"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# SQLite takes the check only with the column: a copy of the table would take all that refers to it along.
LAYOUT = """
    ALTER TABLE chat ADD COLUMN layout TEXT DEFAULT 'plain' NOT NULL
    CONSTRAINT ck_chat_layout CHECK (layout IN ('plain', 'threads', 'posts', 'published'))
"""


def upgrade() -> None:
    op.execute(LAYOUT)
    op.add_column("chat", sa.Column("own", sa.Text(), server_default="", nullable=False))
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "room",
        sa.Column("chat_id", key, nullable=False),
        sa.Column("post_id", key, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_room_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_room_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "post_id", name=op.f("pk_room")),
    )
    op.create_index(op.f("ix_room_post_id"), "room", ["post_id"])


def downgrade() -> None:
    op.drop_table("room")
    op.drop_column("chat", "own")
    op.drop_column("chat", "layout")
