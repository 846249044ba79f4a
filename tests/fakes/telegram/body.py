"""What a request holds: fields and files, however they were sent."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.fakes.telegram.refusal import Refusal, bad

LARGEST = 50 * 2**20  # bytes of a request; the gateway refuses more
_WHOLE = re.compile(r"-?\d{1,18}")
_WHOLES = {
    "chat_id", "message_id", "message_thread_id", "user_id", "offset", "limit", "timeout", "cache_time",
    "max_connections",
}  # fmt: skip
_FLAGS = {
    "disable_notification", "protect_content", "show_alert", "is_personal", "drop_pending_updates",
    "allow_paid_broadcast", "show_caption_above_media", "has_spoiler", "disable_content_type_detection",
}  # fmt: skip
_NESTED = {
    "reply_markup", "link_preview_options", "entities", "caption_entities", "media", "results", "commands",
    "scope", "reply_parameters", "allowed_updates", "message_ids", "button", "rich_message", "menu_button",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with a request."""

    name: str
    data: bytes
    mime: str | None


@dataclass(slots=True, kw_only=True)
class Body:
    """The fields as sent, and the files."""

    fields: dict[str, Any]
    uploads: dict[str, Upload]


async def read(http: web.BaseRequest) -> Body:
    """The fields and files of a request; raises Refusal where it cannot be read."""
    fields: dict[str, Any] = dict(http.query) if http.query_string else {}
    uploads: dict[str, Upload] = {}
    kind = http.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        await _parts(http, fields, uploads)
    elif kind == "application/json":
        fields |= _object(await http.read())
    elif data := await http.read():
        fields |= parse_qsl(_text(data), keep_blank_values=True, max_num_fields=1000)
    return Body(fields=fields, uploads=uploads)


def guess(raw: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request by their names alone, where there is no description to read them by."""
    return {name: _guess(name, value) for name, value in raw.items()}


def _guess(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in _WHOLES and _WHOLE.fullmatch(value):
        return int(value)
    if name in _FLAGS:
        return value.lower() in {"true", "1"}
    if name in _NESTED:
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None
    return value


async def _parts(http: web.BaseRequest, fields: dict[str, Any], uploads: dict[str, Upload]) -> None:
    size = 0
    async for part in await http.multipart():
        data = bytes(await part.read(decode=True))
        size += len(data)
        if size > LARGEST:
            raise Refusal(413, "Request Entity Too Large")
        if part.filename is None:
            fields[part.name] = _text(data)
        else:
            uploads[part.name] = Upload(name=part.filename, data=data, mime=part.headers.get("Content-Type"))


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data) if data else {}
    except ValueError:
        raise bad("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad("object expected")
    return {name: item for name, item in value.items() if item is not None}


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise bad("strings must be encoded in UTF-8") from None
