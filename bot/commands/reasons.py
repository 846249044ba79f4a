"""Why something did not arrive: the bot's own words in the reader's language, others' as they are."""

from bot.locales import Words

UNKNOWN = "nobody knows whether it arrived"

# What the bot writes down of itself, and the phrase that says it.
OWN = {
    UNKNOWN: "reason_unknown",
    "the person blocked the bot": "reason_blocked",
    "the bot was removed": "reason_removed",
    "the bot may not post in the channel": "reason_no_posting",
    "the message holds what cannot be written as UTF-8": "reason_unwritable",
}


def because(say: Words, reason: str | None) -> str:
    """The reason as it stands in a sentence; a platform's own words in quotes."""
    if not reason:
        return say("reason_none")
    return say(OWN[reason]) if reason in OWN else say("reason_said", words=reason)
