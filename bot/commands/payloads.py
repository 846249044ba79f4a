"""What stands behind "?start=" in links that open the bot: letters, digits, - and _, at most 64.

sub_talking-head-generation    follow a tag; by its key where its slug has other signs or is longer
paper_2410-18605               show a paper; paper_cs_0112017, paper_math--GT_0309136 for older ids
"""

import re

from bot.storage import tags
from bot.storage.tags import Topic

_SLUG = re.compile(r"[A-Za-z0-9_-]{1,60}")
_MODERN = re.compile(r"(\d{4})-(\d{4,5})")
_OLDER = re.compile(r"([A-Za-z-]+)_(\d{7})")


def of_topic(topic: Topic) -> str:
    """The payload that has a chat follow a tag."""
    return f"sub_{topic.slug if _SLUG.fullmatch(topic.slug) else tags.key(topic.slug)}"


def of_paper(arxiv_id: str) -> str:
    """The payload that shows a paper."""
    return f"paper_{arxiv_id.replace('.', '-' if arxiv_id[0].isdigit() else '--').replace('/', '_')}"


def to_paper(name: str) -> str:
    """The arXiv id in what stands behind "paper_"; whatever else stands there as it is."""
    if found := _MODERN.fullmatch(name):
        return f"{found[1]}.{found[2]}"
    if found := _OLDER.fullmatch(name):
        return f"{found[1].replace('--', '.')}/{found[2]}"
    return name
