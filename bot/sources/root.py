"""The root of a site: what lies below it, and under which address each thing is known."""

import re
from dataclasses import dataclass
from posixpath import normpath
from typing import Self
from urllib.parse import quote, unquote, urljoin, urlsplit

from bot.errors import ConfigError
from bot.sources.show import show

LONGEST = 1000  # characters of a link
PORTS = {"http": 80, "https": 443}

_INDEX = re.compile(r"(?:^|(?<=/))index\.html?$", re.IGNORECASE)
_FILE = re.compile(r"\.(?:html?|xhtml|php|aspx?|md)$", re.IGNORECASE)
_SAFE = "/~!$&'()*+,;=:@"  # what stands in a path without being percent-encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Something below the root."""

    address: str  # its path, decoded: the same however a link to it is written
    url: str = ""  # where it is, if that is not what its address tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A site's first page."""

    scheme: str
    login: str  # "user:password@", or nothing
    host: str  # with the port, if it is not the usual one
    path: str  # decoded, from slash to slash

    @classmethod
    def of(cls, url: str) -> Self:
        """The root that an address names.

        Raises:
            ConfigError: it is no address of the web.
        """
        try:
            parts = urlsplit(url.strip())
            _ = parts.port  # which is read only now
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in PORTS or not parts.hostname:
            raise ConfigError(
                f"sources: url: {show(url)!r} is no address of the web; write https://HOST/PATH/"
            )
        login, at, host = parts.netloc.rpartition("@")
        path = _INDEX.sub("", _normal(_decoded(parts.path)[0]))
        return cls(scheme=parts.scheme, login=login + at, host=host.lower(), path=path.rstrip("/") + "/")

    def ask(self, address: str, url: str = "") -> str:
        """Where to ask for what is at an address, or at the URL that was remembered with it."""
        if url and "//" in url:
            return url
        return f"{self.scheme}://{self.login}{self.host}{self._path(address, url)}"

    def read(self, address: str, url: str = "") -> str:
        """Where a reader opens it."""
        if url and "//" in url:
            return url
        return f"{self.scheme}://{self.host}{self._path(address, url)}"

    def _path(self, address: str, url: str) -> str:
        return url or quote(self.path + address, safe=_SAFE)

    def find(self, link: str, page: str) -> Link | None:
        """What a link on a page leads to; None where that is not below the root, or is the root itself."""
        try:
            parts = urlsplit(join(page, link[: LONGEST + 99]))
            same = self._is_here(parts.scheme, parts.hostname or "", parts.port)
        except ValueError:
            return None
        if not same or len(parts.path) > LONGEST:
            return None
        decoded, plain = _decoded(parts.path)
        path = _INDEX.sub("", _normal(decoded))
        if not path.startswith(self.path) or path == self.path or not path.isprintable():
            return None
        address = path.removeprefix(self.path)
        if not plain:
            return Link(address=_closed(address), url=_INDEX.sub("", parts.path))
        return Link(
            address=_closed(address), url="" if _closed(address) == address else quote(path, safe=_SAFE)
        )

    def seen_from(self, address: str, url: str) -> "Root":
        """The root as it is where something of it was found in the end: the same unless it was led on."""
        found = Root.of(url)
        if not found.path.endswith(f"/{address}"):
            return self
        path = found.path.removesuffix(address)
        return Root(scheme=found.scheme, login=self.login, host=found.host, path=path)

    def _is_here(self, scheme: str, host: str, port: int | None) -> bool:
        """Whether http or https at this host; a port that is written counts."""
        if scheme not in PORTS:
            return False
        own = urlsplit(f"{self.scheme}://{self.host}")
        usual = (port or PORTS[scheme]) == PORTS[scheme] and (own.port or PORTS[own.scheme]) == PORTS[
            own.scheme
        ]
        return host == own.hostname and (usual or (port or PORTS[scheme]) == (own.port or PORTS[own.scheme]))


def join(page: str, link: str) -> str:
    """Where a link on a page leads; to the page itself where it is none."""
    try:
        return urljoin(page, link.strip())
    except ValueError:
        return page


def _closed(address: str) -> str:
    """The address with a slash at its end, unless it is a file's."""
    return address if address.endswith("/") or _FILE.search(address) else address + "/"


def _decoded(path: str) -> tuple[str, bool]:
    """The path without percent-encoding, and whether it was encoded as all do: in UTF-8."""
    try:
        return unquote(path, errors="strict"), True
    except UnicodeDecodeError:
        pass
    try:
        return unquote(path, encoding="gb18030", errors="strict"), False
    except UnicodeDecodeError:
        return unquote(path), False


def _normal(path: str) -> str:
    """The path without dots, doubled slashes."""
    if not path.startswith("/"):
        path = f"/{path}"
    plain = re.sub("/{2,}", "/", normpath(path))
    return plain + "/" if path.endswith(("/", "/.", "/..")) and plain != "/" else plain
