import time

import pytest

from bot.sources.archive import day_in, is_list, read_sheet
from bot.sources.root import Root
from tests.fakes.blog import Blog, post
from tests.fakes.blog.pages import BUTTERFLY, MATERY

HOST = "https://blog.example.org"
ROOT = Root.of(f"{HOST}/Talk2Paper/")
LIST = "archives/2024/12/"
THEMES = (BUTTERFLY, MATERY)


def sheet(body, address=LIST, root=ROOT):
    return read_sheet(f"<html><body>{body}</body></html>", root.read(address), root, address)


def addresses(found):
    return [listed.link.address for listed in found.posts]


def page_of(blog, path, number=1):
    """A page of a simulated blog, without asking for it."""
    _, data = blog._found(path if number == 1 else f"{path}page/{number}/")
    return read_sheet(data.decode(), f"{HOST}{blog.base}{path}", Root.of(HOST + blog.base), path)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("base", ["/", "/Talk2Paper/", "/a/深/"])
def test_posts_of_both_themes_are_found_with_their_days_and_nothing_else(theme, base):
    posts = [
        post("2024-12-07", "医学图像"),
        post("2024-12-05", "Talking Head Generation"),
        post("2024-12-05", "A/B"),
    ]
    blog = Blog(*posts, theme=theme, base=base)
    found = page_of(blog, LIST)
    assert [(listed.link.address, listed.day) for listed in found.posts] == [
        ("Paper/2024-12-07/医学图像/", "2024-12-07"),
        ("Paper/2024-12-05/Talking Head Generation/", "2024-12-05"),
        ("Paper/2024-12-05/A_B/", "2024-12-05"),
    ]
    assert found.after == ""


@pytest.mark.parametrize("theme", THEMES)
def test_day_comes_from_the_page_where_the_address_names_none(theme):
    blog = Blog(post("2024-12-07", "NeRF"), theme=theme)
    blog.layout = "p/{name}/"
    (listed,) = page_of(blog, LIST).posts
    assert (listed.link.address, listed.day) == ("p/NeRF/", "2024-12-07")


@pytest.mark.parametrize("theme", THEMES)
def test_pages_follow_each_other_to_the_last(theme):
    blog = Blog(*(post("2024-12-07", f"Tag {n}") for n in range(25)), theme=theme)
    assert [page_of(blog, LIST).after, len(page_of(blog, LIST).posts)] == ["archives/2024/12/page/2/", 10]
    second = read_sheet(
        blog._found("archives/2024/12/page/2/")[1].decode(), f"{HOST}/", ROOT, "archives/2024/12/page/2/"
    )
    third = read_sheet(
        blog._found("archives/2024/12/page/3/")[1].decode(), f"{HOST}/", ROOT, "archives/2024/12/page/3/"
    )
    assert (second.after, third.after, len(third.posts)) == ("archives/2024/12/page/3/", "", 5)


def test_next_page_is_found_by_its_number_alone():
    found = sheet('<a href="page/3/">3</a><a href="page/2/">2</a>')
    assert found.after == "archives/2024/12/page/2/"
    assert sheet('<a href="../3/">3</a>', "archives/2024/12/page/2/").after == "archives/2024/12/page/3/"


@pytest.mark.parametrize(
    "link",
    [
        '<a rel="next" href="https://other.example.org/Talk2Paper/archives/2024/12/page/2/">',
        '<a rel="next" href="/Talk2Paper/archives/2024/11/">',
        '<a rel="next" href="/Talk2Paper/archives/2024/12/">',
        '<a rel="next" href="/Talk2Paper/page/2/">',
        '<a rel="next" href="">',
    ],
)
def test_next_page_of_another_list_is_not_followed(link):
    assert sheet(link).after == ""


def test_posts_of_an_unknown_theme_are_told_by_the_day_in_their_path():
    found = sheet("""
        <nav><a href="/Talk2Paper/2024/12/01/from-the-menu/">x</a></nav>
        <ul><li><a href="/Talk2Paper/2024/12/07/nerf/">NeRF</a></li>
        <li><a href="../../../20241206/3DGS">3DGS</a></li>
        <li><a href="/Talk2Paper/archives/2024/12/">12</a><a href="/Talk2Paper/archives/2024/12/07/">7</a>
        <a href="/Talk2Paper/tags/2024-12-07/">t</a><a href="/Talk2Paper/files/2024-12-07.pdf">p</a>
        <a href="/Talk2Paper/img/2024-12-07/a.png">i</a><a href="/Talk2Paper/2024-13-45/x/">never</a>
        <a href="https://example.com/2024-12-07/x/">other</a><a href="/Talk2Paper/about/">about</a></li></ul>
        <aside><a href="/Talk2Paper/2024/12/02/from-the-side/">x</a></aside>""")
    assert addresses(found) == ["2024/12/07/nerf/", "20241206/3DGS/"]


def test_posts_of_an_unknown_theme_without_days_are_what_articles_link_to_first():
    found = sheet("""
        <article><a href="/Talk2Paper/tags/x/">x</a><h2><a href="/Talk2Paper/nerf/">NeRF</a></h2>
        <time datetime="2024-12-07T10:00:00Z">a day</time><a href="/Talk2Paper/other/">more</a></article>
        <article><a href="/Talk2Paper/nerf/">again</a></article><a href="/Talk2Paper/imprint/">imprint</a>""")
    assert [(listed.link.address, listed.day) for listed in found.posts] == [("nerf/", "2024-12-07")]


def test_links_count_from_the_base_that_the_page_names():
    body = '<a href="Paper/2024-12-07/NeRF/">x</a>'
    found = read_sheet(f'<head><base href="/Talk2Paper/"></head>{body}', ROOT.read(LIST), ROOT, LIST)
    assert addresses(found) == ["Paper/2024-12-07/NeRF/"]


@pytest.mark.parametrize(
    "text", ["", "<", "not found", "\0", "<a href>", "<base href='https://['><a href='x'>"]
)
def test_what_is_no_archive_lists_nothing(text):
    found = read_sheet(text, ROOT.read(LIST), ROOT, LIST)
    assert (found.posts, found.after) == ((), "")


def test_page_of_many_links_takes_no_time():
    began = time.process_time()
    found = sheet('<a href="/Talk2Paper/2024-12-07/x/"></a>' * 50_000)
    assert addresses(found) == ["2024-12-07/x/"]
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "tag", ["<div>", "<article><a href=/x/></a>", "<b><a href=x>", "<h1>2024-12-07", "<table>"]
)
def test_page_that_nests_without_end_lists_nothing_and_takes_no_time(tag):
    began = time.process_time()
    assert sheet(tag * 50_000).posts == ()
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Paper/2024-12-07/NeRF/", "2024-12-07"), ("2024/1/9/x.html", "2024-01-09"),
        ("20241207/x/", "2024-12-07"),
        ("2024-12-07T06:28:51.000Z", "2024-12-07"), ("2023-01-01/2024-12-07/", "2024-12-07"),
        ("2024年12月7日", "2024-12-07"),
        ("2024/12/3DGS/", ""), ("2024-02-30/", ""), ("archives/2024/12/", ""), ("1234567890/", ""), ("", ""),
    ],
)  # fmt: skip
def test_day_is_the_last_real_one_in_a_text(text, day):
    assert day_in(text) == day


@pytest.mark.parametrize(
    ("address", "listed"),
    [
        ("archives/", True), ("archives/2024/", True), ("archives/2024/12/", True),
        ("archives/2024/12/page/3/", True),
        ("page/2/", True), ("tags/NeRF/", True), ("categories/Paper/", True),
        ("Paper/2024-12-07/NeRF/", False),
        ("archives/2024/12/07/nerf/", False), ("Paper/page/", False),
    ],
)  # fmt: skip
def test_lists_are_told_from_posts(address, listed):
    assert is_list(address) is listed


def test_real_archive_lists_its_posts(shared):
    text = (shared / "corpus/site/archives-2024-12.html").read_text(encoding="utf-8")
    root = Root.of("https://blog.example.org/")
    found = read_sheet(text, "https://blog.example.org/archives/2024/12/", root, LIST)
    assert len(found.posts) == 15
    assert found.posts[1].link.address == "Paper/2024-12-07/医学图像/"
    assert all(f"/{listed.day}/" in listed.link.address for listed in found.posts)
    assert found.after == "archives/2024/12/page/2/"
    unthemed = read_sheet(text.replace("article-sort", "x"), "https://blog.example.org/", root, LIST)
    assert unthemed.posts == found.posts
