import io
import json
import os
import stat
import sys
import threading
import time

import pytest

from bot.backup_file import load, read, save, write
from bot.errors import PaperboyError, StorageError, UsageError
from bot.model import Language, Style
from bot.storage import chats
from bot.storage.database import open_database

DATA = {
    "format": "paperboy-backup",
    "version": 1,
    "tags": {"元宇宙": "元宇宙"},
    "chats": [{"a": 1}, {"b": [2]}],
}


async def make(path, *addresses):
    opened = await open_database(str(path))
    async with opened.writing() as connection:
        for address in addresses:
            settings = {"style": Style.CARDS, "language": Language.ZH}
            await chats.follow_all(connection, "telegram", address, **settings)
    await opened.close()


async def test_backup_goes_through_a_file_into_another_database(tmp_path):
    await make(tmp_path / "a.db", "1", "2")
    file = str(tmp_path / "backup.json")
    assert await save(str(tmp_path / "a.db"), file) == 2
    restored = await load(str(tmp_path / "b.db"), file)
    assert (restored.chats, restored.subscriptions, restored.deliveries, restored.owed) == (2, 0, 0, 0)
    assert await save(str(tmp_path / "b.db"), str(tmp_path / "again.json")) == 2
    one, other = (json.loads((tmp_path / name).read_text()) for name in ("backup.json", "again.json"))
    assert one.pop("made_at") <= other.pop("made_at") <= time.time()
    assert one == other


async def test_backup_goes_through_standard_streams(tmp_path, monkeypatch, capsys):
    await make(tmp_path / "a.db", "1")
    await save(str(tmp_path / "a.db"), "-")
    said = capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said.encode())))
    assert (await load(str(tmp_path / "b.db"), "-")).chats == 1


async def test_database_that_does_not_exist_is_not_made_by_an_export(tmp_path):
    with pytest.raises(StorageError, match="does not exist yet"):
        await save(str(tmp_path / "none.db"), str(tmp_path / "backup.json"))
    assert list(tmp_path.iterdir()) == []


async def test_refusal_names_the_file_and_the_place(tmp_path):
    file = tmp_path / "backup.json"
    file.write_text(json.dumps(DATA | {"papers": []}))
    with pytest.raises(UsageError) as caught:
        await load(str(tmp_path / "b.db"), str(file))
    assert str(caught.value) == f"{file}: chats[0].platform: missing; write a text"


def test_file_holds_a_chat_a_line_for_its_owner_only(tmp_path):
    file = tmp_path / "backup.json"
    write(str(file), DATA)
    assert json.loads(file.read_text(encoding="utf-8")) == DATA
    assert [line.rstrip(",") for line in file.read_text().splitlines() if line.startswith('{"a"')] == [
        '{"a":1}'
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_file_that_cannot_be_finished_leaves_the_old_one_and_nothing_else(tmp_path):
    file = tmp_path / "backup.json"
    write(str(file), DATA)
    with pytest.raises(TypeError):
        write(str(file), {"version": 1, "chats": [{"a": object()}]})
    assert json.loads(file.read_text()) == DATA
    assert os.listdir(tmp_path) == ["backup.json"]


def test_link_keeps_pointing_at_the_file_that_is_replaced(tmp_path):
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write(str(tmp_path / "link.json"), DATA)
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text()) == DATA


def test_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=write, args=(str(pipe), DATA))
    writer.start()
    assert json.loads(pipe.read_text()) == DATA
    writer.join()
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["missing/backup.json", ""])
def test_place_that_cannot_be_written_is_told(tmp_path, name):
    with pytest.raises(PaperboyError, match=r"cannot be written: (No such file|Is a directory)"):
        write(str(tmp_path / name), DATA)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'{"a": 1,\n "b"', "line 2 column 5: no JSON: .*; is the file whole"),
        (b"", "line 1 column 1: no JSON"),
        (b"\xff\xfe\xfd", "no backup: "),
        (b'{"a": NaN}', "no backup: NaN is no number"),
        (b"[" * 200_000, "no backup: "),
        (b"9" * 10_000, "no backup: "),
    ],
)
def test_file_that_is_no_json_is_told_with_its_line(tmp_path, text, told):
    file = tmp_path / "backup.json"
    file.write_bytes(text)
    with pytest.raises(UsageError, match=rf"{file}: {told}"):
        read(str(file))


def test_file_that_is_missing_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read(str(tmp_path / "none.json"))
