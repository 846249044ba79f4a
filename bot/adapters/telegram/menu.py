"""The commands that Telegram offers while people type, in their language and by where they are."""

from collections.abc import Iterator, Sequence
from typing import Any

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.commands.base import Command
from bot.locales import words
from bot.log import get_logger
from bot.model import Language

log = get_logger(__name__)

LANGUAGES = {None: Language.EN, "zh": Language.ZH}  # None: people of every other language


async def register(bot: ExtBot[Any], commands: Sequence[Command], operators: Sequence[str]) -> None:
    """Tell Telegram the commands; what it does not take is logged, and the bot works without."""
    for scope, offered in _scopes(commands, operators):
        try:
            for code, language in LANGUAGES.items():
                await bot.set_my_commands(_described(offered, language), scope=scope, language_code=code)
        except TelegramError as exc:
            log.info("menu.kept", platform="telegram", scope=scope.type, reason=exc.message)


def _scopes(
    commands: Sequence[Command], operators: Sequence[str]
) -> Iterator[tuple[BotCommandScope, Sequence[Command]]]:
    everybody = [command for command in commands if not command.operators]
    reading = [command for command in everybody if not command.changes]
    yield BotCommandScopeDefault(), everybody
    yield BotCommandScopeAllPrivateChats(), everybody
    yield BotCommandScopeAllGroupChats(), reading
    yield BotCommandScopeAllChatAdministrators(), everybody
    for person in operators:
        yield BotCommandScopeChat(int(person)), commands


def _described(commands: Sequence[Command], language: Language) -> list[BotCommand]:
    say = words(language)
    return [BotCommand(command.name, say(f"help_{command.name}")[:256]) for command in commands]
