"""Reading lists, who set a chat up and what it is called, what was looked for"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "saved",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("arxiv_id", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "person", "arxiv_id", name=op.f("pk_saved")),
    )
    op.create_table(
        "phrase",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_phrase")),
    )
    op.add_column("chat", sa.Column("title", sa.Text(), server_default="", nullable=False))
    op.add_column("chat", sa.Column("manager", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_post_date", "post", ["date"])


def downgrade() -> None:
    op.drop_index("ix_post_date", "post")
    op.drop_column("chat", "manager")
    op.drop_column("chat", "title")
    op.drop_table("phrase")
    op.drop_table("saved")
