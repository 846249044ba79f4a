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
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    false,
    literal_column,
    text,
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
    Column("superseded_by", BigInteger),  # the post that stands in for it: see `superseding`
    UniqueConstraint("source", "address"),
    Index("ix_post_date", "date"),
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
    Column("seen_at", BigInteger, nullable=False, server_default="0"),  # when the post first held it
    UniqueConstraint("post_id", "arxiv_id"),
    Index(None, "arxiv_id"),
)

# What search looks through, folded; kept by `search.index`. What serves it on one engine is a "search_...".
paper_text = Table(
    "paper_text",
    metadata,
    Column("place", Key, primary_key=True, autoincrement=False),  # the lower, the newer its newest entry
    Column("arxiv_id", ForeignKey("paper.arxiv_id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),  # the title first, what finds short words last
)

tag = Table(
    "tag",
    metadata,
    Column("id", Key, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

# Other names of a tag that operators have merged into it.
tag_alias = Table(
    "tag_alias",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("tag_id", ForeignKey("tag.id", ondelete="CASCADE"), nullable=False),
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
    Column("imported_at", BigInteger),  # the first good look: what came with it tells nothing of when
    Column("failed_at", BigInteger),  # the first of the looks that failed one after another
    Column("failures", Integer, nullable=False, server_default="0"),  # how many those are
    Column("told", Text, nullable=False, server_default=""),  # what operators know: `watching.Told`
    Column("wanted_at", BigInteger),  # when somebody asked for a look before its time
)

# Sources that a backup tells of, until they are read here: what came out since is news.
restored_source = Table(
    "restored_source",
    metadata,
    Column("source", Text, primary_key=True),
    Column("read_at", BigInteger, nullable=False),  # the last good look, there
)

chat = Table(
    "chat",
    metadata,
    Column("id", Key, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="private"),  # group: slower, also for channels
    Column("style", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("follows_all", Boolean, nullable=False),  # every tag, those to come as well
    Column("backlog", Boolean, nullable=False, server_default=false()),  # wants what is old, too
    Column("revised", Boolean, nullable=False, server_default=false()),  # wants new versions of papers
    # When: minutes since midnight in the chat's own zone; weekdays as bits, Monday the lowest.
    Column("schedule", Text, nullable=False, server_default="instant"),
    Column("at", Integer),
    Column("zone", Text, nullable=False, server_default="UTC"),
    Column("weekdays", Integer, nullable=False, server_default="127"),
    Column("quiet_start", Integer),
    Column("quiet_end", Integer),
    Column("quiet_silent", Boolean, nullable=False, server_default=false()),  # silently, not later
    Column("due_at", BigInteger),  # the next moment of its schedule; empty: at once
    Column("paused_at", BigInteger),  # pauses keep everything; what is owed waits
    Column("paused_reason", Text),
    Column("title", Text, nullable=False, server_default=""),  # as people know it: "@channel"
    Column("manager", Text, nullable=False, server_default=""),  # who set it up
    Column("layout", Text, nullable=False, server_default="plain"),  # where the platform has rooms
    # The names of settings that are not those of the place above it: "style zone".
    Column("own", Text, nullable=False, server_default=""),
    # What the sender goes by: when to serve the chat next (empty: nothing is owed), and who does.
    Column("owed_at", Double),
    Column("leased_by", Text),
    Column("leased_until", Double),
    CheckConstraint("kind IN ('private', 'group')", name="kind"),
    CheckConstraint("schedule IN ('instant', 'daily', 'weekly')", name="schedule"),
    CheckConstraint("layout IN ('plain', 'threads', 'posts', 'published')", name="layout"),
    UniqueConstraint("platform", "address"),
    Index("ix_chat_owed", "platform", "owed_at",
          sqlite_where=text("owed_at IS NOT NULL AND paused_at IS NULL"),
          postgresql_where=text("owed_at IS NOT NULL AND paused_at IS NULL")),
)  # fmt: skip

subscription = Table(
    "subscription",
    metadata,
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
    Index(None, "tag_id"),
)

# Where a digest stands in a chat that has each in a room of its own.
room = Table(
    "room",
    metadata,
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE"), primary_key=True),
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
    Column("address", Text, nullable=False),
    Index(None, "post_id"),
)

# What a chat does and does not want to see; words are case-folded.
filter = Table(
    "filter",
    metadata,
    Column("id", Key, primary_key=True),
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("word", Text, nullable=False),
    CheckConstraint("kind IN ('include', 'exclude', 'author')", name="kind"),
    UniqueConstraint("chat_id", "kind", "word"),
)

# A person's reading list.
saved = Table(
    "saved",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("person", Text, primary_key=True),  # as the platform numbers people
    Column("arxiv_id", Text, primary_key=True),
    Column("saved_at", BigInteger, nullable=False),
)

# What is too long for a button, by a key that is made of it.
phrase = Table(
    "phrase",
    metadata,
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False),
)

# pending -> sending (its digest was introduced) -> sent, or failed, filtered, expired.
delivery = Table(
    "delivery",
    metadata,
    Column("id", Key, primary_key=True),
    Column("chat_id", ForeignKey("chat.id", ondelete="CASCADE"), nullable=False),
    Column("arxiv_id", Text, nullable=False),  # unknown where a backup tells of what was delivered before
    Column("entry_id", ForeignKey("entry.id")),
    Column("state", Text, nullable=False),
    Column("planned_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger),
    Column("version", Integer),  # of the paper that was owed last
    Column("revised", Boolean, nullable=False, server_default=false()),  # owed again, as a new version
    Column("parts", Integer, nullable=False, server_default="0"),  # messages of it that are confirmed
    Column("tries", Integer, nullable=False, server_default="0"),  # that failed
    Column("reason", Text),  # why it is failed, filtered or expired
    Column("post_date", Date),  # of what a backup says is owed: of the post that it was in there
    CheckConstraint("state IN ('pending', 'sending', 'sent', 'failed', 'filtered', 'expired')", name="state"),
    UniqueConstraint("chat_id", "arxiv_id"),
    Index("ix_delivery_held", "chat_id", sqlite_where=text("reason = 'cap'"),
          postgresql_where=text("reason = 'cap'")),
    Index("ix_delivery_owed", "chat_id", sqlite_where=text("state IN ('pending', 'sending')"),
          postgresql_where=text("state IN ('pending', 'sending')")),
    Index("ix_delivery_restored", "reason", "arxiv_id", sqlite_where=text("entry_id IS NULL"),
          postgresql_where=text("entry_id IS NULL")),
)  # fmt: skip

# In literal words, as the partial indexes have it: with parameters no planner sees that they serve.
IS_OWED = text("delivery.state IN ('pending', 'sending')")
IS_HELD = text("delivery.reason = 'cap'")
# A backup says that it is owed, and its paper has not been read again.
IS_RESTORED = and_(
    delivery.c.entry_id.is_(None),
    delivery.c.reason.in_([literal_column("'restored'"), literal_column("'overdue'")]),
)

# Work that one process at a time does: collecting, a platform's bulk lane.
lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Double, nullable=False),
)


def is_common(name: str | None, *_: object) -> bool:
    """Whether what a database calls so is made by the tables above, and not for search on one engine."""
    return not (name or "").startswith("search_")
