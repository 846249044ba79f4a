"""Repositories read over HTTP, as GitHub gives them."""

import asyncio
import contextlib
import json
import socket

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Busy, ConfigError, Missing, SourceError
from bot.sources import github_place
from bot.sources.base import Given, Limits, Page, Seen, Unreadable
from bot.sources.github import GitHub
from bot.sources.github_place import read_place
from tests.fakes.git import GIT, Repository
from tests.fakes.github import Repo, Server, blob_id

TOKEN = "ghp_a_token_that_nobody_may_see"


@pytest.fixture
async def server():
    async with Server() as served:
        served.repos["me/posts"] = Repo()
        yield served


@pytest.fixture
def repo(server) -> Repo:
    return server.repos["me/posts"]


@pytest.fixture
async def make(server):
    """Makes a source of the repository, on a GitHub of one's own unless `public`."""
    made = []

    def make(url="", *, limits=None, **given) -> GitHub:
        limits = limits or Limits(private=True, seconds=5, pause=0)
        source = GitHub(
            Given(name="hub", every=60, url=url or f"{server.url}/me/posts", limits=limits, **given)
        )
        made.append(source)
        return source

    yield make
    for source in made:
        await source.close()


@pytest.fixture(params=["own", "public"])
def kind(request, server, monkeypatch):
    """As a GitHub of one's own, and as the public one."""
    if request.param == "public":
        monkeypatch.setattr(github_place, "PUBLIC", "127.0.0.1")
        monkeypatch.setattr(github_place, "API", f"{server.url}/api")
        monkeypatch.setattr(github_place, "RAW", f"{server.url}/raw")
    return request.param


async def look(source, known=None):
    return [page async for page in source.fetch(known or {})]


def posts(found):
    return {page.address: page.raw.data for page in found if isinstance(page, Page)}


def known(found):
    return {page.address: page.fingerprint for page in found if not isinstance(page, Unreadable)}


async def test_posts_are_found_in_the_order_of_names(repo, make, kind):
    repo.push(
        {"2024-01-02/NeRF.md": "b", "2024-01-01/医学 图#像%?.md": "a", "x.png": "no", "deep/er/c.HTM": "c"}
    )
    found = await look(make())
    assert posts(found) == {
        "2024-01-01/医学 图#像%?.md": b"a",
        "2024-01-02/NeRF.md": b"b",
        "deep/er/c.HTM": b"c",
    }
    assert [page.address for page in found[:-1]] == sorted(posts(found))
    assert [page.fingerprint for page in found[:3]] == [blob_id(data) for data in (b"a", b"b", b"c")]


async def test_unchanged_repository_costs_one_request(server, repo, make, kind):
    repo.push({"a.md": "one", "b.md": "two"})
    before = known(await look(make()))
    server.log.clear()
    assert await look(make(), before) == []
    assert server.paths == ["commits/HEAD"]
    assert server.log[0].status == 304


async def test_only_what_changed_is_asked_for(server, repo, make, kind):
    repo.push({"a.md": "one", "b.md": "two"})
    source = make()
    before = known(await look(source))
    repo.push({"b.md": "more", "a.md": None})
    server.log.clear()
    found = await look(source, before)
    assert posts(found) == {"b.md": b"more"}
    assert len(server.log) == 3
    assert await look(source, before | known(found)) == []


async def test_addresses_are_paths_below_the_folder_and_readers_are_led_to_the_file(server, repo, make, kind):
    repo.push({"source/_posts/Paper/a b.md": "a", "README.md": "no", "source/_posts2/b.md": "no"})
    page, seen = await look(make(path="source/_posts/"))
    assert (page.address, page.raw.data) == ("Paper/a b.md", b"a")
    assert page.raw.url == f"{server.url}/me/posts/blob/HEAD/source/_posts/Paper/a%20b.md"
    assert isinstance(seen, Seen)


async def test_hidden_files_links_and_other_repositories_are_left_alone(repo, make):
    commit = repo.push({"a.md": "a", ".hidden.md": "no", ".github/b.md": "no", "c/.d/e.md": "no"})
    repo.push({"link.md": "/etc/passwd"}, mode="120000")
    repo.push({"other.md": commit}, mode="160000")
    assert posts(await look(make())) == {"a.md": b"a"}


async def test_content_comes_as_it_was_committed(repo, make, kind):
    data = b"\xff\x00\r\n" * 1000
    repo.push({"a.md": data, "empty.md": b""})
    assert posts(await look(make())) == {"a.md": data, "empty.md": b""}


@pytest.mark.skipif(not GIT, reason="there is no git on this machine")
async def test_addresses_and_fingerprints_are_those_of_git(repo, make, tmp_path):
    from bot.sources.git import Git

    files = {"posts/2024-01-01/医学图像.md": "a", "posts/b.md": "b" * 5000, "c.md": "no"}
    repo.push(files)
    real = Repository(tmp_path / "real.git")
    real.commit(files)
    given = Given(name="git", every=60, url=str(real.path), path="posts", cache=tmp_path / "cache")
    by_git = known(await look(Git(given)))
    assert len(by_git) == 2
    assert posts(await look(make(path="posts"), by_git)) == {}


async def test_branch_of_any_name_is_read(server, repo, make, kind):
    repo.push({"a.md": "main"})
    repo.push({"a.md": "other"}, branch="feature/新")
    (page, _) = await look(make(branch="feature/新"))
    assert page.raw.data == b"other"
    assert page.raw.url.endswith("/blob/feature/%E6%96%B0/a.md")


async def test_another_branch_or_folder_is_not_known_for_the_first(repo, make):
    repo.push({"x/a.md": "one", "y/b.md": "two"})
    repo.push({"x/a.md": "other"}, branch="other")
    before = known(await look(make(path="x")))
    assert posts(await look(make(path="y"), before)) == {"b.md": b"two"}
    assert posts(await look(make(path="x", branch="other"), before)) == {"a.md": b"other"}


async def test_history_that_is_rewritten_or_taken_back_is_followed(repo, make):
    first = repo.push({"a.md": "one"})
    source = make()
    before = known(await look(source))
    repo.push({"a.md": "two"})
    before |= known(await look(source, before))
    repo.reset(first)
    assert posts(await look(source, before)) == {"a.md": b"one"}


async def test_commit_that_changes_no_post_asks_for_none(server, repo, make):
    repo.push({"a.md": "one"})
    source = make()
    before = known(await look(source))
    repo.push({"image.png": "x"})
    server.log.clear()
    (seen,) = await look(source, before)
    assert isinstance(seen, Seen)
    assert len(server.log) == 2


# Looks that are cut short.


async def test_look_that_was_cut_short_goes_on_where_it_ended(server, repo, make):
    repo.push({f"{number}.md": str(number) for number in range(5)})
    source, before = make(), {}
    look_again = source.fetch(before)
    async for page in look_again:
        before[page.address] = page.fingerprint
        if len(before) == 2:
            await look_again.aclose()
    assert list(before) == ["0.md", "1.md"]
    assert list(posts(await look(source, before))) == ["2.md", "3.md", "4.md"]


async def test_one_bad_file_is_named_and_tried_again_at_the_next_look(server, repo, make):
    repo.push({"a.md": "a", "b.md": "b", "c.md": "c"})
    source = make()
    server.failing = {blob_id(b"b"): 500}
    found = await look(source)
    assert [type(page) for page in found] == [Page, Unreadable, Page]
    assert "trouble of its own" in found[1].reason
    server.failing = {}
    assert posts(await look(source, known(found))) == {"b.md": b"b"}


async def test_server_that_fails_again_and_again_is_left_alone(server, repo, make):
    repo.push({f"{number}.md": str(number) for number in range(9)})
    server.failing = {"/blobs/": 500}
    with pytest.raises(SourceError, match="trouble of its own"):
        await look(make())
    assert len(server.log) == 5


async def test_too_large_a_file_is_named_and_not_asked_for(server, repo, make):
    repo.push({"large.md": "x" * 2000, "small.md": "a"})
    found = await look(make(limits=Limits(private=True, pause=0, size=1000)))
    assert [type(page) for page in found] == [Unreadable, Page]
    assert (
        found[0].reason == "large.md: 2,000 bytes, more than the 1,000 that are taken; fetch.size allows more"
    )
    assert len(server.log) == 3


# Large repositories.


async def test_lists_that_are_cut_are_gone_through_folder_by_folder(server, repo, make, kind):
    repo.push({f"p/2024/{n}/{m}.md": f"{n} {m}" for n in range(6) for m in range(5)})
    repo.push({f"other/{n}/x.md": "no" for n in range(9)} | {"p/.git/a.md": "no", "p/top.md": "top"})
    server.tree_most = 10
    found = await look(make(path="p"))
    assert len(posts(found)) == 31
    assert posts(found)["2024/3/4.md"] == b"3 4"
    assert not any(".git" in path or "other" in path for path in server.paths)
    with pytest.raises(Missing, match=r"no such folder: p/2023; there is 2024$"):
        await look(make(path="p/2023/x"))


async def test_folder_that_cannot_be_listed_is_told(server, repo, make):
    repo.push({f"{n}.md": str(n) for n in range(9)})
    server.tree_most = 5
    with pytest.raises(SourceError, match="too many files in one folder"):
        await look(make())


# What GitHub refuses.


async def test_private_repository_is_read_with_a_token_which_goes_nowhere_else(
    server, repo, make, kind, caplog
):
    repo.private = True
    server.tokens = {TOKEN}
    repo.push({"a.md": "one"})
    assert posts(await look(make(token=TOKEN))) == {"a.md": b"one"}
    assert all(asked.headers["authorization"] == f"Bearer {TOKEN}" for asked in server.log)
    with pytest.raises(Missing, match=r"/me/posts: no such repository; .*`token:` missing\?"):
        await look(make())
    with pytest.raises(SourceError, match="does not know this token") as told:
        await look(make(token="ghp_another_one"))
    assert "ghp_another_one" not in str(told.value) + caplog.text + repr(
        make(token="ghp_another_one").__dict__
    )


async def test_bot_names_itself_and_the_version_it_speaks(server, repo, make, kind):
    repo.push({"a.md": "one"})
    await look(make())
    assert all(asked.headers["user-agent"].startswith("Paperboy") for asked in server.log)
    assert server.log[0].headers["x-github-api-version"] == "2022-11-28"


async def test_spent_limit_is_obeyed_until_it_is_reset(server, repo, make):
    repo.push({"a.md": "one", "b.md": "two"})
    server.remaining = 3
    source, found = make(), []

    async def read_on():
        async for page in source.fetch({}):
            found.append(page)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(Busy) as told:
        await read_on()
    assert 1790 < told.value.seconds <= 1801
    assert list(posts(found)) == ["a.md"]
    server.log.clear()
    with pytest.raises(Busy, match="left alone"):
        await look(source, known(found))
    assert len(server.log) <= 1
    server.remaining = 60
    assert list(posts(await look(make(), known(found)))) == ["b.md"]


async def test_second_limit_is_obeyed_too(server, repo, make):
    server.failing = {"commits": (429, {"retry-after": "77"})}
    with pytest.raises(Busy) as told:
        await look(make())
    assert told.value.seconds == 77


async def test_unchanged_repository_costs_nothing_of_the_limit_with_a_token(server, repo, make):
    server.tokens = {TOKEN}
    repo.push({"a.md": "one"})
    source = make(token=TOKEN)
    before = known(await look(source))
    left = server.remaining
    assert await look(source, before) == []
    assert server.remaining == left


async def test_missing_rights_are_no_limit(server, repo, make):
    server.failing = {"commits": (403, {"x-ratelimit-remaining": "40"})}
    with pytest.raises(SourceError, match="check the address, the token and its rights") as told:
        await look(make())
    assert not isinstance(told.value, Busy)


async def test_empty_repository_and_missing_branch_and_folder_are_told(repo, make):
    with pytest.raises(Missing, match="nothing has been committed to it yet"):
        await look(make())
    repo.push({"posts/a.md": "one", ".github/b.md": "x", "c.md": "no folder"})
    with pytest.raises(Missing, match="no such branch: master"):
        await look(make(branch="master"))
    for path in ("source/_posts", "c.md"):
        with pytest.raises(Missing, match=f"no such folder: {path}; there is posts$"):
            await look(make(path=path))


async def test_repository_that_was_renamed_is_followed(server, repo, make):
    repo.push({"a.md": "one"})
    server.repos["me/renamed"] = server.repos.pop("me/posts")
    server.moved["me/posts"] = "me/renamed"
    assert posts(await look(make())) == {"a.md": b"one"}


@pytest.mark.parametrize(
    "text",
    ["<html>", "[]", "{}", '{"tree": 1}', '{"tree": [{"type": "blob"}]}', "[" * 100_000,
     json.dumps({"tree": [{"type": "blob", "mode": "100644", "path": "a.md", "sha": "../../x"}]}),
     json.dumps({"tree": [{"type": "blob", "mode": "100644", "path": "a.md", "sha": 7}]}),
     '{"tree": [{"type": "blob", "mode": "100644", "path": "a", "sha": "%s", "size": 1e999}]}' % ("a" * 40)],
)  # fmt: skip
async def test_what_is_no_list_of_files_is_told(server, repo, make, text):
    async def answer(_request):
        return web.Response(text=text, content_type="application/json")

    repo.push({"a.md": "one"})
    server.failing = {"/trees/": answer}
    with pytest.raises(SourceError, match="lists no files; is this the API of a GitHub"):
        await look(make())


async def test_server_that_is_no_github_is_told(server, make):
    async def answer(_request):
        return web.Response(text="hello", content_type="text/plain")

    server.failing = {"commits": answer}
    with pytest.raises(SourceError, match="names no commit"):
        await look(make())


async def test_silent_server_is_given_up_in_time(make):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/me/posts"
        async with asyncio.timeout(3):
            with pytest.raises(SourceError, match=r"within 0.1 s"):
                await look(make(url, limits=Limits(private=True, seconds=0.1)))


async def test_servers_of_this_machine_are_not_asked_unless_allowed(make):
    with pytest.raises(SourceError, match="private: true"):
        await look(make(limits=Limits()))


async def test_probe_says_what_is_there(server, repo, make):
    commit = repo.push({"posts/a.md": "one", "posts/b.md": "two"})
    assert await make(path="posts").probe() == f"2 posts at {commit[:10]}"
    assert len(server.log) == 2
    with pytest.raises(Missing, match="no such folder"):
        await make(path="none").probe()


# Addresses.


@pytest.mark.parametrize(
    ("url", "branch", "folder"),
    [
        ("https://github.com/me/posts", "", ""),
        ("https://www.github.com/me/posts.git/", "", ""),
        ("github.com/me/posts", "", ""),
        ("https://GitHub.com/me/posts/tree/main", "main", ""),
        ("https://github.com/me/posts/tree/main/source/_posts/?plain=1#top", "main", "source/_posts"),
        ("https://github.com/me/posts/tree/%E6%96%B0/a%20b", "新", "a b"),
    ],
)
def test_address_is_understood_as_a_browser_shows_it(url, branch, folder):
    place = read_place(url, branch="", path="", token="")
    assert (place.branch, place.folder) == (branch, folder)
    assert place.url == "https://github.com/me/posts"
    assert place.api == "https://api.github.com/repos/me/posts"
    assert place.raw == "https://raw.githubusercontent.com/me/posts"


def test_folder_and_branch_of_the_config_complete_the_address():
    place = read_place("https://github.com/me/p/tree/a/b/c", branch="a/b", path="/d/", token="")
    assert (place.branch, place.folder) == ("a/b", "c/d")
    place = read_place("https://git.example.org:8443/me/p", branch="", path="", token="x")
    assert (place.api, place.raw) == ("https://git.example.org:8443/api/v3/repos/me/p", "")
    with pytest.raises(ConfigError, match="names another branch"):
        read_place("https://github.com/me/p/tree/main", branch="trunk", path="", token="")


@pytest.mark.parametrize(
    "url",
    ["", "https://github.com", "https://github.com/me", "git@github.com:me/posts.git", "ssh://github.com/me/p",
     "https://github.com/me/p/blob/main/a.md", "https://github.com/me/../p", "https://github.com/../p", "https://github.com:x/me/p",
     "https://github.com/m%2Fe/p", "https://[::1/me/p", "https://github.com/me/p/tree/main/../../x"],
)  # fmt: skip
def test_address_of_no_repository_is_refused(url):
    with pytest.raises(ConfigError, match="sources: "):
        read_place(url, branch="", path="", token="")


@given(st.one_of(st.text(max_size=40), st.from_regex(r"https://[^/]{0,20}(/[^/]{0,9}){0,5}", fullmatch=True)))
def test_any_address_becomes_one_of_a_repository_or_is_refused(url):
    with contextlib.suppress(ConfigError):
        place = read_place(url, branch="", path="", token=TOKEN)
        owner, name = place.url.split("/")[-2:]
        assert place.api.endswith(f"/repos/{owner}/{name}")
        assert ".." not in place.folder.split("/")


def test_token_is_neither_part_of_the_address_nor_sent_unencrypted():
    for url, said in (
        (f"https://{TOKEN}@github.com/me/p", "under `token:`"),
        (f"https://me:{TOKEN}@github.com/me/p", "under `token:`"),
        ("http://git.example.org/me/p", "https only"),
    ):
        with pytest.raises(ConfigError, match=said) as told:
            read_place(url, branch="", path="", token=TOKEN)
        assert TOKEN not in str(told.value)
