"""Why something did not arrive, in the language of who asks."""

import pytest
from telegram import Update, User

from bot.adapters.telegram.updates import read
from bot.commands.reasons import OWN, because
from bot.delivery.retry import UNKNOWN
from bot.locales import words
from bot.model import Language

ME = User(id=99, first_name="Paperboy", is_bot=True, username="paperboy_bot")


def went(kind, status, **rights):
    """Why a chat is paused that the bot was taken out of."""
    me = {"id": 99, "is_bot": True, "first_name": "Paperboy"}
    change = {
        "chat": {"id": 7 if kind == "private" else -1005, "type": kind, "title": "x", "first_name": "x"},
        "from": {"id": 7, "is_bot": False, "first_name": "Ada"},
        "date": 1_795_000_000,
        "old_chat_member": {"user": me, "status": "member"},
        "new_chat_member": {"user": me, "status": status, **rights},
    }
    return read(Update.de_json({"update_id": 1, "my_chat_member": change}, None), ME).reason


RIGHTS = (
    "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats"
    " can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories "
    "can_edit_stories can_delete_stories"
)


@pytest.mark.parametrize("language", Language)
def test_what_paperboy_says_itself_is_told_in_the_readers_language(language):
    rights = dict.fromkeys(RIGHTS.split(), False) | {"can_post_messages": False}
    said = [
        UNKNOWN,
        went("private", "kicked", until_date=0),
        went("group", "left"),
        went("channel", "administrator", **rights),
    ]
    for reason in said:
        assert because(words(language), reason) == words(language)(OWN[reason])
        assert because(words(Language.ZH), reason) != reason


@pytest.mark.parametrize("language", Language)
def test_words_of_others_are_quoted_and_missing_ones_are_no_secret(language):
    say = words(language)
    assert because(say, "Bad Request: chat not found") == "“Bad Request: chat not found”"
    assert because(say, None) == because(say, "") == say("reason_none")
