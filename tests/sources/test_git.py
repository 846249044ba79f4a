"""Repositories read with git's own program."""

import asyncio
import contextlib
import ctypes
import os
import shutil
import socket
import sys
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Busy, ConfigError, Missing, SourceError
from bot.sources import git, git_copy, git_disk, process
from bot.sources.base import Given, Limits, Page, Unreadable
from bot.sources.git import Git
from bot.sources.git_remote import read_remote
from tests.fakes.git import GIT, HTTP_BACKEND, GitServer, Repository

pytestmark = pytest.mark.skipif(not GIT, reason="there is no git on this machine")
over_http = pytest.mark.skipif(not HTTP_BACKEND, reason="this git comes without git-http-backend")

TOKEN = "a-token-that-nobody-may-see"


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    """Nobody's own settings of git count."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.fixture
def repository(tmp_path) -> Repository:
    return Repository(tmp_path / "served" / "posts.git")


@pytest.fixture
def make(tmp_path):
    """Makes a source of a repository."""

    def make(url, *, limits=None, **given) -> Git:
        limits = limits or Limits(private=True, seconds=20, pause=0)
        url = url.url if isinstance(url, Repository) else url
        return Git(Given(name="git", every=60, url=url, cache=tmp_path / "cache", limits=limits, **given))

    return make


@pytest.fixture
async def server(repository):
    async with GitServer(repository.path.parent) as served:
        yield served


async def look(source, known=None):
    return [page async for page in source.fetch(known or {})]


def known(pages):
    return {page.address: page.fingerprint for page in pages}


def named(pages):
    return {page.address: page.raw.data for page in pages}


def children():
    return [child for child in psutil.Process().children(recursive=True) if "git" in child.name()]


async def gone():
    """Whether none of the programs that were started is left, nor what is left of one that ended."""
    for _ in range(50):
        if not children():
            return True
        await asyncio.sleep(0.02)
    return False


# What is read.


async def test_every_post_file_is_found_in_the_order_of_names(repository, make):
    repository.commit(
        {"2024-01-02/NeRF.md": "b", "2024-01-01/医学图像.md": "a", "deep/er/c.HTM": "c", "x.png": "d"}
    )
    pages = await look(make(repository))
    assert [page.address for page in pages] == [
        "2024-01-01/医学图像.md",
        "2024-01-02/NeRF.md",
        "deep/er/c.HTM",
    ]
    assert named(pages)["2024-01-01/医学图像.md"] == b"a"


async def test_addresses_are_paths_below_the_given_folder(repository, make):
    repository.commit(
        {"source/_posts/Paper/2024-01-01/a.md": "a", "README.md": "no", "source/_posts2/b.md": "no"}
    )
    pages = await look(make(repository, path="/source/_posts/"))
    assert named(pages) == {"Paper/2024-01-01/a.md": b"a"}


async def test_hidden_files_links_and_other_repositories_are_left_alone(repository, make):
    inner = repository.commit({"a.md": "a", ".hidden.md": "no", ".github/b.md": "no", "c/.d/e.md": "no"})
    repository.commit({"link.md": "/etc/passwd", "folder.md": "../.."}, mode=b"120000")
    repository.commit({"other.md": inner}, mode=b"160000")
    assert named(await look(make(repository))) == {"a.md": b"a"}


async def test_content_comes_as_it_was_committed(repository, make):
    data = b"\xff\x00\r\n" * 1000 + b"$Id$ no end of line"
    repository.commit({"a.md": data, "empty.md": b"", ".gitattributes": "*.md text eol=lf ident"})
    assert named(await look(make(repository))) == {"a.md": data, "empty.md": b""}


async def test_names_of_any_bytes_are_read(repository, make):
    repository.commit({b"caf\xe9.md": "a", "with blank\ttab.md": "b", "-rf.md": "c", '"quoted.md'[1:]: "d"})
    pages = await look(make(repository))
    assert named(pages) == {
        "caf\\xe9.md": b"a",
        "with blank\ttab.md": b"b",
        "-rf.md": b"c",
        "quoted.md": b"d",
    }


async def test_only_what_changed_is_given_again(repository, make):
    source = make(repository)
    repository.commit({"a.md": "one", "b.md": "two"})
    before = known(await look(source))
    assert await look(source, before) == []
    repository.commit({"b.md": "more", "c.md": "new", "a.md": None})
    assert named(await look(source, before)) == {"b.md": b"more", "c.md": b"new"}


async def test_a_new_copy_knows_the_old_fingerprints(repository, make, tmp_path):
    repository.commit({"a.md": "one"})
    before = known(await look(make(repository)))
    shutil.rmtree(tmp_path / "cache")
    assert await look(make(repository), before) == []


async def test_what_was_not_kept_is_given_again(repository, make):
    repository.commit({"a.md": "one", "b.md": "two"})
    before = known(await look(make(repository)))
    del before["b.md"]
    assert named(await look(make(repository), before)) == {"b.md": b"two"}


async def test_only_the_newest_commit_is_copied(repository, make, tmp_path):
    for number in range(3):
        repository.commit({"a.md": f"text {number}"})
    await look(make(repository))
    (copy,) = (tmp_path / "cache").glob("*.git")
    assert Repository.run(_at(copy), "rev-list", "--count", git_copy.HEAD) == b"1\n"
    assert not list(copy.rglob("a.md"))


async def test_too_large_a_file_is_named_and_the_rest_is_read(repository, make):
    repository.commit({"large.md": b"x" * 2000, "small.md": "a"})
    found = await look(make(repository, limits=Limits(size=1000)))
    assert [type(page) for page in found] == [Unreadable, Page]
    assert "large.md: 2,000 bytes, more than the 1,000" in found[0].reason


async def test_repository_of_the_newer_form_is_read(tmp_path, make):
    repository = Repository(tmp_path / "new.git", form="sha256")
    repository.commit({"a.md": "one"})
    (page,) = await look(make(repository))
    assert len(page.fingerprint) == 64


async def test_ten_thousand_known_posts_cost_next_to_nothing(repository, make):
    repository.commit({f"2024-01-{n // 400:02}/{n}.md": f"post {n}" for n in range(10_000)})
    listed = repository.run("ls-tree", "-r", "main").decode().splitlines()
    before = {path: head.split()[2] for head, _, path in (line.partition("\t") for line in listed)}
    source = make(repository)
    assert await look(source, before) == []
    start = time.perf_counter()
    assert await look(source, before) == []
    assert time.perf_counter() - start < 1.5  # 0.03 s where nothing else runs


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://me:secret@github.com/o/n.git", "https://github.com/o/n/blob/HEAD/p/a%20b.md"),
        ("git@github.com:o/n.git", "https://github.com/o/n/blob/HEAD/p/a%20b.md"),
        ("ssh://git@gitlab.com/group/o/n/", "https://gitlab.com/group/o/n/-/blob/HEAD/p/a%20b.md"),
        ("https://git.example.org/o/n", None),
        ("/srv/posts", None),
    ],
)
def test_reader_is_led_to_the_file_where_its_place_is_known(url, page):
    assert read_remote(url, "").page("", "p/a b.md") == page


# Branches and history.


async def test_the_branch_that_is_asked_for_is_read(repository, make):
    repository.commit({"a.md": "main"})
    repository.commit({"a.md": "other"}, branch="gh/pages", anew=True)
    assert named(await look(make(repository, branch="gh/pages"))) == {"a.md": b"other"}
    assert named(await look(make(repository))) == {"a.md": b"main"}


async def test_rewritten_history_is_followed(repository, make):
    source = make(repository)
    repository.commit({"a.md": "one", "b.md": "kept"})
    before = known(await look(source))
    repository.commit({"a.md": "another", "b.md": "kept"}, anew=True)
    assert named(await look(source, before)) == {"a.md": b"another"}


async def test_renamed_first_branch_is_followed(repository, make):
    source = make(repository)
    repository.commit({"a.md": "one"})
    before = known(await look(source))
    repository.rename("trunk")
    repository.commit({"b.md": "two"})
    assert named(await look(source, before)) == {"b.md": b"two"}


async def test_branch_that_is_not_there_is_told_with_those_that_are(repository, make):
    repository.commit({"a.md": "one"})
    repository.commit({"a.md": "one"}, branch="trunk")
    with pytest.raises(Missing, match=r"no such branch: master; it has main, trunk$"):
        await look(make(repository, branch="master"))
    repository.run("symbolic-ref", "HEAD", "refs/heads/gone")
    with pytest.raises(Missing, match=r"shows no branch first; say which: `branch:` main, trunk$"):
        await look(make(repository))


async def test_empty_repository_is_told(repository, make):
    with pytest.raises(Missing, match="no branch yet"):
        await look(make(repository))


async def test_folder_that_is_not_there_is_told_with_those_that_are(repository, make):
    repository.commit({"posts/a.md": "one", "images/b.png": "x", "file.md": "no folder"})
    for path in ("source/_posts", "file.md"):
        with pytest.raises(Missing, match=rf"no such folder: {path}; at its top: images, posts$"):
            await look(make(repository, path=path))


async def test_what_is_no_repository_is_told(tmp_path, make):
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "folder", tmp_path / "none"):
        with pytest.raises(Missing, match=rf"{path}: no such repository"):
            await look(make(str(path)))


async def test_probe_says_what_is_there(repository, make):
    commit = repository.commit({"posts/a.md": "one", "posts/b.md": "two"})
    source = make(repository, path="posts")
    assert await source.probe() == f"2 posts at {commit[:10]}"
    commit = repository.commit({"posts/c.md": "three"})
    assert await source.probe() == f"3 posts at {commit[:10]}"
    for wrong in ({"branch": "none"}, {"path": "none"}):
        with pytest.raises(Missing, match="no such"):
            await make(repository, **wrong).probe()


async def test_probe_does_not_wait_for_a_look_that_is_going_on(repository, make, monkeypatch):
    monkeypatch.setattr(git, "PATIENCE", 0.01)
    commit = repository.commit({"a.md": "one", "b.md": "two"})
    first = make(repository).fetch({})
    await anext(first)
    assert await make(repository).probe() == f"is being read now, at {commit[:10]}"
    await first.aclose()


# Copies that are not what they should be.


def _at(path):
    repository = Repository.__new__(Repository)
    repository.path = path
    return repository


def _no_objects(copy: Path) -> None:
    shutil.rmtree(copy / "objects" / "pack")


def _cut_pack(copy: Path) -> None:
    (pack,) = (copy / "objects" / "pack").glob("*.pack")
    pack.chmod(0o600)
    with pack.open("r+b") as file:
        file.seek(20)
        file.write(b"\xff" * 40)


def _no_head(copy: Path) -> None:
    (copy / "refs" / "paperboy" / "head").write_text("")


def _no_repository(copy: Path) -> None:
    (copy / "HEAD").unlink()


def _another(copy: Path) -> None:
    (copy / "description").write_text("of another repository")


@pytest.mark.parametrize("spoil", [_no_objects, _cut_pack, _no_head, _no_repository, _another])
async def test_spoilt_copy_is_made_anew(repository, make, tmp_path, spoil):
    repository.commit({"a.md": "one" * 100, "folder/b.md": "two" * 100})
    await look(make(repository))
    (copy,) = (tmp_path / "cache").glob("*.git")
    spoil(copy)
    assert len(await look(make(repository))) == 2
    spoil(copy)
    assert len(await look(make(repository, path="folder"))) == 1
    spoil(copy)
    repository.commit({"c.md": "three"})
    assert len(await look(make(repository))) == 3


async def test_what_a_killed_git_left_is_swept(repository, make, tmp_path):
    source = make(repository)
    repository.commit({"a.md": "one"})
    before = known(await look(source))
    (copy,) = (tmp_path / "cache").glob("*.git")
    left = [
        copy / "shallow.lock",
        copy / "refs/paperboy/head.lock",
        copy / "objects/pack/tmp_pack_x",
        copy / "gc.pid",
    ]
    for path in left:
        path.write_bytes(b"x")
    repository.commit({"b.md": "two"})
    assert named(await look(source, before)) == {"b.md": b"two"}
    assert not any(path.exists() for path in left)


async def test_copy_does_not_grow_for_years(repository, make, tmp_path, monkeypatch):
    monkeypatch.setattr(git_copy, "TIDY", 9)
    source = make(repository)
    for number in range(5):
        repository.commit({"a.md": os.urandom(20_000)}, anew=number == 3)
        await look(source)
    (copy,) = (tmp_path / "cache").glob("*.git")
    assert sum(git_disk.weigh(copy)) < 70_000
    assert len(await look(source)) == 1


async def test_two_looks_at_one_copy_take_turns(repository, make):
    repository.commit({f"{number}.md": "x" for number in range(50)})
    found = await asyncio.gather(*(look(make(repository)) for _ in range(3)))
    assert [len(pages) for pages in found] == [50, 50, 50]


async def test_another_look_that_does_not_end_is_not_waited_for(repository, make):
    repository.commit({"a.md": "one"})
    first = make(repository).fetch({})
    await anext(first)
    with pytest.raises(SourceError, match="another look at it does not end"):
        await look(make(repository, limits=Limits(seconds=0.02)))
    await first.aclose()
    assert len(await look(make(repository))) == 1
    assert await gone()


async def test_cache_that_cannot_be_written_is_told(repository, make, tmp_path):
    repository.commit({"a.md": "one"})
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(SourceError, match=r"cache: copies of repositories cannot be kept there: "):
        await look(make(repository))


# Over HTTP.


@over_http
async def test_repository_is_read_over_http(server, repository, make):
    source = make(f"{server.url}/posts.git")
    repository.commit({"a.md": "one"})
    before = known(await look(source))
    repository.commit({"b.md": "two"})
    assert named(await look(source, before)) == {"b.md": b"two"}
    server.log.clear()
    assert (
        await look(source, {**before, "b.md": repository.run("rev-parse", "main:b.md").decode().strip()})
        == []
    )
    assert not any(
        "pack" in path and "service" not in path and server.log.index(path) > 1 for path in server.log
    )


async def test_repository_served_as_mere_files_is_read(server, repository, make):
    repository.commit({"a.md": "one"})
    repository.run("repack", "-a", "-d", "--quiet")
    repository.run("update-server-info")
    source = make(f"{server.url}/dumb/posts.git")
    before = known(await look(source))
    assert list(before) == ["a.md"]
    assert await look(source, before) == []


@over_http
async def test_token_opens_and_is_seen_by_nobody(server, repository, make, tmp_path, monkeypatch):
    seen = tmp_path / "seen"
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin" / "git"
    wrapper.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >> {seen}\nenv | cut -d= -f1 >> {seen}\nexec {GIT} "$@"\n'
    )
    wrapper.chmod(0o700)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:x")
    repository.commit({"a.md": "one"})
    server.login = f"x-access-token:{TOKEN}"
    assert len(await look(make(f"{server.url}/posts.git", token=TOKEN))) == 1
    assert server.logins
    told = seen.read_text()
    assert "ls-remote" in told
    assert TOKEN not in told
    assert "TELEGRAM_BOT_TOKEN" not in told
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in path.read_bytes() for path in kept)


@over_http
async def test_password_of_the_address_is_used_and_not_shown(server, repository, make):
    repository.commit({"a.md": "one"})
    server.login = f"some@one:{TOKEN}"
    url = server.url.replace("://", f"://some%40one:{TOKEN}@")
    assert len(await look(make(f"{url}/posts.git"))) == 1
    server.login = "another"
    with pytest.raises(SourceError, match="may not be read") as told:
        await look(make(f"{url}/posts.git"))
    assert TOKEN not in str(told.value)
    assert "some" not in str(told.value)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (301, Missing, "has moved; try it with .git at its end"),
        (401, SourceError, "may not be read, or is not there"),
        (403, SourceError, "may not be read, or is not there"),
        (404, Missing, "no such repository"),
        (429, Busy, "asks to be left alone"),
        (500, SourceError, "a trouble of its own"),
    ],
)
async def test_refusal_is_told_with_its_mend(server, make, status, kind, said):
    server.status = status
    with pytest.raises(kind, match=f"/posts.git: .*{said}") as told:
        await look(make(f"{server.url}/posts.git", token=TOKEN))
    assert "\n" not in str(told.value)
    assert len(server.log) <= 2  # a login is offered once, and no redirect is followed


async def test_nobody_there_is_told(make):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/a", f"git://127.0.0.1:{port}/a"):
        with pytest.raises(SourceError, match="no connection"):
            await look(make(url))


@pytest.mark.skipif(not shutil.which("ssh"), reason="there is no ssh on this machine")
async def test_ssh_asks_nothing_and_is_told(make):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceError, match=f"ssh://127.0.0.1:{port}/a.git: no connection"):
        await look(make(f"ssh://git@127.0.0.1:{port}/a.git"))


# Servers and programs that do not end.


@contextlib.contextmanager
def silent():
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/a.git"


async def test_silent_server_is_given_up_in_time(make):
    with silent() as url:
        start = time.monotonic()
        with pytest.raises(SourceError, match=r"given up: no end after 0.2 seconds"):
            await look(make(url, limits=Limits(private=True, seconds=0.2)))
    assert time.monotonic() - start < 3
    assert await gone()


async def test_cancelled_look_leaves_no_program(make):
    with silent() as url:
        task = asyncio.create_task(look(make(url)))
        while not children():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await gone()


async def test_killed_git_is_told(make):
    with silent() as url:
        task = asyncio.create_task(look(make(url)))
        while not children():
            await asyncio.sleep(0.01)
        psutil.Process().children()[0].kill()
        with pytest.raises(SourceError, match=r"git was killed \(signal 9\)"):
            await asyncio.wait_for(task, 5)
    assert await gone()


async def test_git_killed_while_posts_are_read_is_told_and_the_copy_kept(repository, make, tmp_path):
    repository.commit({f"{number}.md": "x" for number in range(9)})
    source, found = make(repository), []

    async def read_on():
        async for page in source.fetch({}):
            found.append(page)
            for child in children():
                child.kill()

    with pytest.raises(SourceError, match="git was killed while it read"):
        await read_on()
    (copy,) = (tmp_path / "cache").glob("*.git")
    assert len(await look(source, known(found))) == 9 - len(found)
    assert copy.is_dir()


@pytest.mark.skipif(sys.platform != "linux", reason="what a program leaves behind is taken over by another")
async def test_first_process_of_a_container_keeps_no_remains_of_what_it_killed(make):
    adopt = ctypes.CDLL(
        None
    ).prctl  # https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html
    adopt(36, 1)
    try:
        with silent() as url, pytest.raises(SourceError, match="given up"):
            await look(make(url, limits=Limits(private=True, seconds=0.2)))
        assert not children()
    finally:
        adopt(36, 0)


async def test_endless_answer_is_given_up(server, make):
    server.endless = True
    with pytest.raises(SourceError, match=r"given up: no end after 0.3 seconds"):
        await look(make(f"{server.url}/posts.git", limits=Limits(private=True, seconds=0.3)))
    assert await gone()


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="this machine does not tell what programs hold"
)
async def test_endless_answer_does_not_fill_the_memory(server, make, monkeypatch):
    monkeypatch.setattr(process, "BEAT", 0.01)
    monkeypatch.setattr(process, "MEMORY", 5_000_000)
    server.endless = True
    with pytest.raises(SourceError, match=r"given up: no end after 5,000,000 bytes of memory"):
        await look(make(f"{server.url}/posts.git"))
    assert await gone()


async def test_repository_that_is_too_large_is_given_up_and_not_kept(repository, make, tmp_path, monkeypatch):
    monkeypatch.setattr(git_copy, "MOST", 100_000)
    monkeypatch.setattr(process, "BEAT", 0.001)
    repository.commit({f"{number}.md": os.urandom(500_000) for number in range(6)})
    with pytest.raises(SourceError, match=r"more than 100,000 bytes"):
        await look(make(repository))
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]
    assert await gone()


# What is not run, and where nothing is asked.


@pytest.mark.parametrize(
    "url",
    ["", "--upload-pack=touch x", "-x", "ext::sh -c true", "fd::3", "ftp://a.example/b", "file://host/b",
     "ssh://-oProxyCommand=x/a", "http://a.example/\nb", "https:///nohost", "~no-such-user/posts"],
)  # fmt: skip
def test_address_that_git_could_misread_is_refused(make, url):
    with pytest.raises(ConfigError, match="sources: "):
        make(url)


@given(
    st.one_of(
        st.text(max_size=40),
        st.from_regex(r"(https?|ssh|git|file|ext)://[^/]{0,20}(/.{0,20})?", fullmatch=True),
        st.from_regex(r"[-\w.@\[\]:]{0,12}:.{0,12}", fullmatch=True),
    )
)
def test_any_address_becomes_one_for_git_or_is_refused(url):
    with contextlib.suppress(ConfigError):
        remote = read_remote(url, TOKEN)
        assert not remote.url.startswith("-")
        assert remote.url.isprintable()
        assert "::" not in remote.url.partition("/")[0].partition("[")[0]
        assert TOKEN not in remote.url + remote.shown + repr(remote)


@pytest.mark.parametrize("path", ["..", "a/../../b", "a\nb"])
def test_folder_outside_is_refused(make, path):
    with pytest.raises(ConfigError, match="must be a folder within the repository"):
        make("https://example.org/a", path=path)


def test_token_is_for_https_alone(make):
    with pytest.raises(ConfigError, match="sent over https only") as told:
        make("http://example.org/a", token=TOKEN)
    assert TOKEN not in str(told.value)
    make("https://example.org/a", token=TOKEN)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a", "ssh://git@127.0.0.1/a", "git@127.0.0.1:a", "git://[::1]/a"]
)
async def test_servers_of_this_machine_are_not_asked_unless_allowed(make, url):
    with pytest.raises(SourceError, match="private: true"):
        await look(make(url, limits=Limits()))


async def test_path_of_this_machine_needs_no_leave(repository, make):
    repository.commit({"a.md": "one"})
    for url in (str(repository.path), os.path.relpath(repository.path), repository.url):
        assert len(await look(make(url, limits=Limits()))) == 1


async def test_hooks_and_settings_of_others_are_not_run(repository, make, tmp_path, monkeypatch):
    hook = tmp_path / "hooks" / "reference-transaction"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    hook.chmod(0o700)
    (tmp_path / ".gitconfig").write_text(f"[core]\n hooksPath = {hook.parent}\n")
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    repository.commit({"a.md": "one"})
    assert len(await look(make(repository))) == 1
    assert not (tmp_path / "ran").exists()


async def test_machine_without_git_is_told(repository, make, tmp_path, monkeypatch):
    repository.commit({"a.md": "one"})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        SourceError, match="there is no git on this machine; install git, or use kind: github"
    ):
        await look(make(repository))
