import datetime as dt
import time
from contextlib import aclosing

import pytest
from aiohttp import web

from bot.errors import Busy, ConfigError
from bot.sources.base import Given, Limits, Page
from bot.sources.site import make
from bot.sources.stamps import Fingerprint
from tests.fakes.blog import Blog, paper, post
from tests.fakes.blog.pages import BUTTERFLY, MATERY
from tests.fakes.blog.posts import Post
from tests.sources.looks import Looks
from tests.sources.stages import DAY, NEAR

THEMES = (BUTTERFLY, MATERY)
FIRST = "archives/2024/12/"


class Visitor(Looks):
    """Looks at a blog, by a clock of its own."""

    def __init__(self, blog, url="", now="2024-12-09 12:00", since=30 * DAY, limits=NEAR):
        self.now = dt.datetime.fromisoformat(f"{now}+00:00").timestamp()
        self.blog = blog
        super().__init__(
            make(
                Given(
                    name="blog",
                    every=3600.0,
                    url=url or blog.url,
                    since=since,
                    limits=limits,
                    clock=lambda: self.now,
                )
            )
        )

    async def look(self):
        self.blog.log.clear()
        return await super().look()

    async def wait(self, seconds):
        """What a look after so long a time gives."""
        self.now += seconds
        return await self.look()

    @property
    def asked(self):
        return [asked.path for asked in self.blog.log if asked.path != "/robots.txt"]


@pytest.fixture
async def blog():
    async with Blog() as blog:
        yield blog


@pytest.fixture
async def visit(blog):
    """Makes visitors, and sends them away at the end."""
    visitors = []

    def make_one(**facts):
        visitors.append(Visitor(blog, **facts))
        return visitors[-1]

    yield make_one
    for visitor in visitors:
        await visitor.source.close()


def many(count, date="2024-12-07", start=0):
    return [post(date, f"Tag {n:03}", n) for n in range(start, start + count)]


def addresses(posts):
    return sorted(f"Paper/{post.date}/{post.name}/" for post in posts)


# What is asked for.


@pytest.mark.parametrize("validators", [{"etag", "modified"}, {"etag"}, {"modified"}, set()])
@pytest.mark.parametrize("theme", THEMES)
async def test_unchanged_site_is_one_request(blog, visit, validators, theme):
    blog.validators, blog.theme = validators, theme
    blog.put(*many(25))
    visitor = visit()
    await visitor.look()
    assert await visitor.wait(3600) == []
    assert visitor.found == []
    assert [(asked.path, asked.status) for asked in blog.log] == [(FIRST, 304 if validators else 200)]


@pytest.mark.parametrize("theme", THEMES)
async def test_first_look_reads_all_pages_of_the_list_and_each_post_once(blog, visit, theme):
    blog.theme = theme
    posts = many(25)
    blog.put(*posts)
    visitor = visit()
    assert await visitor.look() == addresses(posts)
    lists = [FIRST, f"{FIRST}page/2/", f"{FIRST}page/3/", "archives/2024/11/"]
    assert sorted(visitor.asked) == sorted(addresses(posts) + lists)


async def test_never_asks_for_the_first_page_nor_the_whole_site(blog, visit):
    blog.put(*many(12))
    visitor = visit()
    await visitor.look()
    for _ in range(3):
        blog.put(*many(2, start=len(blog.posts)))
        await visitor.wait(DAY / 2)
        assert not {"", "index.html", "search.xml"} & set(visitor.asked)


async def test_names_itself_and_takes_packed_pages(blog, visit):
    blog.put(*many(1))
    await visit(limits=Limits(agent="Paperboy/1 (+https://example.org/bot)", private=True, pause=0.0)).look()
    for asked in blog.log:
        assert asked.headers["user-agent"] == "Paperboy/1 (+https://example.org/bot)"
        assert "gzip" in asked.headers["accept-encoding"]


async def test_pages_of_a_changed_list_are_followed_until_one_brings_nothing_unknown(blog, visit):
    blog.put(*many(40, "2024-12-05"))
    visitor = visit()
    await visitor.look()
    new = many(12, "2024-12-09", start=100)
    blog.put(*new)
    assert await visitor.wait(3600) == addresses(new)
    assert visitor.asked[:3] == [FIRST, f"{FIRST}page/2/", f"{FIRST}page/3/"]
    assert len(visitor.asked) == 3 + len(new)


async def test_old_posts_inserted_further_down_are_found_within_a_day(blog, visit):
    blog.put(*many(12, "2024-12-08"))
    visitor = visit()
    await visitor.look()
    old = many(7, "2024-11-20", start=200) + many(4, "2024-12-01", start=300)
    blog.put(*old)
    assert await visitor.wait(3600) == []
    assert set(addresses(old)) <= set(await visitor.wait(DAY))


async def test_whole_archive_is_walked_through_once_a_day_and_asked_conditionally(blog, visit):
    blog.put(*many(25, "2024-10-02"))
    visitor = visit(now="2024-12-09 12:00", since=70 * DAY)
    await visitor.look()
    blog.put(post("2024-12-08", "NeRF", 1))
    assert await visitor.wait(3600) == ["Paper/2024-12-08/NeRF/"]
    assert not [path for path in visitor.asked if "2024/10" in path]
    await visitor.wait(DAY)
    pages = [asked for asked in blog.log if "2024/10" in asked.path]
    assert [asked.path.removeprefix("archives/2024/10/") for asked in pages] == ["", "page/2/", "page/3/"]
    await visitor.wait(DAY)
    assert {asked.status for asked in blog.log if "2024/10" in asked.path} == {304}


async def test_first_look_goes_back_as_far_as_is_wanted(blog, visit):
    posts = [post(f"2024-{month:02}-15", "NeRF", month) for month in (8, 9, 10, 11, 12)]
    blog.put(*posts)
    visitor = visit(now="2024-12-20 12:00", since=70 * DAY)
    assert await visitor.look() == addresses(posts[2:])


# Months.


async def test_month_before_is_asked_where_the_new_one_has_no_post_yet(blog, visit):
    blog.put(post("2024-11-29", "NeRF", 1))
    visitor = visit(now="2024-12-03 12:00")
    assert await visitor.look() == ["Paper/2024-11-29/NeRF/"]
    assert await visitor.wait(3600) == []
    assert visitor.asked == [FIRST, "archives/2024/11/"]
    blog.put(post("2024-12-03", "NeRF", 2))
    assert await visitor.wait(3600) == ["Paper/2024-12-03/NeRF/"]
    assert await visitor.wait(3600) == []
    assert visitor.asked == [FIRST]


async def test_month_begins_by_the_clock_of_the_blog(blog, visit):
    blog.put(post("2024-11-29", "NeRF", 1))
    visitor = visit(now="2024-11-30 09:00")
    await visitor.look()
    blog.put(post("2024-12-01", "NeRF", 2))
    assert await visitor.wait(8 * 3600) == ["Paper/2024-12-01/NeRF/"]


async def test_year_turns(blog, visit):
    blog.put(post("2024-12-31", "NeRF", 1))
    visitor = visit(now="2025-01-02 12:00")
    assert await visitor.look() == ["Paper/2024-12-31/NeRF/"]
    assert visitor.asked[:2] == ["archives/2025/01/", FIRST]


async def test_silence_of_months_is_no_error(blog, visit):
    blog.put(post("2024-09-10", "NeRF", 1))
    visitor = visit(now="2024-09-12 12:00")
    await visitor.look()
    assert await visitor.wait(90 * DAY) == []
    assert visitor.error is None
    blog.put(post("2024-12-11", "NeRF", 2))
    assert await visitor.wait(3600) == ["Paper/2024-12-11/NeRF/"]


async def test_blog_that_moved_is_told_with_what_to_do(blog, visit):
    blog.put(*many(3))
    visitor = visit()
    await visitor.look()
    blog.base = "/Elsewhere/"
    assert await visitor.wait(3600) == []
    assert "may have moved" in str(visitor.error)
    assert f"{blog.site}/Talk2Paper/archives/2024/12/" in str(visitor.error)
    assert "url" in str(visitor.error)
    await visitor.wait(3600)
    assert "may have moved" in str(visitor.error)
    blog.base = "/Talk2Paper/"
    blog.put(post("2024-12-09", "NeRF", 9))
    assert await visitor.wait(3600) == ["Paper/2024-12-09/NeRF/"]
    assert visitor.error is None


async def test_month_whose_last_post_was_renamed_into_another_is_no_error(blog, visit):
    blog.put(post("2024-11-28", "NeRF", 1), early := post("2024-12-01", "3DGS", 2))
    visitor = visit(now="2024-12-02 12:00")
    await visitor.look()
    blog.rename(early, "2024-11-30")
    found = await visitor.wait(3600) + await visitor.wait(DAY)
    assert (found, visitor.error) == (["Paper/2024-11-30/3DGS/"], None)
    blog.put(post("2024-12-03", "NeRF", 3))
    assert await visitor.wait(3600) == ["Paper/2024-12-03/NeRF/"]


@pytest.mark.parametrize("path", ["", "Talk2Paper/archives/", "talk2paper/"])
async def test_wrong_address_is_told_with_what_was_asked(blog, visit, path):
    blog.put(*many(3))
    visitor = visit(url=f"{blog.site}/{path}")
    assert await visitor.look() == []
    for part in ("archives/2024/12/", "archives/2024/11/", "(404)", "check the url"):
        assert part in str(visitor.error)
    with pytest.raises(type(visitor.error), match="check the url"):
        await visitor.source.probe()


async def test_page_without_links_to_posts_is_told(blog, visit):
    blog.put(*many(3))
    visitor = visit()
    await visitor.look()
    for path in (FIRST, "archives/"):
        blog.extra[path] = (
            "text/html",
            b"<html><body><div id=app></div><script src=x></script></body></html>",
        )
    await visitor.wait(3600)
    assert "links to no posts" in str(visitor.error)


async def test_site_with_one_list_for_all_months_is_read_from_that(blog, visit):
    posts = [*many(12, "2024-12-05"), *many(15, "2024-11-20", start=50), *many(14, "2024-09-01", start=80)]
    blog.put(*posts)
    for month in ("09", "10", "11", "12"):
        blog.failing[f"archives/2024/{month}/"] = 404
    visitor = visit()
    assert set(addresses(posts[:27])) <= set(await visitor.look())
    assert "archives/page/5/" not in visitor.asked
    assert await visitor.wait(3600) == []
    assert visitor.asked == ["archives/"]
    blog.put(post("2024-12-09", "NeRF", 9))
    assert await visitor.wait(3600) == ["Paper/2024-12-09/NeRF/"]
    blog.put(post("2024-11-19", "late", 10))
    assert await visitor.wait(DAY) == ["Paper/2024-11-19/late/"]


# Posts.


async def test_posts_of_the_last_ten_days_are_asked_again_daily_and_conditionally(blog, visit):
    young = [post(f"2024-12-{day:02}", "NeRF", day) for day in (1, 5, 9)]
    blog.put(*young, post("2024-11-25", "NeRF", 30))
    visitor = visit()
    await visitor.look()
    await visitor.wait(DAY - 60)
    assert not [path for path in visitor.asked if path.startswith("Paper/")]
    assert await visitor.wait(60) == []
    again = [asked for asked in blog.log if asked.path.startswith("Paper/")]
    assert sorted(asked.path for asked in again) == addresses(young)
    assert {asked.status for asked in again} == {304}
    assert await visitor.wait(3600) == []
    assert len(visitor.asked) == 1
    await visitor.wait(12 * DAY)
    assert not [path for path in visitor.asked if path.startswith("Paper/")]


@pytest.mark.parametrize("validators", [{"etag"}, {"modified"}, set()])
async def test_grown_post_is_read_again_and_one_amid_a_new_sidebar_is_not(blog, visit, validators):
    blog.validators = validators
    blog.put(grown := post("2024-12-08", "NeRF", 1), post("2024-12-08", "3DGS", 2))
    visitor = visit()
    await visitor.look()
    blog.put(post("2024-12-08", "NeRF", 1, 7, 8), post("2024-12-09", "Other", 3))
    assert await visitor.wait(DAY) == ["Paper/2024-12-09/Other/", blog.path(grown)]
    assert [len(digest.entries) for digest in visitor.digests] == [1, 3]
    assert "Paper/2024-12-08/3DGS/" in visitor.seen


async def test_post_that_is_gone_is_passed_over_and_asked_no_more_than_daily(blog, visit):
    blog.put(*(posts := many(3)))
    visitor = visit()
    await visitor.look()
    blog.remove(posts[0])
    assert await visitor.wait(DAY) == []
    assert (visitor.unreadable, visitor.error) == ({}, None)
    await visitor.wait(3600)
    assert len(visitor.asked) == 1


async def test_post_whose_path_names_no_day_is_asked_again_by_the_day_of_the_list(blog, visit):
    blog.layout = "p/{name}/"
    blog.put(post("2024-12-08", "young", 1), post("2024-11-20", "old", 2))
    visitor = visit()
    assert sorted(await visitor.look()) == ["p/old/", "p/young/"]
    await visitor.wait(DAY)
    assert [path for path in visitor.asked if path.startswith("p/")] == ["p/young/"]


async def test_day_in_the_far_future_is_no_reason_to_ask_for_years(blog, visit):
    blog.layout = "2099-01-01/{name}/"
    blog.put(post("2024-12-08", "NeRF", 1))
    visitor = visit()
    await visitor.look()
    await visitor.wait(DAY)
    assert len(visitor.asked) > 1
    await visitor.wait(20 * DAY)
    assert not [path for path in visitor.asked if path.startswith("2099")]


async def test_clock_that_ran_ahead_is_no_reason_to_wait_for_it(blog, visit):
    blog.put(*many(12, "2024-12-07"))
    visitor = visit()
    visitor.now += 20 * DAY
    await visitor.look()
    visitor.now -= 20 * DAY
    grown, late = post("2024-12-07", "Tag 000", 0, 77), many(1, "2024-11-30", start=50)
    blog.put(grown, *late)
    assert await visitor.wait(3600) == addresses([grown, *late])


async def test_post_that_fails_is_told_and_read_at_the_next_look_without_reading_the_list(blog, visit):
    blog.put(*many(3))
    visitor = visit()
    blog.failing["Paper/2024-12-07/Tag 001/"] = 500
    assert len(await visitor.look()) == 2
    assert list(visitor.unreadable) == ["Paper/2024-12-07/Tag 001/"]
    assert "500" in visitor.unreadable["Paper/2024-12-07/Tag 001/"]
    blog.failing.clear()
    assert await visitor.wait(3600) == ["Paper/2024-12-07/Tag 001/"]
    assert [asked.status for asked in blog.log] == [304, 200]
    await visitor.wait(3600)
    assert len(visitor.asked) == 1


async def test_listed_post_that_is_not_there_yet_is_told_and_read_later(blog, visit):
    blog.put(*many(2))
    blog.failing["Paper/2024-12-07/Tag 000/"] = 404
    visitor = visit()
    assert await visitor.look() == ["Paper/2024-12-07/Tag 001/"]
    assert "listed all the same" in visitor.unreadable["Paper/2024-12-07/Tag 000/"]
    blog.failing.clear()
    assert await visitor.wait(3600) == ["Paper/2024-12-07/Tag 000/"]


async def test_post_that_is_withdrawn_before_it_was_read_is_asked_for_no_more(blog, visit):
    early, kept = post("2024-12-08", "NeRF", 1), many(3)
    blog.put(*kept, early)
    blog.failing["Paper/2024-12-08/NeRF/"] = 404
    visitor = visit()
    await visitor.look()
    assert list(visitor.unreadable) == ["Paper/2024-12-08/NeRF/"]
    moved = blog.rename(early, "2024-12-09")
    assert await visitor.wait(3600) == addresses([moved])
    assert visitor.unreadable == {}
    await visitor.wait(3600)
    assert (visitor.found, visitor.asked) == ([], [FIRST])


@pytest.mark.parametrize("status", [429, 503])
async def test_busy_server_is_left_alone_and_what_was_read_is_kept(blog, visit, status):
    blog.put(*many(14))
    blog.failing["Paper/2024-12-07/Tag 003/"] = (status, {"Retry-After": "1"})
    visitor = visit()
    assert await visitor.look() == addresses(many(3))
    assert isinstance(visitor.error, Busy)
    assert len([path for path in visitor.asked if path.startswith("Paper/")]) == 4
    blog.failing.clear()
    await visitor.source.close()
    later = Visitor(blog, now="2024-12-09 13:00")
    later.known = visitor.known
    assert len(await later.look()) == 11
    assert [asked.status for asked in blog.log if asked.path == FIRST] == [304]
    await later.source.close()


async def test_three_failures_in_a_row_end_the_look_and_the_next_one_begins_with_others(blog, visit):
    blog.put(*(posts := many(9)))
    for bad in posts[:4]:
        blog.failing[blog.path(bad)] = 500
    visitor = visit()
    assert await visitor.look() == []
    assert "500" in str(visitor.error)
    assert len(visitor.unreadable) == 3
    found = await visitor.wait(3600)
    assert sorted(found) == addresses(posts[4:])
    blog.put(post("2024-12-09", "NeRF", 9))
    assert await visitor.wait(3600) == ["Paper/2024-12-09/NeRF/"]
    blog.failing.clear()
    assert sorted(await visitor.wait(3600)) == addresses(posts[:4])
    assert visitor.error is None


async def test_trouble_with_a_later_page_of_the_list_keeps_what_the_first_brought(blog, visit):
    blog.put(*many(25))
    blog.failing[f"{FIRST}page/2/"] = 500
    visitor = visit()
    assert len(await visitor.look()) == 10
    assert "page/2/" in str(visitor.error)
    blog.failing.clear()
    assert len(await visitor.wait(3600)) == 15


async def test_what_a_later_page_would_have_brought_is_found_at_the_next_look(blog, visit):
    blog.put(*many(3, "2024-12-05"))
    visitor = visit()
    await visitor.look()
    blog.put(*many(25, "2024-12-08", start=100))
    blog.failing[f"{FIRST}page/2/"] = 500
    assert len(await visitor.wait(3600)) == 10
    blog.failing.clear()
    assert len(await visitor.wait(3600)) == 15
    await visitor.wait(3600)
    assert (visitor.found, visitor.asked) == ([], [FIRST])


@pytest.mark.parametrize("kept", [0, 1, 2, 3, 4, 5, 15, 27])
async def test_look_that_is_ended_before_its_end_leaves_nothing_behind(blog, visit, kept):
    blog.put(*many(3, "2024-12-05"))
    visitor = visit()
    await visitor.look()
    blog.put(*(post("2024-12-08", f"Tag {n:03}", n, time=f"13:{59 - n}:00") for n in range(25)))
    visitor.now += 3600
    read = 0
    async with aclosing(visitor.source.fetch(dict(visitor.known))) as found:
        for _ in range(kept):
            one = await anext(found)
            visitor.known[one.address] = one.fingerprint
            read += isinstance(one, Page)
    assert len(await visitor.wait(3600)) == 25 - read


async def test_posts_are_not_asked_for_where_the_list_cannot_be_had(blog, visit):
    blog.put(*many(5))
    visitor = visit()
    await visitor.look()
    blog.failing["*"] = 500
    await visitor.wait(DAY)
    assert visitor.asked == [FIRST]
    assert (visitor.found, "500" in str(visitor.error)) == ([], True)


async def test_site_that_leads_on_to_another_address_is_read_there(blog, visit):
    blog.base = "/"
    blog.put(post("2024-12-07", "医学图像", 1))

    async def lead(request):
        raise web.HTTPMovedPermanently(str(request.rel_url).removeprefix("/Talk2Paper"))

    for path in (FIRST, "archives/2024/11/", "Paper/2024-12-07/医学图像/"):
        blog.failing[f"Talk2Paper/{path}"] = lead
    visitor = visit(url=f"{blog.site}/Talk2Paper/")
    assert await visitor.look() == ["Paper/2024-12-07/医学图像/"]
    assert visitor.error is None


async def test_new_theme_and_layout_overnight_are_read_by_structure(blog, visit):
    blog.put(*many(3))
    visitor = visit()
    await visitor.look()
    blog.theme, blog.layout = MATERY, "{year}/{month}/{day}/{name}.html"
    blog.put(post("2024-12-09", "NeRF", 9))
    found = await visitor.wait(3600)
    assert found == [f"2024/12/07/Tag 00{n}.html" for n in range(3)] + ["2024/12/09/NeRF.html"]
    assert [str(digest.date) for digest in visitor.digests] == ["2024-12-07"] * 3 + ["2024-12-09"]
    assert await visitor.wait(3600) == []


async def test_post_is_given_with_the_address_that_a_reader_opens(blog, visit):
    blog.put(post("2024-12-07", "医学图像", 1))
    visitor = visit(url=blog.url.replace("http://", "http://user:secret@"))
    await visitor.look()
    (page,) = visitor.pages
    assert page.raw.url == f"{blog.url}Paper/2024-12-07/%E5%8C%BB%E5%AD%A6%E5%9B%BE%E5%83%8F/"
    assert visitor.digests[0].url == page.raw.url
    assert blog.log[-1].headers["authorization"].startswith("Basic ")
    assert "secret" not in str(visitor.known)


# Politeness.


async def test_list_that_robots_txt_forbids_is_told(blog, visit):
    blog.put(*many(3))
    blog.robots = "User-agent: *\nDisallow: /Talk2Paper/archives/\n"
    visitor = visit()
    assert await visitor.look() == []
    assert "robots.txt" in str(visitor.error)
    assert blog.paths == []


async def test_posts_that_robots_txt_forbids_are_left_alone(blog, visit):
    blog.put(*many(12), post("2024-12-07", "Private", 50))
    blog.robots = "User-agent: *\nDisallow: /Talk2Paper/Paper/2024-12-07/Private\n"
    visitor = visit()
    assert await visitor.look() == addresses(many(12))
    assert (visitor.unreadable, visitor.error) == ({}, None)
    assert await visitor.wait(3600) == []
    assert visitor.asked == [FIRST]


async def test_posts_that_robots_txt_forbade_are_read_when_it_allows_them(blog, visit):
    blog.put(*(posts := many(3)))
    blog.robots = "User-agent: *\nDisallow: /Talk2Paper/Paper/\n"
    before, after = visit(), visit()
    assert await before.look() == []
    blog.robots, after.known = "", before.known
    assert await after.wait(3600) == addresses(posts)


async def test_pause_that_robots_txt_wants_is_kept(blog, visit):
    blog.put(*many(2))
    blog.robots = "User-agent: *\nCrawl-delay: 0.05\n"
    began = time.monotonic()
    await visit().look()
    assert time.monotonic() - began > 0.15  # robots.txt, two lists, two posts


# Figures, and odd ends.


async def test_ten_thousand_known_posts_cost_a_look_next_to_nothing(blog, visit):
    blog.put(*many(3))
    visitor = visit()
    await visitor.look()
    old = Fingerprint(digest="0" * 18, asked=1_700_000_000).write()
    visitor.known |= {f"Paper/2024-{n % 9 + 1:02}-{n % 28 + 1:02}/Tag {n}/": old for n in range(10_000)}
    began = time.process_time()
    assert await visitor.look() == []
    assert time.process_time() - began < 0.3
    assert visitor.asked == [FIRST]


async def test_fingerprints_that_something_else_wrote_are_no_error(blog, visit):
    blog.put(*(posts := many(2)))
    visitor = visit()
    visitor.known = {blog.path(posts[0]): "12-34", FIRST: "[]", "archives/": '{"t":"x","w":3,"n":5}'}
    assert blog.path(posts[1]) in await visitor.look()
    assert visitor.error is None


async def test_odd_post_of_the_same_blog_is_given_as_it_is(blog, visit):
    blog.put(Post(date="2024-12-08", tag="Diary", category="Note", papers=(), heading="A day"))
    blog.put(post("2024-12-08", "NeRF", 1))
    visitor = visit()
    await visitor.look()
    assert len(visitor.pages) == 2


async def test_probe_counts_the_posts_of_the_newest_month(blog, visit):
    blog.put(*many(4), post("2024-11-30", "NeRF", 9))
    visitor = visit()
    assert await visitor.source.probe() == "4 posts in 2024-12"
    assert blog.paths == [FIRST]
    blog.put(*many(14))
    assert await visitor.source.probe() == "10 or more posts in 2024-12"


@pytest.mark.parametrize("url", ["", "blog.example.org", "file:///etc/passwd"])
def test_address_that_is_none_is_told(url):
    with pytest.raises(ConfigError, match="write https://"):
        make(Given(name="blog", every=1.0, url=url))


async def test_figures_of_a_paper_come_through_both_themes(blog, visit):
    odd = paper(1, figure="https://pic.example.org/v2-1.jpg")
    blog.put(Post(date="2024-12-08", tag="NeRF", papers=(odd,)))
    for theme in THEMES:
        blog.theme = theme
        visitor = visit()
        await visitor.look()
        (digest,) = visitor.digests
        assert digest.entries[0].figures == ("https://pic.example.org/v2-1.jpg",)
        assert [tag.name for tag in digest.tags] == ["NeRF"]
