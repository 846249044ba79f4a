"""How sources are watched, tags that were merged, posts that others stand in for"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("source_state", sa.Column("imported_at", sa.BigInteger()))
    op.add_column("source_state", sa.Column("failed_at", sa.BigInteger()))
    op.add_column("source_state", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("source_state", sa.Column("told", sa.Text(), server_default="", nullable=False))
    op.add_column("source_state", sa.Column("wanted_at", sa.BigInteger()))
    # What is there was read at times that tell nothing of when it came out.
    op.execute("UPDATE source_state SET imported_at = read_at")
    op.add_column("post", sa.Column("superseded_by", sa.BigInteger()))
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "tag_alias",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("tag_id", key, nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_tag_alias_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_tag_alias")),
    )


def downgrade() -> None:
    op.drop_table("tag_alias")
    op.drop_column("post", "superseded_by")
    for name in ("wanted_at", "told", "failures", "failed_at", "imported_at"):
        op.drop_column("source_state", name)
