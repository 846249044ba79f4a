"""What comes in from Discord is read for what it means, whatever it holds."""

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.asked import asked
from bot.commands.base import Place, Where
from bot.model import Language, Layout
from tests.adapters.discord.talk import client_of

GUILD, CHANNEL, THREAD, ANN = 10, 20, 30, 40
USER = {"id": str(ANN), "username": "ann", "discriminator": "0", "avatar": None, "global_name": None}
MEMBER = {
    "user": USER,
    "roles": [],
    "joined_at": None,
    "deaf": False,
    "mute": False,
    "flags": 0,
    "permissions": "16",
}
HERE = Place(address="10/20", where=Where.GROUP, title="#papers", above="10")
TEXT, DM, GROUP_DM, NEWS, NEWS_THREAD, POST, STAGE, FORUM = 0, 1, 3, 5, 10, 11, 13, 15


@pytest.fixture(scope="module")
def client():
    return client_of()


def channel(kind=TEXT, number=CHANNEL, **given):
    base = {"id": str(number), "type": kind, "name": "papers", "guild_id": str(GUILD), "permissions": "16"}
    return base | {"position": 0, "parent_id": None} | given


def thread(kind=POST):
    about = {"archived": False, "auto_archive_duration": 60, "archive_timestamp": "2026-11-20T00:00:00+00:00"}
    return channel(
        kind, THREAD, parent_id=str(CHANNEL), owner_id="1", message_count=1, member_count=1,
        thread_metadata=about | {"locked": False},
    )  # fmt: skip


def interaction(client, data, *, kind=2, **given):
    """An interaction in a channel of a server."""
    payload = {
        "id": "1", "application_id": "2", "type": kind, "token": "t", "version": 1, "data": data,
        "guild_id": str(GUILD), "channel": channel(), "member": MEMBER, "locale": "en-US", "context": 0,
        "attachment_size_limit": 1, "authorizing_integration_owners": {"0": str(GUILD)},
    } | given  # fmt: skip
    return discord.Interaction(
        data={k: v for k, v in payload.items() if v is not None}, state=client._connection
    )


def command(client, name="latest", /, *, word=None, resolved=None, **options):
    given = {key: options.pop(key) for key in tuple(options) if key in ("channel", "locale")}
    given |= options.pop("sent", {})
    found = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
    data = {"id": "5", "name": name, "type": 1, "options": found}
    if resolved:
        data["resolved"] = {"channels": {each["id"]: each for each in resolved}}
    return asked(interaction(client, data, **given))


def message(flags=0):
    return {
        "id": "6", "channel_id": str(CHANNEL), "type": 0, "content": "", "embeds": [], "attachments": [],
        "mentions": [], "mention_roles": [], "mention_everyone": False, "pinned": False, "tts": False,
        "timestamp": "2026-11-20T00:00:00+00:00", "edited_timestamp": None, "components": [],
        "author": {**USER, "id": "2", "bot": True}, "flags": flags,
    }  # fmt: skip


def press(client, custom_id, *, flags=0, values=None, **given):
    data = {"custom_id": custom_id, "component_type": 3 if values else 2}
    if values:
        data["values"] = values
    return asked(interaction(client, data, kind=3, message=message(flags), **given))


def alone(kind=DM, context=1, owners=None):
    """What differs outside of servers."""
    return {
        "guild_id": None, "member": None, "user": USER, "context": context,
        "channel": {"id": "77", "type": kind, "recipients": [], "name": None, "owner_id": "1", "icon": None},
        "authorizing_integration_owners": owners if owners is not None else {"0": "0"},
    }  # fmt: skip


# Where it was asked


def test_channel_of_a_server_is_a_group_below_the_server(client):
    assert command(client).place == HERE


def test_announcement_channel_publishes(client):
    found = command(client, channel=channel(NEWS)).place
    assert (found.where, found.layout) == (Where.CHANNEL, Layout.PUBLISHED)


@pytest.mark.parametrize("kind", [NEWS_THREAD, POST, 12])
def test_thread_is_a_place_within_its_channel(client, kind):
    found = command(client, channel=thread(kind)).place
    assert (found.address, found.where, found.layout) == ("10/20/30", Where.GROUP, Layout.PLAIN)
    assert found.above == "10"


def test_voice_and_stage_are_channels_as_any(client):
    assert command(client, channel=channel(2, bitrate=64000, user_limit=0)).place.address == "10/20"
    assert command(client, channel=channel(STAGE, bitrate=64000, user_limit=0)).place.address == "10/20"


def test_own_chat_is_the_persons_and_answers_openly(client):
    found = command(client, sent=alone())
    assert found.place == Place(address="@40", where=Where.PRIVATE)
    assert found.public


@pytest.mark.parametrize("given", [alone(GROUP_DM, 2, {"1": "40"}), alone(DM, 2, {"1": "40"})])
def test_chat_with_others_is_no_place_and_sees_nothing(client, given):
    found = command(client, sent=given)
    assert found.place == Place(address="@40")
    assert not found.public


def test_server_where_only_the_person_has_the_bot_is_no_place(client):
    owners = {"authorizing_integration_owners": {"1": "40"}}
    assert command(client, sent=owners).place == Place(address="@40")
    assert not command(client, sent=owners).public


@pytest.mark.parametrize("owners", [{"0": "10", "1": "40"}, {"0": "10"}, {}])
def test_server_that_has_the_bot_is_a_place(client, owners):
    assert command(client, sent={"authorizing_integration_owners": owners}).place == HERE


def test_channel_of_a_kind_nobody_knows_is_no_place(client):
    assert command(client, channel={"id": "20", "type": 99, "name": "x"}).place == Place(address="@40")


# What was asked


def test_options_are_the_text_behind_the_command(client):
    found = command(client, "latest", tags="NeRF, 3DGS", count=3)
    assert (found.word, found.text, found.pressed, found.person) == ("latest", "NeRF, 3DGS 3", False, "40")
    assert found.given == {"tags": "NeRF, 3DGS", "count": 3}


def test_answer_is_for_all_only_where_it_is_shared(client):
    assert not command(client).public
    assert not command(client, share=False).public
    assert command(client, share=True).public


def test_named_channel_is_elsewhere(client):
    found = command(client, "subscribe", tags="NeRF", place="21", resolved=[channel(FORUM, 21)])
    assert (found.elsewhere, found.text) == ("10/21", "NeRF")


def test_named_thread_is_elsewhere_within_its_channel(client):
    found = command(client, "subscribe", place=str(THREAD), resolved=[thread()])
    assert found.elsewhere == "10/20/30"


def test_naming_where_one_is_changes_nothing(client):
    assert command(client, "subscribe", place=str(CHANNEL), resolved=[channel()]).elsewhere == ""


def test_channel_that_is_not_described_is_taken_by_its_number(client):
    assert command(client, "subscribe", place="21").elsewhere == "10/21"


def test_server_is_elsewhere(client):
    assert command(client, "settings", set="style", to="full", server=True).elsewhere == "10"
    assert command(client, "settings", server=False).elsewhere == ""


def test_outside_of_servers_there_is_no_elsewhere(client):
    assert command(client, "settings", server=True, place="20", sent=alone()).elsewhere == ""


@pytest.mark.parametrize(
    ("given", "astray"),
    [({"server": True}, True), ({"place": "20"}, True), ({"server": False}, False), ({}, False)],
)
def test_naming_another_place_outside_of_servers_is_told(client, given, astray):
    assert command(client, "settings", set="style", **given, sent=alone()).astray is astray
    assert not command(client, "settings", set="style", **given).astray


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", Language.ZH), ("zh-TW", Language.ZH), ("en-GB", Language.EN), ("xx", Language.EN)],
)
def test_person_reads_their_own_language(client, locale, language):
    assert command(client, locale=locale).hint is language


def test_what_is_being_typed_is_told_from_the_rest(client):
    options = [
        {"name": "tags", "type": 3, "value": "ne", "focused": True},
        {"name": "share", "type": 5, "value": True},
    ]
    data = {"id": "5", "name": "latest", "type": 1, "options": options}
    found = asked(interaction(client, data, kind=4))
    assert (found.typing, found.given["tags"], found.word) == ("tags", "ne", "latest")


# What was pressed


def test_button_says_what_it_is_about(client):
    found = press(client, "note:2003.08934:2")
    assert (found.word, found.text, found.pressed) == ("note", "2003.08934:2", True)


def test_choice_of_a_menu_says_what_it_is_about(client):
    found = press(client, "pick:1", values=["paper:2003.08934:digest:1a2b3c4d:2026-11-20:1"])
    assert (found.word, found.text) == ("paper", "2003.08934:digest:1a2b3c4d:2026-11-20:1")


def test_message_that_many_see_is_not_edited(client):
    assert not press(client, "note:1").editable
    assert not press(client, "note:1", **alone(GROUP_DM, 2, {"1": "40"})).editable


def test_message_for_one_person_is_edited(client):
    assert press(client, "note:1", flags=64).editable
    assert press(client, "note:1", **alone()).editable


def test_message_of_components_is_told(client):
    assert press(client, "note:1", flags=1 << 15).parts
    assert not press(client, "note:1", flags=64).parts


def test_press_answers_the_person_alone_in_a_server(client):
    assert not press(client, "note:1").public
    assert press(client, "note:1", **alone()).public


# Whatever comes

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("name", "type", "options", "resolved", "custom_id", "values", "component_type", "value", "channels")
datas = st.dictionaries(st.sampled_from(KEYS), json | st.lists(st.dictionaries(st.sampled_from(KEYS), json)))


@given(datas, st.sampled_from([1, 2, 3, 4, 5, 99]))
def test_reading_raises_nothing(data, kind):
    found = asked(interaction(client_of(), data, kind=kind, message=message() if kind == 3 else None))
    assert found is None or found.person == "40"


@pytest.mark.parametrize("kind", [1, 5, 99])
def test_what_is_no_question_is_passed_over(client, kind):
    assert asked(interaction(client, {"name": "latest", "custom_id": "note:1"}, kind=kind)) is None


def test_menu_of_a_message_is_passed_over(client):
    assert asked(interaction(client, {"id": "5", "name": "latest", "type": 3})) is None
