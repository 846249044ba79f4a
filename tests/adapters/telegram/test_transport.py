"""Both transports hold timeouts, pool, proxies and uploads, and their errors say what may have arrived."""

import asyncio
import io
import shutil
import ssl
import subprocess
import sys
import time
import traceback
from contextlib import asynccontextmanager, contextmanager

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from telegram import Bot, InputFile
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from bot.adapters.telegram import transport
from bot.adapters.telegram.call import call
from bot.adapters.telegram.errors import translate, unsent
from bot.adapters.telegram.order import Order
from bot.adapters.telegram.transport import AiohttpRequest, Options, request_for
from bot.errors import ConfigError, Rejected, Transient, Unknown, Unreachable
from tests.adapters.telegram import peer

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
KINDS = ("aiohttp", "httpx")
both = pytest.mark.parametrize("kind", KINDS)
QUICK = Options(connect=0.4, read=0.4, write=0.4, media_write=0.4, pool=0.2)


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    """No proxy but those that a test names."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@asynccontextmanager
async def speaking(kind, url, options=QUICK):
    """A bot that speaks to a server over one kind of transport."""
    request = request_for(kind, options)
    bot = Bot(TOKEN, base_url=f"{url}/bot", request=request, get_updates_request=request)
    try:
        yield bot
    finally:
        await request.shutdown()


async def send(bot, text="Hello", **more):
    return await call(bot, "sendMessage", {"chat_id": 1, "text": text, **more})


async def trouble(kind, url, options=QUICK, method="sendMessage", **params) -> TelegramError:
    """The error that a request ends with."""
    async with speaking(kind, url, options) as bot:
        with pytest.raises(TelegramError) as raised:
            await call(bot, method, {"chat_id": 1, "text": "Hello", **params})
    return raised.value


@both
async def test_answer_arrives_and_the_connection_is_used_again(kind):
    async with peer.listen(peer.well) as server, speaking(kind, server.url) as bot:
        for _ in range(5):
            assert await send(bot) == {"message_id": 7}
    assert server.connections == 1
    assert server.got[0].line == f"POST /bot{TOKEN}/sendMessage HTTP/1.1"
    assert server.got[0].headers["user-agent"].startswith("python-telegram-bot")


TEXTS = st.dictionaries(
    st.text("abcdef_", min_size=1, max_size=5),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(fields=TEXTS)
@example(fields={"text": "a+b&c=d%41 ;\n\r\t\x00\x7f#?/\\ 论文 \U0001f600 \u2060é"})
def test_form_says_what_was_meant(fields):
    order = Order(
        method="POST", address="", fields=fields, files=None, write=None, timeout=transport._timeout(1, 1)
    )
    got = peer.Got(line="", headers={}, body=order.body()._value, connection=0)
    assert got.fields == fields


@both
async def test_nested_values_go_as_json(kind):
    async with peer.listen(peer.well) as server, speaking(kind, server.url) as bot:
        await send(
            bot, "论文 & <b>a+b</b> 100%", reply_markup={"inline_keyboard": [[{"text": "é"}]]}, none=None
        )
    assert server.got[0].fields == {
        "chat_id": "1",
        "text": "论文 & <b>a+b</b> 100%",
        "reply_markup": '{"inline_keyboard": [[{"text": "\\u00e9"}]]}',
    }


@both
@pytest.mark.parametrize("size", [0, 10, 3_000_000])
async def test_files_are_uploaded(kind, size):
    data, name = bytes(range(256)) * (size // 256) + b"!" * (size % 256), "papers 论文.bib"
    async with peer.listen(peer.well) as server, speaking(kind, server.url, Options()) as bot:
        await call(bot, "sendDocument", {"chat_id": -100, "document": (name, data), "caption": "论文"})
    parts = server.got[0].parts
    assert (parts["chat_id"], parts["caption"]) == ("-100", "论文")
    filename, content = parts["document"]
    assert content == data
    assert filename.startswith("papers ")


async def test_name_of_a_file_arrives_as_written():
    async with peer.listen(peer.well) as server, speaking("aiohttp", server.url, Options()) as bot:
        await call(bot, "sendDocument", {"chat_id": 1, "document": ('论文 "a" 1.bib', b"x")})
    assert server.got[0].parts["document"][0] == '论文 \\"a\\" 1.bib'


@both
async def test_open_file_is_uploaded(kind):
    document = InputFile(io.BytesIO(b"abc" * 50_000), filename="a.bib", read_file_handle=False)
    async with peer.listen(peer.well) as server, speaking(kind, server.url, Options()) as bot:
        await call(bot, "sendDocument", {"chat_id": 1, "document": document})
    assert server.got[0].parts["document"] == ("a.bib", b"abc" * 50_000)


async def test_half_a_character_is_left_out_or_the_message_is_at_fault():
    """It cannot be written as UTF-8; nothing but this message may suffer."""
    async with peer.listen(peer.well) as server:
        async with speaking("aiohttp", server.url) as bot:
            await send(bot, "a lone \ud800 surrogate")
        assert server.got[0].fields["text"] == "a lone  surrogate"
        whole = {"method": "sendDocument", "caption": "\ud800", "document": ("a", b"b")}
        for kind, params in (("httpx", {"text": "\ud800"}), ("aiohttp", whole), ("httpx", whole)):
            assert type(translate(await trouble(kind, server.url, **params))) is Rejected
        assert len(server.got) == 1


@both
async def test_large_compressed_answer_is_read(kind):
    async with peer.listen(peer.packed) as server, speaking(kind, server.url) as bot:
        assert await send(bot) == "x" * 300_000


@both
async def test_redirect_is_not_followed(kind):
    async with peer.listen(peer.redirect) as server:
        exc = await trouble(kind, server.url)
    assert isinstance(translate(exc), Unreachable)
    assert len(server.got) == 1


# What became of a request: the server, whether the address is https, and whether it has surely not left.


async def test_unknown_names_and_closed_ports_leave_nothing_behind():
    for kind in KINDS:
        for url in ("http://127.0.0.1:9", "http://name.invalid"):
            exc = await trouble(kind, url, Options())
            assert unsent(exc), (kind, url, exc)
            assert isinstance(translate(exc), Unreachable)


@both
@pytest.mark.parametrize(
    ("serve", "error"),
    [
        (peer.never, TimedOut),
        (peer.cut, NetworkError),
        (peer.reset, NetworkError),
        (peer.cut_inside, NetworkError),
        (peer.garbage, NetworkError),
    ],
)
async def test_outcome_is_unknown_once_the_request_has_come(kind, serve, error):
    async with peer.listen(serve) as server:
        exc = await trouble(kind, server.url)
    assert type(exc) is error
    assert not unsent(exc)
    assert type(translate(exc)) is Unknown
    assert len(server.got) == 1, "a message must not be sent twice"


@both
async def test_peer_without_tls_is_unreachable(kind):
    async with peer.listen(peer.well) as server:
        exc = await trouble(kind, server.url.replace("http:", "https:"))
    assert unsent(exc)
    assert isinstance(exc.__cause__, Exception)


@both
async def test_untrusted_certificate_is_unreachable(kind, certificate):
    async with peer.listen(peer.well, ssl=certificate) as server:
        exc = await trouble(kind, f"https://localhost:{server.port}")
    assert unsent(exc)
    assert "certificate" in str(exc).casefold()


@both
async def test_handshake_that_does_not_end_is_unreachable(kind):
    async with peer.deaf() as host:
        began = time.monotonic()
        exc = await trouble(kind, f"https://{host}")
    assert type(exc) is TimedOut
    assert unsent(exc)
    assert time.monotonic() - began < 3


@both
async def test_request_may_say_how_long_it_waits(kind):
    async with peer.listen(peer.slow(0.3)) as server, speaking(kind, server.url) as bot:
        with pytest.raises(TimedOut):
            await bot.send_message(1, "x", read_timeout=0.05)
        assert await bot.do_api_request("someMethod", read_timeout=2) == {"message_id": 7}
    assert bot.request.read_timeout == QUICK.read


@both
async def test_upload_that_nobody_takes_times_out(kind):
    async with peer.deaf() as host:
        began = time.monotonic()
        exc = await trouble(
            kind, f"http://{host}", method="sendDocument", document=("a.bin", b"x" * 20_000_000)
        )
    assert type(exc) is TimedOut
    assert time.monotonic() - began < 3


@both
async def test_full_pool_says_so_and_nothing_is_sent(kind):
    options = Options(connections=1, pool=0.1)
    async with peer.listen(peer.slow(0.5)) as server, speaking(kind, server.url, options) as bot:
        first = asyncio.create_task(send(bot))
        await asyncio.sleep(0.1)
        with pytest.raises(TimedOut, match=r"Request was \*not\* sent|request was \*not\* sent") as raised:
            await send(bot)
        assert unsent(raised.value)
        assert isinstance(translate(raised.value), Unreachable)
        assert await first == {"message_id": 7}
        assert await send(bot) == {"message_id": 7}
    assert len(server.got) == 2


@both
async def test_connections_are_bounded(kind):
    options = Options(connections=5, pool=None)
    async with peer.listen(peer.slow(0.02)) as server, speaking(kind, server.url, options) as bot:
        await asyncio.gather(*(send(bot) for _ in range(40)))
    assert server.most <= 5
    assert len(server.got) == 40


async def test_cancelled_request_frees_its_place():
    options = Options(connections=1, pool=0.5)
    async with peer.listen(peer.slow(0.2)) as server, speaking("aiohttp", server.url, options) as bot:
        for _ in range(3):
            task = asyncio.create_task(send(bot))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await send(bot) == {"message_id": 7}


@both
async def test_connection_that_was_closed_while_idle_costs_no_message(kind):
    async with peer.listen(peer.once) as server, speaking(kind, server.url) as bot:
        for _ in range(4):
            assert await send(bot) == {"message_id": 7}
            await asyncio.sleep(0.02)
    assert len(server.got) == 4
    assert server.connections == 4


async def test_closed_connection_that_was_not_noticed_yet_costs_no_message():
    """It closes when it was chosen already: the first write finds out, before anything has left."""
    async with peer.listen(peer.well) as server, speaking("aiohttp", server.url) as bot:
        await send(bot)
        with closing(bot.request, times=1):
            assert await send(bot) == {"message_id": 7}
        with closing(bot.request, times=1):
            assert await call(bot, "sendDocument", {"chat_id": 1, "document": ("a", b"b")}) == {
                "message_id": 7
            }
    assert len(server.got) == 3


async def test_connection_that_closes_again_and_again_leaves_nothing_behind():
    async with peer.listen(peer.well) as server, speaking("aiohttp", server.url) as bot:
        await send(bot)
        with closing(bot.request, times=2), pytest.raises(NetworkError) as raised:
            await send(bot)
    assert unsent(raised.value)
    assert TOKEN not in everything(raised.value)
    assert len(server.got) == 1


@contextmanager
def closing(request, times):
    """The next connections are closed between being chosen and being written to."""
    left = [None] * times
    connector = request._session.connector
    connect = connector.connect

    async def broken(*args, **kwargs):
        connection = await connect(*args, **kwargs)
        if left:
            left.pop()
            connection.protocol.transport.abort()
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connector, "connect", broken)
        yield


async def test_reading_is_tried_again_where_the_connection_was_cut():
    async def second_time(server, got, writer):
        return await (peer.cut if len(server.got) == 1 else peer.well)(server, got, writer)

    async with peer.listen(second_time) as server, speaking("aiohttp", server.url) as bot:
        assert await call(bot, "getChat", {"chat_id": 1}) == {"message_id": 7}
        assert len(server.got) == 2


@pytest.mark.parametrize("serve", [peer.cut, peer.reset])
async def test_reading_is_tried_again_only_once(serve):
    async with peer.listen(serve) as server:
        assert not unsent(await trouble("aiohttp", server.url, method="getMe"))
    assert len(server.got) == 2


@both
async def test_shut_down_twice_and_used_again(kind):
    async with peer.listen(peer.well) as server, speaking(kind, server.url) as bot:
        await bot.request.initialize()
        await bot.request.initialize()
        assert await send(bot)
        await bot.request.shutdown()
        await bot.request.shutdown()
        with pytest.raises(NetworkError, match="not initialized") as raised:
            await send(bot)
        assert unsent(raised.value)
        await bot.request.initialize()
        assert await send(bot)


async def test_shutdown_leaves_no_connection_and_ends_what_waits():
    options = Options(connections=1, pool=5)
    async with peer.listen(peer.never) as server, speaking("aiohttp", server.url, options) as bot:
        tasks = [asyncio.create_task(send(bot)) for _ in range(2)]
        await asyncio.sleep(0.1)
        await bot.request.shutdown()
        first, second = await asyncio.gather(*tasks, return_exceptions=True)
        assert not unsent(first)
        assert unsent(second)
        await asyncio.sleep(0.05)
        assert server.open == 0 or server.connections == 1


# Proxies


async def test_http_proxy_with_a_password():
    async with peer.listen(peer.once) as server, peer.http_proxy("me", "p@ss word") as proxy:
        for kind in KINDS:
            way = Options(proxy=f"http://me:p%40ss%20word@127.0.0.1:{proxy.port}")
            async with speaking(kind, server.url, way) as bot:
                assert await send(bot, "through") == {"message_id": 7}
    assert [got.fields["text"] for got in server.got] == ["through"] * 2


@both
async def test_proxy_that_is_away_leaves_nothing_behind(kind):
    async with peer.listen(peer.well) as server:
        exc = await trouble(kind, server.url, Options(proxy="http://127.0.0.1:9"))
    assert unsent(exc)
    assert server.got == []


@both
async def test_proxy_that_refuses_the_tunnel_leaves_nothing_behind(kind):
    async with peer.http_proxy("me", "secret") as proxy:
        exc = await trouble(kind, "https://api.example", Options(proxy=f"http://127.0.0.1:{proxy.port}"))
    assert unsent(exc), repr(exc)


@both
async def test_environment_names_the_proxy(kind, monkeypatch):
    async with peer.listen(peer.once) as server, peer.http_proxy("me", "secret") as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:secret@127.0.0.1:{proxy.port}")
        async with speaking(kind, server.url) as bot:
            await send(bot)
        assert len(proxy.got) == 1
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        async with speaking(kind, server.url) as bot:
            await send(bot)
        assert len(proxy.got) == 1
    assert len(server.got) == 2


@both
async def test_socks_proxy_resolves_the_name(kind):
    pytest.importorskip("aiohttp_socks", reason="the extra `socks` is not installed")
    pytest.importorskip("socksio", reason="the extra `socks` is not installed")
    async with peer.listen(peer.well) as server, peer.socks_proxy() as (port, asked):
        for scheme in ("socks5", "socks5h"):
            async with speaking(
                kind, f"http://localhost:{server.port}", Options(proxy=f"{scheme}://127.0.0.1:{port}")
            ) as bot:
                assert await send(bot) == {"message_id": 7}
    assert asked == [f"localhost:{server.port}"] * 2


@both
async def test_socks_proxy_that_refuses_leaves_nothing_behind(kind):
    pytest.importorskip("aiohttp_socks", reason="the extra `socks` is not installed")
    pytest.importorskip("socksio", reason="the extra `socks` is not installed")
    async with peer.socks_proxy(works=False) as (port, _):
        for address in (f"socks5://127.0.0.1:{port}", "socks5://127.0.0.1:9"):
            exc = await trouble(kind, "http://api.example", Options(proxy=address))
            assert unsent(exc), repr(exc)


@both
@pytest.mark.parametrize(
    "proxy", ["ftp://127.0.0.1:1", "127.0.0.1:3128", "http://", "http://a:b", "socks9://x"]
)
def test_proxy_that_is_none_is_told_with_its_mend(kind, proxy):
    with pytest.raises(ConfigError, match=r"telegram\.proxy: .*; write http://HOST:PORT"):
        request_for(kind, Options(proxy=proxy))


@both
def test_missing_socks_packages_are_told_with_their_mend(kind, monkeypatch):
    for name in ("aiohttp_socks", "socksio"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match="pip install aiohttp-socks socksio"):
        request_for(kind, Options(proxy="socks5://127.0.0.1:1080"))


# Secrets


@pytest.mark.parametrize(
    "serve", [peer.never, peer.cut, peer.reset, peer.cut_inside, peer.garbage, peer.redirect]
)
@both
async def test_no_error_shows_the_token(kind, serve):
    async with peer.listen(serve) as server:
        for method in ("sendMessage", "getMe"):
            told = await trouble(kind, server.url, method=method)
            assert TOKEN not in everything(told)
            assert TOKEN not in everything(translate(told))


@both
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9", "http://[::1", "gopher://x", "http://a b", "https://x:99999"]
)
async def test_no_error_of_an_address_shows_the_token(kind, url):
    told = await trouble(kind, url)
    assert TOKEN not in str(told)
    assert TOKEN not in str(translate(told))
    if kind == "aiohttp":
        assert TOKEN not in everything(told)


def everything(exc: BaseException) -> str:
    """All that can be read of an error: its text, its arguments, its causes with theirs."""
    seen: list[str] = []
    at: BaseException | None = exc
    while at is not None:
        seen += [str(at), repr(at), repr(at.args), "".join(traceback.format_exception_only(at))]
        at = at.__cause__ or at.__context__
    return "\n".join(seen)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> ssl.SSLContext:
    """One that nobody has signed."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("no certificate can be made without openssl")
    folder = tmp_path_factory.mktemp("certificate")
    key, made = folder / "key.pem", folder / "made.pem"
    order = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"]
    subprocess.run([openssl, *order, "-keyout", key, "-out", made], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made, key)
    return context


def test_kinds_are_what_they_say():
    aiohttp, httpx = (request_for(kind, Options(read=7)) for kind in KINDS)
    assert isinstance(aiohttp, AiohttpRequest)
    assert isinstance(httpx, HTTPXRequest)
    assert aiohttp.read_timeout == httpx.read_timeout == 7


@both
@pytest.mark.parametrize("body", [b"<html>" + b"x" * 10_000, b"[]", b"\xff", b""])
async def test_page_of_a_gateway_is_not_logged_whole(kind, body, caplog):
    async def page(_server, _got, writer):
        peer.answer(writer, body, "502 Bad Gateway")
        return True

    async with peer.listen(page) as server:
        exc = await trouble(kind, server.url)
    assert isinstance(translate(exc), Transient)
    assert len(str(translate(exc))) < 300
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
