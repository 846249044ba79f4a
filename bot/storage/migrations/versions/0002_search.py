"""What search looks through, and on SQLite an index of its three-character pieces; 0006 fills it"""

import sqlite3

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError

revision = "0002"
down_revision = "0001b"

# In the rows themselves: reading all of them is faster, and is not taken for cheap by the planner.
INLINE = "ALTER TABLE paper_text ALTER COLUMN text SET STORAGE MAIN"

# They share the rows of paper_text, so that every text is kept once; the triggers keep them together.
# Titles have a table of their own: what is rare there need not be picked out of what is common elsewhere.
TABLES = {"search_titles": "title", "search_words": "text"}
FTS = """
    CREATE VIRTUAL TABLE {table} USING fts5(
        arxiv_id UNINDEXED, {column},
        content = 'paper_text', content_rowid = 'place', tokenize = 'trigram case_sensitive 1'
    )
"""
ADD = "INSERT INTO {table} (rowid, arxiv_id, {column}) VALUES (new.place, new.arxiv_id, new.{column});"
TAKE = (
    "INSERT INTO {table} ({table}, rowid, arxiv_id, {column}) "
    "VALUES ('delete', old.place, old.arxiv_id, old.{column});"
)
TRIGGERS = {"insert": ADD, "delete": TAKE, "update": TAKE + ADD}


def upgrade() -> None:
    connection = op.get_bind()
    op.create_table(
        "paper_text",
        sa.Column(
            "place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("arxiv_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["arxiv_id"], ["paper.arxiv_id"], name=op.f("fk_paper_text_arxiv_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_paper_text")),
        sa.UniqueConstraint("arxiv_id", name=op.f("uq_paper_text_arxiv_id")),
    )
    if connection.dialect.name == "sqlite":
        _index_sqlite(connection)
    else:
        connection.exec_driver_sql(INLINE)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            op.execute(f"DROP TABLE {table}")
    op.drop_table("paper_text")


def _index_sqlite(connection: sa.Connection) -> None:
    try:
        for table, column in TABLES.items():
            connection.exec_driver_sql(FTS.format(table=table, column=column))
    except DBAPIError as exc:
        raise StorageError(
            f"database: SQLite {sqlite3.sqlite_version} of this Python cannot search ({exc.orig}); use a "
            "Python whose SQLite is 3.34 or newer and has FTS5, or PostgreSQL"
        ) from exc
    for event, does in TRIGGERS.items():
        done = "".join(does.format(table=table, column=column) for table, column in TABLES.items())
        connection.exec_driver_sql(
            f"CREATE TRIGGER search_{event} AFTER {event} ON paper_text BEGIN {done} END"
        )
