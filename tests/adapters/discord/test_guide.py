"""Who may change what a place gets, and whether the bot may post there: as Discord tells it."""

from contextlib import asynccontextmanager

import discord
import pytest
import simcord
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.adapters.discord.guide import Guide
from bot.commands.base import Place, Refusal, Where
from bot.model import Layout

MANAGER = discord.Permissions(manage_channels=True)
READER = discord.Permissions(
    view_channel=True, send_messages=True, embed_links=True, read_message_history=True,
    send_messages_in_threads=True, create_public_threads=True, use_application_commands=True,
)  # fmt: skip


class Client(discord.AutoShardedClient):
    """Connected as the bot is, with one command that notes what it was asked."""

    def __init__(self):
        super().__init__(
            intents=discord.Intents(guilds=True), chunk_guilds_at_startup=False, max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )  # fmt: skip
        self.asked = None
        self.judge = None
        self.found = None

    async def setup_hook(self):
        place = {"type": 7, "name": "place", "description": "p"}
        command = {"name": "settings", "type": 1, "description": "d", "options": [place]}
        await self.http.bulk_upsert_global_commands(self.application_id, payload=[command])

    async def on_interaction(self, interaction):
        """What the interaction is asked is asked while it runs."""
        self.asked = interaction
        try:
            self.found = await self.judge(Guide(interaction))
        except Refusal as exc:
            self.found = exc.key
        await interaction.response.send_message("ok")


class Town:
    """A server with a channel of each kind and two people."""

    def __init__(self, env, client):
        self.env, self.client = env, client
        self.guild = env.create_guild("Lab")
        self.text = self.guild.create_text_channel("papers")
        self.other = self.guild.create_text_channel("other")
        self.news = self.guild.create_news_channel("news")
        self.forum = self.guild.create_forum_channel("forum")
        self.voice = self.guild.create_voice_channel("talk")
        role = self.guild.create_role("managers", permissions=MANAGER)
        self.ann = self.guild.add_member(env.create_user("ann"), roles=[role])
        self.bob = self.guild.add_member(env.create_user("bob"))

    def at(self, channel, layout=Layout.PLAIN):
        """The place that a channel is."""
        address = f"{self.guild.id}/{channel.id}"
        title = f"#{channel.name}"
        return Place(address=address, where=Where.GROUP, title=title, above=str(self.guild.id), layout=layout)

    async def thread(self, name="talk"):
        """A thread in the text channel, and its place."""
        made = self.env.backend.create_thread(self.text.id, name, self.ann.id)
        await self.env.settle()
        return made, Place(
            address=f"{self.guild.id}/{self.text.id}/{made.id}", where=Where.GROUP, title=f"#{name}"
        )

    async def deny(self, channel, *names, who=None):
        """Take permissions from the bot in a channel."""
        value = discord.Permissions(**dict.fromkeys(names, True)).value
        target = who or self.env.backend.bot_user.id
        one = Overwrite(target_id=target, type=OverwriteType.MEMBER, allow=0, deny=value)
        self.env.backend.set_overwrite(channel.id, one)
        await self.env.settle()

    async def ask(self, member, channel, judge, **options):
        """What the guide of an interaction says."""
        self.client.judge = judge
        await member.slash(channel, "settings", **options)
        return self.client.found

    async def check(self, place, source=None):
        """Why the bot may not post there; None: it may."""
        try:
            await Guide(source or self.client).check(place)
        except Refusal as exc:
            return exc.key
        return None


@asynccontextmanager
async def town():
    client = Client()
    async with simcord.run(client, shard_count=1) as env:
        yield Town(env, client)


async def test_manager_of_channels_may_and_others_may_not():
    async with town() as t:
        for member, may in ((t.ann, True), (t.bob, False)):
            before = len(t.env.http_requests)
            judge = lambda guide, who=member: guide.manages(str(who.id), t.at(t.text))  # noqa: E731
            assert await t.ask(member, t.text, judge) is may
            asked = [it for it in t.env.http_requests[before:] if "/members/" in it.path]
            assert asked == [], "the interaction tells"


async def test_who_may_manage_one_channel_may_not_the_next():
    async with town() as t:
        allow = Overwrite(target_id=t.bob.id, type=OverwriteType.MEMBER, allow=MANAGER.value, deny=0)
        t.env.backend.set_overwrite(t.text.id, allow)
        await t.env.settle()
        for channel, found in ((t.text, "#papers"), (t.other, "place_not_yours")):

            async def judge(guide, where=channel):
                return (await guide.find(t.at(where).address, str(t.bob.id))).title

            assert await t.ask(t.bob, t.other, judge) == found
            assert await t.ask(t.bob, t.other, judge, place=channel) == found


async def test_person_in_another_place_is_asked_for_once_in_a_while():
    async with town() as t:
        guide = Guide(t.client)
        for member, may in ((t.ann, True), (t.bob, False), (t.ann, True)):
            assert await guide.manages(str(member.id), t.at(t.text)) is may
        asked = [it for it in t.env.http_requests if "/members/" in it.path]
        assert len(asked) == 2
        stranger = t.env.create_user("eve")
        assert not await guide.manages(str(stranger.id), t.at(t.text))


async def test_private_chat_is_the_persons_own():
    async with town() as t:
        assert await Guide(t.client).manages("5", Place(address="@5"))
        assert await t.check(Place(address="@5")) is None


async def test_server_is_for_those_who_manage_it():
    async with town() as t:
        role = t.guild.create_role("heads", permissions=discord.Permissions(manage_guild=True))
        head = t.guild.add_member(t.env.create_user("head"), roles=[role])
        guide = Guide(t.client)
        found = await guide.find(str(t.guild.id), str(head.id))
        assert (found.title, found.whole, found.address) == ("Lab", True, str(t.guild.id))
        assert found.layouts
        assert await t.check(found) is None
        with pytest.raises(Refusal, match="place_not_yours"):
            await guide.find(str(t.guild.id), str(t.ann.id))
        judge = lambda guide: guide.manages(str(head.id), found)  # noqa: E731
        assert await t.ask(head, t.text, judge) is True


async def test_kinds_of_channels_are_found_with_their_layouts():
    async with town() as t:
        _, place = await t.thread()
        guide, ann = Guide(t.client), str(t.ann.id)
        kinds = {t.text: Layout.PLAIN, t.news: Layout.PUBLISHED, t.forum: Layout.POSTS}
        for channel, layout in kinds.items():
            found = await guide.find(t.at(channel).address, ann)
            assert (found.layout, found.title, found.above) == (
                layout, f"#{channel.name}", str(t.guild.id)
            )  # fmt: skip
        found = await guide.find(place.address, ann)
        assert (found.address, found.layouts) == (place.address, ())


@pytest.mark.parametrize("name", ["{guild}/1", "1/2", "1", "x/y", "@5", "", "{guild}/²", "{guild}/"])
async def test_what_is_not_there_is_not_found(name):
    async with town() as t:
        with pytest.raises(Refusal) as caught:
            await Guide(t.client).find(name.format(guild=t.guild.id), str(t.bob.id))
        assert caught.value.key in ("place_none", "place_not_yours")


async def test_every_missing_permission_is_told():
    async with town() as t:
        for channel, layout, phrase, lacking in (
            (t.text, Layout.PLAIN, "place_lacks", ("view_channel", "send_messages", "embed_links")),
            (t.news, Layout.PUBLISHED, "place_lacks", ("send_messages",)),
            (t.forum, Layout.POSTS, "place_lacks_posts", ("send_messages", "send_messages_in_threads")),
            (t.other, Layout.THREADS, "place_lacks_threads", ("create_public_threads", "embed_links")),
        ):
            place = t.at(channel, layout)
            assert await t.check(place) is None
            for one in lacking:
                await t.deny(channel, one)
                assert await t.check(place) == phrase, (place, one)
            await t.deny(channel)
            assert await t.check(place) is None


async def test_bot_is_judged_by_what_the_interaction_says_where_it_is_asked():
    async with town() as t:
        await t.deny(t.text, "embed_links")
        judge = lambda guide: guide.check(t.at(t.text))  # noqa: E731
        assert await t.ask(t.ann, t.text, judge) == "place_lacks"
        assert await t.ask(t.ann, t.other, lambda guide: guide.check(t.at(t.other))) is None
        assert await t.ask(t.ann, t.other, judge) == "place_lacks", "about another one"


async def test_threads_are_only_where_there_can_be_some():
    async with town() as t:
        for channel, phrase in ((t.voice, "place_no_threads"), (t.forum, "place_no_threads"), (t.news, None)):
            assert await t.check(t.at(channel, Layout.THREADS)) == phrase


async def test_thread_needs_a_permission_of_its_own_and_must_not_be_locked():
    async with town() as t:
        thread, place = await t.thread()
        assert await t.check(place) is None
        await t.deny(t.text, "send_messages")
        assert await t.check(place) is None
        await t.deny(t.text, "send_messages_in_threads")
        assert await t.check(place) == "place_lacks_in_thread"
        await t.deny(t.text, "manage_threads")
        t.env.backend.edit_channel(thread.id, {}, thread_metadata={"locked": True})
        await t.env.settle()
        assert await t.check(place) == "place_locked"
        t.env.backend.edit_channel(thread.id, {}, thread_metadata={"locked": False})
        await t.env.settle()
        assert await t.check(place) is None


async def test_channel_that_is_gone_cannot_be_posted_to():
    async with town() as t:
        place = t.at(t.text)
        t.env.backend.delete_channel(t.text.id)
        await t.env.settle()
        assert await t.check(place) == "place_none"
        assert await t.check(Place(address="1/2", where=Where.GROUP)) == "place_none"


async def test_server_that_the_bot_is_no_member_of_gets_nothing():
    async with town() as t:
        t.client._connection._guilds.pop(t.guild.id)  # its commands are there, it is not
        judge = lambda guide: guide.check(t.at(t.text))  # noqa: E731
        assert await t.ask(t.ann, t.text, judge) == "place_none"


async def test_thread_that_is_put_away_is_judged_as_it_is():
    async with town() as t:
        thread, place = await t.thread()
        await t.deny(t.text, "manage_threads")
        for locked, found in ((False, None), (True, "place_locked")):
            told = {"locked": locked, "archived": True}
            t.env.backend.edit_channel(thread.id, {}, thread_metadata=told)
            await t.env.settle()
            assert await t.check(place) == found


async def test_no_word_names_a_place():
    async with town() as t:
        assert Guide(t.client).named("@papers") is None
