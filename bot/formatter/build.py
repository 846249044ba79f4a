"""From an entry to its card, from a digest to its overview."""

import datetime as dt
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.formatter import buttons, figures, formulas, note
from bot.formatter.card import Action, Block, Button, Card, Fold, Kind, Rich, Span, Text
from bot.formatter.clean import line, lines, tame
from bot.formatter.text import shorten
from bot.latex import readable
from bot.locales import Words, words
from bot.model import Credit, Entry, Language, Links, Paper, Post, Style
from bot.residue import trim

AUTHORS = 3  # named on a card
GIST = 160  # UTF-16 units of a summary in an overview
NUMBERS = 40  # papers of an overview that have a button
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
MARK = Span(" ⚠")

Read = Callable[[str], str]  # makes LaTeX readable


def cards(
    post: Post,
    *,
    style: Style,
    language: Language,
    revised: Collection[str] = (),
    held: int = 0,
    tags: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Card, ...]:
    """What a chat is shown of a digest that it is owed; nothing where the post holds no paper.

    `revised` are the arXiv ids that it had in an earlier version, `held` is how many more papers of
    the digest are not pushed, `tags` names a paper's tags where they are more than the post's own.
    """
    if not post.entries:
        return ()
    say = words(language)
    titles = tuple(_title(entry.paper) for entry in post.entries)
    if style is Style.OVERVIEW:
        return (_overview(post, titles, held, say),)
    build = _BUILDS.get(style, _card)
    names = _names(tag.name for tag in post.tags)
    shown = [_contents(post, titles, held, say)]
    for entry, title in zip(post.entries, titles, strict=True):
        own = _names(tags[entry.paper.arxiv_id]) if tags and entry.paper.arxiv_id in tags else names
        card = replace(build(entry, title, own, say), date=post.heading_date)
        shown.append(_marked_revised(card, entry.paper, say) if entry.paper.arxiv_id in revised else card)
    return tuple(shown)


def paper_card(
    entry: Entry,
    *,
    tags: Sequence[str],
    credit: Credit | None,
    language: Language,
    date: dt.date | None = None,
    back: Button | None = None,
) -> Card:
    """One paper that was asked for: the card that is pushed, with whose words it shows below.

    `date` is the day of the digest that is shown, `back` leads to where the paper was asked for.
    """
    say = words(language)
    card = _card(entry, _title(entry.paper), _names(tags), say)
    told = entry.summary or entry.takeaways
    blocks = (*card.blocks, attribution([credit], say)) if credit and told else card.blocks
    keys = (*card.keys, (back,)) if back else card.keys
    return replace(card, blocks=blocks, keys=keys, date=date)


def rich_card(
    entry: Entry,
    *,
    tags: Sequence[str],
    credit: Credit | None,
    language: Language,
    date: dt.date | None = None,
) -> Card:
    """One paper in its rich form, with whose words it shows below; `date` is its digest's day."""
    say = words(language)
    card = replace(_rich(entry, _title(entry.paper), _names(tags), say), date=date)
    if not (card.rich and credit):
        return card
    below = (attribution([credit], say),)
    rich = replace(card.rich, below=(*card.rich.below, *below))
    return replace(card, blocks=(*card.blocks, *below), rich=rich)


def abstract_card(entry: Entry, *, credit: Credit | None, language: Language) -> Card | None:
    """The abstract of a paper and its translation, at any length; None where it has neither."""
    say = words(language)
    blocks = [replace(block, kind=Kind.PROSE) for block in _abstracts(entry, say)]
    if not blocks:
        return None
    if credit and entry.translation:
        blocks.append(attribution([credit], say))
    return Card(title=_title(entry.paper), blocks=tuple(blocks))


def note_card(entry: Entry, *, credit: Credit | None, language: Language) -> Card | None:
    """The long note on a paper, at any length; None where it has none."""
    say = words(language)
    blocks = _note(entry, say)
    if not blocks:
        return None
    more = (attribution([credit], say),) if credit else ()
    return Card(title=_title(entry.paper), blocks=(*blocks, *more))


def _marked_revised(card: Card, paper: Paper, say: Words) -> Card:
    label = Block(kind=Kind.META, items=((Span(say("revised", version=paper.version or 2)),),))
    rich = replace(card.rich, blocks=(label, *card.rich.blocks)) if card.rich else None
    return replace(card, blocks=(label, *card.blocks), rich=rich)


def _contents(post: Post, titles: tuple[Text, ...], held: int, say: Words) -> Card:
    """The message before the cards: what follows, who wrote it, what to beware of."""
    return _heading(post, (Block(kind=Kind.LIST, items=titles),), held, say)


def _overview(post: Post, titles: tuple[Text, ...], held: int, say: Words) -> Card:
    """The digest as one list: title and a line on each paper."""
    blocks = tuple(
        Block(kind=Kind.LIST, items=(title + _gist(entry),), start=number, papers=(entry.paper.arxiv_id,))
        for number, (entry, title) in enumerate(zip(post.entries, titles, strict=True), 1)
    )
    papers = tuple(entry.paper.arxiv_id for entry in post.entries)
    back = f"{Action.DIGEST}:{buttons.digest(post.tags[0], post.date)}:1" if post.tags else ""
    card = _heading(post, blocks, held, say)
    return replace(card, papers=papers, keys=(*buttons.numbers(papers[:NUMBERS], back), *card.keys))


def _heading(post: Post, blocks: tuple[Block, ...], held: int, say: Words) -> Card:
    names = _names(tag.name for tag in post.tags)
    count = Block(kind=Kind.META, items=((Span(say("papers", n=len(post.entries))),),))
    more = (Block(kind=Kind.PROSE, items=((Span(say("held", n=held)),),)),) if held else ()
    shown = (count, *blocks, *more, attribution([Credit(author=post.author, url=post.url)], say))
    return Card(title=(Span(subject(post)),), blocks=shown, tags=names, keys=buttons.rest(post, held, say))


def subject(post: Post) -> str:
    """What a digest is called: its tags and its day."""
    about = " / ".join(_names(tag.name for tag in post.tags)) or line(post.title)
    return f"{about} · {post.heading_date}" if about else str(post.heading_date)


def _names(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for tag in tags if (name := line(tag)))


def attribution(sources: Iterable[Credit], say: Words) -> Block:
    """What CC BY 4.0 asks for (author, source, licence, changes), and a word of caution."""
    named = [_dotted(_byline(source, say)) for source in dict.fromkeys(sources)]
    return Block(kind=Kind.SMALL, items=(*named, (Span(say("disclaimer")),)))


def _byline(source: Credit, say: Words) -> Iterator[Span]:
    if author := line(source.author or ""):
        yield Span(say("by", author=author))
    if source.url:
        yield Span(say("source"), link=source.url)
    yield Span("CC BY 4.0", link=LICENCE)
    yield Span(say("changes"))


def _dotted(spans: Iterable[Span]) -> Text:
    first, *rest = spans
    return (first, *(part for span in rest for part in (Span(" · "), span)))


def _gist(entry: Entry) -> Text:
    summary = line(trim(entry.summary or ""))
    return (Span("\n" + shorten(summary, GIST)),) if summary else ()


def _card(entry: Entry, title: Text, names: tuple[str, ...], say: Words, more: Iterable[Block] = ()) -> Card:
    paper = entry.paper
    shown = figures.shown(entry.figures)
    return Card(
        title=title,
        blocks=(*_facts(paper, say), *_points(entry, say), _links(paper.links, say), *more),
        buttons=buttons.reads(entry, bool(shown), say),
        keys=(buttons.does(paper.arxiv_id, names, say),),
        figure=shown[0] if shown else None,
        tags=names,
        papers=(paper.arxiv_id,),
        venue=line(paper.venue or ""),
    )


def _full(entry: Entry, title: Text, names: tuple[str, ...], say: Words) -> Card:
    card = _card(entry, title, names, say, (*_abstracts(entry, say), *_note(entry, say)))
    shown = (Action.ABSTRACT, Action.NOTE)  # on the card itself
    return replace(card, buttons=tuple(button for button in card.buttons if button.action not in shown))


def _rich(entry: Entry, title: Text, names: tuple[str, ...], say: Words) -> Card:
    """A card, and how the paper looks where one message has room for all of it."""
    paper = entry.paper
    rich = Rich(
        title=_title(paper, formulas.marked),
        blocks=(*_facts(paper, say), *_points(entry, say, formulas.marked)),
        folds=tuple(_folds(entry, say)),
        figures=figures.shown(entry.figures),
        below=(_links(paper.links, say),),
    )
    return replace(_card(entry, title, names, say), rich=rich)


def _folds(entry: Entry, say: Words) -> Iterator[Fold]:
    """Abstract, translation and note, each with the button that shows all of it."""
    for block in _abstracts(entry, say):
        rest = say("rest_below", button=say("read_abstract"))
        yield Fold(label=block.label, blocks=(replace(block, kind=Kind.PROSE, label=""),), rest=rest)
    if noted := _noted(entry):
        yield Fold(label=say("note"), blocks=noted, rest=say("rest_below", button=say("note")))


def _abstracts(entry: Entry, say: Words) -> Iterator[Block]:
    for label, text in (("abstract", entry.paper.abstract), ("translation", entry.translation)):
        if items := _texts(lines(text or "")):
            yield Block(kind=Kind.QUOTE, label=say(label), items=items)


def _note(entry: Entry, say: Words) -> tuple[Block, ...]:
    return tuple(_labelled(_noted(entry), say("note")))


def _noted(entry: Entry) -> tuple[Block, ...]:
    return note.blocks(replace(entry.note, text=tame(entry.note.text))) if entry.note else ()


def _labelled(blocks: tuple[Block, ...], label: str) -> Iterator[Block]:
    """The blocks under one label of their own."""
    for place, block in enumerate(blocks):
        if place == 0 and block.label:
            yield Block(kind=Kind.PROSE, items=((Span(label, bold=True),),))
        yield block if place or block.label else replace(block, label=label)


def _title(paper: Paper, read: Read = readable) -> Text:
    title = line(paper.title, read) or f"arXiv:{paper.arxiv_id}"
    return tuple(replace(span, link=paper.links.abs) for span in formulas.spans(title))


def _facts(paper: Paper, say: Words) -> Iterator[Block]:
    facts = [fact for fact in (_authors(paper.authors, say), line(paper.venue or "")) if fact]
    if facts:
        yield Block(kind=Kind.META, items=_texts(facts))


def _authors(authors: tuple[str, ...], say: Words) -> str:
    known = [name for name in map(line, authors[:AUTHORS]) if name]
    names = ", ".join(known)
    more = len(authors) - AUTHORS
    return f"{names} {say('authors_more', n=more)}" if names and more > 0 else names


def _points(entry: Entry, say: Words, read: Read = readable) -> Iterator[Block]:
    """Summary and takeaways, with a mark where a number is in doubt, and what the mark says."""
    doubted = {doubt.takeaway for doubt in entry.doubts}
    if summary := lines(trim(entry.summary or ""), read):
        marked = {len(summary) - 1} if None in doubted else ()
        yield Block(kind=Kind.PROSE, label=say("summary"), items=_texts(summary, marked))
    takeaways = [(line(trim(text), read), place in doubted) for place, text in enumerate(entry.takeaways)]
    kept = [(text, doubtful) for text, doubtful in takeaways if text]
    if kept:
        marked = {place for place, (_, doubtful) in enumerate(kept) if doubtful}
        yield Block(kind=Kind.LIST, label=say("takeaways"), items=_texts([t for t, _ in kept], marked))
    if doubted:
        yield Block(kind=Kind.SMALL, items=((Span(say("doubt")),),))


def _texts(texts: Iterable[str], marked: Container[int] = ()) -> tuple[Text, ...]:
    shown = map(formulas.spans, texts)
    return tuple((*text, MARK) if at in marked else text for at, text in enumerate(shown))


def _links(links: Links, say: Words) -> Block:
    """One item a link: what it leads to, linked."""
    named = [("pdf", links.pdf), ("abs", links.abs), ("html", links.html)]
    found = [(say(key), address) for key, address in named]
    for key, addresses in (("code", links.code), ("project", links.project)):
        found += [(_numbered(say(key), at), address) for at, address in enumerate(addresses, 1)]
    found.append((say("cool"), links.cool))
    return Block(kind=Kind.LINKS, items=tuple((Span(name, link=address),) for name, address in found))


def _numbered(name: str, at: int) -> str:
    return name if at == 1 else f"{name} {at}"


_BUILDS = {Style.CARDS: _card, Style.FULL: _full, Style.RICH: _rich}
