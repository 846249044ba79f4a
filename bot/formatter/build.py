"""From an entry to its card, from a digest to its overview."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import replace

from bot.formatter import figures, note
from bot.formatter.card import Action, Block, Button, Card, Kind, Span, Text
from bot.formatter.clean import line, lines, tame
from bot.formatter.text import shorten
from bot.locales import Words, words
from bot.model import Entry, Language, Links, Paper, Post, Style
from bot.residue import trim

AUTHORS = 3  # named on a card
GIST = 160  # UTF-16 units of a summary in an overview
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
MARK = Span(" ⚠")


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
    build = _full if style is Style.FULL else _card
    names = _names(tag.name for tag in post.tags)
    shown = [_contents(post, titles, held, say)]
    for entry, title in zip(post.entries, titles, strict=True):
        own = _names(tags[entry.paper.arxiv_id]) if tags and entry.paper.arxiv_id in tags else names
        card = build(entry, title, own, say)
        shown.append(_marked_revised(card, entry.paper, say) if entry.paper.arxiv_id in revised else card)
    return tuple(shown)


def _marked_revised(card: Card, paper: Paper, say: Words) -> Card:
    label = Block(kind=Kind.META, items=((Span(say("revised", version=paper.version or 2)),),))
    return replace(card, blocks=(label, *card.blocks))


def _contents(post: Post, titles: tuple[Text, ...], held: int, say: Words) -> Card:
    """The message before the cards: what follows, who wrote it, what to beware of."""
    return _heading(post, (Block(kind=Kind.LIST, items=titles),), (), held, say)


def _overview(post: Post, titles: tuple[Text, ...], held: int, say: Words) -> Card:
    """The digest as one list: title and a line on each paper."""
    blocks = tuple(
        Block(kind=Kind.LIST, items=(title + _gist(entry),), start=number, papers=(entry.paper.arxiv_id,))
        for number, (entry, title) in enumerate(zip(post.entries, titles, strict=True), 1)
    )
    return _heading(post, blocks, tuple(entry.paper.arxiv_id for entry in post.entries), held, say)


def _heading(post: Post, blocks: tuple[Block, ...], papers: tuple[str, ...], held: int, say: Words) -> Card:
    names = _names(tag.name for tag in post.tags)
    subject = " / ".join(names) or line(post.title)
    title = f"{subject} · {post.heading_date}" if subject else str(post.heading_date)
    count = Block(kind=Kind.META, items=((Span(say("papers", n=len(post.entries))),),))
    more = (_held(held, names, say),) if held else ()
    shown = (count, *blocks, *more, _credit(post, say))
    return Card(title=(Span(title),), blocks=shown, tags=names, papers=papers)


def _held(held: int, names: tuple[str, ...], say: Words) -> Block:
    """How many papers are not pushed, and how to see them."""
    return Block(kind=Kind.PROSE, items=((Span(say("held", n=held, tag=names[0] if names else "")),),))


def _names(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for tag in tags if (name := line(tag)))


def _credit(post: Post, say: Words) -> Block:
    """What CC BY 4.0 asks for (author, source, licence, changes), and a word of caution."""
    spans = []
    if author := line(post.author or ""):
        spans.append(Span(say("by", author=author)))
    if post.url:
        spans.append(Span(say("source"), link=post.url))
    spans.append(Span("CC BY 4.0", link=LICENCE))
    spans.append(Span(say("changes")))
    return Block(kind=Kind.SMALL, items=(_dotted(spans), (Span(say("disclaimer")),)))


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
        buttons=_buttons(entry, say),
        figure=shown[0] if shown else None,
        tags=names,
        papers=(paper.arxiv_id,),
    )


def _full(entry: Entry, title: Text, names: tuple[str, ...], say: Words) -> Card:
    more = [
        Block(kind=Kind.QUOTE, label=say(label), items=items)
        for label, text in (("abstract", entry.paper.abstract), ("translation", entry.translation))
        if (items := _texts(lines(text or "")))
    ]
    if entry.note:
        written = replace(entry.note, text=tame(entry.note.text))
        more.extend(_labelled(note.blocks(written), say("note")))
    return _card(entry, title, names, say, more)


def _labelled(blocks: tuple[Block, ...], label: str) -> Iterator[Block]:
    """The blocks under one label of their own."""
    for place, block in enumerate(blocks):
        if place == 0 and block.label:
            yield Block(kind=Kind.PROSE, items=((Span(label, bold=True),),))
        yield block if place or block.label else replace(block, label=label)


def _title(paper: Paper) -> Text:
    return (Span(line(paper.title) or f"arXiv:{paper.arxiv_id}", link=paper.links.abs),)


def _facts(paper: Paper, say: Words) -> Iterator[Block]:
    facts = [fact for fact in (_authors(paper.authors, say), line(paper.venue or "")) if fact]
    if facts:
        yield Block(kind=Kind.META, items=_texts(facts))


def _authors(authors: tuple[str, ...], say: Words) -> str:
    known = [name for name in map(line, authors[:AUTHORS]) if name]
    names = ", ".join(known)
    more = len(authors) - AUTHORS
    return f"{names} {say('authors_more', n=more)}" if names and more > 0 else names


def _points(entry: Entry, say: Words) -> Iterator[Block]:
    """Summary and takeaways, with a mark where a number is in doubt, and what the mark says."""
    doubted = {doubt.takeaway for doubt in entry.doubts}
    if summary := lines(trim(entry.summary or "")):
        marked = {len(summary) - 1} if None in doubted else ()
        yield Block(kind=Kind.PROSE, label=say("summary"), items=_texts(summary, marked))
    takeaways = [(line(trim(text)), place in doubted) for place, text in enumerate(entry.takeaways)]
    kept = [(text, doubtful) for text, doubtful in takeaways if text]
    if kept:
        marked = {place for place, (_, doubtful) in enumerate(kept) if doubtful}
        yield Block(kind=Kind.LIST, label=say("takeaways"), items=_texts([t for t, _ in kept], marked))
    if doubted:
        yield Block(kind=Kind.SMALL, items=((Span(say("doubt")),),))


def _texts(texts: Iterable[str], marked: Container[int] = ()) -> tuple[Text, ...]:
    return tuple((Span(text), MARK) if at in marked else (Span(text),) for at, text in enumerate(texts))


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


def _buttons(entry: Entry, say: Words) -> tuple[Button, ...]:
    paper = entry.paper
    buttons = [Button(label=say("pdf"), url=paper.links.pdf)]
    if entry.note:
        buttons.append(Button(label=say("note"), action=Action.NOTE, paper=paper.arxiv_id))
    buttons.append(Button(label=say("save"), action=Action.SAVE, paper=paper.arxiv_id))
    return tuple(buttons)
