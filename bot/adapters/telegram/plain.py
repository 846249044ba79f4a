"""The plainer form of a message: for when Telegram refuses its markup, or its picture."""

import re
from dataclasses import replace
from html import unescape
from typing import Any

from bot.adapters.base import Message
from bot.adapters.telegram import limits, rich
from bot.adapters.telegram.ink import JOINER, calm
from bot.formatter.text import shorten, utf16

CAPTION = 1024  # UTF-16 units of the text below a picture or a file
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>a|b|strong|i|em|u|ins|s|strike|del|code|pre|span|tg-[a-z-]{1,20}|blockquote|br|p|h[1-6]"
    r"|ul|ol|li|details|summary|table|tr|td|th|figure|figcaption|img|hr|sub|sup|mark)(?P<rest>(?:\s[^<>]*)?/?)>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_LINES = frozenset("blockquote br p h1 h2 h3 h4 h5 h6 ul ol li details summary table tr figure hr".split())


def plain(message: Message) -> Message | None:
    """The same request without markup and without buttons that open addresses; None: it has neither."""
    method, params = message.request["method"], dict(message.request["params"])
    if method == rich.METHOD:
        return _classic(message, params)
    if params.pop("parse_mode", None) == "HTML":
        for field, most in (("text", limits.TEXT), ("caption", CAPTION)):
            if field in params:
                params[field] = _shown(params[field], most)
    if "media" in params and isinstance(params["media"], list):
        params["media"] = [_bare(item) for item in params["media"]]
    if markup := params.get("reply_markup"):
        params["reply_markup"] = _safe(markup)
    params = {name: value for name, value in params.items() if value not in ({}, None)}
    return None if params == message.request["params"] else _replaced(message, method, params)


def without_figure(message: Message) -> Message | None:
    """The same request without its picture, or its preview; None: it has none."""
    method, params = message.request["method"], dict(message.request["params"])
    if (params.get("link_preview_options") or {}).get("url"):
        params["link_preview_options"] = {"is_disabled": True}
        return _replaced(message, method, params)
    if method == rich.METHOD:
        html = params["rich_message"].get("html", "")
        params["rich_message"] = params["rich_message"] | {"html": rich.without_slides(html)}
        return None if params == message.request["params"] else _replaced(message, method, params)
    if method == "sendPhoto":
        text, mode = params.pop("caption", None), params.pop("parse_mode", None)
        shown = [params.pop("photo", None)]
    elif method == "sendMediaGroup":
        items = params.pop("media")
        text = next((item["caption"] for item in items if item.get("caption")), None)
        mode = next((item.get("parse_mode") for item in items if item.get("caption")), None)
        shown = [item.get("media") for item in items]
    else:
        return None
    addresses = [one for one in shown if isinstance(one, str) and one.startswith(("https://", "http://"))]
    if not (text := text or "\n".join(addresses)):
        return None
    params |= {"text": text, "parse_mode": mode, "link_preview_options": {"is_disabled": True}}
    params = {name: value for name, value in params.items() if value is not None and name in _OF_TEXTS}
    return _replaced(message, "sendMessage", params)


def visible(html: str, *, addresses: bool = True) -> str:
    """What a reader sees of Telegram's HTML; an address that its link does not show stands behind it."""
    parts: list[str] = []
    links: list[tuple[int, str]] = []  # of the open ones, where in `parts` they begin
    at, code = 0, 0
    for tag in _TAG.finditer(html):
        parts.append(_said(html[at : tag.start()], code=code > 0))
        at, name = tag.end(), tag["name"].lower()
        if name == "a" and not tag["end"]:
            found = _ADDRESS.search(tag["rest"])
            links.append((len(parts), unescape(found[1] or found[2] or "") if found else ""))
        elif name == "a" and links:
            parts.append(_behind(parts, *links.pop()) if addresses else "")
        elif name in ("code", "pre"):
            code += -1 if tag["end"] else 1
        elif name in _LINES and not _ends_line(parts):
            parts.append("\n")
    parts.append(_said(html[at:], code=code > 0))
    return re.sub(r"\n{3,}", "\n\n", "".join(parts)).strip()


_OF_TEXTS = frozenset(
    "business_connection_id chat_id message_thread_id direct_messages_topic_id text parse_mode "
    "link_preview_options disable_notification protect_content reply_parameters reply_markup".split()
)


def _said(html: str, *, code: bool) -> str:
    text = unescape(html)
    # Code is shown as it is; without its markup Telegram would find mentions and commands in it.
    return unescape(calm(text).html) if code else text


def _behind(parts: list[str], begin: int, address: str) -> str:
    shown = "".join(parts[begin:])
    return "" if not address or _core(shown) == _core(address) else f" ({address})"


def _core(address: str) -> str:
    return re.sub(r"^https?://", "", address.replace(JOINER, "")).rstrip("/")


def _ends_line(parts: list[str]) -> bool:
    return next((part.endswith("\n") for part in reversed(parts) if part), True)


def _shown(html: str, most: int) -> str:
    """The visible text, with its addresses where there is room for them."""
    text = visible(html)
    if utf16(text) > most:
        text = visible(html, addresses=False)
    return text if utf16(text) <= most else shorten(text, most)


def _bare(item: dict[str, Any]) -> dict[str, Any]:
    item = dict(item)
    if item.pop("parse_mode", None) == "HTML" and "caption" in item:
        item["caption"] = _shown(item["caption"], CAPTION)
    return item


def _safe(markup: dict[str, Any]) -> dict[str, Any]:
    """The keyboard without buttons that Telegram could refuse: those with addresses, which it checks."""
    rows = [[key for key in row if "callback_data" in key] for row in markup.get("inline_keyboard", ())]
    return {"inline_keyboard": [row for row in rows if row]} if any(rows) else {}


def _classic(message: Message, params: dict[str, Any]) -> Message | None:
    """A rich message as a plain one; None where it is too long for that."""
    html = params.pop("rich_message", {}).get("html", "")
    text = visible(html)
    if utf16(text) > limits.TEXT:
        text = visible(html, addresses=False)
    if not text or utf16(text) > limits.TEXT:
        return None
    markup = _safe(params.pop("reply_markup", None) or {})
    params |= {"text": text, "link_preview_options": {"is_disabled": True}, "reply_markup": markup}
    params = {name: value for name, value in params.items() if value not in ({}, None) and name in _OF_TEXTS}
    return _replaced(message, "sendMessage", params)


def _replaced(message: Message, method: str, params: dict[str, Any]) -> Message:
    return replace(message, request={"method": method, "params": params}, fallback=())
