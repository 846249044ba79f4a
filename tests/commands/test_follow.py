"""Following and leaving: /start, /tags, /subscribe, /unsubscribe, /subscriptions."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from bot.commands import payloads
from bot.commands.base import Place, Where
from bot.model import Language
from bot.storage import chats, planning, tags
from bot.storage.tables import chat, delivery
from tests.commands.asking import NOW, Town, buttons, text
from tests.commands.seeing import TODAY, Seer, publish

GROUP = Place(address="-100777", where=Where.GROUP, title="Graphics group")
CHANNEL = Place(address="-1001234567890", where=Where.CHANNEL, title="@papers")
NAMES = ("NeRF", "3DGS", "Talking Head Generation", "元宇宙/虚拟人", "Avatar Generation", "C++")


@pytest.fixture
async def blog(database):
    """A database with a digest of every tag; NeRF has most papers this week."""
    for number, name in enumerate(NAMES):
        await publish(database, name, papers=(f"2611.{number:05}",))
    await publish(database, "NeRF", papers=("2611.10001", "2611.10002"), date=TODAY - dt.timedelta(1))
    await publish(database, "Old Topic", papers=("2001.00001",), date=dt.date(2020, 1, 1))
    return database


async def followed(database, address="7"):
    """What the chat follows, by name; None: the bot does not know it."""
    async with database.reading() as connection:
        known = await chats.find(connection, "telegram", address)
        if known is None:
            return None
        topics = await tags.topics(connection, since=TODAY, chat_id=known.id)
        return {topic.name for topic in topics if topic.followed}


async def number_of_chats(database):
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(chat))).scalar_one()


async def test_start_greets_in_two_lines_and_shows_tags_with_most_papers_first(blog):
    reply = await Seer(blog)("/start")
    assert len(text(reply).splitlines()) == 2
    assert next(iter(buttons(reply))) == "NeRF · 3"
    assert "Old Topic" in buttons(reply)


async def test_reading_makes_no_chat(blog):
    me = Seer(blog)
    for line in ("/start", "/tags", "/subscriptions", "/settings", "/help", "/filter", "/why 2611.00001"):
        await me(line)
    await me.press("tags:1")
    await me.press("mine:1")
    await me.press("menu:when")
    assert await number_of_chats(blog) == 0


async def test_press_under_the_greeting_follows_and_marks_the_tag(blog):
    me = Seer(blog)
    reply = await me.press(buttons(await me("/start"))["3DGS · 1"])
    assert reply.edit
    assert "3DGS" in reply.toast
    assert "✓ 3DGS · 1" in buttons(reply)
    assert await followed(blog) == {"3DGS"}
    reply = await me.press(buttons(reply)["✓ 3DGS · 1"])
    assert "3DGS · 1" in buttons(reply)
    assert await followed(blog) == set()


@pytest.mark.parametrize("name", NAMES)
async def test_link_follows_at_once_whatever_the_tag_is_called(blog, name):
    async with blog.reading() as connection:
        topics = await tags.topics(connection, since=TODAY, chat_id=None)
    (topic,) = [topic for topic in topics if topic.name == name]
    payload = f"sub_{topic.slug if topic.slug.isascii() else tags.key(topic.slug)}"
    reply = await Seer(blog)(f"/start {payload}")
    assert f"Now following: {name}." in text(reply)
    assert await followed(blog) == {name}


async def test_link_to_a_tag_that_is_gone_asks_for_the_likely_one(blog):
    me = Seer(blog)
    reply = await me("/start sub_nerff")
    assert "Did you mean" in text(reply)
    await me.press(buttons(reply)["NeRF"])
    assert await followed(blog) == {"NeRF"}


@pytest.mark.parametrize(
    ("payload", "title"),
    [
        ("paper_2611-00001", "On 2611.00001"),
        ("paper_cs_0112017", "On cs/0112017"),
        ("paper_2611.00001", "On 2611.00001"),
    ],
)
async def test_link_shows_a_paper(blog, payload, title):
    await publish(blog, "Classics", papers=("cs/0112017",))
    assert title in text(await Seer(blog)(f"/start {payload}"))


@pytest.mark.parametrize("about", ["hello world", "hello", "cs_1", "2611-1", "99-99", "_", "-" * 60])
async def test_link_to_what_is_no_paper_says_so(blog, about):
    reply = await Seer(blog)(f"/start paper_{about}")
    assert f"“{about}” is no arXiv id or link." in text(reply)
    assert "Look it up there" not in text(reply)


async def test_link_to_a_paper_that_no_digest_has_brought_leads_to_its_page(blog):
    reply = await Seer(blog)("/start paper_2401-00001")
    assert "No digest has brought arXiv:2401.00001" in text(reply)
    assert buttons(reply)["arXiv"].url == "https://arxiv.org/abs/2401.00001"


@pytest.mark.parametrize(
    "arxiv_id", ["2410.18605", "0704.0001", "cs/0112017", "math-ph/0201001", "math.GT/0309136"]
)
def test_payload_of_a_paper_is_read_back(arxiv_id):
    payload = payloads.of_paper(arxiv_id)
    assert len(payload) <= 64
    assert payload.replace("_", "").replace("-", "").isalnum()
    assert payloads.to_paper(payload.removeprefix("paper_")) == arxiv_id


async def test_link_in_a_group_is_for_administrators(blog):
    town = Town(managers={GROUP.address: {"1"}})
    reply = await Seer(blog, place=GROUP, town=town, person="2")("/start sub_nerf")
    assert "administrators" in text(reply)
    assert await followed(blog, GROUP.address) is None
    await Seer(blog, place=GROUP, town=town, person="1")("/start sub_nerf")
    assert await followed(blog, GROUP.address) == {"NeRF"}


async def test_strange_payload_is_a_greeting(blog):
    assert len(text(await Seer(blog)("/start ref=friend")).splitlines()) == 2
    assert len(text(await Seer(blog)("/start sub_")).splitlines()) == 2


async def test_start_goes_on_where_the_bot_had_been_blocked(blog):
    me = Seer(blog)
    await me("/subscribe NeRF")
    async with blog.writing() as connection:
        mine = await chats.find(connection, "telegram", "7")
        await chats.pause(connection, mine.id, now=NOW, reason="blocked")
    assert "come again" in text(await me("/start"))
    async with blog.reading() as connection:
        assert not (await chats.find(connection, "telegram", "7")).paused


async def test_start_says_that_a_wanted_pause_goes_on(blog):
    me = Seer(blog)
    await me("/subscribe NeRF")
    await me("/pause")
    assert "/resume" in text(await me("/start"))
    async with blog.reading() as connection:
        assert (await chats.find(connection, "telegram", "7")).paused


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("NeRF", {"NeRF"}),
        ("nerf", {"NeRF"}),
        ("ＮｅＲＦ", {"NeRF"}),
        ("#NeRF", {"NeRF"}),
        ("talking head generation", {"Talking Head Generation"}),
        ("talking-head-generation", {"Talking Head Generation"}),
        ("#TalkingHeadGeneration", {"Talking Head Generation"}),
        ("talking", {"Talking Head Generation"}),
        ("元宇宙/虚拟人", {"元宇宙/虚拟人"}),
        ("元宇宙 虚拟人", {"元宇宙/虚拟人"}),
        ("虚拟人", {"元宇宙/虚拟人"}),
        ("c++", {"C++"}),
        ("GS", {"3DGS"}),
        ("Gaussian Splatting", {"3DGS"}),
        ("nerf 3dgs", {"NeRF", "3DGS"}),
        ("NeRF, 3DGS", {"NeRF", "3DGS"}),
        ("NeRF，3DGS、虚拟人", {"NeRF", "3DGS", "元宇宙/虚拟人"}),
        ("NeRF\ntalking head generation\n", {"NeRF", "Talking Head Generation"}),
        (
            "Avatar Generation Talking Head Generation nerf",
            {"Avatar Generation", "Talking Head Generation", "NeRF"},
        ),
        ("NeRF nerf NERF", {"NeRF"}),
        ("“NeRF”", {"NeRF"}),
    ],
)
async def test_tags_are_named_in_any_spelling_alias_or_part(blog, line, names):
    me = Seer(blog, aliases={"GS": "3dgs", "Gaussian Splatting": "3dgs"})
    reply = await me(f"/subscribe {line}")
    assert "Now following" in text(reply)
    assert await followed(blog) == names


async def test_answer_offers_the_latest_digest_and_says_when_papers_come(blog):
    me = Seer(blog)
    reply = await me("/subscribe NeRF, 虚拟人")
    assert "as they appear" in text(reply)
    latest = await me.press(buttons(reply)["Latest: NeRF"])
    assert "On 2611.00000" in text(latest)
    # What was answered stays, and with it the other digest.
    assert not latest.edit
    other = await me.press(buttons(reply)["Latest: 元宇宙/虚拟人"])
    assert "On 2611.00003" in text(other)
    assert not other.edit


async def test_latest_digest_of_an_older_answer_opens(blog):
    reply = await Seer(blog).press(f"digest:{tags.key('nerf')}::1")
    assert "On 2611.00000" in text(reply)


async def test_nothing_old_is_pushed_to_who_subscribes(blog):
    await Seer(blog)("/subscribe NeRF")
    async with blog.reading() as connection:
        assert (await connection.execute(select(delivery))).all() == []


async def test_what_is_followed_already_is_said(blog):
    me = Seer(blog)
    await me("/subscribe NeRF")
    reply = await me("/subscribe nerf, 3dgs")
    assert "Followed already: NeRF." in text(reply)
    assert "Now following: 3DGS." in text(reply)


async def test_near_miss_asks_and_a_press_follows_in_place(blog):
    me = Seer(blog)
    reply = await me("/subscribe talkng head generaton")
    assert "Did you mean" in text(reply)
    assert await followed(blog) is None
    answered = await me.press(buttons(reply)["Talking Head Generation"])
    assert answered.edit
    assert "Now following: Talking Head Generation." in text(answered)
    assert "Latest: Talking Head Generation" in buttons(answered)
    assert await followed(blog) == {"Talking Head Generation"}


async def test_initials_are_understood_as_a_near_miss(blog):
    assert "Talking Head Generation" in buttons(await Seer(blog)("/subscribe THG"))


async def test_part_of_several_names_asks_which(blog):
    me = Seer(blog)
    reply = await me("/subscribe generation")
    assert set(buttons(reply)) == {"Talking Head Generation", "Avatar Generation"}
    first = await me.press(buttons(reply)["Avatar Generation"])
    assert not first.edit  # the other one may be wanted as well
    await me.press(buttons(reply)["Talking Head Generation"])
    assert await followed(blog) == {"Talking Head Generation", "Avatar Generation"}


async def test_what_is_clear_is_followed_though_the_rest_is_not(blog):
    me = Seer(blog)
    reply = await me("/subscribe NeRF, avatr generation, zzzzzz")
    assert "Now following: NeRF." in text(reply)
    assert "Did you mean" in text(reply)
    assert "There is no tag “zzzzzz”" in text(reply)
    await me.press(buttons(reply)["Avatar Generation"])
    assert await followed(blog) == {"NeRF", "Avatar Generation"}


async def test_many_unknown_names_get_one_short_answer(blog):
    reply = await Seer(blog)("/subscribe " + ", ".join(f"zz{number}xqj" for number in range(200)))
    assert len(text(reply)) < 700
    assert await followed(blog) is None


async def test_subscribe_without_a_name_shows_an_example_and_the_tags(blog):
    reply = await Seer(blog)("/subscribe")
    assert "/subscribe NeRF" in text(reply)
    assert "NeRF · 3" in buttons(reply)


async def test_before_any_digest_it_says_so(database):
    me = Seer(database)
    for line in ("/tags", "/subscribe NeRF"):
        assert "no tags yet" in text(await me(line))
    assert text(await me("/start"))


async def test_all_tags_and_those_to_come_can_be_followed_and_one_left(blog):
    me = Seer(blog)
    await me("/subscribe all")
    await publish(blog, "Newcomer", papers=("2611.20000",))
    assert "Newcomer" in await followed(blog)
    reply = await me("/unsubscribe NeRF")
    assert "No longer following: NeRF." in text(reply)
    assert await followed(blog) == {*NAMES, "Old Topic", "Newcomer"} - {"NeRF"}
    await publish(blog, "Latecomer", papers=("2611.20001",))
    assert "Latecomer" not in await followed(blog)


async def test_tag_that_is_called_all_is_a_tag(database):
    await publish(database, "All", papers=("2611.00001",))
    await publish(database, "NeRF", papers=("2611.00002",))
    await Seer(database)("/subscribe all")
    assert await followed(database) == {"All"}


async def test_leaving_names_what_is_left_and_can_be_undone(blog):
    me = Seer(blog)
    await me("/subscribe NeRF, 3DGS")
    reply = await me("/unsubscribe nerf")
    assert "No longer following: NeRF." in text(reply)
    assert await followed(blog) == {"3DGS"}
    await me.press(buttons(reply)["Follow again"])
    assert await followed(blog) == {"NeRF", "3DGS"}


async def test_part_of_a_name_is_looked_for_among_what_is_followed(blog):
    me = Seer(blog)
    await me("/subscribe Avatar Generation")
    await me("/unsubscribe generation")
    assert await followed(blog) == set()


async def test_leaving_what_is_not_followed_is_said(blog):
    me = Seer(blog)
    assert "Nothing is followed" in text(await me("/unsubscribe NeRF"))
    await me("/subscribe NeRF")
    assert "Not followed here: 3DGS." in text(await me("/unsubscribe 3DGS"))
    assert "Did you mean" in text(await me("/unsubscribe nerv"))
    assert await followed(blog) == {"NeRF"}


async def test_near_miss_in_leaving_asks_and_a_press_leaves(blog):
    me = Seer(blog)
    await me("/subscribe NeRF, 3DGS")
    reply = await me.press(buttons(await me("/unsubscribe nerv"))["NeRF"])
    assert "No longer following: NeRF." in text(reply)
    assert await followed(blog) == {"3DGS"}


@pytest.mark.parametrize("word", ["all", "ALL", "*", "全部"])
async def test_everything_is_left_at_once(blog, word):
    me = Seer(blog)
    await me("/subscribe NeRF, 3DGS")
    assert "2 tags" in text(await me(f"/unsubscribe {word}"))
    assert await followed(blog) == set()


async def test_unsubscribe_without_a_name_shows_what_is_followed(blog):
    me = Seer(blog)
    await me("/subscribe 3DGS")
    reply = await me("/unsubscribe")
    assert "/unsubscribe 3DGS" in text(reply)
    answered = await me.press(buttons(reply)["✓ 3DGS · 1"])
    assert "Nothing is followed" in text(answered)
    assert await followed(blog) == set()


async def test_subscriptions_tell_what_is_followed_and_the_settings(blog):
    me = Seer(blog)
    await me("/subscribe NeRF, 3DGS")
    await me("/settings daily 07:30 mon-fri")
    await me("/settings zone Europe/Berlin")
    await me("/mute lidar")
    reply = await me("/subscriptions")
    for told in ("2 tags", "on Mon–Fri at 07:30 (Europe/Berlin)", "Style: cards", "Filters: 1"):
        assert told in text(reply)
    assert {"✓ NeRF · 3", "✓ 3DGS · 1", "Settings"} <= set(buttons(reply))
    left = await me.press(buttons(reply)["✓ NeRF · 3"])
    assert left.edit
    assert "1 tag" in text(left)
    assert await followed(blog) == {"3DGS"}


async def test_who_follows_nothing_is_shown_the_way_to_the_tags(blog):
    assert "/tags" in text(await Seer(blog)("/subscriptions"))


async def test_tags_are_paged_and_a_press_stays_on_its_page(database):
    await publish(database, *[f"Topic {number:02}" for number in range(40)])
    me = Seer(database)
    reply = await me("/tags")
    assert len(buttons(reply)) == 17
    second = await me.press(buttons(reply)["▶ 2/3"])
    assert second.edit
    assert {"◀ 1/3", "▶ 3/3", "Topic 16 · 1"} <= set(buttons(second))
    pressed = await me.press(buttons(second)["Topic 20 · 1"])
    assert {"✓ Topic 20 · 1", "Topic 16 · 1"} <= set(buttons(pressed))
    third = await me.press(buttons(pressed)["▶ 3/3"])
    assert len(buttons(third)) == 9


async def test_leaving_the_last_of_a_page_shows_the_page_before(database):
    names = [f"Topic {number:02}" for number in range(17)]
    await publish(database, *names)
    me = Seer(database)
    await me("/subscribe " + ", ".join(names))
    second = await me.press(buttons(await me("/subscriptions"))["▶ 2/2"])
    left = await me.press(buttons(second)["✓ Topic 16 · 1"])
    assert "✓ Topic 00 · 1" in buttons(left)


@pytest.mark.parametrize(
    "data", ["tags:", "tags:0", "tags:-3", "tags:99999999999999", "tags:x", "mine:77", "tags:²"]
)
async def test_odd_pages_are_answered(blog, data):
    me = Seer(blog)
    await me("/subscribe NeRF")
    assert text(await me.press(data))


@pytest.mark.parametrize(
    "data", ["follow:", "follow:ffffffff", "leave:ffffffff:t1", "leave:", "follow:x:y:z"]
)
async def test_button_of_a_tag_that_is_gone_is_answered_beside_it(blog, data):
    reply = await Seer(blog).press(data)
    assert reply.toast
    assert reply.cards == ()


async def test_repeated_press_is_harmless(blog):
    me = Seer(blog)
    key = tags.key("nerf")
    for _ in range(2):
        assert "✓ NeRF · 3" in buttons(await me.press(f"follow:{key}:t1"))
    assert await followed(blog) == {"NeRF"}
    for _ in range(2):
        assert "NeRF · 3" in buttons(await me.press(f"leave:{key}:t1"))
    assert await followed(blog) == set()
    assert "was not followed" in (await me.press(f"leave:{key}")).toast


async def test_groups_are_changed_by_administrators_only_and_read_by_all(blog):
    town = Town(managers={GROUP.address: {"1"}})
    boss, member = (Seer(blog, place=GROUP, town=town, person=person) for person in "12")
    assert "administrators" in text(await member("/subscribe NeRF"))
    assert "administrators" in (await member.press(f"follow:{tags.key('nerf')}:t1")).toast
    assert await number_of_chats(blog) == 0
    await boss("/subscribe NeRF")
    assert "1 tag" in text(await member("/subscriptions"))
    assert "administrators" in text(await member("/unsubscribe all"))
    assert await followed(blog, GROUP.address) == {"NeRF"}


async def test_who_subscribes_first_in_a_group_is_its_manager(blog):
    town = Town(managers={GROUP.address: {"1", "2"}})
    for person in "12":
        await Seer(blog, place=GROUP, town=town, person=person)("/subscribe NeRF")
    await Seer(blog)("/subscribe NeRF")
    async with blog.reading() as connection:
        group = await chats.find(connection, "telegram", GROUP.address)
        assert (group.manager, group.title, group.group) == ("1", "Graphics group", True)
        mine = await chats.find(connection, "telegram", "7")
        assert (mine.manager, mine.group) == ("", False)


async def test_channel_is_managed_from_a_private_chat(blog):
    me = Seer(blog, town=Town(managers={CHANNEL.address: {"7"}}, places={"@papers": CHANNEL}))
    reply = await me("/subscribe @papers NeRF")
    assert "@papers" in text(reply)
    assert await followed(blog, CHANNEL.address) == {"NeRF"}
    assert await followed(blog) is None
    listed = await me("/subscriptions @papers")
    assert "@papers" in text(listed)
    left = await me.press(buttons(listed)["✓ NeRF · 3"])
    assert "@papers" in text(left)
    assert await followed(blog, CHANNEL.address) == set()
    asked = await me("/subscribe @papers nerv")
    await me.press(buttons(asked)["NeRF"])
    assert await followed(blog, CHANNEL.address) == {"NeRF"}
    tapped = await me.press(buttons(await me("/tags @papers"))["3DGS · 1"])
    assert "@papers" in text(tapped)
    assert await followed(blog, CHANNEL.address) == {"NeRF", "3DGS"}


async def test_channel_of_others_is_not_changed(blog):
    town = Town(managers={CHANNEL.address: {"8"}}, places={"@papers": CHANNEL})
    me = Seer(blog, town=town)
    assert "do not administer" in text(await me("/subscribe @papers NeRF"))
    assert "do not administer" in (await me.press(f"follow:{tags.key('nerf')}@{CHANNEL.address}")).toast
    assert await followed(blog, CHANNEL.address) is None


async def test_words_of_others_are_never_commands_or_links(blog):
    reply = await Seer(blog)("/subscribe /stop @everyone https://evil.example/x")
    (block,) = reply.cards[0].blocks
    loose = [span for item in block.items for span in item if "evil" in span.text]
    assert loose
    assert not any(span.tap for span in loose)


async def test_chinese_readers_are_answered_in_chinese(blog):
    me = Seer(blog, hint=Language.ZH)
    assert "已订阅：NeRF。" in text(await me("/subscribe nerf"))
    assert "您是不是想找" in text(await me("/subscribe nerv"))
    async with blog.reading() as connection:
        assert (await chats.find(connection, "telegram", "7")).language is Language.ZH


async def test_what_waited_under_a_tag_that_was_left_is_not_sent_and_comes_back_with_it(database):
    await publish(database, "NeRF", papers=("2611.00009",))
    await publish(database, "3DGS", papers=("2611.00009",))
    me = Seer(database)
    await me("/subscribe NeRF, 3DGS")
    await me("/settings daily 20:00")
    await plan(database, "NeRF", papers=("2611.00001", "2611.00002"))
    await plan(database, "3DGS", papers=("2611.00002",))
    reply = await me("/unsubscribe NeRF")
    assert await states(database) == {"2611.00001": "left", "2611.00002": "pending"}
    assert "you left its tag" in text(await me("/why 2611.00001"))
    await me.press(buttons(reply)["Follow again"])
    assert await states(database) == {"2611.00001": "pending", "2611.00002": "pending"}
    me.at += 60
    await me("/unsubscribe all")
    assert await states(database) == {"2611.00001": "left", "2611.00002": "left"}
    me.at += 2 * 86400
    await me("/subscribe NeRF, 3DGS")
    assert await states(database) == {"2611.00001": "left", "2611.00002": "left"}


async def plan(database, name, papers):
    """A digest of today, owed to who follows."""
    post_id = await publish(database, name, papers=papers, address=f"new/{name}.md")
    async with database.writing() as connection:
        await planning.plan(connection, post_id, at=1, cap=10, oldest=dt.date(2026, 1, 1))


async def states(database):
    async with database.reading() as connection:
        rows = await connection.execute(select(delivery.c.arxiv_id, delivery.c.state, delivery.c.reason))
        return {row.arxiv_id: row.reason or row.state for row in rows}
