"""Where a repository is, in the spellings that git takes."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from bot.errors import ConfigError, SourceError
from bot.sources import guard
from bot.sources.show import show

LOOPBACK = ("127.0.0.1", "::1", "localhost")
USER = "x-access-token"  # as GitHub wants it beside some tokens; it, GitLab and Gitea take any beside others

SHOWN = {"github.com": "/blob/", "gitlab.com": "/-/blob/"}  # where a server shows the files of a branch


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """Where a repository is."""

    url: str  # as git is told it: no password in it
    shown: str  # as people are told it
    scheme: str  # empty: on this machine
    host: str
    port: int
    login: str = field(default="", repr=False)  # user:password

    def page(self, branch: str, path: str) -> str | None:
        """Where people see a file, as far as that is known of the server."""
        if not (folder := SHOWN.get(self.host)):
            return None
        inner = self.url.partition("://")[2].partition("/")[2] or self.url.partition(":")[2]
        project = inner.strip("/").removesuffix(".git")
        return f"https://{self.host}/{quote(unquote(project))}{folder}{quote(branch or 'HEAD')}/{quote(path)}"


def read_remote(url: str, token: str) -> Remote:
    """Where a repository is; a token is for https alone.

    Raises:
        ConfigError: git could make something else of the address, or nothing.
    """
    if not url or not url.isprintable():
        raise ConfigError(
            f"sources: {show(url) or 'url'}: is no address of a repository; write https://HOST/PATH"
        )
    try:
        aim = guard.read(url)
    except SourceError as exc:
        raise ConfigError(f"sources: {exc}") from exc
    plain_url, login = url, ""
    if not aim.scheme:
        plain_url = _local(url)
    elif "://" in url:
        plain_url, login = _part(url, aim.scheme)
    if token and aim.scheme in ("http", "https"):
        login = f"{login.partition(':')[0] or USER}:{token}"
    if ":" in login and aim.scheme == "http" and aim.host not in LOOPBACK:
        raise ConfigError(f"sources: {show(url)}: a token is sent over https only; write https://")
    return Remote(
        url=plain_url, shown=show(plain_url), scheme=aim.scheme, host=aim.host, port=aim.port, login=login
    )


def _local(url: str) -> str:
    """The whole path of a repository on this machine, as git takes it."""
    if url.lower().startswith("file://"):
        if not url[7:].startswith("/"):
            raise ConfigError(
                f"sources: {show(url)}: names another machine; write file:///PATH or the path alone"
            )
        url = unquote(url[7:])
    try:
        return str(Path(url).expanduser().absolute())
    except RuntimeError as exc:
        raise ConfigError(f"sources: {show(url)}: no such user; write the whole path") from exc


def _part(url: str, scheme: str) -> tuple[str, str]:
    """An address without what only the server may see, and that."""
    front, sign, rest = url.partition("://")
    netloc = re.split(r"[/?#]", rest, maxsplit=1)[0]
    login, _, place = netloc.rpartition("@")
    user, colon, password = login.partition(":")
    if scheme in ("http", "https"):
        return f"{front.lower()}{sign}{place}{rest[len(netloc) :]}", unquote(user) + colon + unquote(password)
    kept = f"{user}@{place}" if user else place
    return f"{front.lower()}{sign}{kept}{rest[len(netloc) :]}", ""
