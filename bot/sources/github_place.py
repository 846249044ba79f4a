"""Where a repository of GitHub, or of a GitHub of one's own, is asked for what it holds."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from bot.errors import ConfigError
from bot.sources.git_remote import LOOPBACK
from bot.sources.show import show
from bot.sources.tree import read_folder

PUBLIC = "github.com"
API = "https://api.github.com"
RAW = "https://raw.githubusercontent.com"
NAME = re.compile(r"(?!\.\.?$)[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder of a branch of a repository."""

    url: str  # of the repository, for people
    api: str  # what is asked about it lies below this
    raw: str  # its files lie below this; empty: asked of the API, by their content's name
    branch: str  # empty: the one that it shows first
    folder: str  # without slashes around it; empty: the whole

    def page(self, path: str) -> str:
        """Where people see a file, given by its path below the folder."""
        return f"{self.url}/blob/{quote(self.branch or 'HEAD')}/{quote(self.whole(path))}"

    def whole(self, path: str) -> str:
        """The path within the repository of one below the folder."""
        return f"{self.folder}/{path}" if self.folder else path


def read_place(url: str, *, branch: str, path: str, token: str) -> Place:
    """What an address of a repository, or of a folder in it, means.

    Raises:
        ConfigError: it is no such address, or one to which a token must not be sent.
    """
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError as exc:
        raise _wrong(url) from exc
    owner, name, *rest = *(unquote(part) for part in parts.path.split("/") if part), "", ""
    name = name.removesuffix(".git")
    if (
        parts.scheme not in ("http", "https")
        or not host
        or not (NAME.fullmatch(owner) and NAME.fullmatch(name))
    ):
        raise _wrong(url)
    if parts.username is not None:
        raise ConfigError(f"sources: {show(url)}: write the token under `token:`, not into the address")
    if token and parts.scheme == "http" and host not in LOOPBACK:
        raise ConfigError(f"sources: {show(url)}: a token is sent over https only; write https://")
    branch, folder = _inner([part for part in rest if part], url, branch, read_folder(path))
    inner, owned = f"[{host}]" if ":" in host else host, f"{owner}/{name}"
    site = f"{parts.scheme}://{inner}" + (f":{port}" if port else "")
    public = host == PUBLIC
    return Place(
        url=f"{site}/{owned}",
        api=f"{API if public else site + '/api/v3'}/repos/{owned}",
        raw=f"{RAW}/{owned}" if public else "",
        branch=branch,
        folder=folder,
    )


def _inner(rest: list[str], url: str, branch: str, folder: str) -> tuple[str, str]:
    """Branch and folder of an address such as a browser shows, `/tree/BRANCH/FOLDER`, where it has them."""
    if not rest:
        return branch, folder
    where = "/".join(rest[1:])
    if rest[0] != "tree" or not where:
        raise _wrong(url)
    if not branch:  # one with a slash in its name has to be given by itself
        branch, _, inner = where.partition("/")
    elif f"{where}/".startswith(f"{branch}/"):
        inner = where[len(branch) + 1 :]
    else:
        raise ConfigError(f"sources: {show(url)}: the address names another branch than `branch: {branch}`")
    return branch, "/".join(part for part in (read_folder(inner), folder) if part)


def _wrong(url: str) -> ConfigError:
    return ConfigError(
        f"sources: {show(url) or 'url'}: no repository of GitHub; write https://github.com/OWNER/NAME"
    )
