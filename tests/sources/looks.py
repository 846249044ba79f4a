"""Looks at a source as the bot does: what was found is remembered by address."""

from bot.digest import read
from bot.errors import SourceError
from bot.sources.base import Page, Seen, Unreadable


class Looks:
    """What one source has been found to hold so far."""

    def __init__(self, source):
        self.source = source
        self.known = {}
        self.found = []  # at the last look
        self.error = None  # of the last look

    async def look(self):
        """The addresses of the pages of one look; what went wrong as a whole is `error`."""
        self.found, self.error = [], None
        try:
            async for found in self.source.fetch(dict(self.known)):
                self.found.append(found)
                if isinstance(found, Page | Seen):
                    self.known[found.address] = found.fingerprint
        except SourceError as exc:
            self.error = exc
        return [page.address for page in self.pages]

    @property
    def pages(self):
        return [found for found in self.found if isinstance(found, Page)]

    @property
    def digests(self):
        return [read(page.raw) for page in self.pages]

    @property
    def seen(self):
        return [found.address for found in self.found if isinstance(found, Seen)]

    @property
    def unreadable(self):
        return {found.address: found.reason for found in self.found if isinstance(found, Unreadable)}
