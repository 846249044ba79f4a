"""The configuration: a YAML file plus the environment; nothing else reads the environment.

Relative paths in the file are relative to the folder that the file is in. Secrets come from the
environment, or from a file that the environment names: `TELEGRAM_BOT_TOKEN` or
`TELEGRAM_BOT_TOKEN_FILE`, likewise `DISCORD_BOT_TOKEN` and `DATABASE_URL`.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_core import ErrorDetails

from bot.errors import ConfigError
from bot.model import Language, Style, Unsure
from bot.slugs import slug

DEFAULT = Path("config/config.yaml")
SECRETS = {
    "DATABASE_URL": ("database",),
    "TELEGRAM_BOT_TOKEN": ("telegram", "token"),
    "DISCORD_BOT_TOKEN": ("discord", "token"),
}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(value: Any) -> Any:
    """Seconds in a duration such as 30s, 5m, 1h or 1d; anything else is left to be refused."""
    if isinstance(value, str):
        if not (match := re.fullmatch(r"(\d{1,9})([smhd])", value.strip())):
            raise ValueError("not a duration; write 30s, 5m, 1h or 1d")
        return int(match[1]) * UNITS[match[2]]
    if isinstance(value, int):
        raise ValueError(f"a duration needs its unit; write {value}s, or 5m, 1h, 1d")
    return value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Duration = Annotated[int, BeforeValidator(parse_duration), Field(ge=1)]


Operator = Annotated[str, Field(pattern=r"^(telegram|discord):\d+$")]


Name = Annotated[str, Field(min_length=1, max_length=100)]


class Section(BaseModel):
    """A part of the file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceConfig(Section):
    """One place to look for posts."""

    kind: Literal["folder"]
    path: Path
    every: Duration = 30


class TagConfig(Section):
    """A tag and what people call it besides."""

    name: Name
    aliases: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()


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
    cap: Annotated[int, Field(ge=1)] = 10  # cards per digest and chat
    unknown: Unsure = Unsure.ONCE_MORE  # what is done where nobody knows whether a message arrived


class Config(Section):
    """Everything that an operator decides."""

    database: SecretStr = SecretStr("paperboy.db")
    sources: tuple[SourceConfig, ...] = ()
    telegram: TelegramConfig = TelegramConfig()
    discord: DiscordConfig = DiscordConfig()
    console: ConsoleConfig = ConsoleConfig()
    delivery: DeliveryConfig = DeliveryConfig()
    operators: tuple[Operator, ...] = ()
    tags: tuple[TagConfig, ...] = ()

    @field_validator("tags")
    @classmethod
    def _mean_one(cls, tags: tuple[TagConfig, ...]) -> tuple[TagConfig, ...]:
        meant: dict[str, TagConfig] = {}
        for item in tags:
            for alias in item.aliases:
                first = meant.setdefault(slug(alias), item)
                if slug(first.name) != slug(item.name):
                    raise ValueError(f"{alias!r} is an alias of {first.name!r} and {item.name!r}; leave one")
        return tags

    @property
    def secrets(self) -> list[str]:
        """What must never be written down; the password of the database is known by its shape."""
        telegram, discord = self.telegram, self.discord
        hook = telegram.webhook and telegram.webhook.secret
        given = (telegram.token, telegram.proxy, hook, discord.token, discord.proxy)
        return [secret.get_secret_value() for secret in given if secret]


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> Config:
    """The configuration in a file, or in `config/config.yaml` where no file is named.

    Raises:
        ConfigError: a line for each thing that is wrong: file, line, key, and how to mend it.
    """
    file = path or DEFAULT
    values, lines = _read(file)
    given = {name: secret for name in SECRETS if (secret := _secret(name, environment))}
    for name, secret in given.items():
        _put(values, SECRETS[name], secret)
    try:
        config = Config.model_validate(values)
    except ValidationError as exc:
        found = exc.errors(include_url=False, include_context=False)
        raise ConfigError("\n".join(_explain(file, lines, error) for error in found)) from exc
    folder = file.resolve().parent
    return _resolve(config, folder, Path.cwd() if "DATABASE_URL" in given else folder)


def _read(file: Path) -> tuple[dict[str, Any], dict[tuple[str | int, ...], int]]:
    """The values of a YAML file, and the line of each of their places."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise ConfigError(
            f"{file}: no such file; name yours with --config FILE, or try `paperboy demo`"
        ) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{file}: not UTF-8 text; save it as UTF-8") from exc
    except OSError as exc:
        raise ConfigError(f"{file}: cannot be read: {exc.strerror}") from exc
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise ConfigError(
            f"{file}:{line}: not valid YAML: {exc.problem}; check the indentation there"
        ) from exc
    except (yaml.YAMLError, ValueError) as exc:
        raise ConfigError(f"{file}: not valid YAML: {exc}") from exc
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise ConfigError(f"{file}:1: must be `key: value` lines; see the commented config/config.yaml")
    return {str(key): value for key, value in values.items()}, dict(_lines(node, ()))


def _lines(
    node: yaml.Node | None, place: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], int]]:
    if node is None or len(place) > 8:
        return
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*place, str(key.value)))
            yield (*place, str(key.value)), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*place, index))


def _secret(name: str, environment: Mapping[str, str]) -> str | None:
    if value := environment.get(name):
        return value.strip()
    if not (file := environment.get(f"{name}_FILE")):
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "not UTF-8 text"
        raise ConfigError(f"environment: {name}_FILE: {file}: cannot be read: {reason}") from exc


def _put(values: dict[str, Any], place: tuple[str, ...], secret: str) -> None:
    for key in place[:-1]:
        inner = values.get(key)
        values[key] = dict(inner) if isinstance(inner, dict) else {}
        values = values[key]
    values[place[-1]] = secret


def _explain(file: Path, lines: Mapping[tuple[str | int, ...], int], error: ErrorDetails) -> str:
    place = error["loc"]
    line = next((lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in lines), 1)
    shown = re.sub(r"\.\[", "[", ".".join(f"[{part}]" if isinstance(part, int) else part for part in place))
    if error["type"] == "extra_forbidden":
        reason = f"unknown key{_suggest(place)}"
    elif error["type"] == "missing":
        reason = f"is missing; add `{place[-1]}:` here"
    elif error["type"] == "literal_error" and place[-1] == "kind":
        kinds = get_args(SourceConfig.model_fields["kind"].annotation)
        reason = f"this version reads no such source: {error['input']!r}; it reads: {', '.join(kinds)}"
    else:
        reason = error["msg"].removeprefix("Value error, ")
    return f"{file}:{line}: {shown}: {reason}"


def _suggest(place: tuple[str | int, ...]) -> str:
    from rapidfuzz import process

    model: Any = Config
    for part in place[:-1]:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            model = next(
                (kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)), Section
            )
    known = list(model.model_fields)
    match = process.extractOne(str(place[-1]), known, score_cutoff=60)
    return f"; did you mean `{match[0]}`?" if match else f"; known here: {', '.join(known)}"


def _resolve(config: Config, folder: Path, database_folder: Path) -> Config:
    """The configuration with every path absolute."""
    sources = tuple(
        source.model_copy(update={"path": (folder / source.path.expanduser()).resolve()})
        for source in config.sources
    )
    address = config.database.get_secret_value()
    if "://" not in address:
        address = str(database_folder / Path(address).expanduser())
    elif (match := re.fullmatch(r"sqlite(?:\+aiosqlite)?:///(.+)", address)) and match[1] != ":memory:":
        address = str(database_folder / Path(match[1]).expanduser())
    return config.model_copy(update={"sources": sources, "database": SecretStr(address)})
