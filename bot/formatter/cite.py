"""Papers as files that reference managers read: BibTeX and RIS. Titles and names are made readable first."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from bot.formatter.clean import line
from bot.model import Paper

_PARTICLES = frozenset(
    """van von de der den del della di da dos du la le ten ter el al af zu zur bin ibn y
    Van Von De Del El Al Mac""".split()
)
_SUFFIXES = frozenset("jr sr ii iii iv".split())
_BODY = re.compile(
    r"^the\b|\b(?:collaboration|consortium|team|group|lab|laboratory|initiative|community)\b", re.I
)
_ASIDE = re.compile(r"\s*\([^()]*\)|\*")  # where an author works, a footnote's mark
_OTHERS = frozenset(("et al", "et al.", "others", "and others"))
_SMALL = frozenset(
    """a an the on of in for to from by with without and or at as is are be do does can how what when why
    where towards toward via using its it your you we not all""".split()
)
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_WORD = re.compile(r"[a-z0-9]*[a-z][a-z0-9]*")


class Name(NamedTuple):
    """An author; a body of people, or a name that has no parts, has only a family name."""

    family: str
    given: str = ""
    suffix: str = ""


def bibtex(papers: Sequence[Paper]) -> str:
    """The papers as `@misc` entries, each under a key of its own such as mildenhall2020nerf."""
    return "\n".join(
        f"@misc{{{key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(paper)) + "}\n"
        for key, paper in zip(keys(papers), papers, strict=True)
    )


def ris(papers: Sequence[Paper]) -> str:
    """The papers as records of unpublished works, which is what RIS calls preprints."""
    return "".join(f"{tag}  - {value}\r\n" for paper in papers for tag, value in _record(paper))


def keys(papers: Sequence[Paper]) -> list[str]:
    """A different key for each paper: first author, year, first word of weight."""
    used: set[str] = set()
    found = []
    for paper in papers:
        plain = _key(paper)
        key = next(key for key in _numbered(plain) if key not in used)
        used.add(key)
        found.append(key)
    return found


def name_of(written: str) -> Name:
    """An author's name in its parts: "Laurens van der Maaten" is of the family van der Maaten."""
    whole = " ".join(_ASIDE.sub("", line(written)).split())
    if "," in whole:
        family, _, given = whole.partition(",")
        return Name(family.strip(), given.strip()) if given.strip() and "," not in given else Name(whole)
    words = whole.split()
    if len(words) < 2 or _BODY.search(whole) or "and" in words or whole.lower() in _OTHERS:
        return Name(whole)
    suffix = words.pop() if len(words) > 2 and words[-1].rstrip(".").lower() in _SUFFIXES else ""
    at = next((at for at, word in enumerate(words[1:-1], 1) if word in _PARTICLES), len(words) - 1)
    return Name(" ".join(words[at:]), " ".join(words[:at]), suffix)


def _fields(paper: Paper) -> Iterator[tuple[str, str]]:
    yield "title", _title(paper)
    authors = [_author(name) for name in map(str.strip, paper.authors) if name]
    if authors:
        yield "author", " and ".join(filter(None, authors))
    if year := _year(paper.arxiv_id):
        yield "year", year
    yield "eprint", paper.arxiv_id
    yield "archivePrefix", "arXiv"
    archive, slash, _ = paper.arxiv_id.partition("/")
    if slash:
        yield "primaryClass", archive
    yield "url", paper.links.abs
    if venue := line(paper.venue or ""):
        yield "note", _latex(venue)


def _record(paper: Paper) -> Iterator[tuple[str, str]]:
    yield "TY", "UNPB"
    yield "TI", line(paper.title) or f"arXiv:{paper.arxiv_id}"
    for written in paper.authors:
        name = name_of(written)
        if name.family and name.family.lower() not in _OTHERS:
            yield "AU", ", ".join(filter(None, name))
    if year := _year(paper.arxiv_id):
        month = paper.arxiv_id.rpartition("/")[2][2:4]
        yield "PY", year
        yield "DA", f"{year}/{month}//"
    if abstract := line(paper.abstract):
        yield "AB", abstract
    if venue := line(paper.venue or ""):
        yield "N1", venue
    yield "PB", "arXiv"
    yield "AN", f"arXiv:{paper.arxiv_id}"
    yield "UR", paper.links.abs
    yield "L1", paper.links.pdf
    yield "ER", ""


def _title(paper: Paper) -> str:
    """The title with its capitals in braces: bibliography styles make the others small."""
    words = (line(paper.title) or f"arXiv:{paper.arxiv_id}").split()
    return " ".join(map(_kept, words))


def _kept(word: str) -> str:
    core = word.rstrip(":;,.!?")
    braced = any(sign.isupper() for sign in core)
    return f"{{{_latex(core)}}}{_latex(word[len(core) :])}" if braced else _latex(word)


def _author(written: str) -> str:
    name = name_of(written)
    if name.family.lower() in _OTHERS:
        return "others"
    if not name.given:
        return (
            f"{{{_latex(name.family)}}}" if " " in name.family or "," in name.family else _latex(name.family)
        )
    return ", ".join(map(_latex, filter(None, (name.family, name.suffix, name.given))))


def _key(paper: Paper) -> str:
    families = [name_of(author).family for author in paper.authors[:1]]
    first = "".join(_WORD.findall(_ascii(families[0]))) if families else ""
    words = (word for word in _WORD.findall(_ascii(line(paper.title))) if word not in _SMALL)
    return f"{first or 'arxiv'}{_year(paper.arxiv_id)}{next(words, '')}"


def _numbered(key: str) -> Iterator[str]:
    """The key, then the same with a letter or a number behind it."""
    yield key
    yield from (f"{key}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    number = 2
    while True:
        yield f"{key}-{number}"
        number += 1


def _ascii(text: str) -> str:
    """Small letters without accents."""
    spread = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(sign for sign in spread if not unicodedata.combining(sign))


def _year(arxiv_id: str) -> str:
    """The year in which a paper came to arXiv, which its id begins with; it began in 1991."""
    number = arxiv_id.rpartition("/")[2][:2]
    if not number.isdigit():
        return ""
    return f"{19 if '/' in arxiv_id and int(number) > 90 else 20}{number}"


def _latex(text: str) -> str:
    return str(_encoder().unicode_to_latex(text))


@cache
def _encoder() -> Any:
    # It takes a while to load, and only exports need it.
    from pylatexenc.latexencode import RULE_DICT, UnicodeToLatexConversionRule, UnicodeToLatexEncoder

    # BibTeX counts an escaped brace like any other.
    braces = {ord("{"): r"\textbraceleft", ord("}"): r"\textbraceright"}
    # What is not known, such as Chinese, stays as it is: BibTeX files are UTF-8 today.
    return UnicodeToLatexEncoder(
        conversion_rules=[UnicodeToLatexConversionRule(RULE_DICT, braces), "defaults"],
        replacement_latex_protection="braces-all",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )
