"""Posts for tests, with whatever the test is not about filled in."""

import datetime as dt

from bot.model import Entry, Links, Paper, Post, Tag


def paper(arxiv_id: str = "2003.08934", **given) -> Paper:
    values = {
        "version": 1,
        "title": f"On {arxiv_id}",
        "authors": ("Ada Lovelace", "Alan Turing"),
        "abstract": "We show that it can be done.",
        "comment": None,
        "link": f"http://arxiv.org/abs/{arxiv_id}v1",
        "links": Links(
            abs=f"https://arxiv.org/abs/{arxiv_id}",
            pdf=f"https://arxiv.org/pdf/{arxiv_id}",
            html=f"https://arxiv.org/html/{arxiv_id}",
            cool=f"https://papers.cool/arxiv/{arxiv_id}",
        ),
        "venue": None,
    }
    return Paper(arxiv_id=arxiv_id, **(values | given))


def entry(arxiv_id: str = "2003.08934", **given) -> Entry:
    values = {
        "paper": paper(arxiv_id),
        "summary": f"{arxiv_id} 的一句话。",
        "takeaways": ("第一点。", "第二点。"),
        "translation": None,
        "note": None,
        "figures": (),
    }
    return Entry(**(values | given))


def post(*entries: Entry | str, **given) -> Post:
    values = {
        "address": "2026-11-20/NeRF.md",
        "url": None,
        "title": "NeRF",
        "date": dt.date(2026, 11, 20),
        "heading_date": dt.date(2026, 11, 20),
        "written": "2026-11-20 08:00:00",
        "author": "Paperboy",
        "description": None,
        "categories": ("Paper",),
        "tags": (Tag(name="NeRF", slug="nerf"),),
        "headings": ("2026-11-20 更新",),
        "problems": (),
    }
    items = tuple(entry(item) if isinstance(item, str) else item for item in entries)
    return Post(entries=items, **(values | given))
