"""What to do when a message was not taken: the one place that decides.

A passing trouble is tried again with growing pauses, `TRIES` times in all. What the platform refuses
is not tried again. What nobody knows the outcome of is sent once more and no third time, unless
`delivery.unknown` says otherwise: a reader would rather see a paper twice than not at all. Where the
platform recognises a repeated message, as Discord does by its nonce, no outcome is unknown.
"""

import random

from bot.delivery.turn import Step
from bot.errors import DeliveryError, Rejected, Unknown
from bot.model import Unsure
from bot.storage.outbox import Mark

TRIES = 6
FIRST = 2.0  # seconds to the second try
LONGEST = 300.0
UNKNOWN = "nobody knows whether it arrived"


def after_failure(
    step: Step, exc: DeliveryError, *, now: float, chance: random.Random, unsure: Unsure = Unsure.ONCE_MORE
) -> tuple[list[Mark], float]:
    """What to record, and for how many seconds the chat waits; 0: the next paper goes on at once."""
    tries = 1 + max((row.tries for row in step.about), default=0)
    unknown, doubted = isinstance(exc, Unknown), any(row.reason == UNKNOWN for row in step.about)
    reason = UNKNOWN if unknown else str(exc)
    enough = unsure is Unsure.NEVER or (doubted and unsure is Unsure.ONCE_MORE)
    if isinstance(exc, Rejected) or (unknown and enough) or tries >= TRIES:
        return _give_up(step, tries, reason, int(now)), 0.0
    # A passing trouble in between does not make an unknown outcome forgotten.
    kept = UNKNOWN if doubted else reason
    marks = [
        Mark(id=row.id, state=_before(step), parts=max(0, step.parts - 1), tries=tries, reason=kept)
        for row in step.about
    ]
    return marks, pause(tries, chance)


def pause(tries: int, chance: random.Random) -> float:
    """Seconds to wait after so many tries: doubled each time, spread so that chats do not return together."""
    return min(LONGEST, FIRST * 2.0 ** (tries - 1)) * chance.uniform(0.5, 1.5)


def _before(step: Step) -> str:
    """The state in which the deliveries of a step were before it."""
    return "sending" if all(row.introduced for row in step.about) or step.begun else "pending"


def _give_up(step: Step, tries: int, reason: str, now: int) -> list[Mark]:
    """An overview that cannot be sent is left out and its papers go on; a paper is failed."""
    if not step.message.papers:
        return [Mark(id=row.id, state="sending") for row in step.about]
    return [Mark(id=row.id, state="failed", tries=tries, reason=reason, settled_at=now) for row in step.about]
