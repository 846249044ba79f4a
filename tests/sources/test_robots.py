import time

import pytest

from bot.errors import Busy, SourceError
from bot.sources.base import AGENT, Limits
from bot.sources.http import Web
from bot.sources.robots import DAY, HOUR, LONG, Robots
from tests.fakes.web import answer
from tests.sources.test_http import Clock

RULES = """
User-agent: *
Disallow: /search.xml
Disallow: /*.pdf$
Allow: /search.xml/open
Crawl-delay: 2.5
"""


@pytest.fixture
async def robots(hostile):
    """Asks the hostile server, with a clock to turn: `robots.clock.now`."""
    web = Web(Limits(pause=0, private=True, seconds=5))
    made = Robots(web, AGENT, clock=Clock())
    made.clock = made._clock
    yield made
    await web.close()


@pytest.fixture
def says(hostile):
    """Has robots.txt say this."""

    def say(text, **given):
        data = text if isinstance(text, bytes) else text.encode()
        hostile.says["/robots.txt"] = answer(data, **{"kind": "text/plain", **given})

    return say


async def test_what_is_asked_of_everybody_holds(robots, hostile, says):
    says(RULES)
    assert not await robots.allows(hostile.url("search.xml"))
    assert not await robots.allows(hostile.url("a/b.pdf"))
    assert await robots.allows(hostile.url("search.xml/open"))
    assert await robots.allows(hostile.url("archives/2026/11/"))
    assert await robots.pause(hostile.url("archives/2026/11/")) == 2.5
    assert hostile.paths == ["/robots.txt"]


@pytest.mark.parametrize(
    ("who", "ours"),
    [
        ("Paperboy", True), ("PAPERBOY", True), ("paperboy/2.0", True), ("Paperboy (the bot)", True),
        ("paper", False), ("Paperboyish", False), ("once", False), ("posts", False), ("new", False),
        ("Googlebot", False),
    ],
)  # fmt: skip
async def test_own_name_counts_for_more_than_everybody_and_is_known_exactly(robots, hostile, says, who, ours):
    says(f"User-agent: *\nDisallow: /a\n\nuser-agent : {who}\nUser-Agent: other\nDisallow: /b\n")
    assert await robots.allows(hostile.url("a")) is ours
    assert await robots.allows(hostile.url("b")) is not ours


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Reader/1.0 (+https://x.org)", "reader"),
        ("Mozilla/5.0 (compatible; NewsBot/2)", "newsbot"),
        ("报童", "paperboy"),
    ],
)
async def test_name_is_the_one_that_is_sent(hostile, says, agent, name):
    says(f"User-agent: {name}\nDisallow: /\n")
    web = Web(Limits(pause=0, private=True))
    assert not await Robots(web, agent).allows(hostile.url("a"))
    await web.close()


@pytest.mark.parametrize("rule", ["/医学图像/", "/%E5%8C%BB%E5%AD%A6%E5%9B%BE%E5%83%8F/", "/%e5%8c%bb*"])
@pytest.mark.parametrize("path", ["医学图像/", "%E5%8C%BB%E5%AD%A6%E5%9B%BE%E5%83%8F/"])
async def test_chinese_is_the_same_in_every_spelling(robots, hostile, says, rule, path):
    says(f"User-agent: *\nDisallow: {rule}\n")
    assert not await robots.allows(hostile.url(path))
    assert await robots.allows(hostile.url("视频/"))


@pytest.mark.parametrize(
    "status", ["404 Not Found", "410 Gone", "403 Forbidden", "401 Unauthorized", "400 Bad"]
)
async def test_host_without_wishes_allows_all(robots, hostile, says, status):
    says("User-agent: *\nDisallow: /", status=status)
    assert await robots.allows(hostile.url("a"))
    assert await robots.pause(hostile.url("a")) == 0
    assert hostile.paths == ["/robots.txt"]


@pytest.mark.parametrize(
    "said", [b"", b"\xef\xbb\xbf", b"<html>not robots</html>", b"\0\xff\xfe" * 99, b"Disallow: /"]
)
async def test_what_is_no_robots_file_forbids_nothing(robots, hostile, says, said):
    says(said, kind="application/pdf")
    assert await robots.allows(hostile.url("a"))


async def test_redirects_without_an_end_forbid_nothing(robots, hostile):
    hostile.says["/robots.txt"] = answer(b"", {"Location": "/loop"}, status="302 Found")
    assert await robots.allows(hostile.url("a"))


async def test_byte_order_mark_hides_no_rule(robots, hostile, says):
    says(b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /a\r\n")
    assert not await robots.allows(hostile.url("a"))


@pytest.mark.parametrize("status", ["500 Oh", "503 No"])
async def test_what_was_never_had_is_an_error_and_asked_for_again(robots, hostile, says, status):
    says(RULES, status=status)
    for _ in range(2):
        with pytest.raises(SourceError, match=r"/robots\.txt: has trouble of its own"):
            await robots.allows(hostile.url("a"))
    says(RULES)
    assert await robots.allows(hostile.url("a"))
    assert hostile.paths == ["/robots.txt"] * 3


async def test_it_is_asked_for_once_a_day_and_conditionally(robots, hostile, says):
    def say(asked):
        if asked.headers.get("if-none-match") == '"1"':
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return answer(RULES.encode(), {"ETag": '"1"'})

    hostile.says["/robots.txt"] = say
    for hours in (0, 23, 23.9, 24, 47):
        robots.clock.now = 1000 + hours * HOUR
        assert not await robots.allows(hostile.url("search.xml"))
    assert [asked.headers.get("if-none-match") for asked in hostile.asked] == [None, '"1"']
    assert hostile.connections == 1


async def test_what_was_last_known_holds_through_a_trouble(robots, hostile, says):
    says(RULES)
    await robots.allows(hostile.url("a"))
    says("", status="500 Oh")
    robots.clock.now += DAY
    assert not await robots.allows(hostile.url("search.xml"))
    assert not await robots.allows(hostile.url("search.xml"))
    assert len(hostile.asked) == 2
    says("")
    robots.clock.now += HOUR
    assert await robots.allows(hostile.url("search.xml"))


async def test_changed_wishes_hold_from_the_next_day_on(robots, hostile, says):
    says(RULES)
    await robots.allows(hostile.url("a"))
    says("User-agent: *\nDisallow: /a")
    robots.clock.now += DAY
    assert not await robots.allows(hostile.url("a"))


async def test_host_that_wants_to_be_left_alone_is(robots, hostile, says):
    says("", status="429 Later")
    for _ in range(2):
        with pytest.raises(Busy):
            await robots.allows(hostile.url("a"))
    assert len(hostile.asked) == 1


@pytest.mark.parametrize("url", ["http://[/", "blog", "http://h:port/"])
async def test_address_that_is_none_is_told(robots, url):
    for ask in (robots.allows, robots.pause):
        with pytest.raises(SourceError, match=r"address|server"):
            await ask(url)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Crawl-delay: 5", 5), ("Crawl-delay: 9999", 60), ("Crawl-delay: inf", 0), ("Crawl-delay: -1", 0),
        ("Crawl-delay: soon", 0), ("Request-rate: 1/10", 10), ("Request-rate: 2/1m", 30), ("Disallow: /b", 0),
        ("Crawl-delay: 1\nRequest-rate: 1/3", 3), (f"Request-rate: 1/{'9' * 4000}", 60),
    ],
)  # fmt: skip
async def test_wished_pause_is_kept_up_to_a_minute(robots, hostile, says, said, seconds):
    says(f"User-agent: *\n{said}\n")
    assert await robots.pause(hostile.url("a")) == seconds


async def test_of_a_long_file_the_start_counts_and_no_cut_line(robots, hostile, says):
    start = "User-agent: *\nDisallow: /first\n"
    cut = "Disallow: /a/long/way"
    filling = "#" * (LONG - len(start) - 1 - len("Disallow: /a")) + "\n"
    says(start + filling + cut + "\n" + "Disallow: /last\n" * 100)
    assert not await robots.allows(hostile.url("first"))
    assert await robots.allows(hostile.url("a/other"))
    assert await robots.allows(hostile.url("last"))


async def test_many_names_and_rules_are_read_in_no_time(robots, hostile, says):
    names = "".join(f"User-agent: bot{number}\n" for number in range(12_000))
    rules = "".join(f"Disallow: /{number}*x\n" for number in range(15_000))
    says(names + "User-agent: *\n" + rules)
    began = time.process_time()
    assert not await robots.allows(hostile.url("14999/x"))
    assert time.process_time() - began < 2
