"""What people may mean while they still write: tags, papers, days, what a setting can be set to.

Each gives at most `MOST` suggestions, the likeliest first, and gives none rather than late: who writes
on asks again with the next key. Nothing is raised, as nobody reads an error there.
"""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands import presets
from bot.commands.arxiv import paper_id, spellings
from bot.commands.base import Desk, Place
from bot.commands.dates import DAY, split_day
from bot.commands.likely import Spellings
from bot.commands.pick import WEEK
from bot.commands.presets import Suggestion
from bot.formatter.clean import line
from bot.locales import words
from bot.log import get_logger
from bot.model import Language
from bot.storage import chats, digests, offers, tags
from bot.storage.offers import Named
from bot.storage.search import search
from bot.storage.tags import Names

log = get_logger(__name__)

MOST = 25  # suggestions
SOON = 0.08  # seconds in which they must be there
LONGEST = 300  # characters that are looked at
SIDE_BY_SIDE = 4  # that read the database
AT_ONCE = 64  # that are being looked up; beyond that nobody is kept waiting
FRESH, KNOWN = 30.0, 600.0  # seconds that tags, and the words of titles, are kept
TITLES = 5_000  # newest papers whose titles say how words are spelled
RECENT = 100  # papers that the beginning of a word is looked for in
EVERYTHING = ("all", "全部")  # what /subscribe and /unsubscribe take for all tags
MENDED = 8  # words that slips are looked for in
LIKE = 74  # of 100: how like a word of a title a misspelled one is

_BEGUN = re.compile(r"\d{2}(?:0[1-9]|1[0-2])(?:\.\d{0,4})?|[a-z-]+(?:\.[a-z]{2})?/\d{0,6}", re.IGNORECASE)
_SHORT = re.compile(r"(?:^|.* )([0-9A-Za-z]{1,2})")
_BEGUN_DAY = re.compile(r"\d{4}(?:-\d{0,2}|-\d\d-\d?)?", re.ASCII)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{3,31}")

Value = TypeVar("Value")


@dataclass(slots=True)
class _Kept(Generic[Value]):
    """Something that is read from the database now and then; one reads, the others wait for that."""

    read: Callable[[], Awaitable[Value]]
    seconds: float
    clock: Callable[[], float]
    lock: asyncio.Lock
    value: Value | None = None
    at: float = 0.0

    async def get(self) -> Value:
        async with self.lock:
            if self.value is None or abs(self.clock() - self.at) > self.seconds:
                self.value, self.at = await self.read(), self.clock()
            return self.value


class Suggest:
    """What may be meant, from what is known; `clock` tells seconds since the epoch."""

    def __init__(self, desk: Desk, clock: Callable[[], float]) -> None:
        self._desk = desk
        self._clock = clock
        self._spellings = _Kept(self._read_tags, FRESH, clock, asyncio.Lock())
        self._known = _Kept(self._read_words, KNOWN, clock, asyncio.Lock())
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)
        self._looking: set[asyncio.Task[list[Suggestion]]] = set()

    async def tags(self, typed: str, *, everything: bool = False) -> list[Suggestion]:
        """All that is written, its last name completed, for names that commas part.

        `everything` says that the word for all of them is taken, too.
        """
        return await self._soon(self._tags(typed[:LONGEST], everything))

    async def followed(self, platform: str, address: str, typed: str) -> list[Suggestion]:
        """The same of the tags alone that a chat follows."""
        return await self._soon(self._followed(platform, address, typed[:LONGEST]))

    async def tag(self, typed: str) -> list[Suggestion]:
        """One name of a tag."""
        return await self._soon(self._tag(typed))

    async def papers(self, typed: str) -> list[Suggestion]:
        """Papers under their titles, by id, words or slips of words; the newest where nothing is written."""
        return await self._soon(self._papers(" ".join(typed[:LONGEST].split())))

    async def days(self, named: str, typed: str, language: Language) -> list[Suggestion]:
        """Days on which the named tags had digests, the last ones first, up to the one that is written."""
        return await self._soon(self._days(named, typed, language))

    def values(self, place: Place, setting: str, typed: str, language: Language) -> list[Suggestion]:
        """What a setting of a place can be set to; whole settings where none is chosen."""
        now = dt.datetime.fromtimestamp(self._clock(), dt.UTC)
        said = presets.Said(
            say=words(language), typed=typed[:LONGEST], now=now, styles=self._desk.styles(), place=place
        )
        return presets.values(setting, said)[:MOST]

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        """The database, for some at a time: all at once would all be late.

        Raises:
            TimeoutError: it took so long to be one of them that nobody waits for it any more.
        """
        async with asyncio.timeout(SOON):
            await self._room.acquire()
        try:
            async with self._desk.database.reading() as connection:
                yield connection
        finally:
            self._room.release()

    async def _soon(self, looking: Coroutine[Any, Any, list[Suggestion]]) -> list[Suggestion]:
        """What is found in time. What is late goes on: what it has read is there for the next key."""
        if len(self._looking) >= AT_ONCE:
            looking.close()
            return []
        task = asyncio.create_task(_calm(looking))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)
        done, _ = await asyncio.wait({task}, timeout=SOON)
        return task.result()[:MOST] if done else []

    async def _tags(self, typed: str, everything: bool) -> list[Suggestion]:
        known = await self._spellings.get()
        topics = known.names.topics
        return _with_all(typed, known.complete(typed, topics), bool(topics) and everything)

    async def _followed(self, platform: str, address: str, typed: str) -> list[Suggestion]:
        known = await self._spellings.get()
        async with self._reading() as connection:
            chat = await chats.find(connection, platform, address)
            mine = await digests.followed(connection, chat.id if chat else None)
        slugs = {tag.slug for tag in mine}
        everything = chat is not None and chat.follows_all
        topics = [topic for topic in known.names.topics if everything or topic.slug in slugs]
        return _with_all(typed, known.complete(typed, topics), bool(topics))

    async def _tag(self, typed: str) -> list[Suggestion]:
        known = await self._spellings.get()
        return _same(topic.name for topic in known.likely(typed[:LONGEST], known.names.topics))

    async def _papers(self, typed: str) -> list[Suggestion]:
        async with self._reading() as connection:
            found = await _by_id(connection, typed) or await _by_words(connection, typed)
            if found or not typed or len(typed.split()) > MENDED:
                return _titled(found if typed else await offers.newest(connection, limit=MOST))
        mended = await self._mend(typed)
        if mended == typed:
            return []
        async with self._reading() as connection:
            return _titled(await _by_words(connection, mended))

    async def _mend(self, typed: str) -> str:
        """The text with words that no title holds as the ones that are most like them."""
        from rapidfuzz import fuzz, process

        known = await self._known.get()

        def mend(found: re.Match[str]) -> str:
            word = found[0].lower()
            if word in known:
                return word
            like = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=LIKE)
            return like[0] if like else word

        return _WORD.sub(mend, typed)

    async def _days(self, named: str, typed: str, language: Language) -> list[Suggestion]:
        names = (await self._spellings.get()).names
        pieces = names.split(named[:LONGEST])
        found = [names.find(piece) if isinstance(piece, str) else [piece] for piece in pieces]
        slugs = {topics[0].slug for topics in found if len(topics) == 1}
        today = dt.datetime.fromtimestamp(self._clock(), dt.UTC).date()
        until = _until(typed, today, language)
        if until is None or (pieces and not slugs):
            return []
        async with self._reading() as connection:
            days = await offers.days(connection, slugs, until=until, limit=MOST)
        say = words(language)
        return [Suggestion(label=f"{day} · {say(f'day_{day.weekday()}')}", value=str(day)) for day in days]

    async def _read_tags(self) -> Spellings:
        today = dt.datetime.fromtimestamp(self._clock(), dt.UTC).date()
        since = today - dt.timedelta(days=WEEK - 1)
        async with self._reading() as connection:
            topics = await tags.topics(connection, since=since, chat_id=None)
        return Spellings(Names(topics, self._desk.aliases))

    async def _read_words(self) -> frozenset[str]:
        async with self._reading() as connection:
            return await offers.title_words(connection, papers=TITLES)


async def _calm(looking: Awaitable[list[Suggestion]]) -> list[Suggestion]:
    try:
        return await looking
    except TimeoutError:
        log.debug("suggestion.dropped")
    except (SQLAlchemyError, OSError) as exc:
        log.warning("suggestion.unanswered", reason=type(exc).__name__)
    except Exception:
        log.exception("suggestion.failed")
    return []


async def _by_id(connection: AsyncConnection, typed: str) -> list[Named]:
    """The paper of an id or a link, those whose ids begin so."""
    if arxiv_id := paper_id(typed):
        return await offers.named(connection, spellings(arxiv_id))
    if _BEGUN.fullmatch(typed):
        return await offers.begun(connection, typed, limit=MOST)
    return []


async def _by_words(connection: AsyncConnection, typed: str) -> list[Named]:
    """The papers that hold all the words; the last one may be the beginning of one."""
    found = [
        Named(arxiv_id=hit.arxiv_id, title=hit.title)
        for hit in (await search(connection, typed, limit=MOST)).papers
    ]
    begun = _SHORT.fullmatch(typed)
    if begun is None or len(found) >= MOST:
        return found
    if before := typed[: begun.start(1)].strip():
        hits = (await search(connection, before, limit=RECENT)).papers
        around = [Named(arxiv_id=hit.arxiv_id, title=hit.title) for hit in hits]
    else:
        around = await offers.newest(connection, limit=RECENT)
    known = {each.arxiv_id for each in found}
    begins = re.compile(rf"(?<![0-9a-z]){begun[1].lower()}")
    more = (each for each in around if each.arxiv_id not in known and begins.search(each.title.lower()))
    return [*found, *more]


def _titled(papers: Sequence[Named]) -> list[Suggestion]:
    """Papers under their titles; of several with one title each but the first under its id as well."""
    found: dict[str, str] = {}
    for each in papers[:MOST]:
        title = line(each.title) or each.arxiv_id
        found.setdefault(f"{each.arxiv_id} · {title}" if title in found else title, each.arxiv_id)
    return [Suggestion(label=label, value=arxiv_id) for label, arxiv_id in found.items()]


def _same(texts: Iterable[str]) -> list[Suggestion]:
    """Texts that stand in the field as they are: what is shown there is what people write on behind."""
    return [Suggestion(label=text, value=text) for text in texts]


def _with_all(typed: str, names: Iterable[str], taken: bool) -> list[Suggestion]:
    """Names of tags, and the word for all of them where what is written begins so."""
    wanted = typed.strip().casefold()
    every = [word for word in EVERYTHING if taken and wanted and word.startswith(wanted)]
    return _same([*list(names)[: MOST - len(every)], *every])


def _until(typed: str, today: dt.date, language: Language) -> dt.date | None:
    """The last day that what is written can mean; None: it means none."""
    text = typed.strip()
    if not text:
        return today + DAY  # what is tomorrow here may be today elsewhere
    if _BEGUN_DAY.fullmatch(text) and text[:4] > "0000":
        last = dt.date(int(text[:4]), 12, 31)
        days = (last - each * DAY for each in range(last.timetuple().tm_yday))
        return next((day for day in days if str(day).startswith(text)), None)
    rest, day = split_day(text, today, chinese=language is Language.ZH)
    return None if rest else day
