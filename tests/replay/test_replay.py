"""What really befell a blog is lived through again, by each kind of source."""

import datetime as dt
import os

import pytest
from sqlalchemy import func, select

from bot.slugs import slug
from bot.storage import digests
from bot.storage.search import search
from bot.storage.tables import delivery, entry, tag
from tests.fakes.git.repository import GIT
from tests.replay.author import Wrote
from tests.replay.history import history
from tests.replay.life import Life
from tests.replay.stage import REST, Stage

PROVE = bool(os.environ.get("PAPERBOY_PROVE"))
# The days, whatever reads them: 58 posts, 12 of them old ones in a batch, or 450 with the 94 of the real one.
DAYS = history(60, most=6, old=94, wild=0.6) if PROVE else history(20, most=1, old=12)
KINDS = [("site",), ("feed",), ("folder", "git"), ("folder",), ("git",), ("site", "feed")]
FEW = KINDS[:3]  # which have all that the others have
CAP = {("feed",): 3}  # cards of a digest


@pytest.fixture(autouse=True)
def short_rest(monkeypatch):
    monkeypatch.setattr("bot.sources.folder.REST", REST)


@pytest.fixture(params=KINDS, ids="+".join)
def kinds(request):
    if request.param not in FEW and not PROVE:
        pytest.skip("together with others: make prove")
    if "git" in request.param and not GIT:
        pytest.skip("there is no git program")
    return request.param


async def test_each_chat_gets_each_paper_once_nothing_old_and_nothing_is_lost(kinds, address, tmp_path):
    async with Stage(kinds, tmp_path, cap=CAP.get(kinds, 12)) as stage, Life(stage, address) as life:
        await life.live(DAYS)  # which checks after each look, and each day
        await all_has_come(life)
        await cap_was_kept(life, CAP.get(kinds, 12))
        await archive_is_whole(life, DAYS)


@pytest.mark.skipif(not PROVE, reason="60 days of 5 to 17 posts: make prove")
@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
async def test_site_of_many_posts_a_day(address, tmp_path):
    async with Stage(("site",), tmp_path) as stage, Life(stage, address) as life:
        days = history(60, most=17, old=94, wild=0.6)
        await life.live(days)
        await archive_is_whole(life, days)


async def all_has_come(life):
    """Nothing is owed any more, to the chat that waits for its hour neither."""
    async with life.database.reading() as connection:
        states = await connection.execute(select(delivery.c.state).distinct())
        assert set(states.scalars()) <= {"sent", "filtered"}
    assert len(life.platform.papers("daily")) > 50


async def cap_was_kept(life, cap):
    at_once = (delivery.c.chat_id, delivery.c.planned_at, entry.c.post_id)
    pushed = (
        select(func.count())
        .select_from(delivery.join(entry, entry.c.id == delivery.c.entry_id))
        .where(delivery.c.state == "sent")
        .group_by(*at_once)
    )
    held = select(func.count()).where(delivery.c.reason == "cap")
    async with life.database.reading() as connection:
        assert max((await connection.execute(pushed)).scalars()) == cap
        assert (await connection.execute(held)).scalar_one()


async def archive_is_whole(life, days):
    """What could be read is found by its tag and day and by its title; there are no tags but the blog's."""
    acts = [act for day in days for moment in day.moments for act in moment.acts]
    written = [act.post for act in acts if isinstance(act, Wrote)]
    async with life.database.reading() as connection:
        assert set((await connection.execute(select(entry.c.arxiv_id))).scalars()) >= life.model.known
        assert set((await connection.execute(select(tag.c.name))).scalars()) <= {post.tag for post in written}
        for _, post in life.stage.shown(life.stage.kinds[0])[::3]:
            listed = await digests.papers(connection, slug(post.tag), dt.date.fromisoformat(post.date))
            assert {paper.arxiv_id for paper in listed} >= {paper.arxiv_id for paper in post.papers}
        for paper in (post.papers[0] for post in written[:: len(written) // 20] if post.papers):
            found = await search(connection, paper.title, limit=100)
            known = paper.arxiv_id in life.model.known
            assert paper.arxiv_id in [hit.arxiv_id for hit in found.papers] or not known
