import asyncio
import contextlib
import gzip
import itertools
import random
import time
import tracemalloc
from email.utils import formatdate
from itertools import count

import pytest

from bot.errors import Busy, Missing, SourceError
from bot.sources import guard
from bot.sources.base import AGENT, Limits
from bot.sources.http import FEEDS, Stamp, Web
from bot.sources.trouble import Denied
from tests.fakes.web import Hostile, answer
from tests.fakes.web.tricks import PAGE, TRICKS

SIZE = 100_000
SOON = 0.25  # seconds


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def limits(**given):
    return Limits(**{"size": SIZE, "seconds": 5.0, "pause": 0.0, "private": True, **given})


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def web(clock):
    """Asks with small limits."""
    made = Web(limits(), clock=clock)
    yield made
    await made.close()


async def refused(web, url, **given):
    """What is said of an address that gives nothing."""
    with pytest.raises(SourceError) as caught:
        await web.get(url, **given)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What is asked


async def test_bot_names_itself_and_asks_for_gzip_alone(web, hostile):
    await web.get(hostile.url("good"))
    (asked,) = hostile.asked
    assert asked.headers["user-agent"] == AGENT
    assert asked.headers["accept-encoding"] == "gzip"
    assert "cookie" not in asked.headers
    assert "if-none-match" not in asked.headers


async def test_own_name_is_used(hostile):
    web = Web(limits(agent="Reader/1.0 (+https://example.org/)"))
    await web.get(hostile.url("good"))
    await web.close()
    assert hostile.asked[0].headers["user-agent"] == "Reader/1.0 (+https://example.org/)"


async def test_thing_that_is_what_the_stamp_says_is_not_read(web, hostile):
    def say(asked):
        known = asked.headers.get("if-none-match"), asked.headers.get("if-modified-since")
        if known == ('"v1"', "Tue, 03 Nov 2026 10:00:00 GMT"):
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return answer(headers={"ETag": '"v1"', "Last-Modified": "Tue, 03 Nov 2026 10:00:00 GMT"})

    hostile.says["/page"] = say
    first = await web.get(hostile.url("page"))
    assert first.stamp == Stamp(etag='"v1"', modified="Tue, 03 Nov 2026 10:00:00 GMT")
    assert await web.get(hostile.url("page"), stamp=first.stamp) is None
    assert (await web.get(hostile.url("page"), stamp=Stamp(etag='"v0"'))).data == PAGE
    assert hostile.connections == 1


async def test_stamp_that_could_not_be_said_again_is_not_kept(web, hostile):
    hostile.says["/page"] = answer(headers={"ETag": '"\xe9"', "Last-Modified": "x" * 1000})
    assert (await web.get(hostile.url("page"))).stamp == Stamp()


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("Paper/2026-11-03/医学图像/", "/Paper/2026-11-03/%E5%8C%BB%E5%AD%A6%E5%9B%BE%E5%83%8F/"),
        ("%E5%8C%BB%E5%AD%A6/", "/%E5%8C%BB%E5%AD%A6/"),
        ("a b/c%20d", "/a%20b/c%20d"),
        ("a?page=1 2&tag=图#part", "/a?page=1%202&tag=%E5%9B%BE"),
        ("100%/a%2Fb", "/100%/a%2Fb"),  # as browsers do
    ],
)
async def test_address_goes_out_right(web, hostile, path, target):
    await refused(web, hostile.url(path))
    assert hostile.asked[0].target == target


async def test_cookies_are_not_kept(web, hostile):
    hostile.says["/page"] = answer(headers={"Set-Cookie": "seen=1; Path=/"})
    await web.get(hostile.url("page"))
    await web.get(hostile.url("page"))
    assert [asked.headers.get("cookie") for asked in hostile.asked] == [None, None]


async def test_user_and_password_of_an_address_become_a_header_and_are_never_shown(web, hostile):
    secret = hostile.url("good").replace("//", "//reader:pass%20word@")
    found = await web.get(secret)
    assert hostile.asked[0].headers["authorization"] == "Basic cmVhZGVyOnBhc3Mgd29yZA=="
    assert found.url == hostile.url("good")
    said = await refused(web, secret.replace("good", "closed"))
    assert "reader" not in said
    assert "pass" not in said


# What is given


async def test_answer_comes_unpacked_with_its_headers_and_address(web, hostile):
    packed = gzip.compress(PAGE[:20]) + gzip.compress(PAGE[20:])
    hostile.says["/a/b"] = answer(
        packed, {"Content-Encoding": "GZIP", "X-Left": "7"}, kind="TEXT/HTML; charset=x"
    )
    found = await web.get(hostile.url("a/b?page=2#part"))
    assert found.data == PAGE
    assert found.headers["x-left"] == "7"
    assert found.url == hostile.url("a/b?page=2")


async def test_bytes_pass_whatever_the_header_says_of_them(web, hostile):
    assert "医学图像" in (await web.get(hostile.url("charset"))).data.decode("gb18030")


async def test_chunks_that_come_slowly_are_put_together(web, hostile):
    parts = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (PAGE[:7], PAGE[7:]))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    hostile.says["/page"] = head + parts + b"0\r\n\r\n"
    assert (await web.get(hostile.url("page"))).data == PAGE


@pytest.mark.parametrize("kind", ["image/png", "application/zip", "video/mp4", "text/html"])
async def test_other_kinds_are_refused_before_they_are_read(web, hostile, kind):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\n\r\n"
    hostile.says["/thing"] = head.encode()
    said = await refused(web, hostile.url("thing"), kinds=FEEDS)
    assert f"/thing: is {kind}, and not one of application/atom+xml" in said


@pytest.mark.parametrize("kind", [None, "application/octet-stream"])
async def test_text_of_no_said_kind_is_taken_and_what_is_no_text_is_not(web, hostile, kind):
    hostile.says["/text"] = answer("# 一篇".encode(), kind=kind)
    hostile.says["/zip"] = answer(b"PK\3\4 and so on", kind=kind)
    hostile.says["/program"] = answer(b"a\0b", kind=kind)
    assert (await web.get(hostile.url("text"))).data.decode() == "# 一篇"
    for path in ("zip", "program"):
        assert "no text, where text/html" in await refused(web, hostile.url(path))


async def test_all_of_one_sort_can_be_asked_for(web, hostile):
    hostile.says["/style"] = answer(b"x", kind="text/css")
    assert await web.get(hostile.url("style"), kinds=("text/*",))
    assert await web.get(hostile.url("picture"), kinds=("*/*",))
    assert "is image/png" in await refused(web, hostile.url("picture"), kinds=("text/*",))


async def test_empty_answer_is_taken_only_where_it_may_be_empty(web, hostile):
    assert "nothing at all" in await refused(web, hostile.url("empty"))
    assert (await web.get(hostile.url("empty"), empty=True)).data == b""


async def test_only_the_start_is_read_where_that_is_enough(web, hostile):
    assert len((await web.get(hostile.url("endless"), most=5000)).data) == 5000
    assert len((await web.get(hostile.url("bomb"), most=5000)).data) == 5000
    assert (await web.get(hostile.url("huge"), most=20)).data == PAGE[:20]


# Where it leads


async def test_redirects_are_followed_to_where_it_is(web, hostile):
    hostile.says["/old"] = answer(b"moved", {"Location": "../newer page/?a=b"}, status="301 Moved")
    hostile.says["/newer page/"] = answer(b"", {"Location": "it"}, status="308 Permanent Redirect")
    hostile.says["/newer page/it"] = answer()
    found = await web.get(hostile.url("old"))
    assert found.url == hostile.url("newer%20page/it")
    assert hostile.connections == 1


async def test_address_in_a_redirect_may_be_written_in_chinese(web, hostile):
    hostile.says["/old"] = answer(b"", {"Location": "/医学/".encode().decode("latin-1")}, status="302 Found")
    hostile.says["/医学/"] = answer()
    assert (await web.get(hostile.url("old"))).data == PAGE


async def test_headers_go_to_another_server_never(web, hostile):
    async with Hostile() as other:
        hostile.says["/here"] = answer(b"", {"Location": "/good"}, status="302 Found")
        hostile.says["/away"] = answer(b"", {"Location": other.url("good")}, status="302 Found")
        given = {"Authorization": "Bearer secret", "X-Key": "secret", "Accept": "text/html"}
        await web.get(hostile.url("here"), headers=given)
        await web.get(hostile.url("away").replace("//", "//a:b@"), headers=given)
    assert [asked.headers.get("authorization") for asked in hostile.asked] == ["Bearer secret"] * 3
    assert "secret" not in str(other.asked[0].headers)
    assert "authorization" not in other.asked[0].headers
    assert other.asked[0].headers["accept"] == "text/html"


async def test_credentials_in_a_redirect_are_not_used(web, hostile):
    target = hostile.url("good").replace("//", "//a:b@")
    hostile.says["/old"] = answer(b"", {"Location": target}, status="302 Found")
    await web.get(hostile.url("old"))
    assert "authorization" not in hostile.asked[1].headers


async def test_redirect_to_this_machine_is_not_followed(hostile, monkeypatch):
    looked = _names(monkeypatch, {"blog.test": ["127.0.0.1"], "inner.test": ["127.0.0.2"]})
    hostile.says["/old"] = answer(
        b"", {"Location": hostile.url("good", host="inner.test")}, status="302 Found"
    )
    web = Web(limits(private=False))
    assert "127.0.0.2): not an address of the Internet" in await refused(
        web, hostile.url("old", host="blog.test")
    )
    assert "169.254.169.254: not an address" in await refused(web, hostile.url("inside", host="blog.test"))
    await web.close()
    assert hostile.paths == ["/old", "/inside"]
    assert looked == ["blog.test", "inner.test", "blog.test", "169.254.169.254"]


async def test_connection_is_to_the_address_that_was_looked_at(hostile, monkeypatch):
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    looked = _names(monkeypatch, {})
    monkeypatch.setattr(guard, "look_up", _later(lambda host, port: looked.append(host) or next(answers)))
    web = Web(limits(private=False))
    assert await web.get(hostile.url("good", host="blog.test"))
    assert await web.get(hostile.url("good", host="blog.test"))
    await web.close()
    assert looked == ["blog.test"]
    assert hostile.asked[0].headers["host"] == f"blog.test:{hostile.port}"
    assert hostile.connections == 1


async def test_next_address_is_tried_where_one_takes_no_connection(hostile, monkeypatch):
    _names(monkeypatch, {"blog.test": ["127.0.0.9", "127.0.0.1"]})
    web = Web(limits())
    assert await web.get(hostile.url("good", host="blog.test"))
    await web.close()


WRONG = r"""
http://[ http:// // http://h:port/ http://255.255.255.256/ http://⒈/ ftp://example.org/ javascript:alert(1)
file:///etc/passwd https: http://a%20b/ \\host\share
""".split()


@pytest.mark.parametrize("target", [*WRONG, "http://a b/", "/" + "a" * 70_000])
async def test_redirect_to_what_is_no_address_is_told(web, hostile, target):
    hostile.says["/old"] = answer(b"", {"Location": target.encode().decode("latin-1")}, status="302 Found")
    assert len(await refused(web, hostile.url("old"))) < 600


# What a server must not do to us

HOW = {
    "archive": "no text",
    "bomb": "more bytes than the 100,000",
    "broken": "trouble of its own (500)",
    "brotli": "only gzip was asked for",
    "busy": "left alone for 120 s",
    "chunks": "proper HTTP",
    "closed": "does not let this bot in",
    "cut": "proper HTTP: Server disconnected",
    "cut-chunks": "proper HTTP: peer closed connection",
    "cut-head": "proper HTTP: Server disconnected",
    "drip": "no whole answer within 0.25 s",
    "drip-head": "no whole answer within 0.25 s",
    "early": "no whole answer",
    "empty": "nothing at all",
    "endless": "more bytes than",
    "endless-chunks": "more bytes than",
    "endless-head": "proper HTTP",
    "filling": "more bytes than",
    "garbage": "proper HTTP",
    "gone": "there is nothing (410)",
    "half-gzip": "broke off in the middle",
    "header": "proper HTTP",
    "huge": "more bytes (1,000,000,000,000) than",
    "length": "proper HTTP",
    "login": "wants a login",
    "loop": "round in a circle",
    "members": "more than 1,000 parts",
    "not-gzip": "is not, or is damaged",
    "nowhere": "and not where",
    "old": "proper HTTP",
    "picture": "image/png, and not one of text/html",
    "redirects": "more than 5 times",
    "silent": "no whole answer",
    "status": "proper HTTP",
    "truncated": "peer closed connection",
    "unchanged": "without having been asked",
}
WAITING = {"drip", "drip-head", "early", "silent"}
FINE = {"good", "charset", "short"}


async def meet(hostile, trick, seconds):
    """What is said of a trick, and how long that took."""
    web, began = Web(limits(seconds=seconds)), time.monotonic()
    said = await refused(web, hostile.url(trick))
    await web.close()
    return said, time.monotonic() - began


@pytest.mark.parametrize("trick", sorted(set(HOW) - WAITING))
async def test_trick_is_given_up_at_once_and_named(hostile, trick):
    said, spent = await meet(hostile, trick, 5)
    assert HOW[trick] in said
    assert said.startswith(hostile.url(trick))
    assert spent < 3


async def test_tricks_that_wait_are_given_up_in_time(hostile):
    met = await asyncio.gather(*(meet(hostile, trick, SOON) for trick in sorted(WAITING)))
    for trick, (said, spent) in zip(sorted(WAITING), met, strict=True):
        assert said.startswith(f"{hostile.url(trick)}: no whole answer within 0.25 s")
        assert spent < 3


def test_every_trick_is_met():
    assert set(TRICKS) == set(HOW) | FINE | {"inside", "slow-redirects"}


async def test_tricks_do_not_spoil_the_next_answer(web, hostile):
    for trick in ("truncated", "garbage", "endless", "short", "bomb", "not-gzip", "chunks", "picture"):
        with contextlib.suppress(SourceError):
            await web.get(hostile.url(trick))
        assert (await web.get(hostile.url("good"))).data == PAGE


async def test_no_answer_whatever_ends_in_another_error(hostile):
    """Good answers, spoilt here and there."""
    web, chance = Web(limits(seconds=0.05), clock=count(0, 100_000).__next__), random.Random(3)
    good = (
        answer(gzip.compress(PAGE), {"Content-Encoding": "gzip", "Connection": "close"}),
        answer(b"", {"Location": "http://127.0.0.1:1/\xe9", "Connection": "close"}, status="302 Found"),
        answer(b"", {"Retry-After": formatdate(2e9, usegmt=True), "Connection": "close"}, status="503 No"),
    )
    taken = 0
    for number in range(150):
        said = bytearray(good[number % len(good)])
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(said))
            said[place : place + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
        hostile.says[f"/{number}"] = bytes(said)
        with contextlib.suppress(SourceError):
            await web.get(hostile.url(str(number)))
            taken += 1
    await web.close()
    assert 0 < taken < 75


async def test_bomb_takes_no_more_memory_than_is_allowed(hostile):
    web = Web(limits(size=2_000_000))
    await web.get(hostile.url("good"))  # what is loaded once
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        await refused(web, hostile.url("bomb"))
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
        await web.close()
    assert peak < 2_000_000 + 5_000_000


async def test_others_are_served_while_one_unpacks(hostile):
    web = Web(limits(size=50_000_000))
    stood, before = 0.0, time.process_time()
    asking = asyncio.create_task(refused(web, hostile.url("bomb")))
    while not asking.done():
        await asyncio.sleep(0)
        stood, before = max(stood, time.process_time() - before), time.process_time()
    await web.close()
    assert "more bytes" in asking.result()
    assert stood < 0.2


async def test_time_runs_over_redirects_together(hostile):
    web, began = Web(limits(seconds=0.2, redirects=1000)), time.monotonic()
    said = await refused(web, hostile.url("slow-redirects"))
    await web.close()
    assert "on: no whole answer within 0.2 s" in said
    assert time.monotonic() - began < 3


async def test_looking_up_a_name_is_in_the_time_too(monkeypatch):
    async def look_up(host, port):
        await asyncio.sleep(10)

    monkeypatch.setattr(guard, "look_up", look_up)
    web = Web(limits(seconds=0.05))
    assert "no whole answer within 0.05 s" in await refused(web, "http://blog.test/")
    await web.close()


async def test_plain_port_that_is_asked_for_tls_is_told(web, hostile):
    said = await refused(web, hostile.url("good").replace("http:", "https:"))
    assert "no TLS with it" in said
    assert "check http:// against https://" in said


async def test_port_that_nobody_listens_at_is_told(web):
    async with Hostile() as gone:
        pass
    said = await refused(web, gone.url("good"))
    assert (
        said
        == f"{gone.url('good')}: no connection: connection refused; is it up, and are address and port right?"
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "blog",
        "ftp://example.org/x",
        "http://",
        "http:///x",
        "https://[::1/",
        "http://a\nb/",
        "file:///etc/hosts",
    ],
)
async def test_address_that_is_none_is_told(web, url):
    assert "address" in await refused(web, url) or "server" in await refused(web, url)


async def test_token_with_a_line_end_is_not_shown(web, hostile):
    for token in ("secret\r\nX: y", "secret€"):
        said = await refused(web, hostile.url("good"), headers={"Authorization": f"Bearer {token}"})
        assert "secret" not in said
        assert "check fetch.agent and the token" in said
    assert hostile.asked == []


# What it asks of us


async def test_nothing_there_is_told_apart(web, hostile):
    for path, status in (("nothing", 404), ("gone", 410)):
        with pytest.raises(Missing, match=rf"there is nothing \({status}\)"):
            await web.get(hostile.url(path))
    for path in ("login", "closed", "loop", "redirects"):
        with pytest.raises(Denied):
            await web.get(hostile.url(path))


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        ("429 Too Many Requests", {"Retry-After": "7"}, 7),
        ("429 Too Many Requests", {}, 900),
        ("429 Too Many Requests", {"Retry-After": "soon"}, 900),
        ("429 Too Many Requests", {"Retry-After": "99999999"}, 86_400),
        ("429 Too Many Requests", {"Retry-After": "0"}, 1),
        (
            "503 Service Unavailable",
            {
                "Retry-After": formatdate(2_000_000_100, usegmt=True),
                "Date": formatdate(2_000_000_000, usegmt=True),
            },
            100,
        ),
        ("403 Forbidden", {"Retry-After": "60"}, 60),
        ("403 Forbidden", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"}, 86_400),
    ],
)
async def test_server_that_wants_to_be_left_alone_is(web, hostile, clock, status, headers, seconds):
    hostile.says["/page"] = answer(b"not now", headers, status=status)
    with pytest.raises(Busy) as caught:
        await web.get(hostile.url("page"))
    assert caught.value.seconds == seconds
    clock.now += seconds - 0.5
    with pytest.raises(Busy) as caught:
        await web.get(hostile.url("good"))
    assert caught.value.seconds == pytest.approx(0.5)
    assert hostile.paths == ["/page"]
    clock.now += 1
    assert await web.get(hostile.url("good"))


async def test_trouble_without_a_time_is_no_wish_to_be_left_alone(web, hostile):
    hostile.says["/page"] = answer(b"", status="503 Service Unavailable")
    for _ in range(2):
        assert "trouble of its own (503)" in await refused(web, hostile.url("page"))
    assert hostile.paths == ["/page", "/page"]


async def test_requests_keep_apart_also_those_at_once(hostile):
    web = Web(limits(pause=0.05))
    await asyncio.gather(*(web.get(hostile.url("good")) for _ in range(3)))
    await web.close()
    times = [asked.at for asked in hostile.asked]
    assert all(later - earlier >= 0.05 for earlier, later in itertools.pairwise(times))
    assert hostile.connections == 1


async def test_server_can_slow_us_down_and_not_hurry_us(hostile):
    web = Web(limits(pause=0.03))
    for wish, pause in ((0.06, 0.06), (0.0, 0.03)):
        web.slow(wish)
        await web.get(hostile.url("good"))
        await web.get(hostile.url("good"))
        assert hostile.asked[-1].at - hostile.asked[-2].at >= pause
    await web.close()


async def test_pause_is_no_part_of_the_time_for_an_answer(hostile):
    web = Web(limits(pause=0.2, seconds=0.15))
    for _ in range(2):
        assert await web.get(hostile.url("good"))
    await web.close()


async def test_connection_is_kept_past_short_refusals(web, hostile):
    for path in ("good", "nothing", "gone", "login", "good"):
        with contextlib.suppress(SourceError):
            await web.get(hostile.url(path))
    assert hostile.connections == 1


async def test_closed_web_connects_anew(web, hostile):
    await web.get(hostile.url("good"))
    await web.close()
    await web.get(hostile.url("good"))
    assert hostile.connections == 2


def _later(function):
    async def call(*args):
        return function(*args)

    return call


def _names(monkeypatch, names):
    """Has names mean these addresses, of which 127.0.0.1 is public; gives what is looked up."""
    looked = []

    def look_up(host, port):
        looked.append(host)
        return names.get(host, [host])

    monkeypatch.setattr(guard, "look_up", _later(look_up))
    monkeypatch.setattr(guard, "is_public", lambda address: address == "127.0.0.1")
    return looked
