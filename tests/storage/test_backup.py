import asyncio
import copy
import datetime as dt
import json

import pytest
from sqlalchemy import func, select

from bot.errors import UsageError
from bot.model import Style
from bot.storage import pages, planning, posts
from bot.storage.backup import Restored, export, restore
from bot.storage.backup_check import SETTINGS
from bot.storage.database import open_database
from bot.storage.tables import chat, delivery, entry, filter, metadata, subscription, tag
from tests.builders import post

NUMBERS = ("2003.08934", "2006.11239", "cs/0112017")
MADE_AT = 1_795_132_800  # 20 November 2026
DAILY = {
    "kind": "group", "style": "full", "language": "zh", "follows_all": False, "backlog": True,
    "revised": True, "schedule": "daily", "at": 150, "zone": "Asia/Hong_Kong", "weekdays": 31,
    "quiet_start": 1320, "quiet_end": 420, "quiet_silent": True, "due_at": 1_800_000_000,
    "paused_at": 1_700_000_000,
    "paused_reason": "blocked", "title": "@nerf", "manager": "7",
    "layout": "threads", "own": "zone style",
}  # fmt: skip


async def fill(database):
    """Two chats: one with everything there is, one as it comes."""
    async with database.writing() as connection:
        await posts.add(connection, "blog", post(*NUMBERS))
        sending = {"owed_at": 5.0, "leased_by": "me", "leased_until": 9.0}
        await connection.execute(chat.insert().values(platform="telegram", address="-1", **DAILY, **sending))
        plain = {"style": "cards", "language": "en", "follows_all": True}
        await connection.execute(chat.insert().values(platform="discord", address="频道", **plain))
        ids = {row.platform: row.id for row in await connection.execute(chat.select())}
        tag_id = (await connection.execute(select(tag.c.id))).scalar_one()
        await connection.execute(subscription.insert().values(chat_id=ids["telegram"], tag_id=tag_id))
        for kind, word in (("exclude", "lidar"), ("exclude", "激光"), ("author", "turing")):
            await connection.execute(filter.insert().values(chat_id=ids["telegram"], kind=kind, word=word))
        for platform, number, state, more in (
            ("telegram", 0, "sent", {"version": 2}),
            ("telegram", 1, "filtered", {"version": 1, "reason": "cap"}),
            ("telegram", 2, "pending", {"version": 1}),
            ("discord", 0, "pending", {"version": 2, "revised": True}),
            ("discord", 1, "failed", {"version": 1}),
            ("discord", 2, "sent", {"version": None}),
        ):
            own = select(entry.c.id).where(entry.c.arxiv_id == NUMBERS[number]).scalar_subquery()
            values = {"chat_id": ids[platform], "arxiv_id": NUMBERS[number], "entry_id": own, **more}
            await connection.execute(delivery.insert().values(state=state, planned_at=1, **values))


async def give(database):
    async with database.reading() as connection:
        return await export(connection, at=MADE_AT)


async def take(database, data):
    async with database.writing() as connection:
        return await restore(connection, data, at=100)


async def contents(database):
    """Every row of every table."""
    async with database.reading() as connection:
        return {
            table.name: sorted(map(repr, (await connection.execute(table.select())).all()))
            for table in metadata.sorted_tables
        }


@pytest.fixture
async def backup(tmp_path):
    """A backup of what `fill` makes."""
    opened = await open_database(str(tmp_path / "origin.db"))
    await fill(opened)
    yield await give(opened)
    await opened.close()


def told(backup):
    """The chats with the papers themselves instead of their numbers."""
    chats = copy.deepcopy(backup["chats"])
    for item in chats:
        for runs_by in (item["delivered"], item.get("owed", {})):
            for key, runs in runs_by.items():
                papers = [backup["papers"][it] for first, last in runs for it in range(first, last + 1)]
                runs_by[key] = sorted(papers)
    return chats


async def test_backup_says_everything_about_chats_and_nothing_about_sending(database):
    await fill(database)
    discord, telegram = (await give(database))["chats"]
    assert telegram == {
        "platform": "telegram",
        "address": "-1",
        "settings": DAILY,
        "follows": ["nerf"],
        "filters": {"exclude": ["lidar", "激光"], "author": ["turing"]},
        "delivered": {"sent": [[0, 0]], "filtered": [[1, 1]]},
        "owed": {"2026-11-20": [[2, 2]]},
    }
    assert discord["settings"]["zone"] == "UTC"
    assert set(discord["settings"]) == set(DAILY)


async def test_every_column_of_a_chat_is_a_setting_or_known_not_to_be_one():
    others = {"id", "platform", "address", "owed_at", "leased_by", "leased_until"}
    assert {column.name for column in SETTINGS} | others == set(chat.c.keys())


async def test_what_was_exported_is_the_same_after_import_into_an_empty_database(database, backup):
    assert await take(database, json.loads(json.dumps(backup))) == Restored(
        chats=2, subscriptions=1, deliveries=5, owed=2
    )
    again = await give(database)
    assert again["tags"] == backup["tags"]
    assert again["sources"] == backup["sources"]
    assert told(again) == told(backup)


async def test_importing_twice_changes_nothing_more(database, backup):
    await take(database, backup)
    before = await contents(database)
    await take(database, backup)
    assert await contents(database) == before


async def test_restored_chat_is_not_owed_again_what_it_was_delivered(database, backup):
    await take(database, backup)
    async with database.writing() as connection:
        post_id = await posts.add(connection, "blog", post(*NUMBERS, "1706.03762"), at=7)
        await planning.plan(connection, post_id, at=7, cap=10, oldest=dt.date(2026, 11, 1))
        new = await connection.execute(
            select(chat.c.platform, delivery.c.arxiv_id)
            .join(delivery, delivery.c.chat_id == chat.c.id)
            .where(delivery.c.state == "pending")
        )
        assert sorted(map(tuple, new)) == [
            ("discord", "1706.03762"),
            ("telegram", "1706.03762"),
            ("telegram", "cs/0112017"),  # it was still owed when the backup was made
        ]


async def test_paper_that_is_owed_again_counts_as_sent_in_the_older_version_as_well(backup):
    discord = told(backup)[0]
    assert "2003.08934v1" in discord["delivered"]["sent"]
    assert discord["owed"] == {"2026-11-20": ["2003.08934v2"]}


async def test_backup_says_when_it_was_made_and_how_far_each_source_was_read(database):
    async with database.writing() as connection:
        await pages.note_look(connection, "blog", at=50, every=60, error=None)
        await pages.note_look(connection, "blog", at=70, every=60, error="away", whole=False)
        await pages.note_look(connection, "feed", at=80, every=60, error="never there", whole=False)
    made = await give(database)
    assert (made["made_at"], made["sources"]) == (MADE_AT, {"blog": 50})


async def test_source_is_told_on_until_it_is_read_here(database, backup):
    await take(database, backup | {"sources": {"blog": 50, "feed": 60}})
    async with database.writing() as connection:
        await pages.note_look(connection, "feed", at=200, every=60, error=None)
    assert (await give(database))["sources"] == {"blog": 50, "feed": 200}


async def test_of_two_backups_the_one_that_knows_least_says_how_far_a_source_was_read(database, backup):
    for read_at in (60, 50, 70):
        await take(database, backup | {"sources": {"blog": read_at}})
    assert (await give(database))["sources"] == {"blog": 50}


async def test_source_is_not_read_later_than_the_backup_was_made(database, backup):
    await take(database, backup | {"made_at": 40, "sources": {"blog": 50}})
    assert (await give(database))["sources"] == {"blog": 40}


async def test_restored_source_is_not_taken_for_one_that_was_looked_at(database, backup):
    await take(database, backup | {"sources": {"blog": 50}})
    async with database.reading() as connection:
        assert await pages.states(connection) == []


async def test_backup_of_the_version_before_is_read(database, backup):
    for item in backup["chats"]:
        del item["owed"]
    old = {name: value for name, value in backup.items() if name not in ("made_at", "sources")}
    assert await take(database, old) == Restored(chats=2, subscriptions=1, deliveries=5, owed=0)
    again = await give(database)
    assert (told(again), again["sources"]) == (told(old), {})


async def test_import_merges_with_what_is_there(database, backup):
    async with database.writing() as connection:
        await posts.add(connection, "blog", post("1706.03762", *NUMBERS))
        own = {
            "platform": "telegram",
            "address": "-1",
            "style": "cards",
            "language": "en",
            "follows_all": True,
        }
        chat_id = (await connection.execute(chat.insert().values(**own).returning(chat.c.id))).scalar_one()
        await connection.execute(tag.insert().values(slug="3dgs", name="3DGS"))
        tag_id = (await connection.execute(select(tag.c.id).where(tag.c.slug == "3dgs"))).scalar_one()
        await connection.execute(subscription.insert().values(chat_id=chat_id, tag_id=tag_id))
        await connection.execute(filter.insert().values(chat_id=chat_id, kind="include", word="nerf"))
        entry_id = (await connection.execute(select(func.min(entry.c.id)))).scalar_one()
        for arxiv_id, state, version in (
            ("1706.03762", "sent", 1),
            ("2003.08934", "pending", 1),
            ("2006.11239", "sent", 3),
        ):
            row = {"chat_id": chat_id, "arxiv_id": arxiv_id, "entry_id": entry_id, "planned_at": 1}
            await connection.execute(delivery.insert().values(state=state, version=version, **row))
    await take(database, backup)
    merged = await give(database)
    _, telegram = told(merged)
    assert telegram["settings"] == DAILY
    assert telegram["follows"] == ["3dgs", "nerf"]
    assert telegram["filters"]["include"] == ["nerf"]
    assert telegram["delivered"] == {"sent": ["1706.03762v1", "2003.08934v2", "2006.11239v3"]}
    assert telegram["owed"] == {"2026-11-20": ["cs/0112017v1"]}
    async with database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(chat))).scalar_one() == 2


async def test_settings_that_the_file_does_not_say_are_as_for_a_new_chat(database, backup):
    only = {"style": "cards", "language": "zh", "follows_all": False}
    backup["chats"][1]["settings"] = only
    await take(database, backup)
    telegram = (await give(database))["chats"][1]
    assert telegram["settings"] == only | {
        "kind": "private", "backlog": False, "revised": False, "schedule": "instant", "at": None,
        "zone": "UTC", "weekdays": 127, "quiet_start": None, "quiet_end": None, "quiet_silent": False,
        "due_at": None, "paused_at": None, "paused_reason": None, "title": "", "manager": "",
        "layout": "plain", "own": "",
    }  # fmt: skip


async def test_every_style_comes_back(database, backup):
    for style in Style:
        backup["chats"][1]["settings"]["style"] = style.value
        await take(database, backup)
        assert (await give(database))["chats"][1]["settings"]["style"] == style


# Where something is put, what is put there, and what the refusal says.
FAULTS = [
    (["made_at"], "now", 'made_at: "now"; write a whole number'),
    (["made_at"], -1, "made_at: -1; write seconds since 1970"),
    (["sources"], ["blog"], 'sources: ["blog"]; write an object'),
    (["sources"], {"blog": None}, "sources.blog: null; write a whole number"),
    (["sources"], {"blog": 2**60}, "sources.blog: 1152921504606846976; write seconds since 1970"),
    (["chats", 1, "owed"], [], "chats[1].owed: []; write an object"),
    (["chats", 1, "owed"], {"today": []}, "chats[1].owed.today: not a date; write it like 2026-11-20"),
    (["chats", 1, "owed"], {"2026-11-20": 1}, "chats[1].owed.2026-11-20: 1; write a list"),
    (["chats", 1, "owed"], {"2026-11-20": [[0, 99]]}, "from 0 to 99; `papers` go from 0 to"),
    ([], [], "format: not a backup of Paperboy"),
    (["format"], "other", 'says "format": "paperboy-backup"'),
    (["version"], 2, "version: 2, made by a newer Paperboy; this one reads up to 1: update Paperboy"),
    (["version"], "1", 'version: "1"; write a whole number'),
    (["version"], True, "version: true; write a whole number"),
    (["version"], 0, "version: 0; write 1"),
    (["tags"], [], "tags: []; write an object"),
    (["tags", "nerf"], None, "tags.nerf: null; write a text"),
    (["tags"], {}, "chats[1].follows[0]: 'nerf' is not among `tags`"),
    (["papers"], {}, "papers: {}; write a list"),
    (["papers", 0], "", "papers[0]: ''; write an arXiv id"),
    (["papers", 0], "two words", "papers[0]: 'two words'; write an arXiv id"),
    (["papers", 0], 2003.08934, "papers[0]: 2003.08934; write a text"),
    (["papers"], ["2003.08934"], "`papers` go from 0 to 0"),
    (["chats"], None, "chats: null; write a list"),
    (["chats", 0], 1, "chats[0]: 1; write an object"),
    (["chats", 0, "platform"], None, "chats[0].platform: null; write a text"),
    (["chats", 0, "address"], 5, "chats[0].address: 5; write a text"),
    (["chats", 0, "address"], "\ud800", r'chats[0].address: "\ud800" holds half a character'),
    (["chats", 1, "settings", "style"], "loud", "chats[1].settings.style: no such style; choose from cards"),
    (["chats", 1, "settings", "language"], "de", "chats[1].settings.language: no such language"),
    (["chats", 1, "settings", "schedule"], "hourly", "chats[1].settings.schedule: no such schedule"),
    (["chats", 1, "settings", "kind"], "", "chats[1].settings.kind: no such kind"),
    (["chats", 1, "settings", "layout"], "grid", "chats[1].settings.layout: no such layout"),
    (
        ["chats", 1, "settings", "own"],
        "style hat",
        "chats[1].settings.own: no such setting; choose from when",
    ),
    (["chats", 1, "settings", "zone"], "Mars/Base", "no time zone is called 'Mars/Base'"),
    (["chats", 1, "settings", "zone"], "../../etc/passwd", "no time zone is called"),
    (["chats", 1, "settings", "at"], 1440, "chats[1].settings.at: 1440; write a number from 0 to 1439"),
    (["chats", 1, "settings", "at"], None, "chats[1].settings: a daily digest needs an hour"),
    (["chats", 1, "settings", "at"], 2.5, "chats[1].settings.at: 2.5; write a whole number"),
    (["chats", 1, "settings", "weekdays"], 0, "chats[1].settings.weekdays: 0; write a number from 1 to 127"),
    (["chats", 1, "settings", "quiet_end"], None, "quiet_start and quiet_end belong together"),
    (["chats", 1, "settings", "due_at"], 10**30, "chats[1].settings.due_at: larger than"),
    (["chats", 1, "settings", "revised"], 1, "chats[1].settings.revised: 1; write true or false"),
    (["chats", 1, "settings", "colour"], "red", "chats[1].settings.colour: no such setting"),
    (["chats", 1, "settings", "leased_by"], "me", "chats[1].settings.leased_by: no such setting"),
    (["chats", 1, "settings"], {}, "chats[1].settings.style: missing"),
    (["chats", 1, "follows"], [["nerf"]], 'chats[1].follows[0]: ["nerf"]; write a text'),
    (["chats", 1, "filters", "maybe"], ["x"], "chats[1].filters.maybe: no such kind of filter"),
    (["chats", 1, "filters", "author"], "x", 'chats[1].filters.author: "x"; write a list'),
    (["chats", 1, "delivered", "pending"], [], "chats[1].delivered.pending: no such outcome"),
    (["chats", 1, "delivered", "sent", 0], [1], "chats[1].delivered.sent[0]: write two numbers"),
    (["chats", 1, "delivered", "sent", 0], [1, 0], "chats[1].delivered.sent[0]: from 1 to 0"),
    (["chats", 1, "delivered", "sent", 0], [0, 99], "from 0 to 99; `papers` go from 0 to"),
]


def put(data, path, value):
    if not path:
        return value
    changed = copy.deepcopy(data)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


async def test_malformed_backup_is_refused_with_its_place_and_changes_nothing(database, backup):
    async with database.writing() as connection:
        await posts.add(connection, "blog", post("1706.03762"))
    before = await contents(database)
    for path, value, reason in FAULTS:
        with pytest.raises(UsageError) as caught:
            await take(database, put(backup, path, value))
        assert reason in str(caught.value), (path, value)
    assert await contents(database) == before


async def test_missing_parts_are_told(backup, database):
    for name in ("version", "tags", "papers", "chats"):
        data = {key: value for key, value in backup.items() if key != name}
        with pytest.raises(UsageError, match=f"^{name}: missing; write"):
            await take(database, data)
    for name in ("platform", "address", "settings", "follows", "filters", "delivered"):
        data = copy.deepcopy(backup)
        del data["chats"][1][name]
        with pytest.raises(UsageError, match=rf"^chats\[1\].{name}: missing; write"):
            await take(database, data)


async def test_chat_that_stands_there_twice_is_refused(database, backup):
    backup["chats"].append(backup["chats"][0])
    with pytest.raises(UsageError, match=r"chats\[2\]: the same chat as chats\[0\]; take one"):
        await take(database, backup)


async def test_backup_made_while_chats_come_is_of_one_moment(database):
    """Whoever is in a backup is there whole: with what it follows, filters and was delivered."""
    async with database.writing() as connection:
        tag_id = (
            await connection.execute(tag.insert().values(slug="a", name="A").returning(tag.c.id))
        ).scalar_one()

    async def come():
        for number in range(40):
            async with database.writing() as connection:
                own = {"platform": "p", "address": str(number), "style": "cards", "language": "en"}
                made = chat.insert().values(follows_all=False, **own).returning(chat.c.id)
                chat_id = (await connection.execute(made)).scalar_one()
                await connection.execute(subscription.insert().values(chat_id=chat_id, tag_id=tag_id))
                await connection.execute(filter.insert().values(chat_id=chat_id, kind="author", word="x"))
                sent = {"arxiv_id": f"2001.{number:05}", "state": "sent", "planned_at": 1}
                await connection.execute(delivery.insert().values(chat_id=chat_id, **sent))

    coming = asyncio.create_task(come())
    sizes = []
    while not coming.done():
        data = await give(database)
        sizes.append(len(data["chats"]))
        for item in data["chats"]:
            assert item["follows"] == ["a"]
            assert item["filters"] == {"author": ["x"]}
            assert item["delivered"]
        assert len(data["papers"]) == len(data["chats"])
    await coming
    assert len(set(sizes)) > 2
