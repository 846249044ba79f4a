"""Settings of a server and its channels; how digests stand in a channel; where the bot may not post."""

import datetime as dt

import pytest

from bot.commands import answer
from bot.commands.base import Place, Where
from bot.model import Language, Layout, Schedule, Style, When
from bot.storage import chats
from tests.commands.asking import Town, buttons, text
from tests.commands.seeing import Seer, publish

SERVER = Place(address="70", where=Where.GROUP, title="Lab", whole=True)
PAPERS = Place(address="70/1", where=Where.GROUP, title="#papers", above="70")
OTHER = Place(address="70/2", where=Where.GROUP, title="#other", above="70")
NEWS = Place(address="70/3", where=Where.CHANNEL, title="#news", above="70", layout=Layout.PUBLISHED)
FORUM = Place(address="70/4", where=Where.GROUP, title="#forum", above="70", layout=Layout.POSTS)
THREAD = Place(address="70/1/9", where=Where.GROUP, title="#talk", above="70")
ALL = (SERVER, PAPERS, OTHER, NEWS, FORUM, THREAD)


@pytest.fixture
def town():
    return Town(managers={place.address: {"7"} for place in ALL}, places={p.address: p for p in ALL})


@pytest.fixture
def seer(database, town):
    return lambda place=PAPERS, person="7": Seer(database, place=place, town=town, person=person)


async def on_server(me, line):
    """Ask about the server, as the option of a command tells it."""
    word, _, rest = line.partition(" ")
    return me._seen(await answer(me.desk, me._request(word=word, text=rest, elsewhere=SERVER.address)))


async def kept(database, place=PAPERS):
    async with database.reading() as connection:
        return await chats.find(connection, "telegram", place.address)


async def test_server_sets_what_its_channels_have_not_set(database, seer):
    await publish(database, "NeRF")
    await seer(PAPERS)("/settings style full")
    await seer(OTHER)("/subscribe NeRF")
    reply = await on_server(seer(), "settings style overview")
    assert "Saved" in text(reply)
    assert (await kept(database, PAPERS)).style is Style.FULL
    assert (await kept(database, OTHER)).style is Style.OVERVIEW


async def test_channel_that_comes_later_takes_what_the_server_has_set(database, seer):
    await publish(database, "NeRF")
    for line in ("zone Asia/Tokyo", "language zh", "layout threads"):
        await on_server(seer(), f"settings {line}")
    await seer(PAPERS)("/subscribe NeRF")
    chat = await kept(database)
    assert (chat.language, chat.schedule.zone, chat.layout) == (
        Language.ZH, "Asia/Tokyo", Layout.THREADS,
    )  # fmt: skip
    assert chat.style is Style.CARDS
    assert chat.own == frozenset()
    for place, layout in ((FORUM, Layout.POSTS), (NEWS, Layout.PUBLISHED), (THREAD, Layout.PLAIN)):
        await seer(place)("/subscribe NeRF")
        assert (await kept(database, place)).layout is layout


async def test_first_setting_of_a_channel_stands_beside_those_of_the_server(database, seer):
    await on_server(seer(), "settings zone Asia/Tokyo")
    await seer()("/settings daily 07:30")
    wanted = Schedule(when=When.DAILY, at=dt.time(7, 30), zone="Asia/Tokyo")
    assert (await kept(database)).schedule == wanted
    await on_server(seer(), "settings zone Europe/Berlin")
    chat = await kept(database)
    assert (chat.schedule.zone, chat.schedule.at, chat.own) == (
        "Europe/Berlin", dt.time(7, 30), {"when"},
    )  # fmt: skip


@pytest.mark.parametrize("how", ["words", "button", "chinese"])
async def test_channel_takes_the_servers_setting_again(database, seer, how):
    await on_server(seer(), "settings style overview")
    await seer()("/settings style full")
    menu = await seer().press("menu:style")
    assert "As in the server" in buttons(menu)
    if how == "button":
        reply = await seer().press(buttons(menu)["As in the server"])
        assert "✓ overview" in buttons(reply)
        assert "As in the server" not in buttons(reply)
    else:
        await seer()("/settings style server" if how == "words" else "/settings 样式 服务器")
    chat = await kept(database)
    assert (chat.style, chat.own) == (Style.OVERVIEW, frozenset())
    await on_server(seer(), "settings style cards")
    assert (await kept(database)).style is Style.CARDS


async def test_setting_that_the_server_has_not_stays_until_it_has(database, seer):
    await seer()("/settings quiet 22:00-07:00")
    await seer()("/settings quiet server")
    assert (await kept(database)).schedule.quiet
    await on_server(seer(), "settings quiet off")
    assert (await kept(database)).schedule.quiet is None


async def test_menu_of_a_server_sets_by_buttons_under_its_name(database, seer):
    await seer()("/settings revised off")
    menu = await on_server(seer(), "settings")
    assert "Lab" in text(menu)
    assert "all channels" in text(menu)
    assert "My tags" not in buttons(menu)
    assert not any(label.startswith("Filters") for label in buttons(menu))
    styles = await seer().press(buttons(menu)["Style"])
    await seer().press(buttons(styles)["overview"])
    assert (await kept(database, SERVER)).style is Style.OVERVIEW
    assert (await kept(database)).style is Style.OVERVIEW


async def test_wrong_value_for_a_server_changes_nothing(database, seer):
    for line in ("settings style glossy", "settings zone Mars", "settings layout posts"):
        await on_server(seer(), line)
    assert await kept(database, SERVER) is None


async def test_server_is_for_those_who_manage_it(database, seer):
    reply = await on_server(seer(person="8"), "settings style overview")
    assert "do not administer" in text(reply)
    assert await kept(database, SERVER) is None


async def test_topics_of_a_group_take_nothing_from_it(database):
    group = Place(address="-100777", where=Where.GROUP, title="Group")
    topic = Place(address="-100777/5", where=Where.GROUP, title="Group")
    town = Town(managers={place.address: {"7"} for place in (group, topic)})
    await Seer(database, place=topic, town=town)("/settings revised on")
    await Seer(database, place=group, town=town)("/settings style overview")
    chat = await kept(database, topic)
    assert (chat.style, chat.own) == (Style.CARDS, frozenset())
    assert "Layout" not in buttons(await Seer(database, place=topic, town=town)("/settings"))


# Layouts


async def test_layout_is_chosen_by_words_and_by_buttons(database, seer):
    me = seer()
    assert "Layout: threads" in text(await me("/settings layout threads"))
    assert (await kept(database)).layout is Layout.THREADS
    menu = await me.press(buttons(await me("/settings"))["Layout"])
    assert {"✓ threads", "messages"} <= set(buttons(menu))
    await me.press(buttons(menu)["messages"])
    assert (await kept(database)).layout is Layout.PLAIN
    await me("/settings 布局 子区")
    assert (await kept(database)).layout is Layout.THREADS


async def test_layout_that_is_given_up_is_the_servers_or_that_of_such_channels(database, seer):
    await on_server(seer(), "settings layout threads")
    for place, layout in ((NEWS, Layout.PUBLISHED), (PAPERS, Layout.THREADS)):
        await seer(place)("/settings layout plain")
        assert (await kept(database, place)).layout is Layout.PLAIN
        await seer(place)("/settings layout server")
        chat = await kept(database, place)
        assert (chat.layout, chat.own) == (layout, frozenset())


@pytest.mark.parametrize(
    ("place", "offered"),
    [
        (PAPERS, {"messages", "threads"}),
        (NEWS, {"published", "messages", "threads"}),
        (FORUM, set()),
        (THREAD, set()),
        (Place(address="7"), set()),
    ],
)
async def test_only_layouts_that_a_place_can_have_are_offered_and_taken(database, seer, place, offered):
    me = seer(place)
    shown = {label.removeprefix("✓ ") for label in buttons(await me.press("menu:layout"))} - {"‹ Back"}
    assert shown == offered
    assert ("Layout" in buttons(await me("/settings"))) == bool(offered)
    for layout in ("posts", "threads", "plain", "published", "grid"):
        await me(f"/settings layout {layout}")
        await me.press(f"set:layout:{layout}")
        chat = await kept(database, place)
        assert chat is None or chat.layout in (*place.layouts, place.layout)


async def test_threads_that_the_bot_may_not_make_are_refused(database, seer, town):
    town.closed.add((PAPERS.address, Layout.THREADS))
    assert "may not post" in text(await seer()("/settings layout threads"))
    assert await kept(database) is None


async def test_layout_of_the_server_that_a_channel_cannot_have_is_not_taken(database, seer, town):
    await publish(database, "NeRF", "3DGS")
    town.closed.add((PAPERS.address, Layout.THREADS))
    await on_server(seer(), "settings layout threads")
    await seer()("/subscribe NeRF")
    assert (await kept(database)).layout is Layout.PLAIN
    assert "following" in text(await seer()("/subscribe 3DGS")).casefold()
    await seer()("/settings layout server")
    assert ((await kept(database)).layout, (await kept(database)).own) == (Layout.PLAIN, frozenset())
    town.closed.clear()
    await seer()("/settings layout server")
    assert (await kept(database)).layout is Layout.THREADS


async def test_layout_that_the_server_changes_leaves_channels_that_cannot_have_it(database, seer, town):
    await publish(database, "NeRF", "3DGS")
    for place in (PAPERS, OTHER):
        await seer(place)("/subscribe NeRF")
    town.closed.add((PAPERS.address, Layout.THREADS))
    await on_server(seer(), "settings layout threads")
    assert (await kept(database, OTHER)).layout is Layout.THREADS
    assert (await kept(database, PAPERS)).layout is Layout.PLAIN
    assert "following" in text(await seer()("/subscribe 3DGS")).casefold()
    town.closed.add((OTHER.address, Layout.PLAIN))
    await on_server(seer(), "settings layout plain")
    assert (await kept(database, OTHER)).layout is Layout.PLAIN, "what needs less is taken by all"


# Posting


@pytest.mark.parametrize("line", ["/subscribe NeRF", "/subscribe all"])
async def test_place_where_the_bot_may_not_post_is_not_subscribed(database, seer, town, line):
    await publish(database, "NeRF")
    town.closed.add((PAPERS.address, Layout.PLAIN))
    assert "may not post in #papers" in text(await seer()(line))
    assert await kept(database) is None
    town.closed.clear()
    assert "following" in text(await seer()(line)).casefold()


async def test_list_of_tags_tells_at_a_tap_that_the_bot_may_not_post(database, seer, town):
    await publish(database, "NeRF")
    menu = await seer()("/tags")
    town.closed.add((PAPERS.address, Layout.PLAIN))
    (tag,) = [button for label, button in buttons(menu).items() if "NeRF" in label]
    assert "may not post" in (await seer().press(tag)).toast


async def test_layout_that_is_set_is_what_is_looked_at(database, seer, town):
    await publish(database, "NeRF")
    await seer()("/settings layout threads")
    town.closed.add((PAPERS.address, Layout.THREADS))
    assert "may not post" in text(await seer()("/subscribe NeRF"))


async def test_pausing_a_channel_says_nothing_of_the_others_in_the_server(database, seer):
    await publish(database, "NeRF")
    for place in (PAPERS, OTHER, THREAD):
        await seer(place)("/subscribe NeRF")
    reply = await seer(OTHER)("/pause")
    assert "topic" not in text(reply)
    for data in ("stop:all", "stop:pause-all"):
        await seer(OTHER).press(data)
    assert not (await kept(database, PAPERS)).paused
    assert "1 other topic" in text(await seer(PAPERS)("/pause")), "the thread in it is one"
