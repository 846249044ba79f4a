"""Pushes: who may, what they wake, and what a stranger can do with them."""

import asyncio
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from bot.web import Watched
from bot.web.push import LARGEST, place, understand
from tests.web.conftest import SECRET

WATCHED = (
    Watched(name="posts", repository="https://github.com/Anna/Posts.git", branch="main"),
    Watched(name="first", repository="git@github.com:anna/posts"),
    Watched(name="mirror", repository="https://git.example.org/anna/posts"),
    Watched(name="folder"),
)
REPOSITORY = {
    "full_name": "anna/posts",
    "html_url": "https://github.com/anna/posts",
    "clone_url": "https://github.com/anna/posts.git",
    "ssh_url": "git@github.com:anna/posts.git",
    "default_branch": "trunk",
}


def pushed(ref="refs/heads/main", **repository):
    """The body of a push event of GitHub's, as far as it matters."""
    return {"ref": ref, "repository": REPOSITORY | repository, "commits": []}


def signed(body, secret=SECRET, **headers):
    """The headers of a signed body."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json", **headers}


class Woken(list):
    """What was woken, each time."""

    async def __call__(self, names):
        self.append(list(names))


@pytest.fixture
def woken():
    return Woken()


@pytest.fixture
def door(opened, woken):
    """A port that takes pushes for the sources above."""
    return lambda wake=woken, secret=SECRET: opened(secret=secret, watched=WATCHED, wake=wake)


async def push(client, said, event=None, **more):
    """Push something that is signed; the status and what is looked at."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = signed(body, **({"X-GitHub-Event": event} if event else {})) | more
    answer = await client("/push", "POST", data=body, headers=headers)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return answer.status, json.loads(answer.text).get("looking")


async def test_push_of_a_repository_wakes_the_sources_of_its_branch(door, woken):
    async with door() as client:
        assert await push(client, pushed(), "push") == (202, ["posts"])
        assert await push(client, pushed("refs/heads/trunk"), "push") == (202, ["first"])
        assert await push(client, pushed("refs/heads/other"), "push") == (202, [])
        assert await push(client, pushed("refs/tags/main"), "push") == (202, [])
        assert await push(client, pushed() | {"deleted": True}, "push") == (202, [])
    assert woken == [["posts"], ["first"]]


async def test_repository_is_known_by_its_host_too(door):
    async with door() as client:
        urls = {"html_url": "https://git.example.org/anna/posts", "clone_url": None, "ssh_url": None}
        assert await push(client, pushed("refs/heads/trunk", **urls), "push") == (202, ["mirror"])
        name_alone = {"ref": "refs/heads/main", "repository": {"full_name": "anna/posts"}}
        assert await push(client, name_alone, "push") == (202, ["posts", "first"])


async def test_push_of_a_strange_repository_wakes_only_what_may_be_made_of_it(door):
    async with door() as client:
        urls = dict.fromkeys(("html_url", "clone_url", "ssh_url"), "https://github.com/bert/site")
        assert await push(client, pushed(**urls, full_name="bert/site"), "push") == (202, ["folder"])


async def test_form_that_github_sends_by_default_is_understood(door):
    async with door() as client:
        body = urlencode({"payload": json.dumps(pushed(note="好 & = +"))}).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert await push(client, body, "push", **form) == (202, ["posts"])
        assert await push(client, {"source": "folder"}, **form) == (202, ["folder"])  # as curl calls it


async def test_ping_is_answered_and_other_events_wake_nobody(door, woken):
    async with door() as client:
        assert await push(client, {"zen": "Keep it simple.", "repository": REPOSITORY}, "ping") == (200, [])
        assert await push(client, {"action": "starred", "repository": REPOSITORY}, "star") == (202, [])
    assert woken == []


async def test_source_is_woken_by_its_name_and_everything_by_anything_else(door, woken):
    everything = [each.name for each in WATCHED]
    async with door() as client:
        assert await push(client, {"source": "folder"}) == (202, ["folder"])
        for said in (b"", b"{}", b"now please", b"[" * 100_000, b"\xff\xfe", b"null"):
            assert await push(client, said) == (202, everything)
    assert woken[0] == ["folder"]
    assert woken[1:] == [sorted(everything)] * 6


@pytest.mark.parametrize("name", ["nobody", "", None, 5, ["folder"], {"a": 1}])
async def test_source_that_there_is_not_is_told(door, woken, name):
    async with door() as client:
        body = json.dumps({"source": name}).encode()
        answer = await client("/push", "POST", data=body, headers=signed(body))
    assert answer.status == 404
    assert json.loads(answer.text)["sources"] == [each.name for each in WATCHED]
    assert woken == []


async def test_without_the_right_signature_nothing_is_said_or_done(door, woken, caplog):
    body = json.dumps(pushed()).encode()
    good = signed(body)["X-Hub-Signature-256"]
    wrong = [
        None, "", "sha256=", good[:-1], good + "0", good.upper(), good.replace("sha256", "sha1"),
        signed(body, "another secret")["X-Hub-Signature-256"], signed(b"{}")["X-Hub-Signature-256"],
        "sha256=" + "é" * 64, "sha256=" + "٣" * 64,
    ]  # fmt: skip
    async with door() as client:
        for signature in wrong:
            headers = {} if signature is None else {"X-Hub-Signature-256": signature}
            answer = await client("/push", "POST", data=body, headers=headers)
            assert (answer.status, answer.text) == (403, ""), signature
        text = (await client("/metrics")).text
    assert 'paperboy_pushes_total{outcome="refused"} 11.0' in text
    assert woken == []
    told = [record.getMessage() for record in caplog.records if "push.refused" in record.getMessage()]
    assert len(told) == 1  # a flood of them is no flood of lines
    assert SECRET not in caplog.text


async def test_without_a_secret_there_is_no_such_place(door):
    async with door(secret="") as client:
        assert (await client("/push", "POST", data=b"{}", headers=signed(b"{}", ""))).status == 404


async def test_only_post_is_taken(door):
    async with door() as client:
        answer = await client("/push")
        assert (answer.status, answer.headers["allow"]) == (405, "POST")


async def test_body_as_large_as_githubs_is_taken_and_a_larger_one_is_not(door, woken, monkeypatch):
    async with door() as client:
        large = json.dumps(pushed() | {"commits": ["x" * 1000] * 10_000}).encode()
        assert len(large) > 10_000_000
        assert await push(client, large, "push") == (202, ["posts"])
        reader, writer = await raw(client, signed(b"") | {"Content-Length": str(LARGEST + 1)})
        assert (await reader.readline()).startswith(b"HTTP/1.1 413")
        writer.close()
        monkeypatch.setattr("bot.web.push.LARGEST", 2_000_000)

        async def endless():
            for _ in range(40):
                yield b" " * 100_000

        answer = await client("/push", "POST", data=endless(), headers=signed(b""))
        assert answer.status in (403, 413)
    assert woken == [["posts"]]


async def raw(client, headers, body=b""):
    """A request written by hand."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port.server.port)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join(["POST /push HTTP/1.1", "Host: x", *lines, "", ""]).encode() + body)
    return reader, writer


async def test_slow_body_is_given_up(door, monkeypatch):
    monkeypatch.setattr("bot.web.push.SECONDS", 0.1)
    async with door() as client:
        reader, writer = await raw(client, signed(b"{}") | {"Content-Length": "10"}, b"{")
        assert (await asyncio.wait_for(reader.readline(), 2)).startswith(b"HTTP/1.1 408")
        writer.close()
        assert await push(client, {"source": "folder"}) == (202, ["folder"])


async def test_who_hangs_up_or_lies_about_the_body_leaves_no_trace(door, caplog):
    async with door() as client:
        _, writer = await raw(client, signed(b"{}") | {"Content-Length": "10"}, b"{")
        await asyncio.sleep(0.05)
        writer.close()
        for header, body in (("Transfer-Encoding", b"zz\r\n\r\n"), ("Content-Encoding", b"5\r\nhello\r\n")):
            headers = signed(b"{}") | {"Transfer-Encoding": "chunked"}
            headers |= {"Content-Encoding": "gzip"} if header == "Content-Encoding" else {}
            reader, writer = await raw(client, headers, body)
            assert b" 400 " in await asyncio.wait_for(reader.readline(), 2)
            writer.close()
        assert await push(client, {"source": "folder"}) == (202, ["folder"])
    assert not [record for record in caplog.records if record.exc_info]


async def test_many_pushes_at_once_are_folded_into_few(door):
    calls = []

    async def slow(names):
        calls.append(set(names))
        await asyncio.sleep(0.2)

    async with door(wake=slow) as client:
        began = time.monotonic()
        said = [{"source": ("folder", "posts", "mirror")[number % 3]} for number in range(60)]
        answers = await asyncio.gather(*(push(client, each) for each in said))
        assert time.monotonic() - began < 2
    assert {status for status, _ in answers} == {202}
    assert len(calls) <= 3
    assert set().union(*calls) == {"folder", "posts", "mirror"}


async def test_database_that_is_away_is_told_to_try_again(door):
    async def away(_names):
        raise OperationalError("update", {}, Exception("server closed the connection"))

    async with door(wake=away) as client:
        status, looking = await push(client, {"source": "folder"})
        assert (status, looking) == (503, None)
        assert 'outcome="failed"} 1.0' in (await client("/metrics")).text


async def test_waking_that_hangs_is_not_waited_for(door, monkeypatch):
    monkeypatch.setattr("bot.web.push.WAKING", 0.05)
    monkeypatch.setattr("bot.web.push.GIVEN_UP", 0.1)

    async def hang(_names):
        await asyncio.sleep(60)

    async with door(wake=hang) as client:
        assert (await push(client, {"source": "folder"}))[0] == 503


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Anna/Posts", "https://github.com/anna/posts.git", "https://github.com/anna/posts/",
        "https://anna:token@github.com/anna/posts.git", "http://www.github.com:80/anna/posts?tab=readme#x",
        "git@github.com:anna/posts.git", "github.com:anna/posts", "ssh://git@github.com/anna/posts.git",
        "ssh://git@ssh.github.com:443/anna/posts.git", "git://github.com/anna/posts.git", "anna/posts",
        "https://github.com/anna/posts/tree/main/source/_posts", "github.com/anna/posts", " anna/posts ",
    ],
)  # fmt: skip
def test_one_repository_has_one_place_however_it_is_written(url):
    assert place(url) == "github.com/anna/posts"


@pytest.mark.parametrize(
    "url", ["https://git.example.org/anna/posts", "anna/other", "/srv/anna/posts", "file:///anna/posts"]
)
def test_other_repositories_have_other_places(url):
    assert place(url) != "github.com/anna/posts"


@given(st.text())
def test_any_address_has_a_place(url):
    assert isinstance(place(url), str)


@given(st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""]), st.binary())
def test_any_body_is_understood_or_not(kind, body):
    understand(kind, body)


def test_long_addresses_and_bodies_take_linear_time():
    began = time.perf_counter()
    for text in ("@" * 200_000, ":" * 200_000, "/" * 200_000, "?#" * 100_000, "%25" * 100_000):
        place(text)
        understand("application/x-www-form-urlencoded", b"&" * 200_000 + text.encode())
    assert time.perf_counter() - began < 1
