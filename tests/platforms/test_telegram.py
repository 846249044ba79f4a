"""The bot on Telegram as people see it, over HTTP, against a server that refuses what Telegram refuses."""

import asyncio
import datetime as dt

import httpx
from sqlalchemy import select

from bot import app
from bot.config import Config
from bot.errors import ConfigError
from bot.status import look
from bot.storage.tables import chat, delivery, subscription
from tests.fakes.telegram import Server
from tests.platforms.conftest import running
from tests.test_cli import rest

TODAY = dt.datetime.now(dt.UTC).date().isoformat()

POST = """---
title: {tag}
date: {day} 08:00:00
categories: Paper
tags:
  - {tag}
---

# {day} 更新

{papers}
"""

PAPER = """## {title}

**Authors:Ada Lovelace, Alan Turing**

We show that it can be done, and how.

[PDF](http://arxiv.org/abs/{arxiv_id}v1) Accepted by CVPR 2026

**Summary**
一句话说清楚。

**Key Takeaways**

1. 第一点。
2. 第二点。
"""


def digest(tag: str, *ids: str, day: str = TODAY) -> str:
    """A post with these papers."""
    papers = "\n".join(PAPER.format(title=f"On {arxiv_id}", arxiv_id=arxiv_id) for arxiv_id in ids)
    return POST.format(tag=tag, day=day, papers=papers)


async def ask(telegram: Server, where, user, text: str, **more):
    """What the bot shows last after a person has asked."""
    event = await telegram.say(where, user, text, **more)
    await telegram.answer_to(event, within=5)  # a chat gets one message a second
    return last(telegram, where)


def last(telegram: Server, where):
    return [message for message in telegram.shown(where) if message.by_bot][-1]


def cards(telegram: Server, where) -> list[str]:
    """The titles of the pushed papers that a chat shows, in order."""
    return [it.text.split("\n")[0] for it in telegram.shown(where) if it.text.startswith("On ")]


async def until(fact, within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not fact():
            await asyncio.sleep(0.02)


async def test_person_follows_by_a_tap_and_gets_what_is_new_from_then_on(bot, telegram: Server):
    ada = telegram.user("Ada")
    greeting = await ask(telegram, ada, ada, "/start")
    assert {"NeRF · 4", "3DGS · 5"} <= set(greeting.labels)
    await telegram.press(greeting, "NeRF · 4", ada)
    await telegram.wait_for("answerCallbackQuery")
    bot.publish(TODAY, "NeRF", digest("NeRF", "2601.00001", "2601.00002"))
    bot.publish(TODAY, "3DGS", digest("3DGS", "2601.00003"))
    await bot.look()
    await until(lambda: "On 2601.00002" in cards(telegram, ada))
    assert cards(telegram, ada) == ["On 2601.00001", "On 2601.00002"]
    assert not any("2601.00003" in str(message.body) for message in telegram.shown(ada))


async def test_deep_links_act_at_once(bot, telegram: Server):
    ada = telegram.user("Ada")
    told = await ask(telegram, ada, ada, "/start sub_nerf")
    assert "NeRF" in told.text
    async with bot.database.reading() as connection:
        assert len((await connection.execute(select(subscription))).all()) == 1
    card = await ask(telegram, ada, ada, "/start paper_2003-08934")
    assert card.text.startswith("NeRF: Representing Scenes")


async def test_digest_is_browsed_in_place_and_its_cards_open(bot, telegram: Server):
    ada = telegram.user("Ada")
    overview = await ask(telegram, ada, ada, "/latest NeRF")
    assert "NeRF: Representing Scenes" in overview.text
    count = len(telegram.shown(ada))
    event = await telegram.press(overview, "1", ada)
    await telegram.answer_to(event)
    await until(lambda: "Key Takeaways" in str(telegram.shown(ada)[-1].text))
    assert len(telegram.shown(ada)) <= count + 1


async def test_note_is_paged_in_place_and_saving_is_remembered(bot, telegram: Server):
    ada = telegram.user("Ada")
    long_note = "\n\n".join(f"段落{number}：" + "长" * 300 for number in range(30))
    text = (
        digest("NeRF", "2601.00009")
        + f"\n<details>\n<summary>论文笔记</summary>\n\n{long_note}\n\n</details>\n"
    )
    bot.publish(TODAY, "NeRF", text)
    await bot.look()
    card = await ask(telegram, ada, ada, "/paper 2601.00009")
    assert "Save" in " ".join(card.labels)
    await telegram.press(card, "save:2601.00009", ada)
    answered = await telegram.wait_for("answerCallbackQuery")
    assert "Saved" in answered.params["text"]
    listed = await ask(telegram, ada, ada, "/saved")
    assert "On 2601.00009" in listed.text


async def test_search_from_plain_words_and_in_chinese(bot, telegram: Server):
    wei = telegram.user("Wei", language_code="zh-hans")
    found = await ask(telegram, wei, wei, "radiance fields")
    assert "NeRF: Representing Scenes" in found.text
    assert "搜索" in found.text or "radiance fields" in found.text
    found = await ask(telegram, wei, wei, "体渲染")
    assert "NeRF" in found.text
    card = await ask(telegram, wei, wei, "https://arxiv.org/abs/2003.08934v2")
    assert card.text.startswith("NeRF: Representing Scenes")


async def test_export_is_a_file(bot, telegram: Server):
    ada = telegram.user("Ada")
    await ask(telegram, ada, ada, "/save 2003.08934")
    sent = await ask(telegram, ada, ada, "/export bibtex")
    (file,) = sent.files
    assert b"@" in file.data
    assert b"Radiance" in file.data


async def test_in_groups_everybody_reads_and_only_administrators_change(bot, telegram: Server):
    olga, member = telegram.user("Olga"), telegram.user("Max")
    group = telegram.group("Readers", creator=olga, members=[member])
    event = await telegram.say(group, member, f"/subscribe@{telegram.bot.username} NeRF")
    await telegram.answer_to(event)
    assert "administrators" in last(telegram, group).text
    assert last(telegram, group).reply_to is not None
    await ask(telegram, group, olga, f"/subscribe@{telegram.bot.username} NeRF")
    async with bot.database.reading() as connection:
        row = (await connection.execute(select(chat).where(chat.c.address == str(group.id)))).one()
    assert (row.kind, row.manager) == ("group", str(olga.id))
    shown = await ask(telegram, group, member, f"/latest@{telegram.bot.username} NeRF")
    assert "NeRF" in shown.text
    quiet = await telegram.say(group, member, "what do you think of /this")
    await telegram.silence_after(quiet)


async def test_anonymous_administrator_may_change(bot, telegram: Server):
    olga = telegram.user("Olga")
    group = telegram.group("Readers", creator=olga)
    telegram.enrol(group, olga, "creator", anonymous=True)
    told = await ask(telegram, group, olga, f"/subscribe@{telegram.bot.username} NeRF")
    assert "administrators" not in told.text
    async with bot.database.reading() as connection:
        assert len((await connection.execute(select(subscription))).all()) == 1


async def test_channel_is_managed_from_a_private_chat(bot, telegram: Server):
    olga, other = telegram.user("Olga"), telegram.user("Other")
    channel = telegram.channel("Daily", creator=olga, username="dailypapers")
    refused = await ask(telegram, other, other, "/subscribe @dailypapers NeRF")
    assert "administer" in refused.text
    told = await ask(telegram, olga, olga, "/subscribe @dailypapers NeRF")
    assert "dailypapers" in told.text
    bot.publish(TODAY, "NeRF", digest("NeRF", "2601.00001"))
    await bot.look()
    await until(lambda: "On 2601.00001" in cards(telegram, channel))
    unknown = await ask(telegram, olga, olga, "/subscribe @nosuchchannel NeRF")
    assert "nosuchchannel" in unknown.text


async def test_topic_gets_what_was_asked_there_and_a_lost_one_falls_back_and_tells(bot, telegram: Server):
    olga = telegram.user("Olga")
    await telegram.say(olga, olga, "/help")  # so that the bot may write to her
    forum = telegram.group("Forum", creator=olga, forum=True)
    topic = telegram.topic(forum, "NeRF")
    event = await telegram.say(forum, olga, f"/subscribe@{telegram.bot.username} NeRF", topic=topic)
    await telegram.answer_to(event)
    assert last(telegram, forum).thread == topic.id
    bot.publish(TODAY, "NeRF", digest("NeRF", "2601.00001"))
    await bot.look()
    await until(lambda: "On 2601.00001" in cards(telegram, forum))
    assert [it.thread for it in telegram.shown(forum) if it.text.startswith("On ")] == [topic.id]
    telegram.delete_topic(forum, topic)
    bot.publish(TODAY, "NeRF", digest("NeRF", "2601.00001", "2601.00002"))
    await bot.look()
    await until(lambda: "On 2601.00002" in cards(telegram, forum), 8)
    shown = [it for it in telegram.shown(forum) if it.text.startswith("On 2601.00002")]
    assert [it.thread for it in shown] == [None]
    await until(lambda: any("topic" in it.text for it in telegram.shown(olga)))


async def test_process_that_only_sends_tells_of_a_lost_topic(telegram: Server, posts, tmp_path):
    address, olga = f"sqlite:///{tmp_path}/paperboy.db", telegram.user("Olga")
    async with running(telegram, posts, address):
        await telegram.wait_until_polled()
        await telegram.say(olga, olga, "/help")  # so that the bot may write to her
        forum = telegram.group("Forum", creator=olga, forum=True)
        topic = telegram.topic(forum, "NeRF")
        event = await telegram.say(forum, olga, f"/subscribe@{telegram.bot.username} NeRF", topic=topic)
        await telegram.answer_to(event)
    telegram.delete_topic(forum, topic)
    async with running(telegram, posts, address, roles=("collect", "send")) as bot:
        bot.publish(TODAY, "NeRF", digest("NeRF", "2601.00001"))
        await bot.look()
        await until(lambda: "On 2601.00001" in cards(telegram, forum), 8)
        await until(lambda: any("topic" in it.text for it in telegram.shown(olga)))


async def test_who_cannot_be_told_of_a_lost_topic_is_one_line(bot, telegram: Server, caplog):
    olga = telegram.user("Olga")
    forum = telegram.group("Forum", creator=olga, forum=True)
    topic = telegram.topic(forum, "NeRF")
    event = await telegram.say(forum, olga, f"/subscribe@{telegram.bot.username} NeRF", topic=topic)
    await telegram.answer_to(event)
    platform = bot.app.platforms["telegram"]
    telegram.fail("sendMessage", status=403, description="Forbidden: bot was blocked by the user")
    platform._tell_soon(f"{forum.id}/{topic.id}", "deleted")
    (task,) = platform._telling
    await asyncio.wait({task})
    assert task.exception() is None
    assert "manager.untold" in caplog.text


async def test_blocked_chat_is_paused_and_resumed_when_it_comes_back(bot, telegram: Server):
    ada = telegram.user("Ada")
    await ask(telegram, ada, ada, "/subscribe NeRF")
    await telegram.block(ada)

    async def paused():
        async with bot.database.reading() as connection:
            return (await connection.execute(select(chat.c.paused_reason))).scalar_one()

    async with asyncio.timeout(3):
        while await paused() is None:
            await asyncio.sleep(0.02)
    bot.publish(TODAY, "NeRF", digest("NeRF", "2601.00001"))
    await bot.look()
    await telegram.unblock(ada)
    await until(lambda: "On 2601.00001" in cards(telegram, ada))


async def test_group_that_becomes_a_supergroup_keeps_everything(bot, telegram: Server):
    olga = telegram.user("Olga")
    group = telegram.group("Readers", creator=olga, kind="group")
    await ask(telegram, group, olga, f"/subscribe@{telegram.bot.username} NeRF")
    event = await telegram.migrate(group)
    new = event.chat
    bot.publish(TODAY, "NeRF", digest("NeRF", "2601.00001"))
    await bot.look()
    await until(lambda: "On 2601.00001" in cards(telegram, new), 8)
    async with bot.database.reading() as connection:
        addresses = (await connection.execute(select(chat.c.address))).scalars().all()
    assert addresses == [str(new.id)]


async def test_inline_mode_finds_papers_and_posts_their_cards(bot, telegram: Server):
    ada, max_ = telegram.user("Ada"), telegram.user("Max")
    asked = await telegram.inline(ada, "radiance")
    await telegram.answer_to(asked)
    results = telegram.inline_results[asked.id]
    assert any(result["title"].startswith("NeRF") for result in results)
    await telegram.choose(asked, 0, max_)
    latest = await telegram.inline(ada, "")
    await telegram.answer_to(latest)
    assert len(telegram.inline_results[latest.id]) == 10


async def test_commands_are_registered_by_language_and_place(bot, telegram: Server):
    await until(lambda: len(telegram.asked("setMyCommands")) >= 8)
    names = {request.params.get("language_code") for request in telegram.asked("setMyCommands")}
    assert "zh" in names
    assert all(request.ok for request in telegram.asked("setMyCommands")[:8])


async def test_stale_foreign_and_repeated_presses_are_answered(bot, telegram: Server):
    ada = telegram.user("Ada")
    shown = await ask(telegram, ada, ada, "/latest NeRF")
    for data in (
        "note:2003.08934:99",
        "gone:1",
        "digest:00000000:2020-01-01:1",
        "save:",
        "paper:nonsense",
        "x" * 60,
    ):
        event = await telegram.press(shown, data, ada, stale=True)
        answer = await telegram.wait_for(
            "answerCallbackQuery", lambda it, e=event: it.params["callback_query_id"] == e.id
        )
        assert answer.ok
    before = len(telegram.asked("answerCallbackQuery"))
    for _ in range(3):
        await telegram.press(shown, "1", ada, stale=False) if "1" in shown.labels else None
    await until(lambda: len(telegram.asked("answerCallbackQuery")) >= before)
    assert bot.app.senders


async def test_buttons_work_after_a_restart_and_on_messages_of_long_ago(telegram: Server, posts, tmp_path):
    ada = telegram.user("Ada")
    address = f"sqlite:///{tmp_path}/paperboy.db"
    async with running(telegram, posts, address):
        card = await ask(telegram, ada, ada, "/paper 2003.08934")
    async with running(telegram, posts, address):
        event = await telegram.press(card, "save:2003.08934", ada, inaccessible=True)
        answer = await telegram.wait_for(
            "answerCallbackQuery", lambda it: it.params["callback_query_id"] == event.id
        )
        assert "Saved" in answer.params["text"]


async def test_broadcast_meets_blocks_floods_and_5xx_and_loses_nothing(bot, telegram: Server):
    people = [telegram.user(f"P{number}") for number in range(8)]
    for person in people:
        await ask(telegram, person, person, "/subscribe NeRF")
    people[0].blocked = True
    telegram.fail(
        "sendMessage", status=429, retry_after=1, when=lambda it: it.params["chat_id"] == people[1].id
    )
    telegram.fail("sendMessage", status=502, when=lambda it: it.params["chat_id"] == people[2].id)
    bot.publish(TODAY, "NeRF", digest("NeRF", "2601.00001", "2601.00002"))
    await bot.look()
    for person in people[1:]:
        await until(lambda person=person: "On 2601.00002" in cards(telegram, person), 15)
        assert cards(telegram, person) == ["On 2601.00001", "On 2601.00002"]
    async with bot.database.reading() as connection:
        rows = select(delivery.c.state).join(chat, chat.c.id == delivery.c.chat_id)
        rows = rows.where(chat.c.address == str(people[0].id))
        assert set((await connection.execute(rows)).scalars()) <= {"pending", "sending"}


async def test_webhook_takes_updates_with_the_secret_only(telegram: Server, posts, tmp_path, unused_port):
    outer = "https://papers.example.org/telegram/updates"
    telegram.routes[outer] = f"http://127.0.0.1:{unused_port}/telegram/updates"
    webhook = {"url": outer, "listen": f"127.0.0.1:{unused_port}"}
    async with running(telegram, posts, f"sqlite:///{tmp_path}/paperboy.db", webhook=webhook):
        await telegram.wait_for("setWebhook")
        ada = telegram.user("Ada")
        assert "NeRF" in (await ask(telegram, ada, ada, "/latest NeRF")).text
        async with httpx.AsyncClient() as stranger:
            answer = await stranger.post(telegram.routes[outer], json={"update_id": 1})
            assert answer.status_code == 403
    assert telegram.asked("getUpdates") == []


async def test_second_poller_is_told_and_waited_for(telegram: Server, posts, tmp_path, caplog):
    telegram.fail(
        "getUpdates", status=409, description="Conflict: terminated by other getUpdates request", times=2
    )
    async with running(telegram, posts, f"sqlite:///{tmp_path}/paperboy.db"):
        await until(lambda: "another program polls with this token" in caplog.text)
        ada = telegram.user("Ada")
        event = await telegram.say(ada, ada, "/help")
        await telegram.answer_to(event, within=10)


async def test_wrong_token_is_one_clear_line(telegram: Server, posts, tmp_path):
    wrong = "123456:" + "x" * 35
    async with running(telegram, posts, f"sqlite:///{tmp_path}/p.db", token=wrong) as bot:
        await asyncio.wait({bot.work}, timeout=10)
        (cause,) = app._causes(bot.work.exception())
    assert isinstance(cause, ConfigError)
    assert "does not know this token" in str(cause)
    assert wrong not in str(cause)


async def test_one_pass_answers_what_people_asked_meanwhile_then_collects_and_sends(
    telegram, tmp_path, monkeypatch
):
    """Without a server: each pass is a process that ends."""
    monkeypatch.setattr("bot.adapters.telegram.listen.IN_LINE", 2)
    ada, bob = telegram.user("Ada"), telegram.user("Bob")
    folder = tmp_path / "posts"
    folder.mkdir()

    async def go() -> int:
        given = {"token": telegram.token, "api_url": telegram.url}
        config = Config.model_validate(
            {
                "database": str(tmp_path / "paperboy.db"),
                "sources": [{"kind": "folder", "path": str(folder)}],
                "telegram": given,
            }
        )
        return await app.run(config, lambda _line: None, once=True)

    put(folder, "NeRF", digest("NeRF", "2601.00001"))
    assert await go() == 0
    await telegram.say(ada, ada, "/subscribe NeRF")
    for _ in range(3):  # more than are answered at a time
        await telegram.say(bob, bob, "/help")
    put(folder, "NeRF", digest("NeRF", "2601.00001", "2601.00002"))
    assert await go() == 0
    assert cards(telegram, ada) == ["On 2601.00002"]
    assert sum(it.by_bot for it in telegram.shown(bob)) == 3
    told = len(telegram.shown(ada))
    assert await go() == 0
    assert len(telegram.shown(ada)) == told


async def test_one_pass_takes_back_a_webhook_from_before(telegram, posts, tmp_path):
    ada = telegram.user("Ada")
    async with httpx.AsyncClient(base_url=f"{telegram.url}/bot{telegram.token}/") as client:
        await client.post("setWebhook", json={"url": "https://example.org/hook"})
    await telegram.say(ada, ada, "/help")
    config = Config.model_validate(
        {
            "database": str(tmp_path / "paperboy.db"),
            "sources": [{"kind": "folder", "path": str(posts)}],
            "telegram": {"token": telegram.token, "api_url": telegram.url},
        }
    )
    assert await app.run(config, lambda _line: None, once=True) == 0
    assert sum(it.by_bot for it in telegram.shown(ada)) == 1


def put(folder, name: str, text: str) -> None:
    place = folder / TODAY / f"{name}.md"
    place.parent.mkdir(exist_ok=True)
    place.write_text(text, encoding="utf-8")
    rest(place)


async def test_one_pass_without_a_way_to_telegram_says_so_and_collects(tmp_path, caplog):
    (tmp_path / "posts").mkdir()
    put(tmp_path / "posts", "NeRF", digest("NeRF", "2601.00001"))
    config = Config.model_validate(
        {
            "database": str(tmp_path / "paperboy.db"),
            "sources": [{"kind": "folder", "path": str(tmp_path / "posts")}],
            "telegram": {"token": "123:abc", "api_url": "http://127.0.0.1:9"},
        }
    )
    assert await app.run(config, lambda _line: None, once=True) == 1
    assert "role.failed role=listen:telegram" in caplog.text
    assert (await look(config)).counts["paper"] == 1


async def test_process_that_does_not_send_listens_where_the_one_that_does_is_not_to(
    telegram, tmp_path, monkeypatch
):
    monkeypatch.setattr("bot.app.ALONE", 0.05)
    folder, address = tmp_path / "posts", str(tmp_path / "paperboy.db")
    folder.mkdir()
    ada = telegram.user("Ada")
    async with running(telegram, folder, address, roles=("send",)) as sends:
        await until(lambda: sends.app.sending["telegram"].is_set())
        async with running(telegram, folder, address) as other:
            told = await ask(telegram, ada, ada, "/help")
            assert "/subscribe" in told.text
            assert not other.app.sending["telegram"].is_set()
