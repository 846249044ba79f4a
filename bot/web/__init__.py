"""The web port: health, metrics, pushes."""

from collections.abc import Collection

from bot.storage.database import Database
from bot.web.health import Health
from bot.web.metrics import Metrics, Scrape
from bot.web.push import Push, Wake, Watched
from bot.web.readings import Part, Readings
from bot.web.server import Server

__all__ = ["Metrics", "Part", "Port", "Watched"]


class Port:
    """The web port of one process, made of its parts."""

    def __init__(
        self,
        listen: str,
        database: Database,
        part: Part,
        metrics: Metrics,
        *,
        version: str,
        secret: str = "",
        watched: Collection[Watched] = (),
        wake: Wake | None = None,
    ) -> None:
        """`listen` is HOST:PORT; without a secret, or nothing that wakes, nobody can push."""
        self._readings = Readings(database, part)
        scrape = Scrape(metrics, self._readings, version)
        push = Push(secret, watched, wake, metrics) if secret and wake is not None else None
        self.server = Server(listen, ready=Health(self._readings, metrics).report, scrape=scrape, push=push)

    async def start(self) -> None:
        """Answer from now on, or as soon as the place is free; raises nothing."""
        await self.server.start()

    async def stop(self) -> None:
        """Answer no more."""
        await self.server.stop()
        await self._readings.close()
