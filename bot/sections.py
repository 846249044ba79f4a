"""The sections of the configuration: which keys there are, what they may say, what holds without them."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from bot.model import Language, Style, Unsure
from bot.secrecy import KEY, MASK

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = 20_000 * 86400  # seconds: before 1970 there is no time, and databases count in 31 bits


def parse_duration(value: Any) -> Any:
    """Seconds in a duration such as 30s, 5m, 1h or 1d; anything else is left to be refused."""
    if isinstance(value, str):
        if not (match := re.fullmatch(r"(\d{1,9})([smhd])", value.strip())):
            raise ValueError("not a duration; write 30s, 5m, 1h or 1d")
        if (seconds := int(match[1]) * UNITS[match[2]]) > LONGEST:
            raise ValueError(f"longer than anybody waits; {LONGEST // 86400}d is the most")
        return seconds
    if isinstance(value, bool | float):
        raise ValueError("not a duration; write 30s, 5m, 1h or 1d")
    if isinstance(value, int):
        raise ValueError(f"a duration needs its unit; write {value}s, or 5m, 1h, 1d")
    return value


def span(seconds: float) -> str:
    """Seconds as the configuration writes them: 90s, 5m, 1h."""
    for unit, size in reversed(UNITS.items()):
        if seconds >= size and not seconds % size:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


def _written(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Duration = Annotated[int, BeforeValidator(parse_duration), Field(ge=1)]


Operator = Annotated[str, Field(pattern=r"^(telegram|discord):\d+$")]


def _on_one_line(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise ValueError("must be on one line, without blanks around it")
    return name


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_on_one_line)]


class Section(BaseModel):
    """A part of the file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Bounded = Annotated[int, BeforeValidator(parse_duration), Field(ge=0, le=3600)]

LOCAL = 30  # seconds between two looks at this machine's own files
REMOTE = 3600  # and at what others serve


class SourceConfig(Section):
    """One place to look for posts."""

    kind: Literal["folder", "site", "feed", "git", "github"]
    name: Name | None = None  # what it is known by for good; None: its path or its url
    path: str | None = None  # a folder; of git and github: within the repository
    url: str | None = None
    every: Duration | None = None
    branch: Annotated[str, Field(pattern=r"^[^\s-][^\s]*$")] | None = None
    since: Duration = 30 * 86400  # how far back the first look at a site goes
    pause: Bounded = 1  # seconds between two requests
    allow_private: bool = False
    token: SecretStr | None = None

    @model_validator(mode="after")
    def _fits(self) -> "SourceConfig":
        if wrong := next(self._wrong(), None):
            raise ValueError(wrong)
        return self

    def _wrong(self) -> Iterator[str]:
        if self.kind == "folder":
            if not self.path:
                yield "a folder needs its `path:`"
            if self.url:
                yield "a folder has a `path:` and no `url:`; for something on the web choose another kind"
        elif not self.url:
            yield f"a {self.kind} needs its `url:`"
        elif self.kind in ("site", "feed", "github") and not _is_web(self.url):
            yield f"a {self.kind} needs a url that begins with http:// or https://, not {self.label!r}"
        if self.branch and self.kind not in ("git", "github"):
            yield "`branch:` is for git and github"
        if self.path and self.kind in ("site", "feed"):
            yield f"a {self.kind} has a `url:` and no `path:`"

    @property
    def label(self) -> str:
        """What it is known by; never with the user, the password and the keys of an address."""
        return self.name or without_keys(self.url or self.path or "")

    @property
    def interval(self) -> int:
        """Seconds between two looks."""
        return self.every or (LOCAL if self.kind == "folder" else REMOTE)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def without_keys(url: str) -> str:
    """An address without the user, the password and the keys that it may hold."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if "://" not in url or not ("@" in parts.netloc or parts.query):
        return url
    query = "&".join(map(_cover, parts.query.split("&")))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query))


def _cover(pair: str) -> str:
    name, sign, _ = pair.partition("=")
    return f"{name}={MASK}" if sign and KEY.search(name) else pair


def _sendable(agent: str) -> str:
    if not (agent.isascii() and agent.isprintable() and agent.strip() == agent):
        raise ValueError("must be Latin letters and signs on one line, without blanks around them")
    return agent


class FetchConfig(Section):
    """What is asked of others when sources are read over the network."""

    agent: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_sendable)] | None = (
        None  # None: the bot's own
    )
    size: Annotated[int, Field(ge=1000)] = 20_000_000  # bytes of one page or file
    timeout: Duration = 60  # for one page or file, redirects included


class TagConfig(Section):
    """A tag and what people call it besides."""

    name: Name
    aliases: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()


Place = Annotated[
    str, BeforeValidator(_written), Field(pattern=r"^(?:(?:\[[0-9a-fA-F:.]+\]|[^\s:/]+):)?\d{1,5}$")
]


class WebConfig(Section):
    """Where health, metrics and pushes are asked for."""

    listen: Place | None = None
    push_secret: SecretStr | None = None  # what signs pushes; None: none is taken

    @property
    def place(self) -> str | None:
        """HOST:PORT; a port alone is one of this machine only."""
        return f"127.0.0.1:{self.listen}" if self.listen and self.listen.isdigit() else self.listen


class LogConfig(Section):
    """What is written to standard error."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "warning"


class GithubConfig(Section):
    """How to speak to GitHub, where sources are there."""

    token: SecretStr | None = None


class PlatformConfig(Section):
    """How to speak to a platform."""

    token: SecretStr | None = None
    api_url: str | None = None


class WebhookConfig(Section):
    """Where Telegram brings updates, instead of being asked for them."""

    url: Annotated[str, Field(pattern=r"^https://[^/]+/.+")]  # public, with a path of its own
    listen: Annotated[str, Field(pattern=r"^.+:\d{1,5}$")] = "127.0.0.1:8443"  # what a proxy leads it to
    path: Annotated[str, Field(pattern="^/")] | None = None  # there; None: the one of the url
    secret: SecretStr | None = None  # that Telegram shows with every update; None: made of the token


class TelegramConfig(PlatformConfig):
    """How to speak to Telegram."""

    transport: Literal["aiohttp", "httpx"] = "aiohttp"
    proxy: SecretStr | None = None  # may hold a password
    webhook: WebhookConfig | None = None  # None: long polling


class DiscordConfig(PlatformConfig):
    """How to speak to Discord."""

    proxy: SecretStr | None = None  # may hold a password

    @field_validator("proxy")
    @classmethod
    def _usable(cls, proxy: SecretStr | None) -> SecretStr | None:
        if proxy and not re.match(r"https?://(?:[^@]*@)?[^/\s:@]", proxy.get_secret_value()):
            raise ValueError("write http://HOST:PORT; Discord's library goes through no other proxy")
        return proxy


class ConsoleConfig(Section):
    """The console: cards on standard output."""

    enabled: bool | None = None  # None: where no platform has a token


class DeliveryConfig(Section):
    """What a chat gets until it says otherwise."""

    style: Style = Style.CARDS
    language: Language = Language.ZH
    max_age: Duration = 14 * 86400  # older posts go to the archive
    cap: Annotated[int, Field(ge=1, le=10_000)] = 10  # cards per digest and chat
    unknown: Unsure = Unsure.ONCE_MORE  # what is done where nobody knows whether a message arrived
