"""Keyboards: what Telegram takes of them, and how it gives them back."""

from typing import Any

from tests.fakes.telegram.refusal import bad, strict
from tests.fakes.telegram.text import sound, units
from tests.fakes.telegram.world import Chat, Json

ROW, BUTTONS = 8, 100
DATA = 64  # bytes
COPIED = 256
KINDS = {
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
}
LOOKS = {"text", "icon_custom_emoji_id", "style"}
STYLES = {"danger", "success", "primary"}


def inline_keyboard(markup: Any, chat: Chat | None) -> Json | None:
    """The keyboard that stands under the message; raises Refusal for what Telegram refuses.

    Other markups (a keyboard in place of the letters, its removal) leave nothing under the message.
    """
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    for row in rows:
        if len(row) > ROW:
            raise strict(f"a row of {len(row)} buttons is shown in two, the most is {ROW}")
        for button in row:
            _check(button, chat)
    if sum(map(len, rows)) > BUTTONS:
        raise bad("reply markup is too long")
    kept = [row for row in rows if row]
    return {"inline_keyboard": kept} if kept else None


def expect_inline(markup: Any) -> None:
    """Raises Refusal where an edit brings any other keyboard than an inline one."""
    if isinstance(markup, dict) and markup and "inline_keyboard" not in markup:
        raise bad("inline keyboard expected")


def _check(button: Json, chat: Chat | None) -> None:
    kinds = button.keys() & KINDS
    if not kinds:
        raise _unreadable("Text buttons are unallowed in the inline keyboard")
    if len(kinds) > 1:
        raise strict(f"a button is of one kind, not of {len(kinds)}: {', '.join(sorted(kinds))}")
    if not str(button.get("text", "")).strip():
        raise bad("inline keyboard button text must be non-empty")
    if button.get("style") not in {None, *STYLES}:
        raise _unreadable("invalid button style specified")
    kind = kinds.pop()
    _CHECKS.get(kind, _no_check)(button[kind], chat)


def _url(url: Any, _chat: Chat | None) -> None:
    if not url:
        raise _unreadable("Text buttons are unallowed in the inline keyboard")
    if not sound(url):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _data(data: Any, _chat: Chat | None) -> None:
    if not data:
        raise _unreadable("Text buttons are unallowed in the inline keyboard")
    if len(data.encode()) > DATA:
        raise bad("BUTTON_DATA_INVALID")


def _copy(copied: Any, _chat: Chat | None) -> None:
    if not 1 <= units(copied.get("text", "")) <= COPIED:
        raise bad("BUTTON_COPY_TEXT_INVALID")


def _web_app(app: Any, chat: Chat | None) -> None:
    _secure(app.get("url", ""), "Web App")
    if chat and chat.kind != "private":
        raise bad("BUTTON_TYPE_INVALID")


def _login(login: Any, _chat: Chat | None) -> None:
    _secure(login.get("url", ""), "login")


def _secure(url: str, name: str) -> None:
    if not url.lower().startswith("https://") or not sound(url):
        raise bad(f"inline keyboard button {name} URL '{url}' is invalid: Only HTTPS links are allowed")


def _inline(_query: Any, chat: Chat | None) -> None:
    if chat and chat.kind == "channel":
        raise bad(
            "can't use switch_inline_query button in a channel chat, because users will not be able to use "
            "the button without knowing bot's username"
        )


def _unsold(_value: Any, _chat: Chat | None) -> None:
    raise bad("BUTTON_TYPE_INVALID")


def _no_check(_value: Any, _chat: Chat | None) -> None:
    return


def _unreadable(text: str) -> Exception:
    return bad(f"can't parse inline keyboard button: {text}")


_CHECKS = {
    "url": _url,
    "callback_data": _data,
    "copy_text": _copy,
    "web_app": _web_app,
    "login_url": _login,
    "switch_inline_query": _inline,
    "switch_inline_query_current_chat": _inline,
    "pay": _unsold,
    "callback_game": _unsold,
}
