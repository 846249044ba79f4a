import asyncio
import os
import threading
import time

import pytest

from bot.errors import SourceError
from bot.sources import files, folder
from bot.sources.base import Given, Limits, Page, Unreadable
from bot.sources.files import MAX_BYTES
from bot.sources.folder import Folder

OLD = time.time() - 3600


def put(path, text="post", when=OLD):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (when, when))


def made(folder):
    return Folder(Given(name="posts", every=1, path=str(folder)))


async def look(folder, known=None):
    return [page async for page in made(folder).fetch(known or {})]


async def test_every_post_file_at_any_depth_is_found_in_the_order_of_names(tmp_path):
    for name in ("2024-01-02/NeRF.md", "2024-01-01/3DGS.md", "a.html", "deep/er/est/b.HTM", "c.markdown"):
        put(tmp_path / name)
    assert [page.address for page in await look(tmp_path)] == [
        "2024-01-01/3DGS.md", "2024-01-02/NeRF.md", "a.html", "c.markdown", "deep/er/est/b.HTM",
    ]  # fmt: skip


async def test_hidden_and_other_files_are_left_alone(tmp_path):
    for name in (".git/a.md", ".hidden.md", "image.png", "notes.txt"):
        put(tmp_path / name)
    assert await look(tmp_path) == []


async def test_known_files_are_given_only_when_changed(tmp_path):
    put(tmp_path / "a.md", "one")
    put(tmp_path / "b.md", "two")
    known = {page.address: page.fingerprint for page in await look(tmp_path)}
    assert await look(tmp_path, known) == []
    put(tmp_path / "b.md", "more", OLD + 5)
    changed = await look(tmp_path, known)
    assert [(page.address, page.raw.data) for page in changed] == [("b.md", b"more")]


async def test_content_comes_as_bytes(tmp_path):
    (tmp_path / "a.md").write_bytes(b"\xff\x00")
    os.utime(tmp_path / "a.md", (OLD, OLD))
    (page,) = await look(tmp_path)
    assert isinstance(page, Page)
    assert page.raw.data == b"\xff\x00"


async def test_file_that_is_still_being_written_waits_for_the_next_look(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "REST", 0.1)
    put(tmp_path / "done.md")
    growing = tmp_path / "growing.md"
    put(growing, "half", time.time())
    found = [page.address for page in await look(tmp_path)]
    assert found == ["done.md", "growing.md"]  # it rested meanwhile

    put(growing, "half", time.time())
    source = made(tmp_path)
    before = source._changed

    def changed(known):
        result = before(known)
        put(growing, "half and more", time.time() + 1)
        return result

    source._changed = changed
    assert [page.address async for page in source.fetch({})] == ["done.md"]


async def test_folder_that_is_away_is_told(tmp_path):
    with pytest.raises(SourceError, match="none: cannot be read: No such file or directory"):
        await look(tmp_path / "none")


async def test_file_instead_of_folder_is_told(tmp_path):
    put(tmp_path / "a.md")
    with pytest.raises(SourceError, match="Not a directory"):
        await look(tmp_path / "a.md")


async def test_link_to_nowhere_is_passed_over_and_the_rest_is_read(tmp_path):
    put(tmp_path / "a.md")
    (tmp_path / "b.md").symlink_to(tmp_path / "gone")
    assert [page.address for page in await look(tmp_path)] == ["a.md"]


async def test_folders_that_link_to_each_other_end(tmp_path):
    put(tmp_path / "x" / "a.md")
    (tmp_path / "x" / "loop").symlink_to(tmp_path)
    assert [page.address for page in await look(tmp_path)] == ["x/a.md"]


async def test_too_large_a_file_is_told_and_the_rest_is_read(tmp_path):
    put(tmp_path / "b.md")
    with (tmp_path / "a.md").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    os.utime(tmp_path / "a.md", (OLD, OLD))
    first, second = await look(tmp_path)
    assert isinstance(first, Unreadable)
    assert "64,000,001 bytes, more than the 64,000,000" in first.reason
    assert second.address == "b.md"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_file_that_may_not_be_read_is_told(tmp_path):
    put(tmp_path / "a.md")
    (tmp_path / "a.md").chmod(0)
    (found,) = await look(tmp_path)
    assert "Permission denied" in found.reason


async def test_folder_tells_how_many_posts_lie_there(tmp_path):
    put(tmp_path / "a.md")
    put(tmp_path / "deep" / "b.html")
    assert await made(tmp_path).probe() == "2 files"
    with pytest.raises(SourceError, match="check the path"):
        await made(tmp_path / "none").probe()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
async def test_folder_below_that_may_not_be_read_is_told_and_the_rest_is_read(tmp_path):
    put(tmp_path / "a.md")
    put(tmp_path / "2024-01-02" / "b.md")
    (tmp_path / "2024-01-02").chmod(0)
    try:
        closed, page = await look(tmp_path)
    finally:
        (tmp_path / "2024-01-02").chmod(0o700)
    assert isinstance(closed, Unreadable)
    assert (closed.address, page.address) == ("2024-01-02/", "a.md")
    assert str(tmp_path / "2024-01-02") in closed.reason


async def test_more_folders_than_files_may_be_open_are_read_all_the_same(tmp_path):
    resource = pytest.importorskip("resource")
    for number in range(300):
        put(tmp_path / f"{number}" / "a.md")
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(len(os.listdir("/dev/fd")) + 50, usual[0]), usual[1]))
    try:
        assert len(await look(tmp_path)) == 300
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)


async def test_name_that_is_no_utf8_is_spelt_out_and_the_file_read(tmp_path):
    name = os.fsdecode("café.md".encode("latin-1"))
    try:
        put(tmp_path / name, "one")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (page,) = await look(tmp_path)
    assert (page.address, page.raw.address, page.raw.data) == (r"caf\xe9.md",) * 2 + (b"one",)
    assert await look(tmp_path, {page.address: page.fingerprint}) == []
    os.truncate(tmp_path / name, MAX_BYTES + 1)
    os.utime(tmp_path / name, (OLD, OLD))
    (large,) = await look(tmp_path)
    assert large.reason.startswith(rf"{tmp_path}/caf\xe9.md: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
async def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "endless.md").symlink_to("/dev/zero")
    (tmp_path / "folder.md").mkdir()
    put(tmp_path / "a.md")
    assert [page.address for page in await look(tmp_path)] == ["a.md"]


async def test_disk_that_hangs_is_given_up_and_not_asked_again_until_it_answers(tmp_path, monkeypatch):
    put(tmp_path / "a.md")
    hung, asked = threading.Event(), []

    def walk(path):
        asked.append(path)
        hung.wait(5)
        return files.walk(path)

    monkeypatch.setattr(folder, "walk", walk)
    source = Folder(Given(name="posts", every=1, path=str(tmp_path), limits=Limits(seconds=0.05)))
    for _ in range(3):
        with pytest.raises(SourceError, match="does not answer"):
            await anext(source.fetch({}))
    assert len(asked) == 1
    hung.set()
    await asyncio.wait({source._asked})
    assert [page.address async for page in source.fetch({})] == ["a.md"]
