"""Whatever a bot sends, the fake Discord refuses it or carries it out; it does not stumble itself."""

import json

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.discord import Server, menus
from tests.fakes.discord.routes import ROUTES

WORDS = """
    content embeds components flags nonce enforce_nonce allowed_mentions message_reference attachments title
    description url image fields footer author color type custom_id label style options value items media
    accessory name applied_tags available_tags message auto_archive_duration archived locked recipient_id data
    choices parse users message_id id default_member_permissions contexts integration_types required
""".split()
NUMBERS = [0, 1, 2, 3, 4, 5, 7, 8, 10, 17, -1, 64, 32768, 2**70, 0.5]
TEXTS = ["", "x", "5", "https://a.b/c", "attachment://x", "\u200b", "x" * 101, "\ud83d", "NeRF"]
LEAVES = st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.sampled_from(TEXTS)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=20,
)
BODIES = st.dictionaries(st.sampled_from(WORDS), JSON, max_size=6) | st.lists(JSON, max_size=2)
TAKING = sorted(route for route in ROUTES if route[0] in {"POST", "PUT", "PATCH"})


@pytest.mark.parametrize("route", TAKING, ids=lambda route: " ".join(route))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(bodies=st.lists(BODIES, min_size=4, max_size=4))
async def test_no_body_makes_it_stumble(route, bodies):
    async with Server() as server:
        guild = server.guild("Lab", permits=["administrator"])
        forum, text = server.forum(guild, tags=["NeRF"]), server.text(guild)
        message = server.write(text, server.bot, "x")
        command = menus.kept({"name": "latest", "description": "x"}, [0, 1])
        server.commands[None] = {5: command | {"id": "5"}}
        event = await server.slash(text, guild.owner, "latest")
        event.answered, event.original = None if "callback" in route[1] else 4, message
        for channel in (text, forum):
            ids = {"channel_id": channel.id, "message_id": message.id, "guild_id": guild.id, "command_id": 5}
            ids |= {
                "application_id": server.application_id,
                "interaction_id": event.id,
                "interaction_token": event.token,
            }
            url = server.base_url + route[1].format(**ids, token=event.token, user_id=5)
            headers = {"Authorization": f"Bot {server.token}", "Content-Type": "application/json"}
            async with aiohttp.ClientSession(headers=headers) as session:
                for body in bodies:
                    async with session.request(route[0], url, data=json.dumps(body)) as answer:
                        assert answer.status != 501, server.requests[-1].refusal
        assert server.crashes == []
