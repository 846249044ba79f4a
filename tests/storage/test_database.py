import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from bot.errors import StorageError
from bot.storage.database import open_database, parse_url
from bot.storage.tables import is_common, metadata


async def test_migrations_make_exactly_the_tables_of_the_code(database):
    def differences(connection):
        context = MigrationContext.configure(connection, opts={"include_name": is_common})
        return compare_metadata(context, metadata)

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_twice_keeps_what_is_there(address):
    first = await open_database(address)
    async with first.writing() as connection:
        await connection.execute(text("INSERT INTO tag (slug, name) VALUES ('nerf', 'NeRF')"))
    await first.close()
    second = await open_database(address)
    async with second.reading() as connection:
        assert (await connection.execute(text("SELECT name FROM tag"))).scalar_one() == "NeRF"
    await second.close()


async def test_database_of_a_newer_version_is_refused(address):
    opened = await open_database(address)
    async with opened.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await opened.close()
    with pytest.raises(
        StorageError, match=r"made by a newer Paperboy \(its tables are at 9999, this one knows"
    ):
        await open_database(address)


async def test_transaction_that_raises_leaves_nothing(database):
    async def fail():
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO tag (slug, name) VALUES ('a', 'A')"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM tag"))).scalar_one() == 0


async def test_reader_does_not_wait_for_a_writer(database):
    async with database.writing() as writer:
        await writer.execute(text("INSERT INTO tag (slug, name) VALUES ('a', 'A')"))
        async with database.reading() as reader:
            assert (await reader.execute(text("SELECT count(*) FROM tag"))).scalar_one() == 0


async def test_file_that_is_no_database_is_told_with_its_path(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("not a database, but some forty characters of prose")
    with pytest.raises(StorageError, match=rf"database {path}: file is not a database"):
        await open_database(str(path))


async def test_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="its folder cannot be made"):
        await open_database(str(tmp_path / "file" / "deep" / "paperboy.db"))


async def test_server_that_is_away_is_told_without_the_password():
    with pytest.raises(StorageError) as caught:
        await open_database("postgresql://me:hush@127.0.0.1:9/papers")
    assert "postgresql+asyncpg://me:***@127.0.0.1:9/papers" in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("address", ["mysql://me@localhost/x", "://", "nonsense://"])
def test_other_engines_are_refused_with_what_would_do(address):
    with pytest.raises(StorageError, match="sqlite:///FILE"):
        parse_url(address)


async def test_sqlite_waits_and_keeps_its_keys(tmp_path):
    opened = await open_database(str(tmp_path / "p.db"))
    async with opened.reading() as connection:
        values = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]
    await opened.close()
    assert values == ["wal", 1, 250]
    with sqlite3.connect(tmp_path / "p.db") as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
