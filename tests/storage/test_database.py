import sqlite3
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.errors import StorageError
from bot.storage.database import open_database, parse_url
from bot.storage.search import search
from bot.storage.tables import is_common, metadata
from tests.storage.test_search import alembic


async def test_migrations_make_exactly_the_tables_of_the_code(database):
    async with database.reading() as connection:
        assert await connection.run_sync(_differences) == []


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
    assert "check host and port in DATABASE_URL" in str(caught.value)


async def test_missing_driver_is_told_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(StorageError, match="asyncpg is not installed; pip install asyncpg"):
        await open_database("postgresql://me@127.0.0.1:9/papers")


async def test_trouble_with_the_file_is_told_with_its_mend(tmp_path):
    with pytest.raises(StorageError, match="cannot be opened; check the rights of the file"):
        await open_database(str(tmp_path))


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


async def test_database_of_the_first_version_keeps_everything(address):
    opened = await open_database(address)
    async with opened.writing() as connection:
        await connection.run_sync(_back_to_the_first)
    await opened.close()
    again = await open_database(address)
    async with again.reading() as connection:
        assert await connection.run_sync(_differences) == []
        rows = await connection.execute(
            text("SELECT arxiv_id, state, tries, parts FROM delivery ORDER BY id")
        )
        assert rows.all() == [("2003.08934", "sent", 0, 0), ("2006.11239", "pending", 0, 0)]
        rows = await connection.execute(text("SELECT address, owed_at, kind, schedule FROM chat ORDER BY id"))
        assert rows.all() == [("7", 0, "private", "instant"), ("8", None, "private", "instant")]
        followed = await connection.execute(text("SELECT chat_id FROM subscription"))
        assert followed.scalars().all() == [1]
        found = await search(connection, "radiance", limit=5)
        assert [hit.arxiv_id for hit in found.papers] == ["2003.08934"]
    with pytest.raises(IntegrityError):
        async with again.writing() as connection:
            await connection.execute(text("UPDATE chat SET kind = 'crowd'"))
    await again.close()


async def test_layouts_come_to_chats_that_are_there_and_go_again(address):
    opened = await open_database(address)
    async with opened.writing() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic(sync), "0006"))
        for statement in FIRST:
            await connection.execute(text(statement))
    await opened.close()
    again = await open_database(address)
    async with again.reading() as connection:
        assert await connection.run_sync(_differences) == []
        rows = await connection.execute(text("SELECT address, layout, own FROM chat ORDER BY id"))
        assert rows.all() == [("7", "plain", ""), ("8", "plain", "")]
        for table in ("subscription", "delivery"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
    with pytest.raises(IntegrityError):
        async with again.writing() as connection:
            await connection.execute(text("UPDATE chat SET layout = 'grid'"))
    await again.close()


FIRST = (
    "INSERT INTO chat (id, platform, address, style, language, follows_all) VALUES "
    "(1, 'telegram', '7', 'cards', 'en', false), (2, 'telegram', '8', 'cards', 'en', false)",
    "INSERT INTO tag (id, slug, name) VALUES (1, 'nerf', 'NeRF')",
    "INSERT INTO subscription (chat_id, tag_id) VALUES (1, 1)",
    "INSERT INTO paper (arxiv_id, title, authors, abstract, link, links) VALUES "
    "('2003.08934', 'Neural radiance fields', '[]', '', 'https://arxiv.org/abs/2003.08934', '{}'), "
    "('2006.11239', 'Diffusion', '[]', '', 'https://arxiv.org/abs/2006.11239', '{}')",
    "INSERT INTO post (id, source, address, title, date, heading_date, categories, headings, problems) "
    "VALUES (1, 'blog', 'a.md', 'NeRF', '2026-11-20', '2026-11-20', '[]', '[]', '[]')",
    "INSERT INTO post_tag (post_id, tag_id, position) VALUES (1, 1, 0)",
    "INSERT INTO entry (id, post_id, arxiv_id, position, takeaways, figures, doubts) VALUES "
    "(1, 1, '2003.08934', 0, '[]', '[]', '[]'), (2, 1, '2006.11239', 1, '[]', '[]', '[]')",
    "INSERT INTO delivery (id, chat_id, arxiv_id, entry_id, state, planned_at) VALUES "
    "(1, 2, '2003.08934', 1, 'sent', 5), (2, 1, '2006.11239', 2, 'pending', 5)",
)


def _back_to_the_first(connection):
    """What a database held when the first version had worked with it."""
    if connection.dialect.name == "sqlite":
        more = "SELECT type, name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%' OR type = 'trigger'"
        for kind, name in connection.execute(text(f"{more} ORDER BY type DESC")).all():
            connection.execute(text(f'DROP {kind} "{name}"'))
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    else:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    command.upgrade(alembic(connection), "0001")
    for statement in FIRST:
        connection.execute(text(statement))


def _differences(connection):
    context = MigrationContext.configure(connection, opts={"include_name": is_common})
    return compare_metadata(context, metadata)
