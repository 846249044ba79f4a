"""The configuration: a YAML file plus the environment; nothing else reads the environment.

Relative paths in the file are relative to the folder that the file is in. Secrets come from the
environment, or from a file that the environment names: `TELEGRAM_BOT_TOKEN` or
`TELEGRAM_BOT_TOKEN_FILE`, likewise `DISCORD_BOT_TOKEN`, `DATABASE_URL`, `GITHUB_TOKEN` and `PUSH_SECRET`.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import (
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_core import ErrorDetails

from bot.errors import ConfigError
from bot.secrecy import keys
from bot.sections import (
    ConsoleConfig,
    DeliveryConfig,
    DiscordConfig,
    FetchConfig,
    GithubConfig,
    LogConfig,
    Operator,
    Section,
    SourceConfig,
    TagConfig,
    TelegramConfig,
    WebConfig,
)
from bot.slugs import slug

DEFAULT = Path("config/config.yaml")
_REMOTE = re.compile(r"[\w.@-]+:")  # user@host:path, as git writes it
SECRETS = {
    "DATABASE_URL": ("database",),
    "GITHUB_TOKEN": ("github", "token"),
    "PUSH_SECRET": ("web", "push_secret"),
    "TELEGRAM_BOT_TOKEN": ("telegram", "token"),
    "DISCORD_BOT_TOKEN": ("discord", "token"),
}
# How what is wrong is to be written, by the kind of fault; of a pattern by its key.
SHAPES = {
    "tuple_type": "must be a list, a line that begins with `- ` for each",
    "model_type": "must hold `key: value` lines; see the commented config/config.yaml",
    "string_type": "must be text; in quotes, where it looks like a number",
}
PATTERNS = {
    "operators": "write telegram:12345 or discord:12345, the platform and the number of the user",
    "listen": "write an address and a port, such as 127.0.0.1:8460",
    "branch": "no branch is called so",
    "url": "write https://, the host and a path, such as https://papers.example.org/telegram/updates",
    "path": "write it from the / on",
}


class Config(Section):
    """Everything that an operator decides."""

    database: SecretStr = SecretStr("paperboy.db")
    sources: tuple[SourceConfig, ...] = ()
    fetch: FetchConfig = FetchConfig()
    cache: Path | None = None  # copies of repositories; None: beside the database
    github: GithubConfig = GithubConfig()
    web: WebConfig = WebConfig()
    log: LogConfig = LogConfig()
    telegram: TelegramConfig = TelegramConfig()
    discord: DiscordConfig = DiscordConfig()
    console: ConsoleConfig = ConsoleConfig()
    delivery: DeliveryConfig = DeliveryConfig()
    operators: tuple[Operator, ...] = ()
    tags: tuple[TagConfig, ...] = ()

    @field_validator("tags")
    @classmethod
    def _mean_one(cls, tags: tuple[TagConfig, ...]) -> tuple[TagConfig, ...]:
        meant = {slug(item.name): item for item in reversed(tags)}
        for item in tags:
            for alias in item.aliases:
                first = meant.setdefault(slug(alias), item)
                if slug(first.name) != slug(item.name):
                    raise ValueError(f"{alias!r} means {first.name!r} and {item.name!r}; leave one")
        return tags

    @property
    def secrets(self) -> list[str]:
        """What must never be written down; the password of the database is known by its shape."""
        telegram, discord = self.telegram, self.discord
        hook = telegram.webhook and telegram.webhook.secret
        given = (telegram.token, telegram.proxy, hook, discord.token, discord.proxy)
        others = (self.github.token, self.web.push_secret, *(source.token for source in self.sources))
        inside = (key for source in self.sources for key in keys(source.url or ""))
        return [*(secret.get_secret_value() for secret in (*given, *others) if secret), *inside]


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
    folder = Path(os.path.abspath(file)).parent  # as it was named: what a link leads to may change
    try:
        return _resolve(config, folder, Path.cwd() if "DATABASE_URL" in given else folder)
    except ConfigError as exc:
        raise ConfigError(f"{file}: {exc}") from exc


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
        if secret := Path(file).read_text(encoding="utf-8").strip():
            return secret
        raise ConfigError(f"environment: {name}_FILE: {file}: holds nothing; write it there, or name no file")
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
        key = next((part for part in reversed(place) if isinstance(part, str)), "")
        written = PATTERNS.get(key) if error["type"] == "string_pattern_mismatch" else None
        reason = written or SHAPES.get(error["type"]) or error["msg"].removeprefix("Value error, ")
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
    sources = tuple(_placed(source, folder) for source in config.sources)
    labels = [source.label for source in sources]
    if double := next((label for label in labels if labels.count(label) > 1), None):
        raise ConfigError(f"sources: two sources are known as {double!r}; give each a `name:` of its own")
    address = config.database.get_secret_value()
    if "://" not in address:
        address = str(_under(database_folder, address))
    elif (match := re.fullmatch(r"sqlite(?:\+aiosqlite)?:///(.+)", address)) and match[1] != ":memory:":
        address = str(_under(database_folder, match[1]))
    cache = _under(folder, str(config.cache)) if config.cache else _beside(address)
    changed = {"sources": sources, "database": SecretStr(address), "cache": cache.absolute()}
    return config.model_copy(update=changed)


def _under(folder: Path, path: str) -> Path:
    """A path of the file, from its folder on; links are not followed: what they lead to may change."""
    if "\0" in path:
        raise ConfigError(f"{path!r}: no path has such signs")
    try:
        return Path(os.path.normpath(folder / Path(path).expanduser()))
    except RuntimeError as exc:
        raise ConfigError(f"{path}: nobody knows whose home that is; write the whole path") from exc


def _placed(source: SourceConfig, folder: Path) -> SourceConfig:
    """The source with an absolute path, where it is on this machine."""
    if source.kind == "folder" and source.path:
        return source.model_copy(update={"path": str(_under(folder, source.path))})
    local = source.kind == "git" and source.url and "://" not in source.url and not _REMOTE.match(source.url)
    if local and source.url:
        return source.model_copy(update={"url": str(_under(folder, source.url))})
    return source


def _beside(address: str) -> Path:
    """Where copies of repositories lie unless it is said: beside the database, where that is a file."""
    scheme, there, file = address.rpartition("://")
    if there and not scheme.startswith("sqlite"):
        return Path.home() / ".cache/paperboy"
    return Path(file.removeprefix("/") if there else file).parent / "cache"
