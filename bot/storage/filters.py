"""What a chat does and does not want to see: words in papers, names of authors, and what they hit.

Texts are compared as tokens, case-folded and without LaTeX: a run of letters and digits is one token
("nerf", "3d", "c++", "gpt", "3.5"), each sign of a script that parts no words by blanks is one too.
A word hits where its tokens stand in a row, so Latin is compared by whole words and Chinese by
substrings, in one text and in one way. Blanks and hyphens between words are alike; any other sign
between two tokens parts them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.latex import readable
from bot.model import Entry
from bot.storage.posts import upsert
from bot.storage.tables import filter as filters

MOST = 100  # filters of one chat
LONGEST = 100  # signs of one word

# Thai, Lao, Myanmar, Khmer, Hangul, kana, bopomofo, Han: no blanks between words, or endings that cling.
_DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u309d-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_LETTER = rf"[^\W_{_DENSE}]"
# A full stop within a number belongs to it, + and # at the end of a word to its name.
_TOKEN = re.compile(rf"([{_DENSE}])|(?:(?:(?<=\d)\.(?=\d))?{_LETTER})+(?:[+#]+(?![\w+#]))?")
_JOIN = re.compile(r"[\s_\u002d\u2010-\u2013\u2212]*")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
# Letters whose stroke or ligature Unicode does not take off.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ð": "d", "þ": "th", "æ": "ae"})
_PLAIN |= str.maketrans({"œ": "oe", "ŧ": "t", "ŋ": "n", "ɓ": "b", "ɗ": "d"})


class Kind(StrEnum):
    """What a filter does."""

    INCLUDE = "include"  # papers that hold one of these words, or are by one of these authors
    EXCLUDE = "exclude"  # no papers that hold this word
    AUTHOR = "author"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A word that a chat filters by."""

    kind: Kind
    word: str  # case-folded


def match(word: str, kind: Kind, entry: Entry) -> bool:
    """Does the word stand in the entry's title, abstract, summary or takeaways; for an author: in a name."""
    return any(search([Filter(kind=kind, word=word)], [entry]))


def search(wanted: Iterable[Filter], entries: Iterable[Entry]) -> Iterator[tuple[Filter, str]]:
    """Every filter's word with the arXiv id of each paper that it hits; texts are folded once."""
    texts = [(entry.paper.arxiv_id, _body(entry), _authors(entry)) for entry in entries]
    for item in wanted:
        by_name = item.kind is Kind.AUTHOR
        needle = _needle(item.word, by_name=by_name)
        if needle.strip():
            yield from ((item, name) for name, body, names in texts if needle in (names if by_name else body))


async def add(connection: AsyncConnection, chat_id: int, kind: Kind, word: str) -> str:
    """Have the chat filter by a word; give the word as it is kept.

    Raises:
        ValueError: there is nothing to look for in it, it is too long, or the chat has too many.
    """
    kept = clean(word)
    if not _needle(kept, by_name=kind is Kind.AUTHOR).strip():
        raise ValueError(f"nothing to look for in {word[:40]!r}; write a word, a phrase or a name")
    if len(kept) > LONGEST:
        raise ValueError(f"a filter has at most {LONGEST} signs, this one has {len(kept)}")
    count = select(func.count()).select_from(filters).where(filters.c.chat_id == chat_id)
    if (await connection.execute(count)).scalar_one() >= MOST:
        raise ValueError(f"a chat has at most {MOST} filters; take one off first")
    row = {"chat_id": chat_id, "kind": kind.value, "word": kept}
    await connection.execute(upsert(connection, filters).values(row).on_conflict_do_nothing())
    return kept


async def remove(connection: AsyncConnection, chat_id: int, kind: Kind, word: str) -> bool:
    """Have the chat filter by a word no longer; False: it did not."""
    mine = (filters.c.chat_id == chat_id, filters.c.kind == kind.value, filters.c.word == clean(word))
    return bool((await connection.execute(delete(filters).where(*mine))).rowcount)


async def load(connection: AsyncConnection, chat_id: int) -> list[Filter]:
    """What the chat filters by, in the order in which it said so."""
    mine = select(filters.c.kind, filters.c.word).where(filters.c.chat_id == chat_id)
    rows = await connection.execute(mine.order_by(filters.c.id))
    return [Filter(kind=Kind(kind), word=word) for kind, word in rows]


def clean(word: str) -> str:
    """The word as it is kept and shown: case-folded, in plain widths, without hidden letters."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())
    return " ".join(_HIDDEN.sub("", folded).replace("\0", "").split())


def _body(entry: Entry) -> str:
    parts = (entry.paper.title, entry.paper.abstract, entry.summary or "", *entry.takeaways)
    return _join(_tokens(readable(part)) for part in parts)


def _authors(entry: Entry) -> str:
    return _join(variant for name in entry.paper.authors for variant in _names(readable(name)))


def _join(parts: Iterable[str]) -> str:
    return f" {' | '.join(parts)} "


def _needle(word: str, *, by_name: bool) -> str:
    return f" {next(_names(word)) if by_name else _tokens(word)} "


def _tokens(text: str) -> str:
    """The tokens of a text, parted by blanks, with a bar where more than a blank or hyphen parts two."""
    folded = clean(text)
    tokens: list[str] = []
    end = 0
    dense = False
    for found in _TOKEN.finditer(folded):
        gap = folded[end : found.start()]
        apart = bool(gap) if dense and found[1] else not _JOIN.fullmatch(gap)
        if tokens and apart:
            tokens.append("|")
        tokens.append(found[0])
        end = found.end()
        dense = bool(found[1])
    return " ".join(tokens)


def _names(name: str) -> Iterator[str]:
    """A name as tokens without accents; with initials once more without them ("Ada M. Lovelace")."""
    parts = unicodedata.normalize("NFD", clean(name).translate(_PLAIN))
    plain = "".join(sign for sign in parts if unicodedata.category(sign) != "Mn")
    tokens = [found[0] for found in _TOKEN.finditer(unicodedata.normalize("NFC", plain))]
    yield " ".join(tokens)
    full = [token for token in tokens if len(token) > 1 or re.match(f"[{_DENSE}]", token)]
    if 1 < len(full) < len(tokens):
        yield " ".join(full)
