"""What people do in the fake Discord, and what the bot answers: interactions and menus of commands."""

import asyncio
import io

import discord
import pytest
from discord.http import MultipartParameters, Route
from discord.webhook.async_ import async_context

from tests.fakes.discord import Server
from tests.fakes.discord.driven import listening, requesting, watched

LATEST = {
    "name": "latest",
    "description": "The newest papers",
    "options": [
        {"type": 3, "name": "tags", "description": "Which", "autocomplete": True},
        {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 10},
        {"type": 7, "name": "place", "description": "Where", "channel_types": [0, 5, 15]},
        {"type": 3, "name": "form", "description": "As", "choices": [{"name": "Short", "value": "short"}]},
    ],
}
SUBSCRIBE = {"name": "subscribe", "description": "Follow", "default_member_permissions": 16}


@pytest.fixture
async def server():
    async with watched() as opened:
        yield opened


@pytest.fixture
async def client(server):
    async with listening(server) as opened:
        yield opened


@pytest.fixture
def ada(server):
    return server.user("Ada", locale="zh-CN")


@pytest.fixture
def papers(server, ada):
    return server.text(server.guild("Lab", members=[ada]), "papers")


@pytest.fixture
async def menus(server, client, papers):
    return await client.http.bulk_upsert_global_commands(client.application_id, [LATEST, SUBSCRIBE])


@pytest.fixture
def asked(client):
    """The next interaction that the library hands on."""

    async def take():
        async with asyncio.timeout(1):
            return await client.asked.get()

    return take


async def call(interaction, kind: int, data: dict[str, object] | None = None):
    """The first answer, raw."""
    payload = {"type": kind} if data is None else {"type": kind, "data": data}
    params = MultipartParameters(payload=payload, multipart=None, files=None)
    return await async_context.get().create_interaction_response(
        interaction.id, interaction.token, session=interaction._session, params=params
    )


async def refused(interaction, kind: int, data: dict[str, object] | None = None) -> discord.HTTPException:
    with pytest.raises(discord.HTTPException) as caught:
        await call(interaction, kind, data)
    return caught.value


async def say(interaction, body: dict[str, object]):
    """A further message, raw."""
    return await async_context.get().execute_webhook(
        interaction.application_id, interaction.token, session=interaction._session, payload=body, wait=True
    )


async def edit(interaction, body: dict[str, object]):
    return await async_context.get().edit_original_interaction_response(
        interaction.application_id, interaction.token, session=interaction._session, payload=body
    )


# Commands


async def test_command_arrives_with_all_that_was_filled_in(server, menus, asked, papers, ada):
    forum = server.forum(papers.guild)
    event = await server.slash(papers, ada, "latest", tags="NeRF", count=3, place=forum, form="short")
    interaction = await asked()
    assert interaction.id == int(event.id)
    assert (interaction.guild_id, interaction.channel_id) == (papers.guild.id, papers.id)
    assert (interaction.user.id, str(interaction.locale)) == (ada.id, "zh-CN")
    given = {option["name"]: option["value"] for option in interaction.data["options"]}
    assert given == {"tags": "NeRF", "count": 3, "place": str(forum.id), "form": "short"}
    named = interaction.data["resolved"]["channels"][str(forum.id)]
    assert (named["type"], int(named["permissions"]) & 1 << 10) == (15, 1 << 10)
    assert interaction.is_guild_integration()
    assert interaction.permissions.send_messages
    assert not interaction.permissions.manage_channels
    assert interaction.app_permissions.embed_links


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"count": 11}, "takes 1 to 10"),
        ({"count": "3"}, "takes int"),
        ({"form": "long"}, "offers"),
        ({"words": "x"}, "no option words"),
    ],
)
async def test_command_that_no_person_could_send_is_not_sent(server, menus, papers, ada, given, told):
    with pytest.raises(AssertionError, match=told):
        await server.slash(papers, ada, "latest", **given)


async def test_command_is_offered_to_those_who_may(server, menus, papers, ada):
    assert set(server.menu(papers, ada)) == {"latest"}
    assert set(server.menu(papers, papers.guild.owner)) == {"latest", "subscribe"}
    with pytest.raises(AssertionError, match="no /subscribe"):
        await server.slash(papers, ada, "subscribe")
    server.member(papers.guild, ada, server.role(papers.guild, "Editors", "manage_channels"))
    assert "subscribe" in server.menu(papers, ada)
    assert "subscribe" in server.menu(ada, ada)  # permissions of commands hold in servers alone
    server.forbid(papers, ada, "use_application_commands")
    assert server.menu(papers, ada) == {}


async def test_private_channel_and_other_servers(server, menus, asked, papers, ada):
    await server.slash(ada, ada, "latest")
    interaction = await asked()
    assert interaction.context.dm_channel
    assert interaction.guild_id is None
    eve = server.user("Eve")
    with pytest.raises(AssertionError, match="shares no server"):
        await server.slash(eve, eve, "latest")
    eve.installed = True
    elsewhere = server.text(server.guild("Elsewhere", members=[eve], bot=False))
    event = await server.slash(elsewhere, eve, "latest")
    interaction = await asked()
    assert (interaction.is_user_integration(), interaction.is_guild_integration()) == (True, False)
    await call(interaction, 4, {"content": "Hello"})
    assert event.original.only_for is None
    server.forbid(elsewhere, eve, "use_external_apps")
    event = await server.slash(elsewhere, eve, "latest")
    await call(await asked(), 4, {"content": "Hello"})
    assert event.original.only_for is eve
    await server.slash(server.group(ada, eve), eve, "latest")
    assert (await asked()).context.private_channel


# First answers


async def test_answer_is_seen_by_all_or_by_one(server, menus, asked, papers, ada):
    event = await server.slash(papers, ada, "latest")
    told = await call(await asked(), 4, {"content": "For you", "flags": 64})
    assert told["interaction"]["response_message_ephemeral"]
    assert (await server.answer_to(event)).said["content"] == "For you"
    await server.slash(papers, ada, "latest")
    await call(await asked(), 4, {"content": "For all"})
    assert [shown.text for shown in server.shown(papers)] == ["For all"]
    assert [shown.text for shown in server.shown(papers, ada)] == ["For you", "For all"]


async def test_second_answer_is_refused(server, menus, asked, papers, ada):
    await server.slash(papers, ada, "latest")
    interaction = await asked()
    await call(interaction, 4, {"content": "Hello"})
    trouble = await refused(interaction, 4, {"content": "Hello again"})
    assert (trouble.status, trouble.code) == (400, 40060)


async def test_answer_after_three_seconds_is_too_late(papers, ada):
    now = 100.0
    async with Server(clock=lambda: now) as server:
        guild = server.guild("Lab", members=[ada])
        async with listening(server) as client:
            await client.http.bulk_upsert_global_commands(client.application_id, [LATEST])
            await server.slash(server.text(guild), ada, "latest")
            interaction = await client.asked.get()
            now += 3.1
            trouble = await refused(interaction, 5)
            assert (trouble.status, trouble.code) == (404, 10062)
            assert len(server.unanswered) == 1
            await server.slash(server.text(guild), ada, "latest")
            interaction = await client.asked.get()
            now += 2.9
            await call(interaction, 5)
            now += 890
            await say(interaction, {"content": "At last"})
            now += 10
            with pytest.raises(discord.HTTPException) as caught:
                await edit(interaction, {"content": "Too late"})
            assert (caught.value.status, caught.value.code) == (401, 50027)


async def test_nothing_follows_before_the_first_answer(server, menus, asked, papers, ada):
    await server.slash(papers, ada, "latest")
    with pytest.raises(discord.NotFound) as caught:
        await say(await asked(), {"content": "Hello"})
    assert caught.value.code == 10015


async def test_strange_tokens_are_unknown(server, menus, asked, papers, ada):
    event = await server.slash(papers, ada, "latest")
    interaction = await asked()
    interaction.token += "x"
    assert (await refused(interaction, 4, {"content": "Hello"})).code == 10062
    with pytest.raises(discord.HTTPException) as caught:
        await say(interaction, {"content": "Hello"})
    assert caught.value.code == 50027
    assert event.answered is None


async def test_deferral_keeps_who_sees_it(server, menus, asked, papers, ada):
    event = await server.slash(papers, ada, "latest")
    interaction = await asked()
    await call(interaction, 5, {"flags": 64})
    assert (await server.heard(event)).json["type"] == 5
    assert server.shown(papers, ada)[0].thinking
    await say(interaction, {"content": "Found"})
    await say(interaction, {"content": "More"})
    assert [(m.text, m.ephemeral, m.thinking) for m in server.shown(papers, ada)] == [
        ("Found", True, False),
        ("More", False, False),
    ]
    assert (await server.answer_to(event)).said == {"content": "Found"}


async def test_deferral_is_settled_by_components(server, menus, asked, papers, ada):
    await server.slash(papers, ada, "latest")
    interaction = await asked()
    await call(interaction, 5)
    await say(interaction, {"flags": 1 << 15 | 64, "components": [{"type": 10, "content": "Found"}]})
    [shown] = server.shown(papers)
    assert (shown.text, shown.rich, shown.ephemeral, shown.thinking) == ("Found", True, False, False)


async def test_deferral_is_settled_by_an_edit_or_taken_away(server, menus, asked, papers, ada):
    await server.slash(papers, ada, "latest")
    interaction = await asked()
    await call(interaction, 5)
    assert server.shown(papers)[0].thinking
    await edit(interaction, {"embeds": [{"title": "Found"}]})
    [shown] = server.shown(papers)
    assert (shown.text, shown.thinking, shown.edited) == ("Found", False, False)
    await async_context.get().delete_original_interaction_response(
        interaction.application_id, interaction.token, session=interaction._session
    )
    assert server.shown(papers) == []
    await say(interaction, {"content": "Only for you", "flags": 64})
    assert [shown.text for shown in server.shown(papers, ada)] == ["Only for you"]
    with pytest.raises(discord.NotFound) as caught:
        await edit(interaction, {"content": "gone"})
    assert caught.value.code == 10008


async def test_answers_hold_what_messages_may(server, menus, asked, papers, ada):
    await server.slash(papers, ada, "latest")
    interaction = await asked()
    trouble = await refused(interaction, 4, {"embeds": [{"description": "x" * 4097}]})
    assert (trouble.code, "4096" in trouble.text) == (50035, True)
    assert (await refused(interaction, 4, {"content": ""})).code == 50006
    await call(interaction, 4, {"content": "Still in time", "flags": 64})


async def test_files_come_with_an_answer(server, menus, asked, papers, ada):
    await server.slash(papers, ada, "latest")
    interaction = await asked()
    await interaction.response.send_message(file=discord.File(io.BytesIO(b"@article{x}"), "papers.bib"))
    assert server.shown(papers)[0].files == {"papers.bib": b"@article{x}"}


async def test_person_who_alone_has_the_bot_gets_five_followups(server, menus, asked, papers, ada):
    ada.installed = True
    elsewhere = server.text(server.guild("Elsewhere", members=[ada], bot=False))
    await server.slash(elsewhere, ada, "latest")
    interaction = await asked()
    await call(interaction, 4, {"content": "0"})
    for number in range(5):
        await say(interaction, {"content": str(number + 1)})
    with pytest.raises(discord.HTTPException) as caught:
        await say(interaction, {"content": "6"})
    assert caught.value.code == 40094


# Presses


@pytest.fixture
async def card(server, client, papers):
    options = [{"label": "One", "value": "open:1"}, {"label": "Two", "value": "open:2"}]
    parts = [
        {"type": 1, "components": [{"type": 2, "style": 2, "label": "Save", "custom_id": "save:1"}]},
        {"type": 1, "components": [{"type": 3, "custom_id": "pick:1", "options": options}]},
    ]
    body = {"content": "NeRF", "components": parts}
    return await client.http.request(
        Route("POST", "/channels/{channel_id}/messages", channel_id=papers.id), json=body
    )


async def test_press_brings_the_message_and_edits_it_in_place(server, card, asked, papers, ada):
    await server.press(server.shown(papers)[0], "Save", ada)
    interaction = await asked()
    assert interaction.type is discord.InteractionType.component
    assert (interaction.data["custom_id"], interaction.message.id) == ("save:1", int(card["id"]))
    await call(interaction, 7, {"content": "NeRF, saved", "components": []})
    [shown] = server.shown(papers)
    assert (shown.text, shown.labels, shown.edited) == ("NeRF, saved", [], True)


async def test_press_that_is_only_heard_keeps_the_message(server, card, asked, papers, ada):
    event = await server.press(server.shown(papers)[0], "save:1", ada)
    interaction = await asked()
    await call(interaction, 6)
    await say(interaction, {"content": "Saved", "flags": 64})
    assert [shown.text for shown in server.shown(papers)] == ["NeRF"]
    assert [shown.text for shown in server.shown(papers, ada)] == ["NeRF", "Saved"]
    assert (await server.answer_to(event)).said["content"] == "Saved"


async def test_line_of_a_menu_is_chosen(server, card, asked, papers, ada):
    await server.select(server.shown(papers)[0], "open:2", ada)
    interaction = await asked()
    assert (interaction.data["custom_id"], interaction.data["values"]) == ("pick:1", ["open:2"])
    with pytest.raises(AssertionError, match="no line 'open:3'"):
        await server.select(server.shown(papers)[0], "open:3", ada)


async def test_button_that_stands_there_no_more_is_pressed(server, card, asked, papers, ada):
    with pytest.raises(AssertionError, match="no button 'old:9'"):
        await server.press(server.shown(papers)[0], "old:9", ada)
    await server.press(server.shown(papers)[0], "old:9", ada, stale=True)
    assert (await asked()).data["custom_id"] == "old:9"


async def test_what_one_person_sees_no_other_presses(server, menus, asked, papers, ada):
    parts = [{"type": 1, "components": [{"type": 2, "style": 2, "label": "Go", "custom_id": "go:1"}]}]
    event = await server.slash(papers, ada, "latest")
    await call(await asked(), 4, {"content": "Yours", "flags": 64, "components": parts})
    with pytest.raises(AssertionError, match="does not see"):
        await server.press(event, "Go", papers.guild.owner)
    await server.press(event, "Go", ada)
    interaction = await asked()
    assert interaction.message.flags.ephemeral
    await call(interaction, 7, {"content": "Turned"})
    assert server.shown(papers, ada)[0].text == "Turned"


async def test_kinds_of_answers_fit_what_was_asked(server, menus, card, asked, papers, ada):
    await server.slash(papers, ada, "latest")
    interaction = await asked()
    for kind in (6, 7, 8, 99):
        assert (await refused(interaction, kind, {})).code == 50035
    await server.autocomplete(papers, ada, "latest", "tags", "ne")
    assert (await refused(await asked(), 4, {"content": "x"})).code == 50035


# Autocomplete


async def test_what_is_typed_is_completed(server, menus, asked, papers, ada):
    event = await server.autocomplete(papers, ada, "latest", "tags", "ne", count=3)
    interaction = await asked()
    assert interaction.type is discord.InteractionType.autocomplete
    typed = next(option for option in interaction.data["options"] if option.get("focused"))
    assert (typed["name"], typed["value"], len(interaction.data["options"])) == ("tags", "ne", 2)
    await call(interaction, 8, {"choices": [{"name": "NeRF", "value": "nerf"}]})
    await server.answer_to(event)
    assert event.choices == [{"name": "NeRF", "value": "nerf"}]


CHOICES = {
    "26": [{"name": str(n), "value": str(n)} for n in range(26)],
    "name of 101": [{"name": "x" * 101, "value": "x"}],
    "value of 101": [{"name": "x", "value": "x" * 101}],
    "empty name": [{"name": "", "value": "x"}],
    "empty value": [{"name": "x", "value": ""}],
    "number for a text": [{"name": "x", "value": 5}],
    "one name twice": [{"name": "x", "value": "1"}, {"name": "x", "value": "2"}],
}


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
async def test_choices_that_are_none_are_refused(server, menus, asked, papers, ada, choices):
    event = await server.autocomplete(papers, ada, "latest", "tags", "ne")
    assert (await refused(await asked(), 8, {"choices": choices})).code == 50035
    assert event.choices is None


async def test_no_choice_at_all_is_an_answer(server, menus, asked, papers, ada):
    event = await server.autocomplete(papers, ada, "latest", "tags", "")
    await call(await asked(), 8, {"choices": []})
    assert event.choices == []


# Menus


@pytest.fixture
async def put(server):
    """Replaces the menu, and gives the request."""
    async with requesting(server) as http:

        async def call(*commands: dict[str, object]):
            try:
                await http.bulk_upsert_global_commands(server.application_id, list(commands))
            except discord.HTTPException:
                assert server.requests[-1].refusal
            return server.requests[-1]

        yield call


def command(**more: object) -> dict[str, object]:
    return {"name": "latest", "description": "The newest papers"} | more


def option(**more: object) -> dict[str, object]:
    return {"type": 3, "name": "tags", "description": "Which"} | more


COMMANDS = {
    "name with a capital": ([command(name="Latest")], "APPLICATION_COMMAND_INVALID_NAME"),
    "name with a blank": ([command(name="the latest")], "APPLICATION_COMMAND_INVALID_NAME"),
    "name of 33": ([command(name="x" * 33)], "BASE_TYPE_BAD_LENGTH"),
    "no description": ([command(description="")], "BASE_TYPE_REQUIRED"),
    "description of 101": ([command(description="x" * 101)], "BASE_TYPE_BAD_LENGTH"),
    "one name twice": ([command(), command()], "APPLICATION_COMMANDS_DUPLICATE_NAME"),
    "26 options": ([command(options=[option(name=f"o{n}") for n in range(26)])], "BASE_TYPE_BAD_LENGTH"),
    "101 commands": ([command(name=f"c{n}") for n in range(101)], "BASE_TYPE_BAD_LENGTH"),
    "26 choices": (
        [command(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])])],
        "BASE_TYPE_BAD_LENGTH",
    ),
    "wanted behind unwanted": (
        [command(options=[option(), option(name="b", required=True)])],
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    "one option twice": (
        [command(options=[option(), option()])],
        "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
    ),
    "choices and completion": (
        [command(options=[option(autocomplete=True, choices=[{"name": "a", "value": "a"}])])],
        "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
    ),
    "unknown language": ([command(name_localizations={"zh": "zuixin"})], "BASE_TYPE_CHOICES"),
    "capital in a language": (
        [command(name_localizations={"de": "Neu"})],
        "APPLICATION_COMMAND_INVALID_NAME",
    ),
    "long words in a language": (
        [command(description_localizations={"de": "x" * 101})],
        "BASE_TYPE_BAD_LENGTH",
    ),
    "8,001 signs": (
        [
            command(
                options=[
                    option(
                        name=f"o{n}",
                        choices=[{"name": str(i) * 40, "value": str(i) * 40} for i in range(10, 25)],
                    )
                    for n in range(5)
                ]
            )
        ],
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
}


@pytest.mark.parametrize(("commands", "code"), COMMANDS.values(), ids=COMMANDS)
async def test_command_that_is_none_is_refused(server, put, commands, code):
    request = await put(*commands)
    assert request.code == 50035
    assert code in {fault.code for fault in request.refusal.faults}
    assert server.commands == {None: {}}


async def test_menu_keeps_the_numbers_of_known_names(server, put):
    first = (await put(command(), command(name="help"))).result
    second = (await put(command(description="Other"), command(name="save"))).result
    assert first[0]["id"] == second[0]["id"]
    assert [one["name"] for one in server.commands[None].values()] == ["latest", "save"]
    assert server.commands_made == 3


async def test_two_hundred_commands_are_made_a_day(server, put):
    for start in (0, 100):
        await put(*(command(name=f"c{start + n}") for n in range(100)))
    request = await put(command(name="one-more"))
    assert (request.status, request.code) == (400, 30034)


async def test_words_in_other_languages_are_given_only_when_asked_for(server):
    words = {"zh-CN": "最新", "de": "neu"}
    async with requesting(server) as http:
        await http.bulk_upsert_global_commands(server.application_id, [command(name_localizations=words)])
        [bare] = await http.get_global_commands(server.application_id)
        route = Route("GET", f"/applications/{server.application_id}/commands")
        [whole] = await http.request(route, params={"with_localizations": "true"})
    assert "name_localizations" not in bare
    assert whole["name_localizations"] == words
    assert (whole["default_member_permissions"], whole["contexts"]) == (None, None)


async def test_user_install_needs_the_application_to_allow_it():
    async with Server(user_install=False) as server, requesting(server) as http:
        wanted = [command(integration_types=[0, 1])]
        with pytest.raises(discord.HTTPException, match="integration types"):
            await http.bulk_upsert_global_commands(server.application_id, wanted)
        await http.bulk_upsert_global_commands(server.application_id, [command(integration_types=[0])])
        with pytest.raises(discord.Forbidden):
            await http.bulk_upsert_global_commands(5, wanted)
    assert server.requests[-1].code == 20012
