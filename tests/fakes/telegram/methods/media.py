"""Photos, documents, albums, and the files behind them."""

from itertools import count
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.files import File, downloadable
from tests.fakes.telegram.journal import Request
from tests.fakes.telegram.methods.send import find_place, put
from tests.fakes.telegram.refusal import Refusal, bad, strict
from tests.fakes.telegram.text import CAPTION, Written, parse, units
from tests.fakes.telegram.world import Json

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Server

ALBUM = range(2, 11)
ALIKE = {"audio", "document"}  # stand only beside their like
WHAT = {
    "photo": "photos",
    "document": "documents",
    "video": "videos",
    "audio": "music",
    "animation": "animations",
}
_ALBUMS = count(13_000_000_000_000_001)


def send_photo(server: "Server", request: Request) -> Json:
    """A photo."""
    return _send_one(server, request, "photo")


def send_document(server: "Server", request: Request) -> Json:
    """A file of any kind."""
    return _send_one(server, request, "document")


def send_album(server: "Server", request: Request) -> list[Json]:
    """Several at once."""
    items = request.params.get("media")
    if not items:
        raise bad("there are no messages to send")
    made = [_album_item(server, request, item, number) for number, item in enumerate(items, 1)]
    _check_album(items)
    place = find_place(server, request.params, WHAT[items[0]["type"]], len(items))
    group = {"media_group_id": str(next(_ALBUMS))}
    return [put(server, place, group | content).body for content in made]


def get_file(server: "Server", request: Request) -> Json:
    """Where a file can be downloaded."""
    given = request.params.get("file_id", "")
    if not given:
        raise bad("file_id not specified")
    file = server.files.all.get(given)
    if file is None:
        raise bad("invalid file_id")
    return downloadable(file)


def media_json(server: "Server", request: Request, item: Json, *, album: bool = False) -> Json:
    """The content that an InputMedia means."""
    kind = item.get("type")
    if kind not in WHAT:
        raise bad(f'can\'t parse InputMedia: type "{kind}" is unsupported')
    if album and kind == "animation":
        raise bad("can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup")
    if not item.get("media"):
        raise bad("can't parse InputMedia: media not found")
    file = server.files.take(item["media"], kind, request.uploads, "")
    return file_json(file, item, caption_of(server, item))


def caption_of(server: "Server", params: dict[str, Any]) -> Written:
    """The caption that a request brings; raises Refusal where it is malformed or too long."""
    text = params.get("caption") or ""
    if server.light:
        return Written(text=text)
    written = parse(text, params.get("parse_mode"), params.get("caption_entities"), server.world.users)
    if units(written.text) > CAPTION:
        raise bad("message caption is too long")
    return written


def file_json(file: File, params: dict[str, Any], caption: Written) -> Json:
    """The content of a message with a file."""
    content = file.told() | caption_json(caption)
    if params.get("show_caption_above_media"):
        content["show_caption_above_media"] = True
    if params.get("has_spoiler"):
        content["has_media_spoiler"] = True
    return content


def caption_json(caption: Written) -> Json:
    """A caption in a message."""
    told = {"caption": caption.text, "caption_entities": caption.entities}
    return {name: value for name, value in told.items() if value}


def _send_one(server: "Server", request: Request, kind: str) -> Json:
    params = request.params
    file = server.files.take(params.get(kind), kind, request.uploads, kind)
    caption = caption_of(server, params)
    place = find_place(server, params, WHAT[kind])
    return put(server, place, file_json(file, params, caption)).body


def _album_item(server: "Server", request: Request, item: Json, number: int) -> Json:
    try:
        return media_json(server, request, item, album=True)
    except Refusal as refusal:
        if refusal.description != "Bad Request: failed to get HTTP URL content":
            raise
        raise bad(f'failed to send message #{number} with the error message "WEBPAGE_CURL_FAILED"') from None


def _check_album(items: list[Json]) -> None:
    if len(items) > ALBUM[-1]:
        raise bad("too many messages to send as an album")
    if len(items) < ALBUM[0]:
        raise strict("an album has 2-10 items")
    kinds = {item["type"] for item in items}
    if len(kinds) > 1 and (alone := kinds & ALIKE):
        raise bad(f"{min(alone).title()} can't be mixed with other media types")
    if len({bool(item.get("show_caption_above_media")) for item in items}) > 1:
        raise bad("parameter show_caption_above_media must be the same for all messages")
