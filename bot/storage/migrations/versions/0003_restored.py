"""What a backup tells: what chats were still owed, and how far sources had been read"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "restored_source",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_restored_source")),
    )
    op.add_column("delivery", sa.Column("post_date", sa.Date(), nullable=True))
    op.create_index(
        "ix_delivery_restored",
        "delivery",
        ["reason", "arxiv_id"],
        unique=False,
        sqlite_where=sa.text("entry_id IS NULL"),
        postgresql_where=sa.text("entry_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_delivery_restored",
        table_name="delivery",
        sqlite_where=sa.text("entry_id IS NULL"),
        postgresql_where=sa.text("entry_id IS NULL"),
    )
    op.drop_column("delivery", "post_date")
    op.drop_table("restored_source")
