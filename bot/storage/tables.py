"""The tables, in the words of the house; SQLAlchemy Core, the same on SQLite and PostgreSQL.

The migrations under `migrations/` make these tables in a database; a test holds the two together.
Times are seconds since the epoch in UTC, as integers: both engines sort and compare them alike.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key is a plain INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")

post = Table(
    "post",
    metadata,
    Column("id", Key, primary_key=True),
    Column("source", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("date", Date, nullable=False),
    Column("heading_date", Date, nullable=False),
    Column("written", Text),
    Column("author", Text),
    Column("description", Text),
    Column("categories", JSON, nullable=False),
    Column("headings", JSON, nullable=False),
    Column("problems", JSON, nullable=False),
    UniqueConstraint("source", "address"),
)

paper = Table(
    "paper",
    metadata,
    Column("arxiv_id", Text, primary_key=True),
    Column("version", Integer),
    Column("title", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("comment", Text),
    Column("link", Text, nullable=False),
    Column("links", JSON, nullable=False),
    Column("venue", Text),
)

entry = Table(
    "entry",
    metadata,
    Column("id", Key, primary_key=True),
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), nullable=False),
    Column("arxiv_id", ForeignKey("paper.arxiv_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("summary", Text),
    Column("takeaways", JSON, nullable=False),
    Column("translation", Text),
    Column("note", Text),
    Column("note_format", Text),
    Column("figures", JSON, nullable=False),
    Column("doubts", JSON, nullable=False),
    UniqueConstraint("post_id", "arxiv_id"),
    Index(None, "arxiv_id"),
)

tag = Table(
    "tag",
    metadata,
    Column("id", Key, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

post_tag = Table(
    "post_tag",
    metadata,
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Index(None, "tag_id"),
)

# What a source holds at an address, as last read: an unchanged fingerprint is not read again.
page = Table(
    "page",
    metadata,
    Column("source", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("reason", Text),  # why it is no digest; empty for a digest
)

source_state = Table(
    "source_state",
    metadata,
    Column("source", Text, primary_key=True),
    Column("looked_at", BigInteger, nullable=False),  # the last look, good or bad
    Column("read_at", BigInteger),  # the last good one
    Column("every", Integer, nullable=False),  # seconds between two looks
    Column("error", Text),  # what was wrong at the last look; empty: nothing
)

chat = Table(
    "chat",
    metadata,
    Column("id", Key, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("style", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("follows_all", Boolean, nullable=False),  # every tag, those to come as well
    UniqueConstraint("platform", "address"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
    Index(None, "tag_id"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Key, primary_key=True),
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE"), nullable=False),
    Column("arxiv_id", ForeignKey("paper.arxiv_id"), nullable=False),
    Column("entry_id", ForeignKey("entry.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("planned_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger),
    CheckConstraint("state IN ('pending', 'sending', 'sent', 'failed', 'filtered', 'expired')", name="state"),
    UniqueConstraint("chat_id", "arxiv_id"),
    Index(None, "state", "chat_id"),
)
