"""What the bot says of itself: its commands, name and descriptions."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.access import MEMBERS, enter
from tests.fakes.telegram.journal import Request
from tests.fakes.telegram.refusal import bad
from tests.fakes.telegram.shapes import user_json
from tests.fakes.telegram.world import Chat, Json, User

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Server

MOST, NAME, ABOUT = 100, 32, 256
LIMITS = {"description": 512, "short_description": 120, "name": 64}
OPEN_SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}
_LANGUAGE = re.compile(r"[a-z]{2}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")

Key = tuple[str, int | None, int | None, str]  # scope, chat, user, language


def get_me(server: "Server", _request: Request) -> Json:
    """The bot."""
    return user_json(server.bot) | {
        "can_join_groups": server.joins_groups,
        "can_read_all_group_messages": not server.privacy,
        "supports_inline_queries": server.inline_mode,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_all(server: "Server", request: Request) -> bool:
    """The commands of a scope and a language."""
    commands = request.params.get("commands") or []
    key = _key(server, request.params)
    for command in commands:
        _check(command)
    if len(commands) > MOST:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    if len({command["command"] for command in commands}) < len(commands):
        raise bad("BOT_COMMAND_DUPLICATE")
    server.commands[key] = commands
    return True


def get(server: "Server", request: Request) -> list[Json]:
    """The commands of exactly that scope and language."""
    return server.commands.get(_key(server, request.params), [])


def delete(server: "Server", request: Request) -> bool:
    """No commands of their own for a scope and a language."""
    server.commands.pop(_key(server, request.params), None)
    return True


def seen(commands: dict[Key, list[Json]], chat: Chat, user: User) -> list[Json]:
    """The commands that a person sees in a chat: of the narrowest scope, there in the own language first."""
    language = user.language_code or ""
    keys = [(*scope, spoken) for scope in _scopes(chat, user) for spoken in dict.fromkeys((language, ""))]
    return next((commands[key] for key in keys if commands.get(key)), [])


def _scopes(chat: Chat, user: User) -> list[tuple[str, int | None, int | None]]:
    """From the narrowest to the widest (https://core.telegram.org/bots/api#botcommandscope)."""
    if chat.user:
        return [("chat", chat.id, None), ("all_private_chats", None, None), ("default", None, None)]
    member = chat.members.get(user.id)
    admin = bool(member and member.administers)
    return [
        ("chat_member", chat.id, user.id),
        *([("chat_administrators", chat.id, None)] if admin else []),
        ("chat", chat.id, None),
        *([("all_chat_administrators", None, None)] if admin else []),
        ("all_group_chats", None, None),
        ("default", None, None),
    ]


def set_text(name: str) -> Callable[["Server", Request], bool]:
    """The method that sets the bot's name or a description."""

    def change(server: "Server", request: Request) -> bool:
        text = request.params.get(name) or ""
        language = _language(request.params)
        if len(text) > LIMITS[name]:
            raise bad({"name": "BOT_TITLE_INVALID"}.get(name, "BOT_DESCRIPTION_INVALID"))
        server.texts[name, language] = text
        return True

    return change


def get_text(name: str) -> Callable[["Server", Request], Json]:
    """The method that tells the bot's name or a description; that of all languages where there is no own."""

    def tell(server: "Server", request: Request) -> Json:
        own = server.texts.get((name, _language(request.params)))
        return {
            name: own or server.texts.get((name, "")) or (server.bot.first_name if name == "name" else "")
        }

    return tell


def set_menu_button(server: "Server", request: Request) -> bool:
    """The button beside the field of a private chat."""
    chat = request.params.get("chat_id")
    if chat is not None and enter(server.world, chat, 0).kind != "private":
        raise bad("chat not found")
    server.menu_buttons[chat] = request.params.get("menu_button") or {"type": "default"}
    return True


def get_menu_button(server: "Server", request: Request) -> Json:
    """The button beside the field of a private chat."""
    common = server.menu_buttons.get(None, {"type": "commands"})
    return server.menu_buttons.get(request.params.get("chat_id"), common)


def _key(server: "Server", params: dict[str, Any]) -> Key:
    scope = params.get("scope") or {"type": "default"}
    kind, language = scope.get("type"), _language(params)
    if kind in OPEN_SCOPES:
        return (kind, None, None, language)
    if kind not in CHAT_SCOPES:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    chat = enter(server.world, scope.get("chat_id", ""), MEMBERS)
    if kind == "chat":
        return (kind, chat.id, None, language)
    if chat.kind not in {"group", "supergroup"}:
        raise bad("BOT_COMMAND_SCOPE_INVALID")
    if kind == "chat_administrators":
        return (kind, chat.id, None, language)
    if scope.get("user_id", 0) <= 0:
        raise bad("can't parse BotCommandScope: Invalid user_id specified")
    return (kind, chat.id, scope["user_id"], language)


def _language(params: dict[str, Any]) -> str:
    language = params.get("language_code") or ""
    if language and not _LANGUAGE.fullmatch(language):
        raise bad("invalid language code specified")
    return language


def _check(command: Json) -> None:
    name, about = command["command"].strip(), command["description"].strip()
    if not name:
        raise bad("command must be non-empty")
    if len(name) > NAME:
        raise bad(f"command length must not exceed {NAME}")
    if not about:
        raise bad("command description must be non-empty")
    if len(about) > ABOUT:
        raise bad(f"command description length must not exceed {ABOUT}")
    if not _COMMAND.fullmatch(name):
        raise bad("BOT_COMMAND_INVALID")
