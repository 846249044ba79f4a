"""What `paperboy check` finds out about databases, real ones, and that it changes nothing there."""

import asyncio
import hashlib
import shutil
import sqlite3
import uuid

import pytest
from alembic import command
from sqlalchemy import text

from bot.model import Language, Style
from bot.storage import chats, check, visit
from bot.storage.check import check as look
from bot.storage.database import open_database
from tests.storage.test_search import alembic


def told(looked):
    return {it.what: (it.verdict.value, it.said) for it in looked.findings}


@pytest.fixture
def file(template, tmp_path):
    return shutil.copy(template, tmp_path / "paper%20boy?.db")


async def test_database_of_this_version_is_well(address):
    looked = await look(address)
    assert looked.current
    assert {it.verdict.value for it in looked.findings} == {"ok"}
    assert told(looked)["database"][1].endswith("up to date")
    assert told(looked)["database writing"][0] == "ok"


async def test_file_that_is_not_there_is_not_made(tmp_path):
    looked = await look(f"sqlite:///{tmp_path}/deep/er/new.db")
    verdict, said = told(looked)["database"]
    assert (verdict, looked.current) == ("ok", False)
    assert "does not exist yet; `paperboy run` makes it" in said
    assert list(tmp_path.iterdir()) == []


async def test_file_stays_as_it_is_and_has_nothing_beside_it(file):
    before = hashlib.sha256(file.read_bytes()).digest()
    looked = await look(str(file))
    assert looked.current
    assert hashlib.sha256(file.read_bytes()).digest() == before
    assert [it.name for it in file.parent.iterdir()] == [file.name]


async def test_older_tables_are_told_and_left(address):
    async def version(connection):
        return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()

    opened = await open_database(address)
    async with opened.writing() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic(sync), "0007"))
    await opened.close()
    looked = await look(address)
    verdict, said = told(looked)["database"]
    assert (verdict, looked.current) == ("warn", False)
    assert "its tables are at 0007" in said
    assert "will be brought up to date by the next run" in said
    async with visit.visit(address) as database, database.reading() as connection:
        assert await version(connection) == "0007"


async def test_newer_tables_are_told(file):
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    looked = await look(str(file))
    verdict, said = told(looked)["database"]
    assert (verdict, looked.current) == ("fail", False)
    assert "made by a newer Paperboy (its tables are at 9999" in said


async def test_empty_file_has_no_tables_yet(tmp_path):
    (tmp_path / "empty.db").touch()
    looked = await look(str(tmp_path / "empty.db"))
    assert "no tables yet" in told(looked)["database"][1]
    assert not looked.current
    assert (tmp_path / "empty.db").stat().st_size == 0


async def test_what_is_no_database_is_told_with_its_mend(tmp_path):
    (tmp_path / "text.db").write_text("hello\n" * 1000)
    verdict, said = told(await look(str(tmp_path / "text.db")))["database"]
    assert verdict == "fail"
    assert "not a database; restore a backup, or name another file" in said


async def test_folder_in_the_place_of_the_file_is_told(tmp_path):
    (tmp_path / "folder.db").mkdir()
    assert told(await look(str(tmp_path / "folder.db")))["database"][0] == "fail"


async def test_place_that_no_folder_can_be_made_in_is_told(tmp_path):
    (tmp_path / "file").touch()
    looked = await look(str(tmp_path / "file" / "paperboy.db"))
    assert told(looked)["database"][0] == "fail"
    assert "is no folder" in told(looked)["database"][1]


async def test_file_that_may_only_be_read_is_told(file, monkeypatch):
    gently = visit._gently
    monkeypatch.setattr(visit, "_gently", lambda url: gently(url).set(query={"mode": "ro", "uri": "true"}))
    verdict, said = told(await look(str(file)))["database"]
    assert verdict == "fail"
    assert "may be read, not written" in said


async def test_bot_that_writes_for_a_moment_is_waited_for(file):
    opened = await open_database(str(file))
    async with opened.writing():
        looking = asyncio.create_task(look(str(file)))
        await asyncio.sleep(0.5)
        assert not looking.done()
    assert (await looking).current
    await opened.close()


async def test_writer_that_never_ends_is_a_warning(file, monkeypatch):
    monkeypatch.setattr("bot.storage.database.PATIENCE", 0.1)
    raw = sqlite3.connect(file)
    raw.execute("BEGIN IMMEDIATE")
    looked = await look(str(file))
    raw.close()
    assert told(looked)["database"][0] == "ok"
    assert told(looked)["database writing"][0] == "warn"


async def test_disk_that_is_nearly_full_is_a_warning(file, monkeypatch):
    monkeypatch.setattr(check, "LEAST", 10**18)
    assert told(await look(str(file)))["disk"][0] == "warn"


async def test_memory_is_a_warning():
    assert told(await look("sqlite:///:memory:"))["database"][0] == "warn"


async def test_address_that_is_none_is_told():
    assert told(await look("mysql://a@b/c"))["database"][0] == "fail"
    assert told(await look("https://[x/"))["database"][0] == "fail"


async def test_server_that_is_not_there_is_told_without_the_password():
    looked = await look("postgresql://reader:hunter22@127.0.0.1:1/papers")
    verdict, said = told(looked)["database"]
    assert verdict == "fail"
    assert "no way to the server" in said
    assert "DATABASE_URL" in said
    assert "hunter22" not in said


async def test_postgres_tells_what_lacks(postgres):
    """One role that may come in and read, and neither write nor make tables."""
    name = f"check_{uuid.uuid4().hex[:8]}"
    postgres.psql(f"CREATE DATABASE {name} TEMPLATE paperboy_template;")
    postgres.psql(f"CREATE ROLE {name} LOGIN PASSWORD 'hunter22';\n\\c {name}\n"
                  f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name};")  # fmt: skip
    uri = str(postgres.get_uri(database=name))
    try:
        scheme, rest = uri.split("://")
        weak = f"{scheme}://{name}:hunter22@{rest.rpartition('@')[2]}"
        looked = await look(weak)
        assert looked.current
        assert (
            "up to date" in told(looked)["database"][1]
            or "may not make tables" in told(looked)["database"][1]
        )
        lines = [it.line() for it in looked.findings]
        assert any(line.startswith("FAIL  database writing") and "GRANT ALL" in line for line in lines), lines
        assert any(line.startswith("warn  database:") and "GRANT CREATE" in line for line in lines), lines
        assert not any("hunter22" in line for line in lines)
        gone = told(await look(uri.replace(f"/{name}", "/no_such_database")))["database"]
        assert gone[0] == "fail"
        assert "does not exist; make it with `createdb`" in gone[1]
        postgres.psql(f"ALTER ROLE {name} NOLOGIN;")
        refused = told(await look(weak))["database"]
        assert refused[0] == "fail"
        assert "refuses the user or the password" in refused[1]
        assert "hunter22" not in refused[1]
    finally:
        postgres.psql(f"DROP DATABASE {name} WITH (FORCE);\nDROP ROLE {name};")


async def test_places_that_follow_something_are_found_and_pauses_counted(database, address):
    async with database.writing() as connection:
        given = {"style": Style.CARDS, "language": Language.EN}
        for number in range(5):
            await chats.follow_all(connection, "telegram", f"-10{number}", group=True, **given)
        for platform, place, group in (
            ("telegram", "7", False),
            ("telegram", "-9", True),
            ("discord", "1/2", True),
        ):
            await chats.settle_in(connection, platform, place, group=group, **given)
        for place, reason in (("-100", "asked"), ("-101", "blocked"), ("-102", "blocked"), ("7", "deleted")):
            known = await chats.find(connection, "telegram", place)
            await chats.pause(connection, known.id, now=1, reason=reason)
    async with visit.visit(address) as looked, looked.reading() as connection:
        found, number = await visit.following(connection, "telegram", 1)
        assert ([chat.address for chat in found], number) == (["-104"], 2)
        assert await visit.following(connection, "discord", 9) == ([], 0)
        assert await visit.paused(connection) == {"blocked": 2, "deleted": 1}
