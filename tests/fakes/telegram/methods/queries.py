"""Answers to taps on buttons and to inline queries."""

import re
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.journal import Request
from tests.fakes.telegram.markup import inline_keyboard
from tests.fakes.telegram.refusal import Refusal, bad, strict
from tests.fakes.telegram.rich import check as check_rich
from tests.fakes.telegram.text import CAPTION, TEXT, parse, sound, units
from tests.fakes.telegram.world import Json

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Server

NOTICE = 200  # characters
RESULTS = 50
ID = OFFSET = 64  # bytes
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")


def answer_callback(server: "Server", request: Request) -> bool:
    """End a tap's waiting, with a notice or without."""
    params = request.params
    server.take_query(str(params.get("callback_query_id") or ""), "callback_query")
    if len(params.get("text") or "") > NOTICE:
        raise bad("MESSAGE_TOO_LONG")
    url = params.get("url")
    if url and not (url.startswith((f"https://t.me/{server.bot.username}?", "tg://"))):
        raise bad("URL_INVALID")
    server.close_query(params["callback_query_id"])
    return True


def answer_inline(server: "Server", request: Request) -> bool:
    """The results of an inline query."""
    params = request.params
    results = params.get("results") or []
    if len(results) > RESULTS:
        raise bad("too many inline query results specified")
    if not server.light:
        for result in results:
            _check_result(server, result)
    _check_button(params.get("button"))
    event = server.take_query(str(params.get("inline_query_id") or ""), "inline_query")
    _check_ids([result.get("id") for result in results])
    if len((params.get("next_offset") or "").encode()) > OFFSET:
        raise bad("NEXT_OFFSET_INVALID")
    server.close_query(params["inline_query_id"])
    server.inline_results[event.id] = results
    return True


def _check_ids(ids: list[Any]) -> None:
    if any(not 1 <= len(str(one or "").encode()) <= ID for one in ids):
        raise bad("RESULT_ID_INVALID")
    if len(set(ids)) != len(ids):
        raise bad("RESULT_ID_DUPLICATE")


def _check_result(server: "Server", result: Json) -> None:
    try:
        text = _read_content(server, result)
        given = (result.get("parse_mode"), result.get("caption_entities"))
        caption = parse(result.get("caption") or "", *given, server.world.users)
    except Refusal as refusal:
        if refusal.strict:
            raise
        told = refusal.description.removeprefix("Bad Request: ")
        raise bad(f"can't parse inline query result: {told[:1].upper()}{told[1:]}") from None
    if text and units(text) > TEXT:
        raise bad("MESSAGE_TOO_LONG")
    if units(caption.text) > CAPTION:
        raise bad("MEDIA_CAPTION_TOO_LONG")
    if not str(result.get("title", "x")).strip():
        raise bad("ARTICLE_TITLE_EMPTY")
    _check_links(result)
    inline_keyboard(result.get("reply_markup"), None)


def _read_content(server: "Server", result: Json) -> str | None:
    """The text that a result posts, where it is one."""
    content = result.get("input_message_content")
    if content is None:
        if result.get("type") == "article":
            raise bad("Input message content is not specified")
        return None
    if "rich_message" in content:
        check_rich(content["rich_message"])
    if "message_text" not in content:
        return None
    if not content["message_text"]:
        raise bad("Input message content is not specified")
    given = (content.get("parse_mode"), content.get("entities"))
    written = parse(content["message_text"], *given, server.world.users)
    if not written.text:
        raise bad("text must be non-empty")
    return written.text


def _check_links(result: Json) -> None:
    for name in ("url", "thumbnail_url", "photo_url", "document_url", "gif_url", "video_url"):
        if result.get(name) and not sound(result[name]):
            raise bad("WEBDOCUMENT_URL_INVALID")


def _check_button(button: Any) -> None:
    if not button:
        return
    kinds = button.keys() & {"start_parameter", "web_app"}
    if not kinds:
        raise bad(
            "can't parse inline query results button: "
            "InlineQueryResultsButton must have exactly one optional field"
        )
    if len(kinds) > 1:
        raise strict("InlineQueryResultsButton has more than one optional field")
    if "start_parameter" in button and not _START.fullmatch(button["start_parameter"]):
        raise bad("START_PARAM_INVALID")
