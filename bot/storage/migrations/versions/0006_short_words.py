"""Words of one and two characters are looked up on SQLite, too"""

from alembic import op

revision = "0006"
down_revision = "0005"

# What the indexes of pieces hold, piece by piece; and what no piece of theirs begins with.
PIECES = {"search_title_pieces": "search_titles", "search_text_pieces": "search_words"}
ENDS = {
    f"search_{column}_end_{size}": f"substr({column}, -{size})"
    for column in ("title", "text")
    for size in (1, 2)
}


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    for table, index in PIECES.items():
        connection.exec_driver_sql(f"CREATE VIRTUAL TABLE {table} USING fts5vocab({index}, instance)")
    for name, end in ENDS.items():
        connection.exec_driver_sql(f"CREATE INDEX {name} ON paper_text ({end})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for name in ENDS:
        op.execute(f"DROP INDEX {name}")
    for table in PIECES:
        op.execute(f"DROP TABLE {table}")
