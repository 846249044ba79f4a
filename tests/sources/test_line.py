import ssl

import pytest

from bot.errors import SourceError
from bot.sources import guard, line
from bot.sources.base import Limits
from bot.sources.http import Web
from tests.fakes.web import Hostile, answer
from tests.fakes.web.server import AUTHORITY
from tests.fakes.web.tricks import PAGE


@pytest.fixture
async def web():
    """Asks within the Internet alone."""
    made = Web(Limits(pause=0, seconds=5))
    yield made
    await made.close()


@pytest.fixture
async def secure(monkeypatch):
    """A server that speaks TLS, as blog.test, which is trusted, and under any other name."""

    async def look_up(host, port):
        return ["127.0.0.1"]

    monkeypatch.setattr(guard, "look_up", look_up)
    monkeypatch.setattr(guard, "is_public", lambda address: address == "127.0.0.1")
    trusted = ssl.create_default_context()
    AUTHORITY.configure_trust(trusted)
    monkeypatch.setattr(line, "trust", lambda: trusted)
    async with Hostile(tls=True) as server:
        yield server


@pytest.fixture
def through(hostile, monkeypatch):
    """Has everything go through a proxy, which answers what `says` holds for whole addresses."""
    monkeypatch.setenv("http_proxy", hostile.url())
    monkeypatch.setenv("https_proxy", hostile.url())
    return hostile


async def test_certificate_is_checked_against_the_name_that_was_asked_for(web, secure):
    assert (await web.get(secure.url("good", host="blog.test"))).data == PAGE
    with pytest.raises(
        SourceError, match=r"https://other\.test.*: its certificate is not trusted: .*other\.test"
    ):
        await web.get(secure.url("good", host="other.test"))
    assert [asked.headers["host"] for asked in secure.asked] == [f"blog.test:{secure.port}"]


async def test_names_on_one_address_share_no_connection(web, secure):
    """The certificate was checked for one of them only."""
    await web.get(secure.url("good", host="blog.test"))
    with pytest.raises(SourceError, match="certificate"):
        await web.get(secure.url("good", host="inner.test"))


async def test_unknown_certificate_is_not_trusted(web, secure, monkeypatch):
    monkeypatch.setattr(line, "trust", ssl.create_default_context)
    with pytest.raises(
        SourceError,
        match=r"not trusted: unable to get .* certificate; check the address, .*SSL_CERT_FILE",
    ):
        await web.get(secure.url("good", host="blog.test"))


async def test_token_is_not_told_to_a_plain_server(web, secure, hostile):
    target = hostile.url("good", host="blog.test")
    secure.says["/page"] = answer(b"", {"Location": target}, status="302 Found")
    with pytest.raises(SourceError, match="from https to http"):
        await web.get(secure.url("page", host="blog.test"), headers={"Authorization": "Bearer secret"})
    assert hostile.asked == []
    assert await web.get(secure.url("page", host="blog.test"))


async def test_proxy_of_the_environment_is_used_and_resolves_the_names(web, through, monkeypatch):
    through.says["http://blog.test/page"] = answer()
    assert (await web.get("http://blog.test/page")).data == PAGE
    assert through.asked[0].target == "http://blog.test/page"


async def test_user_of_a_proxy_is_told_to_it_and_to_nobody_else(web, through, monkeypatch):
    monkeypatch.setenv("http_proxy", through.url().replace("//", "//me:word@"))
    through.says["http://blog.test/page"] = answer(b"", {"Location": "/other"}, status="302 Found")
    with pytest.raises(SourceError) as caught:
        await web.get("http://blog.test/page")
    assert through.asked[0].headers["proxy-authorization"] == "Basic bWU6d29yZA=="
    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "localhost",
        "a.localhost",
        "10.0.0.1.",
        "router",
        "nas.local",
    ],
)
async def test_this_machine_is_not_asked_for_through_a_proxy(web, through, host):
    with pytest.raises(SourceError, match="not an address of the Internet"):
        await web.get(f"http://{host}/")
    assert through.asked == []


async def test_redirect_to_this_machine_is_not_followed_through_a_proxy(web, through):
    through.says["http://blog.test/page"] = answer(b"", {"Location": "http://0x7f.1/"}, status="302 Found")
    with pytest.raises(SourceError, match=r"127\.0\.0\.1.*not an address of the Internet"):
        await web.get("http://blog.test/page")
    assert len(through.asked) == 1


async def test_no_proxy_is_heeded(through, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    web = Web(Limits(pause=0, private=True))
    assert await web.get(through.url("good"))
    await web.close()
    assert through.asked[0].target == "/good"


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("ftp://me:word@proxy.test:21", r"cannot be used: ftp://proxy\.test:21; write http://HOST:PORT"),
        ("http://127.0.0.1:1", r"cannot be reached: http://127\.0\.0\.1:1"),
    ],
)
async def test_proxy_that_cannot_be_used_is_told(web, monkeypatch, proxy, said):
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(SourceError, match=said) as caught:
        await web.get("http://blog.test/")
    assert "word" not in str(caught.value)


async def test_proxy_that_lets_nothing_through_is_told(web, through):
    through.says["blog.test:443"] = answer(b"", status="403 Forbidden")
    with pytest.raises(
        SourceError, match=r"https://blog\.test/: the proxy of the environment does not let it through"
    ):
        await web.get("https://blog.test/")
