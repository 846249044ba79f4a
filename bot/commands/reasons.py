"""Why something did not arrive: the bot's own words in the reader's language, others' as they are."""

from bot.locales import Words

UNKNOWN = "nobody knows whether it arrived"

# What the bot writes down of itself, and the phrase that says it.
OWN = {
    UNKNOWN: "reason_unknown",
    "the person blocked the bot": "reason_blocked",
    "the bot was removed": "reason_removed",
    "the bot may not post in the channel": "reason_no_posting",
    "the channel is deleted": "reason_deleted",
    "the bot cannot see the channel": "reason_unseen",
    "the bot may not send messages, embeds or threads there": "reason_no_sending",
    "the thread is locked": "reason_locked",
    "the thread is archived": "reason_locked",
    "the thread is deleted": "reason_no_thread",
    "the server is deleted, or the bot was removed from it": "reason_left",
    "the person takes no messages from the bot": "reason_no_direct",
    "the forum asks for a tag that the bot cannot give": "reason_tag",
    "the channel is a forum, which takes posts only; subscribe there anew": "reason_kind",
    "the channel takes no messages; subscribe there anew": "reason_kind",
    "too many posts and threads are open in the server": "reason_crowded",
    "the message holds what cannot be written as UTF-8": "reason_unwritable",
}


def because(say: Words, reason: str | None) -> str:
    """The reason as it stands in a sentence; a platform's own words in quotes."""
    if not reason:
        return say("reason_none")
    return say(OWN[reason]) if reason in OWN else say("reason_said", words=reason)
