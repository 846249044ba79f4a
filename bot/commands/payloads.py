"""What stands behind "?start=" in links that open the bot: letters, digits, - and _, at most 64.

sub_talking-head-generation    follow a tag; by its key where its slug has other signs or is longer
digest_1a2b3c4d_2026-11-20     show a digest: its tag's key, and the day
paper_2410-18605               show a paper; paper_cs_0112017, paper_math--GT_0309136 for older ids
"""

import re

from bot.commands.arxiv import paper_id

_MODERN = re.compile(r"(\d{4})-(\d{4,5})")
_DIGEST = re.compile(r"[A-Za-z0-9-]{1,40}_\d{4}-\d{2}-\d{2}", re.ASCII)
_OLDER = re.compile(r"([A-Za-z-]+)_(\d{7})")


def of_paper(arxiv_id: str) -> str:
    """The payload that shows a paper."""
    return f"paper_{arxiv_id.replace('.', '-' if arxiv_id[0].isdigit() else '--').replace('/', '_')}"


def to_paper(name: str) -> str | None:
    """The arXiv id in what stands behind "paper_"; None where there is none."""
    if found := _MODERN.fullmatch(name):
        name = f"{found[1]}.{found[2]}"
    elif found := _OLDER.fullmatch(name):
        name = f"{found[1].replace('--', '.')}/{found[2]}"
    return paper_id(name)


def of_press(about: str) -> str:
    """The payload that shows what a button of a card or digest is about; of any other, the greeting."""
    first, day, *_ = (*about.split(":"), "", "")
    if arxiv_id := paper_id(first):
        return of_paper(arxiv_id)
    return f"digest_{first}_{day}" if _DIGEST.fullmatch(f"{first}_{day}") else "hello"


def to_digest(name: str) -> str:
    """What the button of a digest is about, of what stands behind "digest_"; empty: it is none."""
    return name.replace("_", ":") if _DIGEST.fullmatch(name) else ""
