"""Schedules, turns and leases of chats, filters, what became of each delivery.

Stands between 0001 and 0002: databases of the first version are at 0001, all others have it. No way
leads back: the first tables have no place for what the engine keeps of deliveries.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001b"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OWED = "state IN ('pending', 'sending')"
HELD = "reason = 'cap'"
TURN = "owed_at IS NOT NULL"
KINDS = ("kind IN ('private', 'group')", "schedule IN ('instant', 'daily', 'weekly')")


def upgrade() -> None:
    _chats()
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.add_column("entry", sa.Column("seen_at", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "filter",
        sa.Column("id", KEY, nullable=False),
        sa.Column("chat_id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('include', 'exclude', 'author')", name=op.f("ck_filter_kind")),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_filter_chat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filter")),
        sa.UniqueConstraint("chat_id", "kind", "word", name=op.f("uq_filter_chat_id_kind_word")),
    )
    op.drop_index("ix_delivery_state_chat_id", "delivery")
    if op.get_bind().dialect.name == "sqlite":
        _copy_deliveries()
    else:
        _alter_deliveries()
    for name, where in (("ix_delivery_held", HELD), ("ix_delivery_owed", OWED)):
        op.create_index(
            name, "delivery", ["chat_id"], sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    # Every chat that is owed something gets its turn.
    op.execute(f"UPDATE chat SET owed_at = 0 WHERE id IN (SELECT chat_id FROM delivery WHERE {OWED})")


def _chats() -> None:
    """More columns, added to the table in its place: a copy would take all that refers to it along."""
    false = sa.false()
    for column in (
        sa.Column("kind", sa.Text(), server_default="private", nullable=False),
        sa.Column("backlog", sa.Boolean(), server_default=false, nullable=False),
        sa.Column("revised", sa.Boolean(), server_default=false, nullable=False),
        sa.Column("schedule", sa.Text(), server_default="instant", nullable=False),
        sa.Column("at", sa.Integer(), nullable=True),
        sa.Column("zone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("weekdays", sa.Integer(), server_default="127", nullable=False),
        sa.Column("quiet_start", sa.Integer(), nullable=True),
        sa.Column("quiet_end", sa.Integer(), nullable=True),
        sa.Column("quiet_silent", sa.Boolean(), server_default=false, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("paused_at", sa.BigInteger(), nullable=True),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.Column("owed_at", sa.Double(), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.Double(), nullable=True),
    ):
        _add_to_chat(column)
    op.create_index(
        "ix_chat_owed",
        "chat",
        ["platform", "owed_at"],
        sqlite_where=sa.text(TURN),
        postgresql_where=sa.text(TURN),
    )


def _add_to_chat(column: sa.Column[Any]) -> None:
    """Add a column, with its check where it has one; SQLite takes that only together."""
    check = next((kind for kind in KINDS if kind.startswith(f"{column.name} IN")), None)
    if check is None:
        op.add_column("chat", column)
        return
    default = column.server_default.arg  # type: ignore[union-attr]
    op.execute(
        f"ALTER TABLE chat ADD COLUMN {column.name} TEXT DEFAULT '{default}' NOT NULL "
        f"CONSTRAINT ck_chat_{column.name} CHECK ({check})"
    )


def _alter_deliveries() -> None:
    op.drop_constraint("fk_delivery_arxiv_id", "delivery", type_="foreignkey")
    op.alter_column("delivery", "entry_id", existing_type=KEY, nullable=True)
    for column in _outcome():
        op.add_column("delivery", column)


def _copy_deliveries() -> None:
    """SQLite cannot let a column be empty, nor drop a reference, in a table that is there."""
    op.rename_table("delivery", "delivery_before")
    op.create_table(
        "delivery",
        sa.Column("id", KEY, nullable=False),
        sa.Column("chat_id", KEY, nullable=False),
        sa.Column("arxiv_id", sa.Text(), nullable=False),
        sa.Column("entry_id", KEY, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        *_outcome(),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'filtered', 'expired')",
            name=op.f("ck_delivery_state"),
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_delivery_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_delivery_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("chat_id", "arxiv_id", name=op.f("uq_delivery_chat_id_arxiv_id")),
    )
    kept = "id, chat_id, arxiv_id, entry_id, state, planned_at, settled_at"
    op.execute(f"INSERT INTO delivery ({kept}) SELECT {kept} FROM delivery_before")
    op.drop_table("delivery_before")


def _outcome() -> list[sa.Column[Any]]:
    return [
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("revised", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("parts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
    ]
