"""The fake Discord: what it takes, what it refuses and with which number, by the real library."""

import io

import aiohttp
import discord
import pytest
from discord.http import Route

from tests.fakes.discord.driven import requesting, watched
from tests.fakes.discord.spec import published

described = pytest.mark.skipif(published() is None, reason="PAPERBOY_SHARED names no folder with specs")
V2 = 1 << 15


@pytest.fixture
async def server():
    async with watched() as opened:
        yield opened


@pytest.fixture
async def http(server):
    async with requesting(server) as client:
        yield client


@pytest.fixture
def guild(server):
    return server.guild("Lab")


@pytest.fixture
def papers(server, guild):
    return server.text(guild, "papers")


@pytest.fixture
def ask(http):
    """Asks for something that is carried out, and gives its result."""

    async def call(method: str, path: str, body: object = None):
        return await http.request(Route(method, path), **({} if body is None else {"json": body}))

    return call


@pytest.fixture
def refusal(server, ask):
    """Asks for something that is refused, and gives the request."""

    async def call(method: str, path: str, body: object = None):
        with pytest.raises(discord.HTTPException):
            await ask(method, path, body)
        return server.requests[-1]

    return call


def post(channel) -> str:
    return f"/channels/{channel.id}/messages"


def row(*parts: dict[str, object]) -> dict[str, object]:
    return {"type": 1, "components": list(parts)}


def button(label: str = "Go", custom_id: str = "go", **more: object) -> dict[str, object]:
    return {"type": 2, "style": 2, "label": label, "custom_id": custom_id} | more


def link(**more: object) -> dict[str, object]:
    return {"type": 2, "style": 5, "label": "PDF", "url": "https://arxiv.org/pdf/2003.08934"} | more


def menu(*values: str, **more: object) -> dict[str, object]:
    options = [{"label": f"line {value}", "value": value} for value in values]
    return {"type": 3, "custom_id": "pick", "options": options} | more


def text(content: str = "Hello") -> dict[str, object]:
    return {"type": 10, "content": content}


def faults(request) -> list[tuple[str, str]]:
    return [(".".join(map(str, one.path)), one.code) for one in request.refusal.faults]


# Addresses and tokens


async def test_wrong_token_is_unauthorized(server):
    with pytest.raises(discord.LoginFailure):
        async with requesting(server, token="bm90.the.token"):
            pass
    assert (server.requests[-1].status, server.requests[-1].code) == (401, 0)
    assert server.invalid == 1


async def test_unknown_address_is_not_found(refusal):
    request = await refusal("GET", "/telegrams/1")
    assert (request.status, request.code) == (404, 0)


async def test_other_version_is_told_so(server):
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/api/v7/gateway") as answer,
    ):
        assert (answer.status, (await answer.json())["code"]) == (400, 50041)


async def test_content_type_is_exactly_json(server):
    async with aiohttp.ClientSession() as session, session.get(f"{server.base_url}/gateway") as answer:
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Via"] == "1.1 google"


async def test_broken_json_is_refused(server, papers):
    headers = {"Authorization": f"Bot {server.token}", "Content-Type": "application/json"}
    url = f"{server.base_url}{post(papers)}"
    for data in (b"{", b"[1]", b'"x"'):
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=data, headers=headers) as answer,
        ):
            assert (answer.status, (await answer.json())["code"]) == (400, 50109)


@pytest.mark.parametrize("place", ["word", "99999999999999999999999"])
async def test_id_that_is_no_number_is_refused(refusal, place):
    request = await refusal("POST", f"/channels/{place}/messages", {"content": "x"})
    assert faults(request) == [("channel_id", "NUMBER_TYPE_COERCE")]


# Messages


async def test_message_stands_as_it_was_sent(server, ask, papers):
    embed = {"title": " NeRF ", "url": "https://arxiv.org/abs/2003.08934", "description": "Views"}
    embed |= {"footer": {"text": "ECCV"}, "color": 0x3366CC, "fields": [{"name": "a", "value": "b"}]}
    body = {
        "content": "Good morning",
        "embeds": [embed],
        "components": [row(button(), link())],
        "flags": 4096,
    }
    told = await ask("POST", post(papers), body)
    [shown] = server.shown(papers)
    assert (shown.id, shown.content, shown.labels) == (int(told["id"]), "Good morning", ["Go", "PDF"])
    assert shown.text == "Good morning\nNeRF\nViews\na\nb\nECCV"
    assert (shown.silent, shown.by_bot, shown.edited, shown.rich) == (True, True, False, False)
    assert server.complaints == []


async def test_library_reads_what_it_gets(http, papers, server):
    async with discord.Client(intents=discord.Intents.none()) as client:
        client.http = client._connection.http = http
        channel = client.get_partial_messageable(papers.id, guild_id=papers.guild.id)
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="Go", custom_id="go:1"))
        file = discord.File(io.BytesIO(b"@article{x}"), "papers.bib")
        sent = await channel.send("Hi", embed=discord.Embed(title="T"), view=view, file=file)
        assert (sent.embeds[0].title, sent.attachments[0].filename) == ("T", "papers.bib")
        await sent.edit(content="Hello")
    [shown] = server.shown(papers)
    assert (shown.content, shown.edited, shown.files) == ("Hello", True, {"papers.bib": b"@article{x}"})


async def test_library_builds_rich_messages(http, papers, server):
    class Card(discord.ui.LayoutView):
        row = discord.ui.ActionRow()
        box = discord.ui.Container(
            discord.ui.TextDisplay("## NeRF"),
            discord.ui.MediaGallery(discord.MediaGalleryItem("https://a.b/c.png")),
            discord.ui.Separator(),
            discord.ui.Section("Views", accessory=discord.ui.Thumbnail("https://a.b/d.png")),
            accent_colour=0x3366CC,
        )

        @row.button(label="Save", custom_id="save:1")
        async def save(self, interaction, button):
            raise AssertionError("nobody presses it")

    async with discord.Client(intents=discord.Intents.none()) as client:
        client.http = client._connection.http = http
        channel = client.get_partial_messageable(papers.id, guild_id=papers.guild.id)
        sent = await channel.send(view=Card(timeout=None))
    assert sent.flags.components_v2
    [shown] = server.shown(papers)
    assert (shown.text, shown.labels, shown.rich) == ("## NeRF\nViews", ["Save"], True)
    assert server.complaints == []


MANY = [{"title": "t", "description": "x" * 3000}, {"title": "t", "description": "x" * 3000}]
MESSAGES = {
    "content of 2001": ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    "title of 257": ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    "description of 4097": (
        {"embeds": [{"description": "x" * 4097}]}, "embeds.0.description", "BASE_TYPE_MAX_LENGTH",
    ),
    "sum of 6002": ({"embeds": MANY}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    "eleven embeds": ({"embeds": [{"title": "x"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
    "footer of 2049": (
        {"embeds": [{"title": "x", "footer": {"text": "x" * 2049}}]},
        "embeds.0.footer.text", "BASE_TYPE_MAX_LENGTH",
    ),
    "author of 257": (
        {"embeds": [{"title": "x", "author": {"name": "x" * 257}}]},
        "embeds.0.author.name", "BASE_TYPE_MAX_LENGTH",
    ),
    "26 fields": (
        {"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]},
        "embeds.0.fields", "BASE_TYPE_MAX_LENGTH",
    ),
    "field without a name": (
        {"embeds": [{"fields": [{"name": "", "value": "v"}]}]},
        "embeds.0.fields.0.name", "BASE_TYPE_REQUIRED",
    ),
    "field of white space": (
        {"embeds": [{"fields": [{"name": "n", "value": " \n"}]}]},
        "embeds.0.fields.0.value", "BASE_TYPE_REQUIRED",
    ),
    "field value of 1025": (
        {"embeds": [{"fields": [{"name": "n", "value": "x" * 1025}]}]},
        "embeds.0.fields.0.value", "BASE_TYPE_MAX_LENGTH",
    ),
    "empty embed": ({"embeds": [{}]}, "embeds.0.description", "BASE_TYPE_REQUIRED"),
    "title of signs that show nothing": ({"embeds": [{"title": "\u200b\u200d"}]}, "embeds.0.title", "STRICT"),
    "content that shows nothing": ({"content": "\u200b"}, "content", "STRICT"),
    "address without a scheme": (
        {"embeds": [{"title": "x", "url": "arxiv.org"}]}, "embeds.0.url", "URL_TYPE_INVALID_URL",
    ),
    "address of another scheme": (
        {"embeds": [{"title": "x", "url": "javascript:alert(1)"}]}, "embeds.0.url", "URL_TYPE_INVALID_SCHEME",
    ),
    "image on no host": (
        {"embeds": [{"image": {"url": "http://localhost/x.png"}}]},
        "embeds.0.image.url", "URL_TYPE_INVALID_URL",
    ),
    "address with a blank": (
        {"embeds": [{"image": {"url": "https://a.b/x y.png"}}]}, "embeds.0.image.url", "URL_TYPE_INVALID_URL",
    ),
    "port that is none": (
        {"embeds": [{"image": {"url": "https://a.b:x/y.png"}}]}, "embeds.0.image.url", "URL_TYPE_INVALID_URL",
    ),
    "address of 2049": (
        {"embeds": [{"title": "x", "url": "https://a.b/" + "x" * 2037}]},
        "embeds.0.url", "BASE_TYPE_MAX_LENGTH",
    ),
    "colour beyond white": (
        {"embeds": [{"title": "x", "color": 0x1000000}]}, "embeds.0.color", "NUMBER_TYPE_MAX",
    ),
    "file that did not come": (
        {"embeds": [{"image": {"url": "attachment://a.png"}}]}, "embeds.0.image.url", "STRICT",
    ),
    "nonce of 26": ({"content": "x", "nonce": "n" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
    "users twice": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    "ephemeral in a channel": ({"content": "x", "flags": 64}, "flags", "STRICT"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "path", "code"), MESSAGES.values(), ids=MESSAGES)
async def test_message_that_is_none_is_refused(server, refusal, papers, body, path, code):
    request = await refusal("POST", post(papers), body)
    assert (request.status, request.code) == (400, 50035)
    assert faults(request) == [(path, code)]
    assert server.shown(papers) == []
    assert bool(server.complaints) == (code == "STRICT")


@pytest.mark.parametrize("body", [{}, {"content": " \n "}, {"embeds": []}, {"flags": V2, "components": []}])
async def test_empty_message_is_refused(refusal, papers, body):
    assert (await refusal("POST", post(papers), body)).code == 50006


async def test_lengths_are_of_signs_without_what_is_around(ask, papers):
    await ask("POST", post(papers), {"content": " " + "𝒳" * 2000 + "\n"})
    whole = {"title": "t" * 256, "description": "𝒳" * 4096, "footer": {"text": "f" * 1648}}
    await ask("POST", post(papers), {"embeds": [whole]})


@described
@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"content": "x", "parse_mode": "HTML"}, "parse_mode"),
        ({"embeds": [{"title": "x", "colour": 1}]}, "embeds.0.colour"),
        ({"content": "x", "components": [row(button(value="1"))]}, "components.0.components.0.value"),
    ],
)
async def test_field_that_discord_does_not_look_at_is_told(server, refusal, papers, body, path):
    request = await refusal("POST", post(papers), body)
    assert faults(request) == [(path, "STRICT")]
    assert len(server.complaints) == 1


@described
@pytest.mark.parametrize(
    "body", [{"content": 5}, {"content": "x", "embeds": {}}, {"content": "x", "tts": "no"}]
)
async def test_field_of_another_type_is_refused(refusal, papers, body):
    assert (await refusal("POST", post(papers), body)).code in {50035, 50109}


async def test_mentions_make_a_noise_only_where_allowed(server, ask, papers):
    await ask("POST", post(papers), {"content": "@everyone <@5>"})
    await ask("POST", post(papers), {"content": "@everyone <@5>", "allowed_mentions": {"parse": []}})
    await ask("POST", post(papers), {"content": "@everyone <@5>", "allowed_mentions": {"users": ["5"]}})
    assert [shown.pings for shown in server.shown(papers)] == [("@everyone", "<@5>"), (), ("<@5>",)]


async def test_answer_to_a_message_needs_it_and_the_right_to_read(server, ask, refusal, papers, guild):
    first = server.write(papers, guild.owner, "What is new?")
    body = {"content": "This", "message_reference": {"message_id": str(first.id)}}
    told = await ask("POST", post(papers), body)
    assert told["message_reference"]["message_id"] == str(first.id)
    server.forbid(papers, server.bot, "read_message_history")
    assert (await refusal("POST", post(papers), body)).code == 160002
    server.permit(papers, server.bot, "read_message_history")
    server.delete(first)
    assert faults(await refusal("POST", post(papers), body)) == [
        ("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE")
    ]
    body["message_reference"]["fail_if_not_exists"] = False
    await ask("POST", post(papers), body)


# Components

COMPONENTS = {
    "six rows": ([row(button(custom_id=str(n))) for n in range(6)], "components", "BASE_TYPE_BAD_LENGTH"),
    "six buttons": (
        [row(*(button(custom_id=str(n)) for n in range(6)))],
        "components.0.components", "BASE_TYPE_BAD_LENGTH",
    ),
    "no button": ([row()], "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    "one custom_id twice": ([row(button(), button())], "components", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    "custom_id of 101": (
        [row(button(custom_id="x" * 101))], "components.0.components.0.custom_id", "BASE_TYPE_BAD_LENGTH",
    ),
    "label of 81": (
        [row(button("x" * 81))], "components.0.components.0.label", "BASE_TYPE_MAX_LENGTH",
    ),
    "button without words": (
        [row(button(""))], "components.0.components.0", "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
    ),
    "link and custom_id": (
        [row(link(custom_id="x"))],
        "components.0.components.0", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
    ),
    "link of 513": (
        [row(link(url="https://a.b/" + "x" * 501))], "components.0.components.0.url", "BASE_TYPE_MAX_LENGTH",
    ),
    "button beside a menu": (
        [row(menu("1"), button())], "components.0.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    "26 lines": (
        [row(menu(*map(str, range(26))))], "components.0.components.0.options", "BASE_TYPE_BAD_LENGTH",
    ),
    "line of 101": (
        [row(menu("x", options=[{"label": "x" * 101, "value": "1"}]))],
        "components.0.components.0.options.0.label", "BASE_TYPE_BAD_LENGTH",
    ),
    "one value twice": (
        [row(menu("1", "1"))],
        "components.0.components.0.options.1.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "placeholder of 151": (
        [row(menu("1", placeholder="x" * 151))],
        "components.0.components.0.placeholder", "BASE_TYPE_MAX_LENGTH",
    ),
    "text outside of components V2": ([text()], "components.0.type", "UNION_TYPE_CHOICES"),
}  # fmt: skip


@pytest.mark.parametrize(("components", "path", "code"), COMPONENTS.values(), ids=COMPONENTS)
async def test_component_that_is_none_is_refused(refusal, papers, components, path, code):
    request = await refusal("POST", post(papers), {"content": "x", "components": components})
    assert faults(request) == [(path, code)]


def box(*parts: dict[str, object]) -> dict[str, object]:
    return {"type": 17, "components": list(parts)}


GALLERY = {"type": 12, "items": [{"media": {"url": "https://a.b/c.png"}}]}
RICH = {
    "text of 4001 in all": (
        [box(text("x" * 4000)), text("x")], "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "41 components": ([box(*[text("x")] * 40)], "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
    "box in a box": ([box(box(text()))], "components.0.components.0.type", "UNION_TYPE_CHOICES"),
    "empty box": ([box()], "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    "eleven pictures": (
        [{"type": 12, "items": GALLERY["items"] * 11}], "components.0.items", "BASE_TYPE_BAD_LENGTH",
    ),
    "text of nothing": ([text(" ")], "components.0.content", "BASE_TYPE_REQUIRED"),
    "section without accessory": (
        [{"type": 9, "components": [text()]}], "components.0.accessory", "BASE_TYPE_REQUIRED",
    ),
    "bare button": ([button()], "components.0.type", "UNION_TYPE_CHOICES"),
}  # fmt: skip


@pytest.mark.parametrize(("components", "path", "code"), RICH.values(), ids=RICH)
async def test_rich_message_that_is_none_is_refused(refusal, papers, components, path, code):
    request = await refusal("POST", post(papers), {"flags": V2, "components": components})
    assert (path, code) in faults(request)


@pytest.mark.parametrize("more", [{"content": "x"}, {"embeds": [{"title": "x"}]}])
async def test_rich_message_has_no_content_and_no_embeds(refusal, papers, more):
    request = await refusal("POST", post(papers), {"flags": V2, "components": [text()]} | more)
    assert faults(request) == [(next(iter(more)), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")]


async def test_rich_message_is_read_from_the_top(server, ask, papers):
    section = {"type": 9, "components": [text("Side")], "accessory": button("Save", "save:1")}
    parts = [box(text("## NeRF"), GALLERY, {"type": 14}, section, row(button(), link())), text("-# ECCV")]
    await ask("POST", post(papers), {"flags": V2, "components": parts})
    [shown] = server.shown(papers)
    assert shown.text == "## NeRF\nSide\n-# ECCV"
    assert (shown.rich, shown.labels) == (True, ["Save", "Go", "PDF"])


# Edits, deletions, history


async def test_edit_changes_what_it_names_and_nothing_else(server, ask, papers):
    told = await ask("POST", post(papers), {"content": "one", "embeds": [{"title": "T"}]})
    await ask("PATCH", f"{post(papers)}/{told['id']}", {"content": "two"})
    [shown] = server.shown(papers)
    assert (shown.text, shown.edited) == ("two\nT", True)
    await ask("PATCH", f"{post(papers)}/{told['id']}", {"embeds": []})
    assert server.shown(papers)[0].text == "two"


async def test_edit_cannot_leave_nothing(refusal, ask, papers):
    told = await ask("POST", post(papers), {"content": "one"})
    assert (await refusal("PATCH", f"{post(papers)}/{told['id']}", {"content": ""})).code == 50006


async def test_edit_to_components_clears_what_they_cannot_stand_beside(server, ask, refusal, papers):
    told = await ask("POST", post(papers), {"content": "one", "embeds": [{"title": "T"}]})
    rich = {"flags": V2, "components": [text()]}
    request = await refusal("PATCH", f"{post(papers)}/{told['id']}", rich)
    assert {path for path, _code in faults(request)} == {"content", "embeds"}
    await ask("PATCH", f"{post(papers)}/{told['id']}", rich | {"content": None, "embeds": []})
    await refusal("PATCH", f"{post(papers)}/{told['id']}", {"content": "back", "flags": 0})
    assert server.shown(papers)[0].rich


async def test_messages_of_others_are_not_edited(server, refusal, papers, guild):
    message = server.write(papers, guild.owner, "mine")
    request = await refusal("PATCH", f"{post(papers)}/{message.id}", {"content": "yours"})
    assert (request.status, request.code) == (403, 50005)
    assert (await refusal("DELETE", f"{post(papers)}/{message.id}")).code == 50013


async def test_deleted_message_is_unknown(server, ask, refusal, papers):
    told = await ask("POST", post(papers), {"content": "one"})
    await ask("DELETE", f"{post(papers)}/{told['id']}")
    assert (await refusal("PATCH", f"{post(papers)}/{told['id']}", {"content": "two"})).code == 10008
    assert server.shown(papers) == []


async def test_history_is_newest_first(server, http, ask, papers):
    ids = [(await ask("POST", post(papers), {"content": str(n)}))["id"] for n in range(4)]
    params = {"limit": 2, "before": ids[3]}
    route = Route("GET", post(papers))
    assert [m["content"] for m in await http.request(route, params=params)] == ["2", "1"]
    server.forbid(papers, server.bot, "read_message_history")
    assert await http.request(route) == []


# Places and permissions


async def test_places_that_take_no_message(server, refusal, guild):
    assert (await refusal("POST", "/channels/5/messages", {"content": "x"})).code == 10003
    assert (await refusal("POST", post(server.forum(guild)), {"content": "x"})).code == 40058
    other = server.guild("Elsewhere", bot=False)
    assert (await refusal("POST", post(server.text(other)), {"content": "x"})).code == 50001


async def test_message_into_a_voice_channel_stands(server, ask, guild):
    talk = server.voice(guild)
    await ask("POST", post(talk), {"content": "x"})
    assert [shown.text for shown in server.shown(talk)] == ["x"]


@pytest.mark.parametrize(
    ("name", "code", "body"),
    [
        ("view_channel", 50001, {"content": "x"}),
        ("send_messages", 50013, {"content": "x"}),
        ("embed_links", 50013, {"embeds": [{"title": "x"}]}),
    ],
)
async def test_permission_that_lacks_is_told(server, ask, refusal, papers, name, code, body):
    server.forbid(papers, papers.guild, name)
    request = await refusal("POST", post(papers), body)
    assert (request.status, request.code) == (403, code)
    server.permit(papers, server.bot, name)
    await ask("POST", post(papers), body)
    assert server.invalid == 1


async def test_roles_add_up_and_the_own_overwrite_wins(server, ask, refusal, guild, papers):
    mute = server.role(guild, "mute")
    server.member(guild, server.bot, mute)
    server.forbid(papers, mute, "send_messages")
    assert (await refusal("POST", post(papers), {"content": "x"})).code == 50013
    server.allow(guild, mute, "administrator")
    await ask("POST", post(papers), {"content": "x"})


async def test_channel_and_server_that_are_gone_are_unknown(server, refusal, guild, papers):
    server.delete(papers)
    assert (await refusal("POST", post(papers), {"content": "x"})).code == 10003
    server.kick(guild)
    assert (await refusal("GET", f"/guilds/{guild.id}")).code == 10004
    assert (await refusal("GET", f"/guilds/{guild.id}/threads/active")).code == 10004


async def test_slow_mode_holds_for_bots(server, http, ask, refusal, papers):
    papers.slow = 5
    await ask("POST", post(papers), {"content": "x"})
    http.max_ratelimit_timeout = 1.0
    with pytest.raises(discord.RateLimited):
        await ask("POST", post(papers), {"content": "y"})
    assert server.requests[-1].code == 20016
    assert server.invalid == 0  # limits that others share are no fault of the bot


# Private channels


async def test_person_has_one_private_channel(server, ask, guild):
    ada = server.member(guild, server.user("Ada"))
    first = await ask("POST", "/users/@me/channels", {"recipient_id": str(ada.id)})
    again = await ask("POST", "/users/@me/channels", {"recipient_id": ada.id})
    assert first["id"] == again["id"]
    await ask("POST", f"/channels/{first['id']}/messages", {"content": "Good morning"})
    assert [shown.text for shown in server.shown(ada)] == ["Good morning"]


@pytest.mark.parametrize(("state", "code"), [("closed", 50007), ("stranger", 50278)])
async def test_person_who_takes_no_messages(server, ask, refusal, guild, state, code):
    ada = server.user("Ada")
    if state == "closed":
        server.member(guild, ada)
        server.ban_dms(ada)
    told = await ask("POST", "/users/@me/channels", {"recipient_id": str(ada.id)})
    request = await refusal("POST", f"/channels/{told['id']}/messages", {"content": "x"})
    assert (request.status, request.code) == (403, code)
    ada.installed, ada.closed = True, False
    await ask("POST", f"/channels/{told['id']}/messages", {"content": "x"})


async def test_nobody_is_unknown(server, refusal, guild):
    assert (await refusal("POST", "/users/@me/channels", {"recipient_id": "5"})).code == 10013
    assert (await refusal("GET", f"/guilds/{guild.id}/members/5")).code == 10013
    other = server.user("Other")
    assert (await refusal("GET", f"/guilds/{guild.id}/members/{other.id}")).code == 10007
