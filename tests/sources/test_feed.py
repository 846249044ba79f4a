import datetime as dt
import time
from contextlib import suppress

import pytest

from bot.errors import ConfigError, SourceError
from bot.sources.base import Given
from bot.sources.entries import MOST, read_feed
from bot.sources.feed import make
from bot.sources.root import Root
from tests.fakes.blog import Blog, post
from tests.fakes.blog.pages import body
from tests.sources.looks import Looks
from tests.sources.stages import DAY, NEAR

FEEDS = ("atom.xml", "rss2.xml", "rss1.xml")
HOME = "https://blog.example.org/Talk2Paper/"
URL = "https://blog.example.org/Talk2Paper/atom.xml"
ROOT = Root.of("https://blog.example.org/Talk2Paper/")
NERF = post("2024-12-07", "NeRF", 1)
BODY = body(NERF)


class Reader(Looks):
    """Looks at a feed, by a clock of its own."""

    def __init__(self, blog, path="atom.xml", now="2024-12-09 12:00"):
        self.now = dt.datetime.fromisoformat(f"{now}+00:00").timestamp()
        self.blog = blog
        given = Given(name="feed", every=3600.0, url=blog.url + path, limits=NEAR, clock=lambda: self.now)
        super().__init__(make(given))

    async def look(self):
        self.blog.log.clear()
        return await super().look()

    async def wait(self, seconds):
        """What a look after so long a time gives."""
        self.now += seconds
        return await self.look()


@pytest.fixture
async def blog():
    async with Blog(NERF, post("2024-12-08", "医学图像", 2, 3)) as blog:
        yield blog


@pytest.fixture(params=FEEDS)
async def reader(request, blog):
    reader = Reader(blog, request.param)
    yield reader
    await reader.source.close()


@pytest.fixture
async def atom(blog):
    reader = Reader(blog)
    yield reader
    await reader.source.close()


def feed(*entries, head='<feed xmlns="http://www.w3.org/2005/Atom">', tail="</feed>"):
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}<title>A Blog</title>{"".join(entries)}{tail}'


def entry(inner="", link='<link href="Paper/2024-12-07/NeRF/"/>', text=BODY, title="NeRF"):
    return (
        f"<entry><title>{title}</title>{link}<content type='html'><![CDATA[{text}]]></content>{inner}</entry>"
    )


def items(text, kind="application/xml", url=URL):
    data = text if isinstance(text, bytes) else text.encode()
    return read_feed(data, kind, url, ROOT).items


# Whole posts.


async def test_entries_say_tag_day_and_author_and_open_at_their_page(reader, blog):
    await reader.look()
    first, second = reader.digests
    assert [(digest.tags[0].name, str(digest.date), len(digest.entries)) for digest in (first, second)] == [
        ("NeRF", "2024-12-07", 1),
        ("医学图像", "2024-12-08", 2),
    ]
    assert second.url == f"{blog.url}Paper/2024-12-08/%E5%8C%BB%E5%AD%A6%E5%9B%BE%E5%83%8F/"
    assert second.written == "2024-12-08 13:48:00"
    assert not (*first.problems, *second.problems)
    assert [path for path in blog.paths if not path.endswith(".xml")] == []


@pytest.mark.parametrize("validators", [{"etag", "modified"}, {"etag"}, {"modified"}, set()])
async def test_unchanged_feed_is_one_request(blog, atom, validators):
    blog.validators = validators
    await atom.look()
    assert await atom.wait(3600) == []
    assert atom.found == []
    assert [(asked.path, asked.status) for asked in blog.log] == [("atom.xml", 304 if validators else 200)]
    await atom.wait(DAY)
    assert len(blog.log) == 1


async def test_entry_that_left_the_feed_is_neither_asked_for_nor_missed(blog, atom):
    await atom.look()
    blog.put(*(post("2024-12-09", f"Tag {n:02}", n) for n in range(20)))
    assert len(await atom.wait(3600)) == 20
    assert (await atom.wait(DAY), atom.unreadable) == ([], {})


async def test_new_sidebar_of_the_same_posts_is_no_change(blog, atom):
    await atom.look()
    blog.extra["atom.xml"] = (
        "application/atom+xml",
        blog._found("atom.xml")[1].replace(b"A Blog", b"Another name of it"),
    )
    assert await atom.wait(3600) == []
    assert atom.seen == ["/Talk2Paper/atom.xml"]


# Entries that hold no post.


async def test_entries_without_content_are_followed_once_and_daily_while_young(reader, blog):
    blog.full = False
    blog.put(post("2024-11-20", "old", 9))
    assert await reader.look() == [
        "Paper/2024-11-20/old/", "Paper/2024-12-07/NeRF/", "Paper/2024-12-08/医学图像/",
    ]  # fmt: skip
    assert [len(digest.entries) for digest in reader.digests] == [1, 1, 2]
    assert await reader.wait(3600) == []
    assert len(blog.paths) == 1
    blog.put(post("2024-12-07", "NeRF", 1, 7))
    assert await reader.wait(3600) == []
    assert await reader.wait(DAY) == ["Paper/2024-12-07/NeRF/"]
    assert "Paper/2024-11-20/old/" not in blog.paths
    await reader.wait(12 * DAY)
    assert len(blog.paths) == 1


async def test_page_that_fails_is_told_and_followed_at_the_next_look(blog, atom):
    blog.full = False
    blog.failing["Paper/2024-12-07/NeRF/"] = 500
    assert await atom.look() == ["Paper/2024-12-08/医学图像/"]
    assert "500" in atom.unreadable["Paper/2024-12-07/NeRF/"]
    blog.failing.clear()
    assert await atom.wait(3600) == ["Paper/2024-12-07/NeRF/"]
    assert [asked.status for asked in blog.log] == [304, 200]


async def test_entry_that_is_withdrawn_before_its_page_was_read_is_asked_for_no_more(blog, atom):
    blog.full = False
    blog.failing["Paper/2024-12-07/NeRF/"] = 404
    await atom.look()
    assert list(atom.unreadable) == ["Paper/2024-12-07/NeRF/"]
    blog.rename(NERF, "2024-12-08")
    assert await atom.wait(3600) == ["Paper/2024-12-08/NeRF/"]
    assert atom.unreadable == {}
    await atom.wait(3600)
    assert blog.paths == ["atom.xml"]


async def test_post_that_was_waited_for_may_come_with_the_feed(blog, atom):
    blog.full = False
    blog.failing["Paper/2024-12-07/NeRF/"] = 500
    await atom.look()
    blog.full = True
    assert await atom.wait(3600) == ["Paper/2024-12-07/NeRF/", "Paper/2024-12-08/医学图像/"]
    assert blog.paths == ["atom.xml"]
    assert await atom.wait(3600) == []


async def test_pages_that_robots_txt_forbids_are_left_alone(blog, atom):
    blog.full = False
    blog.robots = "User-agent: *\nDisallow: /Talk2Paper/Paper/2024-12-07/\n"
    assert await atom.look() == ["Paper/2024-12-08/医学图像/"]
    assert (atom.unreadable, atom.error) == ({}, None)
    await atom.wait(3600)
    assert blog.paths == ["atom.xml"]


async def test_feed_that_begins_to_hold_whole_posts_is_read_without_asking_for_pages(blog, atom):
    blog.full = False
    await atom.look()
    blog.full = True
    await atom.wait(DAY)
    assert blog.paths == ["atom.xml"]


async def test_pages_of_another_host_are_followed_there(blog, atom):
    async with Blog(NERF, base="/") as other:
        link = f'<link href="{other.url}Paper/2024-12-07/NeRF/?utm_source=rss"/>'
        blog.extra["atom.xml"] = ("application/atom+xml", feed(entry(link=link, text="soon")).encode())
        assert await atom.look() == ["Paper/2024-12-07/NeRF/"]
        assert atom.pages[0].raw.url == f"{other.url}Paper/2024-12-07/NeRF/"
        assert await atom.wait(DAY) == []
        assert other.paths == ["Paper/2024-12-07/NeRF/"] * 2


async def test_entry_with_neither_post_nor_link_is_told(blog, atom):
    text = feed(entry(link="<id>tag:example.org,2024:7</id>", text="soon"))
    blog.extra["atom.xml"] = ("application/atom+xml", text.encode())
    await atom.look()
    assert "neither the post nor a link" in atom.unreadable["tag:example.org,2024:7"]


# What is no feed, or a broken one.


@pytest.mark.parametrize("kind", ["text/html", "application/xhtml+xml", "application/xml"])
async def test_web_page_instead_of_a_feed_is_told_with_the_address_of_its_feed(blog, kind):
    page = (
        b'<!DOCTYPE html>\n<html><head><link rel="alternate" type="application/atom+xml" href="../atom.xml">'
    )
    blog.extra["blog/"] = (kind, page + b"</head><body><h1>A Blog</h1></body></html>")
    reader = Reader(blog, "blog/")
    await reader.look()
    assert "is a web page and no feed" in str(reader.error)
    assert f"write {blog.url}atom.xml as the url" in str(reader.error)
    with pytest.raises(SourceError, match="web page"):
        await reader.source.probe()
    await reader.source.close()


async def test_web_page_without_a_feed_is_told(blog):
    reader = Reader(blog, "archives/2024/12/")
    blog.extra["archives/2024/12/"] = ("text/html", b"<html><body>hello</body></html>")
    await reader.look()
    assert "kind site" in str(reader.error)
    await reader.source.close()


@pytest.mark.parametrize(
    "text", ["hello", "<sitemap/>", '{"version": "https://jsonfeed.org/"}', "<?xml?><!-- <rss>"]
)
def test_what_is_no_feed_is_told(text):
    with pytest.raises(SourceError, match="does not begin as a feed does"):
        items(text)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda text: text[: text.rindex("</content>") - 100],
        lambda text: text.replace("<summary", "<x>R & D &nope; </y><summary"),
        lambda text: text.replace("</feed>", "<entry><title>cut"),
    ],
)
async def test_broken_feed_is_read_as_far_as_it_can_be_and_told_each_time(blog, atom, break_it):
    text = break_it(blog._found("atom.xml")[1].decode())
    blog.extra["atom.xml"] = ("application/atom+xml", text.encode())
    assert "Paper/2024-12-08/医学图像/" in await atom.look()
    assert {digest.date.day: len(digest.entries) for digest in atom.digests} in ({8: 2}, {7: 1, 8: 2})
    assert "the feed is broken" in atom.unreadable["/Talk2Paper/atom.xml"]
    assert await atom.wait(3600) == []
    assert "the feed is broken" in atom.unreadable["/Talk2Paper/atom.xml"]
    del blog.extra["atom.xml"]
    await atom.wait(3600)
    assert (atom.unreadable, atom.error) == ({}, None)


def test_signs_that_xml_does_not_allow_are_no_trouble():
    text = feed(entry(text=body(NERF).replace("enough", "en\x0bou\x00gh&#8;&#xD800;&#99999999;")))
    found = read_feed(text.encode(), "", URL, ROOT)
    assert found.troubles == ()
    assert b"small samples are enough" in found.items[0].page


BOMB = '<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">{}]>'


@pytest.mark.parametrize(
    "text",
    [
        feed(entry("<id>&b;</id>"), head=BOMB.format("") + "<feed>"),
        feed(entry("<id>&x;</id>"), head=BOMB.format('<!ENTITY x SYSTEM "file:///etc/passwd">') + "<feed>"),
        feed(entry(), head="<!-- <x> -->" + BOMB.format("") + "<feed>"),
        feed(entry(), head=BOMB.format('<!ENTITY c "<rss>">') + "<feed>"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_feed_that_declares_entities_is_not_read(text, encoding):
    with pytest.raises(SourceError, match="document type of its own"):
        items(text.encode(encoding))


@pytest.mark.parametrize(
    "sign", ["<a ", "&", "<!", "<![CDATA[", "<?", "<!--", "<entry>", "<a b='", "\n", "<div>"]
)
def test_hostile_feed_takes_little_time(sign):
    for text in (feed(sign * 8_000), sign * 8_000, feed(sign * 1_000_000)):
        began = time.process_time()
        with suppress(SourceError):
            items(text)
        assert time.process_time() - began < 2


def test_large_feed_takes_little_time():
    whole = "".join(body(post("2024-12-07", "NeRF", *range(80))) for _ in range(2))
    text = feed(*(entry(link=f'<link href="Paper/2024-12-07/T{n}/"/>', text=whole) for n in range(20)))
    assert len(text) > 2_000_000
    began = time.process_time()
    assert len(items(text)) == 20
    assert time.process_time() - began < 1


def test_feed_without_end_is_read_from_its_beginning():
    found = read_feed(
        feed(*(f"<entry><id>{n}</id></entry>" for n in range(MOST + 5))).encode(), "", URL, ROOT
    )
    assert len(found.items) == MOST
    assert "1,005 entries" in found.troubles[0]


def test_empty_feed_is_no_error():
    assert items(feed()) == ()


# What entries look like.


@pytest.mark.parametrize(
    ("link", "address", "url"),
    [
        ('<link href="Paper/%E5%8C%BB/"/>', "Paper/医/", f"{HOME}Paper/%E5%8C%BB/"),
        ('<link href="/Talk2Paper/a/index.html#x"/>', "a/", "https://blog.example.org/Talk2Paper/a/"),
        ('<link href="/a/"/>', "a/", "https://blog.example.org/a/"),
        ('<link href="https://other.org/b/c.html"/>', "b/c.html", "https://other.org/b/c.html"),
        ('<link href="/Talk2Paper/?p=7&amp;utm_medium=x"/>', "Talk2Paper/?p=7", f"{HOME}?p=7"),
        ('<link rel="self" href="x"/><link rel="alternate" href="y/"/>', "y/", f"{HOME}y/"),
        ("<id>urn:uuid:1</id>", "urn:uuid:1", ""),
        ("<id>https://blog.example.org/Talk2Paper/2024-12-07/</id>", "2024-12-07/", f"{HOME}2024-12-07/"),
        ('<link href="http://[bad/"/><id>urn:2</id>', "urn:2", ""),
        ("", "NeRF", ""),
    ],
)  # fmt: skip
def test_address_is_the_path_of_the_link_or_else_the_id(link, address, url):
    (item,) = items(feed(entry(link=link)))
    assert (item.link.address, item.url) == (address, url)


def test_xml_base_counts_for_links():
    text = feed(entry(), head='<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.org/x/">')
    assert items(text)[0].url == "https://other.org/x/Paper/2024-12-07/NeRF/"


def test_same_address_twice_is_one_entry_with_the_newer_content():
    old = entry("<updated>2024-12-07T01:00:00Z</updated>", text="<h1>old</h1>")
    new = entry("<updated>2024-12-08T01:00:00Z</updated>", text="<h1>new</h1>")
    for text in (feed(old, new), feed(new, old)):
        (item,) = items(text)
        assert "new" in item.content


@pytest.mark.parametrize(
    "content",
    [
        "<content type='html'>{escaped}</content>",
        "<content type='html'><![CDATA[{body}]]></content>",
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><h1>2024-12-07 更新</h1></div>"
        "</content>",
        "<summary type='html'>{escaped}</summary>",
        "<content type='html'>{twice}</content>",
    ],
)
def test_content_is_understood_however_it_is_packed(content):
    escaped = body(NERF).replace("&", "&amp;").replace("<", "&lt;")
    packed = content.replace("{body}", body(NERF)).replace("{escaped}", escaped)
    packed = packed.replace("{twice}", escaped.replace("&", "&amp;"))
    (item,) = items(feed(f"<entry><title>NeRF</title><link href='a/'/>{packed}</entry>"))
    assert "2024-12-07 更新" in item.content
    assert "<h1" in item.content


def test_facts_of_an_entry_cannot_break_out_of_the_page():
    tag = "<category term='x&quot;&gt;&lt;h1&gt;' scheme='https://b/tags/x/'/>"
    (item,) = items(feed(entry(tag, title="&lt;/title&gt;&lt;h1&gt;2024-12-07&lt;/h1&gt;")))
    assert item.tags == ('x"><h1>',)
    assert item.page.count(b"<h1") == item.content.count("<h1")


@pytest.mark.parametrize(
    ("encoding", "declared", "kind"),
    [
        ("utf-8", "gb2312", "application/xml"),
        ("utf-8", "utf-8", "text/xml"),
        ("utf-8", "utf-8", "application/xml; charset=iso-8859-1"),
        ("utf-8-sig", "iso-8859-1", "text/plain"),
        ("gb18030", "gb2312", "application/xml"),
        ("gb18030", "utf-8", "application/xml; charset=GBK"),
        ("gb18030", "utf-8", "application/xml"),
        ("utf-16", "utf-16", "application/xml"),
        ("big5", "Big5", "application/xml"),
    ],
)
def test_text_is_read_whatever_charset_is_declared(encoding, declared, kind):
    text = feed(
        entry(title="醫學圖像" if encoding == "big5" else "医学图像", text="<h1>上下文中的文字大小不一</h1>")
    )
    (item,) = items(text.replace("utf-8", declared, 1).encode(encoding), kind)
    assert item.title in ("医学图像", "醫學圖像")
    assert "上下文中的文字大小不一" in item.content


async def test_probe_counts_entries(blog, atom):
    assert await atom.source.probe() == "2 entries, the newest of 2024-12-08"


def test_address_that_is_none_is_told():
    with pytest.raises(ConfigError, match="write https://"):
        make(Given(name="feed", every=1.0, url="atom.xml"))


def test_real_feed_is_read_as_the_posts_that_it_holds(shared):
    from bot.digest import read
    from bot.model import Post, RawPost

    data = (shared / "corpus/site/atom.xml").read_bytes()
    found = read_feed(
        data, "application/xml", "https://blog.example.org/atom.xml", Root.of("https://kedreamix.github.io/")
    )
    assert found.troubles == ()
    assert [item.link.address for item in found.items][-1] == "Paper/2024-12-07/医学图像/"
    for item in found.items:
        digest = read(RawPost(address=item.link.address, data=item.page, url=item.url))
        assert isinstance(digest, Post)
        assert (digest.tags[0].name.replace("/", "_"), str(digest.date)) == tuple(
            item.link.address.split("/")[2:0:-1]
        )
        assert digest.author
        assert digest.entries
        assert not digest.problems
