"""Files on the server: uploaded, named by a link, or sent before."""

import hashlib
import re
from dataclasses import dataclass
from itertools import count

from tests.fakes.telegram.body import Upload
from tests.fakes.telegram.refusal import Refusal, bad
from tests.fakes.telegram.text import sound
from tests.fakes.telegram.world import Json

PHOTO = 10 * 2**20  # bytes of a photo
DOWNLOAD = 20 * 2**20  # bytes that getFile gives
SIDES, RATIO = 10_000, 20
_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(slots=True, kw_only=True, eq=False)
class File:
    """A file and what it was sent as."""

    id: str
    kind: str  # photo, document, ...
    data: bytes | None = None  # None: behind the link
    url: str | None = None
    name: str | None = None
    mime: str | None = None
    width: int = 800
    height: int = 600

    @property
    def unique(self) -> str:
        return "AQAD" + hashlib.sha1(self.id.encode(), usedforsecurity=False).hexdigest()[:12]

    @property
    def size(self) -> int:
        return len(self.data) if self.data is not None else 1024

    def told(self) -> Json:
        """Its fields in a message, under the name of its kind."""
        base: Json = {"file_id": self.id, "file_unique_id": self.unique, "file_size": self.size}
        if self.kind == "photo":
            return {"photo": [base | {"width": self.width, "height": self.height}]}
        extra = {"file_name": self.name, "mime_type": self.mime}
        if self.kind in {"video", "animation"}:
            extra |= {"width": self.width, "height": self.height}
        if self.kind in {"video", "animation", "audio"}:
            extra |= {"duration": 1}
        return {self.kind: base | {k: v for k, v in extra.items() if v}}


class Files:
    """All files, by id."""

    def __init__(self) -> None:
        self.all: dict[str, File] = {}
        self.dead: set[str] = set()  # links behind which there is nothing
        self._numbers = count(1)

    def take(self, given: str | None, kind: str, uploads: dict[str, Upload], name: str) -> File:
        """The file that a field means: an upload, a link or a file_id; raises Refusal for others."""
        if not given and name in uploads:
            return self.keep(uploads[name], kind)
        if not given:
            raise bad(f"there is no {kind} in the request")
        if given.startswith("attach://"):
            upload = uploads.get(given.removeprefix("attach://"))
            if upload is None:
                raise bad("can't parse InputMedia: media not found")
            return self.keep(upload, kind)
        if "." in given:
            return self.link(given, kind)
        return self._known(given, kind)

    def keep(self, upload: Upload, kind: str) -> File:
        """A file that was uploaded."""
        if not upload.data:
            raise bad("file must be non-empty")
        file = self._new(kind, data=upload.data, name=upload.name, mime=upload.mime)
        if kind == "photo":
            _check_photo(file, upload.data)
        return file

    def link(self, url: str, kind: str) -> File:
        """A file behind a link, which Telegram fetches by itself."""
        if not url.startswith(("http://", "https://")) or not sound(url):
            raise bad("invalid file HTTP URL specified: Unsupported URL protocol")
        if url in self.dead:
            raise bad("failed to get HTTP URL content")
        return self._new(kind, url=url)

    def _known(self, given: str, kind: str) -> File:
        file = self.all.get(given)
        if file is None:
            if _ID.fullmatch(given):
                raise bad("wrong remote file identifier specified: can't unserialize it. Wrong last symbol")
            raise bad("wrong remote file identifier specified: Wrong character in the string")
        if file.kind != kind:
            raise bad(f"can't use file of type {file.kind.title()} as {kind.title()}")
        return file

    def _new(self, kind: str, **known: object) -> File:
        prefix = "AgACAgIAAxkBAAI" if kind == "photo" else "BQACAgIAAxkBAAI"
        file = File(id=f"{prefix}{next(self._numbers):08X}Ag", kind=kind, **known)
        self.all[file.id] = file
        return file


def downloadable(file: File) -> Json:
    """What getFile tells."""
    if file.size > DOWNLOAD:
        raise bad("file is too big")
    path = f"{file.kind}s/{file.unique}"
    return {"file_id": file.id, "file_unique_id": file.unique, "file_size": file.size, "file_path": path}


def _check_photo(file: File, data: bytes) -> None:
    if file.size > PHOTO:
        too_big = f"file of size {file.size} bytes is too big for a photo"
        raise bad(f"{too_big}; the maximum size is {PHOTO} bytes")
    file.width, file.height = sides = _sides(data)
    if sum(sides) > SIDES or max(sides) > RATIO * min(sides):
        raise bad("PHOTO_INVALID_DIMENSIONS")


def _sides(data: bytes) -> tuple[int, int]:
    """Width and height of an image."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data[:4] == b"GIF8" and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if data[:2] == b"\xff\xd8":
        return _jpeg_sides(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return 512, 512
    raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")


def _jpeg_sides(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 2 + length
    raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
