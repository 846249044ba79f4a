"""What is new in a reading of a post.

An entry is new in the reading that first finds it in its post, unless its paper was read before, in
another post, under every tag of this one: then it was owed to whoever followed them, or went to the
archive, and the post is an older one by another name, or tells of it again.
"""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from bot.storage.tables import entry, post_tag


def is_new(post_id: int, at: int) -> ColumnElement[bool]:
    """Of an entry: it was first seen in this post at this moment, and is news under one of its tags."""
    own = post_tag.alias()
    tagged = exists().where(own.c.post_id == post_id)
    unread = exists().where(own.c.post_id == post_id, ~_read_under(own.c.tag_id))
    without_tags = and_(~tagged, ~_read_under(None))
    return and_(entry.c.post_id == post_id, entry.c.seen_at == at, or_(unread, without_tags))


def _read_under(tag_id: ColumnElement[int] | None) -> ColumnElement[bool]:
    """Whether the entry's paper stood in an earlier one, under that tag or under any or none."""
    earlier, theirs = entry.alias(), post_tag.alias()
    read = select(earlier.c.id).where(earlier.c.arxiv_id == entry.c.arxiv_id, earlier.c.id < entry.c.id)
    read = read.where(earlier.c.post_id != entry.c.post_id)
    if tag_id is not None:
        read = read.join(theirs, theirs.c.post_id == earlier.c.post_id).where(theirs.c.tag_id == tag_id)
    return read.correlate(entry, *([tag_id.table] if tag_id is not None else [])).exists()
