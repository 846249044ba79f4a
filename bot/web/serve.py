"""The web port of a running bot, as the configuration says."""

import asyncio
from collections.abc import Collection

from bot import __version__, status
from bot.adapters import CONSOLE
from bot.config import Config
from bot.sections import SourceConfig
from bot.storage.database import Database
from bot.web import Metrics, Part, Port, Watched
from bot.web.push import Wake


def part_of(config: Config, holder: str, roles: Collection[str], platforms: Collection[str]) -> Part:
    """What a process of these roles is to do."""
    return Part(
        holder=holder,
        roles=[role for role in roles if role != "web"],
        platforms=list(platforms),
        listens=[name for name in platforms if name != CONSOLE],
        sources=status.names(config),
    )


async def serve(config: Config, database: Database, part: Part, metrics: Metrics, wake: Wake) -> None:
    """Answer for ever, where the configuration names a place."""
    if (place := config.web.place) is None:
        return
    secret = config.web.push_secret
    port = Port(
        place,
        database,
        part,
        metrics,
        version=__version__,
        secret=secret.get_secret_value() if secret else "",
        watched=[_watched(source) for source in config.sources],
        wake=wake,
    )
    await port.start()
    try:
        await asyncio.Event().wait()
    finally:
        await port.stop()


def _watched(source: SourceConfig) -> Watched:
    repository = source.url if source.kind in ("git", "github") else None
    return Watched(name=source.label, repository=repository or "", branch=source.branch or "")
