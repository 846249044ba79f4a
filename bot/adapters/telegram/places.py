"""What Telegram knows of people and places: who administers a chat, what a name stands for."""

import re
import time

from telegram import Bot, ChatFullInfo, ChatMember, ChatMemberAdministrator, ChatMemberOwner
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.commands.base import Place, Refusal, Where
from bot.log import get_logger

log = get_logger(__name__)

FRESH = 30.0  # seconds for which an answer is believed
MOST = 5_000  # answers that are kept
_MANAGERS = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)
_NAME = re.compile(r"(?:https?://)?t\.me/(\w{4,32})/?|(@\w{4,32}|-100\d{5,15})", re.ASCII)
_THREAD = re.compile(r"\d{1,11}", re.ASCII)


class Places:
    """The guide of Telegram."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._known: dict[tuple[str, str], tuple[float, bool]] = {}

    def named(self, word: str) -> str | None:
        """The name in "@channel", "t.me/channel" or "-100123": None where it is none."""
        found = _NAME.fullmatch(word)
        return found and (found[2] or f"@{found[1]}")

    async def manages(self, person: str, place: Place) -> bool:
        """Whether a person may change what a place gets.

        Raises:
            Refusal: Telegram does not say.
        """
        if place.where is Where.PRIVATE or not person:
            return True  # who does not say who is an administrator that shows as the group
        key = (person, place.address)
        at, kept = self._known.get(key, (float("-inf"), False))
        if time.monotonic() - at < FRESH:
            return kept
        manages = await self._ask(int(person), _chat(place.address))
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = (time.monotonic(), manages)
        return manages

    async def find(self, name: str, person: str) -> Place:
        """The channel or group of a name, where that person may change what it gets and the bot may post.

        Raises:
            Refusal: there is none, one of the two may not, or Telegram does not say.
        """
        chat, thread = await self._chat(name)
        title = f"@{chat.username}" if chat.username else chat.title or name
        where = Where.CHANNEL if chat.type == ChatType.CHANNEL else Where.GROUP
        address = f"{chat.id}/{thread}" if thread else str(chat.id)
        place = Place(address=address, where=where, title=title)
        if chat.type == ChatType.PRIVATE or not person or not await self.manages(person, place):
            raise Refusal("place_not_yours", name=name)
        if not await self._may_post(chat):
            raise Refusal("place_no_posting", name=title)
        return place

    async def check(self, place: Place) -> None:
        """Do nothing: where the bot is asked it may answer, and what is named is looked at by `find`."""

    async def _chat(self, name: str) -> tuple[ChatFullInfo, str]:
        place, slash, thread = name.partition("/")
        if slash and not _THREAD.fullmatch(thread):
            raise Refusal("place_unknown", name=name)
        try:
            return await self._bot.get_chat(place if place.startswith("@") else int(place)), thread
        except (BadRequest, Forbidden, ValueError) as exc:
            raise Refusal("place_unknown", name=name) from exc
        except TelegramError as exc:
            raise _away(exc) from exc

    async def _ask(self, person: int, chat: int) -> bool:
        try:
            member = await self._bot.get_chat_member(chat, person)
        except (BadRequest, Forbidden):
            return False
        except TelegramError as exc:
            raise _away(exc) from exc
        return member.status in _MANAGERS

    async def _may_post(self, chat: ChatFullInfo) -> bool:
        try:
            me = await self._bot.get_chat_member(chat.id, self._bot.id)
        except (BadRequest, Forbidden):
            return False
        except TelegramError as exc:
            raise _away(exc) from exc
        if chat.type != ChatType.CHANNEL:
            return me.status not in (ChatMember.LEFT, ChatMember.BANNED)
        if isinstance(me, ChatMemberAdministrator):
            return bool(me.can_post_messages)
        return isinstance(me, ChatMemberOwner)


def _away(exc: TelegramError) -> Refusal:
    log.warning("place.unknown", platform="telegram", reason=exc.message)
    return Refusal("trouble")


def _chat(address: str) -> int:
    return int(address.partition("/")[0])
