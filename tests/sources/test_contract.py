"""What holds for every kind of source: the same posts, put in the same way, are found in the same way."""

import re
from dataclasses import replace

import pytest

from bot.errors import SourceError
from bot.model import Post as Digest
from tests.fakes.blog import Post, paper, post
from tests.sources.looks import Looks
from tests.sources.stages import DAY, SAMPLE, STAGES

NEW = post("2024-12-07", "3DGS", 7)
GROWN = post("2024-12-07", "医学图像", 3, 8, 9)


class Staged(Looks):
    """Looks at a stage."""

    def __init__(self, stage):
        super().__init__(stage.make())
        self.stage = stage

    async def read(self):
        """The digests of one look, which goes well."""
        await self.look()
        assert self.error is None
        return self.digests

    async def read_again(self):
        """The digests of a look after as long as it takes to see changes in posts."""
        if not self.stage.always:
            self.stage.wait(DAY)
        return await self.read()

    async def renew(self):
        """Go on with a source made anew, as after a restart."""
        await self.source.close()
        self.source = self.stage.make()


@pytest.fixture(params=STAGES)
async def looks(request, tmp_path):
    async with STAGES[request.param](tmp_path) as stage:
        await stage.put(*SAMPLE)
        looks = Staged(stage)
        yield looks
        await looks.source.close()


def said(digests):
    """What counts of digests: tag, day and papers of each."""
    return sorted(
        (digest.tags[0].name, str(digest.date), [entry.paper.arxiv_id for entry in digest.entries])
        for digest in digests
    )


def put(*posts):
    """The same of posts as they were put."""
    return sorted((post.tag, post.date, [paper.arxiv_id for paper in post.papers]) for post in posts)


async def test_first_look_finds_every_post_and_its_tag_day_and_papers(looks):
    digests = await looks.read()
    assert all(isinstance(digest, Digest) for digest in digests)
    assert said(digests) == put(*SAMPLE)
    assert not [digest.problems for digest in digests if digest.problems]


async def test_texts_of_a_paper_arrive_as_they_were_written(looks):
    odd = paper(
        12,
        summary="一句 & 与 $x<y$。",
        takeaways=("甲 & 乙", "丙"),
        authors="Ada Lovelace, Émilie du Châtelet",
    )
    await looks.read()
    await looks.stage.put(Post(date="2024-12-06", tag="NeRF", papers=(odd,)))
    (digest,) = await looks.read_again()
    (entry,) = digest.entries
    assert (entry.summary, entry.takeaways) == ("一句 & 与 $x<y$。", ("甲 & 乙", "丙"))
    assert entry.paper.authors == ("Ada Lovelace", "Émilie du Châtelet")


async def test_address_names_day_and_tag_and_neither_host_nor_encoding(looks):
    await looks.read()
    addresses = [page.address for page in looks.pages]
    assert len(addresses) == len(set(addresses)) == len(SAMPLE)
    for name in ("2024-12-07/医学图像", "2024-12-07/Talking Head Generation", "2024-12-05/NeRF"):
        assert sum(name in address for address in addresses) == 1
    assert not [address for address in addresses if "127.0.0.1" in address or "%" in address]


async def test_nothing_is_new_at_the_second_look(looks):
    await looks.read()
    assert await looks.read() == []
    assert looks.unreadable == {}


async def test_nothing_is_new_after_a_restart(looks):
    await looks.read()
    await looks.renew()
    assert await looks.read() == []


async def test_new_post_alone_is_found(looks):
    await looks.read()
    await looks.stage.put(NEW)
    assert said(await looks.read()) == put(NEW)
    assert await looks.read() == []


async def test_changed_post_is_found_at_its_address(looks):
    await looks.read()
    before = dict(looks.known)
    await looks.stage.put(GROWN)
    assert said(await looks.read_again()) == put(GROWN)
    (page,) = looks.pages
    assert page.address in before
    assert page.fingerprint != before[page.address]
    assert await looks.read() == []


async def test_changed_word_is_a_change(looks):
    await looks.read()
    (old,) = SAMPLE[1].papers
    await looks.stage.put(replace(SAMPLE[1], papers=(replace(old, summary="改写过的一句话。"),)))
    (digest,) = await looks.read_again()
    assert digest.entries[0].summary == "改写过的一句话。"


async def test_removed_post_is_passed_over_and_the_rest_is_read(looks):
    await looks.read()
    await looks.stage.remove(SAMPLE[0])
    await looks.stage.put(NEW)
    assert said(await looks.read_again()) == put(NEW)
    assert looks.unreadable == {}


async def test_post_that_comes_back_under_another_day_is_found_there(looks):
    await looks.read()
    await looks.stage.remove(SAMPLE[1])
    assert await looks.read_again() == []
    moved = replace(SAMPLE[1], date="2024-12-08", heading="2024-12-07")
    await looks.stage.put(moved)
    assert said(await looks.read_again()) == put(moved)
    assert "2024-12-08" in looks.pages[0].address


async def test_probe_says_in_a_few_words_that_there_are_posts(looks):
    said = await looks.source.probe()
    assert "3" in said
    assert len(said) < 60


async def test_place_that_is_away_is_told_with_its_name(looks):
    await looks.read()
    await looks.stage.leave()
    await looks.look()
    assert re.search(r"posts|127\.0\.0\.1", str(looks.error))
    with pytest.raises(SourceError):
        await looks.source.probe()
