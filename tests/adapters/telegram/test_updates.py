"""What updates mean: who asked what, where; and nothing that an update holds raises."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update, User

from bot.adapters.telegram.updates import Asked, Came, Looked, Relocated, Went, read
from bot.commands.base import Where
from bot.model import Language

ME = User(id=99, first_name="Paperboy", is_bot=True, username="paperboy_bot")
ADA = {"id": 7, "is_bot": False, "first_name": "Ada", "language_code": "en"}
WEI = {"id": 8, "is_bot": False, "first_name": "Wei", "language_code": "zh-hans"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Ada"}
GROUP = {"id": -100500, "type": "supergroup", "title": "Reading group", "is_forum": True}
CHANNEL = {"id": -100600, "type": "channel", "title": "Daily papers", "username": "daily"}


def message(text: str | None = "/help", **given: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_795_000_000, "chat": PRIVATE, "from": ADA, "text": text} | given


def meaning(**update: Any):
    return read(Update.de_json({"update_id": 1, **update}, None), ME)


def asked(text: str, **given: Any) -> Asked:
    found = meaning(message=message(text, **given))
    assert isinstance(found, Asked)
    return found


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("/latest NeRF 2", "latest", "NeRF 2"),
        ("/LATEST@Paperboy_Bot   3D Gaussian", "latest", "3D Gaussian"),
        ("/subscribe\nNeRF\n高斯泼溅", "subscribe", "NeRF\n高斯泼溅"),
        ("/help", "help", ""),
        ("gaussian splatting", "", "gaussian splatting"),
        ("//odd", "", "//odd"),
    ],
)
def test_command_is_told_from_its_text(text, word, rest):
    found = asked(text)
    assert (found.word, found.text) == (word, rest)


def test_private_chat_is_known_by_its_number_and_reads_what_telegram_says():
    found = asked("/start", chat=PRIVATE | {"id": 8}, **{"from": WEI})
    assert (found.place.address, found.place.where, found.person) == ("8", Where.PRIVATE, "8")
    assert found.hint is Language.ZH


def test_command_for_another_bot_and_talk_in_groups_are_not_for_us():
    assert meaning(message=message("/latest@other_bot", chat=GROUP)) is None
    assert meaning(message=message("what a nice paper", chat=GROUP)) is None
    assert meaning(message=message(None)) is None


def test_topic_of_a_forum_is_an_address_of_its_own():
    found = asked("/latest", chat=GROUP, message_thread_id=45, is_topic_message=True)
    assert found.place.address == "-100500/45"
    assert (found.chat, found.thread) == (-100500, 45)
    assert found.place.where is Where.GROUP


def test_reply_thread_of_a_group_without_topics_is_no_topic():
    assert asked("/latest", chat=GROUP, message_thread_id=45).place.address == "-100500"


def test_anonymous_administrator_is_the_group_itself_and_a_channel_that_speaks_is_nobody_who_may():
    bot = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    assert asked("/subscribe NeRF", chat=GROUP, sender_chat=GROUP, **{"from": bot}).person == ""
    found = asked("/subscribe NeRF", chat=GROUP, sender_chat=CHANNEL, **{"from": bot})
    assert found.person == str(CHANNEL["id"])


def test_press_says_what_its_button_is_about():
    query = {"id": "77", "from": WEI, "chat_instance": "1", "data": "note:2003.08934:2"}
    found = meaning(callback_query=query | {"message": message("card", chat=GROUP)})
    assert (found.word, found.text, found.pressed, found.message) == ("note", "2003.08934:2", "77", 5)
    assert (found.person, found.place.address) == ("8", "-100500")


def test_press_on_a_message_of_months_ago_still_has_its_chat():
    old = {"message_id": 5, "date": 0, "chat": GROUP}
    query = {"id": "77", "from": ADA, "chat_instance": "1", "data": "save:2003.08934", "message": old}
    found = meaning(callback_query=query)
    assert (found.word, found.place.address, found.message) == ("save", "-100500", 5)


def test_press_on_a_message_of_months_ago_does_not_say_in_which_topic_it_was():
    for forum in (True, False):
        old = {"message_id": 5, "date": 0, "chat": GROUP | {"is_forum": forum}}
        query = {"id": "77", "from": ADA, "chat_instance": "1", "data": "stop:yes", "message": old}
        assert meaning(callback_query=query).unsure is forum
    now = message("card", chat=GROUP | {"is_forum": True})
    query = {"id": "77", "from": ADA, "chat_instance": "1", "data": "stop:yes", "message": now}
    assert not meaning(callback_query=query).unsure


def test_press_on_a_message_of_inline_mode_is_of_the_person_alone():
    query = {
        "id": "77",
        "from": ADA,
        "chat_instance": "1",
        "data": "save:2003.08934",
        "inline_message_id": "x",
    }
    found = meaning(callback_query=query)
    assert (found.place.address, found.inline, found.message) == ("7", "x", None)


def test_inline_query_is_looked_for():
    query = {"id": "5", "from": WEI, "query": " 高斯 ", "offset": "10"}
    assert meaning(inline_query=query) == Looked(
        number="5", person="8", text="高斯", offset="10", hint=Language.ZH
    )


def member(user: dict[str, Any], status: str, **rights: Any) -> dict[str, Any]:
    if status == "administrator":
        names = (
            "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
            "can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories "
            "can_edit_stories can_delete_stories"
        )
        rights = dict.fromkeys(names.split(), False) | rights
    if status == "kicked":
        rights = {"until_date": 0}
    return {"user": user, "status": status} | rights


def change(chat: dict[str, Any], old: str, new: str, **rights: Any):
    me = {"id": 99, "is_bot": True, "first_name": "Paperboy"}
    return meaning(
        my_chat_member={
            "chat": chat, "from": ADA, "date": 1_795_000_000,
            "old_chat_member": member(me, old), "new_chat_member": member(me, new, **rights),
        }
    )  # fmt: skip


def test_chats_come_and_go():
    assert change(PRIVATE, "member", "kicked") == Went(address="7", reason="the person blocked the bot")
    assert change(PRIVATE, "kicked", "member") == Came(address="7")
    assert change(GROUP, "member", "left") == Went(address="-100500", reason="the bot was removed")
    assert change(GROUP, "left", "member") == Came(address="-100500")
    assert change(GROUP, "member", "administrator") is None
    assert change(CHANNEL, "left", "administrator", can_post_messages=True) == Came(address="-100600")
    lost = change(CHANNEL, "administrator", "administrator", can_post_messages=False)
    assert lost == Went(address="-100600", reason="the bot may not post in the channel")


def test_group_that_became_a_supergroup_is_told_by_the_message_in_the_old_one_alone():
    group = {"id": -500, "type": "group", "title": "Reading group"}
    assert meaning(message=message(None, chat=group, migrate_to_chat_id=-100500)) == Relocated(
        old="-500", new="-100500"
    )
    assert meaning(message=message(None, chat=GROUP, migrate_from_chat_id=-500)) is None


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "edited_channel_post"])
def test_edited_messages_and_posts_of_channels_are_left_alone(kind):
    assert meaning(**{kind: message("/stop", chat=CHANNEL)}) is None


def test_card_that_was_posted_by_inline_mode_into_the_chat_with_the_bot_is_not_looked_for():
    me = {"id": 99, "is_bot": True, "first_name": "Paperboy", "username": "paperboy_bot"}
    assert meaning(message=message("A card", via_bot=me)) is None


def test_very_long_text_is_cut():
    assert len(asked("/search " + "a" * 5000).text) <= 1000


@given(
    st.text(max_size=300),
    st.sampled_from([PRIVATE, GROUP, CHANNEL, {"id": 1, "type": "odd"}]),
    st.booleans(),
    st.none() | st.integers(1, 10**6),
)
def test_no_message_raises(text, chat, from_somebody, thread):
    given_message = message(text, chat=chat, message_thread_id=thread, is_topic_message=thread is not None)
    if not from_somebody:
        del given_message["from"]
    meaning(message=given_message)


@given(st.text(max_size=80), st.booleans(), st.booleans())
def test_no_press_raises(data, with_message, with_data):
    query: dict[str, Any] = {"id": "1", "from": ADA, "chat_instance": "1"}
    if with_data:
        query["data"] = data
    if with_message:
        query["message"] = message("x")
    assert meaning(callback_query=query).pressed == "1"
