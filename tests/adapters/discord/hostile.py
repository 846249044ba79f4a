"""What nobody should send: cards whose texts break renderers, and bodies that Discord refuses, by name."""

from collections.abc import Iterator
from typing import Any

from bot.formatter.card import Action, Block, Button, Card, Kind, Span

Body = dict[str, Any]

TEXTS = {
    "everyone": "@everyone @here look",
    "mentions": "<@123> <@!123> <@&5> <#7> </latest:5> <id:guide> <t:1618953630:R> <:smile:12345>",
    "masked link": "[arXiv](https://evil.example/x) [@everyone](https://x.org)",
    "link in a link": "[https://arxiv.org](https://evil.example)",
    "invite": "https://discord.gg/abcdef discord.gg/abcdef",
    "scheme": "javascript:alert(1) data:text/html,x file:///etc/passwd",
    "zero width": "\u200b\u2060\ufeff\u200d",
    "filler": "\u3164\u115f\u2800\uffa0",
    "blanks": " \n\t\r\x0b\x0c\u2028\u00a0\u3000",
    "nothing": "",
    "controls": "\x00\x01\x1b[31m\x7f\x85",
    "half a pair": "a\ud800b\udfff",
    "right to left": "\u202eevil\u202c \u2066x\u2069",
    "4,097": "x" * 4097,
    "6,001": "word " * 1200 + "x",
    "no blank": "W" * 300 + "i" * 9000,
    "long": "We show that it works. " * 800,
    "wide": "👨‍👩‍👧‍👦" * 900,
    "marks": "e" + "\u0301" * 5000,
    "backslashes": "\\" * 4096,
    "stars": "**" * 1500 + "_" * 1500 + "~~||" * 200,
    "brackets": "[" * 3000 + "](" * 1500 + "<" * 500,
    "fences": "```py\nprint(1)\n```\n" * 100 + "``` `` ` ````",
    "lines": "# a\n## b\n> c\n>>> d\n-# e\n- f\n1. g\n***\n" * 60,
    "addresses": "https://x.org/" + "a_b*c~" * 600 + " http://[::1]/ https://例子.中国/路径 https://x.org\\@evil.org",
}  # fmt: skip
ADDRESSES = (
    "javascript:alert(1)",
    "https://",
    "http://localhost/x",
    "https://x.org/" + "a" * 2100,
    "https://x.org/a b<c>\n",
    "attachment://a.png",
    "https://x.org/a)[b](https://evil.example",
    "//x.org/a",
    "https://" + "a" * 300 + ".org",
)


def cards() -> Iterator[tuple[str, Card]]:
    """Cards with each text in each place, and with too much of everything."""
    for name, text in TEXTS.items():
        for place, card in _placed(text):
            yield f"{name} in {place}", card
    for number, address in enumerate(ADDRESSES):
        span = Span("PDF", link=address)
        given = {"figure": address, "buttons": (Button(label="PDF", url=address),)}
        block = Block(kind=Kind.LINKS, items=((span,),))
        yield f"address {number}", Card(title=(span,), blocks=(block,), **given)
    yield from _crowded()


def _placed(text: str) -> Iterator[tuple[str, Card]]:
    said = Block(kind=Kind.PROSE, items=((Span("Said."),),))
    yield "title", Card(title=(Span(text),), blocks=(said,), papers=("2410.18605",))
    yield "title alone", Card(title=(Span(text, link="https://arxiv.org/abs/2410.18605"),), blocks=())
    for kind in (Kind.PROSE, Kind.LIST, Kind.QUOTE):
        yield f"{kind}", Card(title=(Span("T"),), blocks=(Block(kind=kind, items=((Span(text),),) * 3),))
    looks = (Span(text, bold=True), Span(text, italic=True, link="https://x.org/a"), Span(text, code=True))
    yield "looks", Card(title=(Span("T"),), blocks=(Block(kind=Kind.META, items=(looks,)),))
    button = Button(label=text, url="https://x.org/a")
    asking = Button(label=text, action=Action.SEARCH, about=text)
    yield "buttons", Card(title=(Span("T"),), blocks=(said,), buttons=(button, asking), tags=(text,))


def _crowded() -> Iterator[tuple[str, Card]]:
    title = (Span("T"),)
    many = tuple(Button(label=str(at), url=f"https://x.org/{at}") for at in range(60))
    yield "60 buttons", Card(title=title, blocks=(), buttons=many)
    twins = (Button(label="A", action=Action.NOTE, about="2410.18605"),) * 5
    yield "twins", Card(title=title, blocks=(), buttons=twins, keys=(twins, twins))
    for count in (3, 25, 26, 60):
        keys = tuple(
            Button(label=str(at), action=Action.PAPER, about=f"2410.{at:05}") for at in range(1, count + 1)
        )
        items = tuple((Span(f"Paper {at} " + "x" * at),) for at in range(1, count + 1))
        listed = Block(kind=Kind.LIST, items=items)
        yield f"{count} choices", Card(title=title, blocks=(listed,), keys=(keys,))
        unsaid = tuple((Span("\u200b"),) for _ in range(count))
        block = Block(kind=Kind.LIST, items=unsaid)
        yield f"{count} choices without a name", Card(title=title, blocks=(block,), keys=(keys,))
    blocks = tuple(Block(kind=Kind.PROSE, items=((Span("A sentence. " * 40),),)) for _ in range(200))
    yield "200 sections", Card(title=title, blocks=blocks)


def bodies() -> Iterator[tuple[str, Body]]:
    """Messages that show something, each with what Discord refuses."""
    for name, embed in _embeds():
        yield f"embed with {name}", {"embeds": [embed]}
    yield "11 embeds", {"embeds": [{"title": str(at)} for at in range(11)]}
    yield "6,001 in sum", {"embeds": [{"description": "x" * 3001}, {"description": "y" * 3000}]}
    yield "60,000 in sum", {"embeds": [{"title": "T", "description": "word " * 1000}] * 12}
    fields = [{"name": "n" * 256, "value": "v" * 1024}] * 25
    yield (
        "fields over the sum",
        {"embeds": [{"title": "T", "fields": fields, "footer": {"text": "f" * 2048}}]},
    )
    yield "embeds that show nothing", {"embeds": [{}, {"title": "\u200b"}, {"color": 1}, {"title": "T"}]}
    yield "2,001", {"content": "x" * 2001}
    yield "2,000 wide", {"content": "𝔘" * 2000}
    yield "everyone", {"content": "@everyone <@&5>", "allowed_mentions": {"parse": ["everyone", "roles"]}}
    yield "mentions that are not spoken of", {"content": "@everyone"}
    yield "half a pair", {"content": "a\ud800b", "embeds": [{"title": "\udfff T"}]}
    for name, rows in _rows():
        yield f"{name}", {"embeds": [{"title": "T"}], "components": rows}
    yield from _components()


def _embeds() -> Iterator[tuple[str, Body]]:
    yield "4,097 in its description", {"description": "x" * 4097}
    yield "a wide description", {"description": "𝔘" * 4096}
    yield "257 in its title", {"title": "x" * 257, "description": "D"}
    yield "a title of nothing", {"title": "\u200b", "url": "https://x.org", "description": "D"}
    yield "a description of nothing", {"title": "T", "description": "\u3164"}
    yield "2,049 in its footer", {"title": "T", "footer": {"text": "x" * 2049}}
    yield "a footer of nothing", {"title": "T", "footer": {"text": "", "icon_url": "https://x.org/i.png"}}
    yield "257 in its author", {"title": "T", "author": {"name": "x" * 257, "url": "javascript:x"}}
    yield "an author of nothing", {"title": "T", "author": {"url": "https://x.org"}}
    yield "26 fields", {"title": "T", "fields": [{"name": str(at), "value": "v"} for at in range(26)]}
    unsaid = [{"name": "", "value": ""}, {"name": "\u200b", "value": "v"}, {"name": "n", "value": " "}]
    yield "fields of nothing", {"title": "T", "fields": unsaid}
    yield "long fields", {"title": "T", "fields": [{"name": "n" * 257, "value": "v" * 1025, "inline": True}]}
    yield "a colour of none", {"title": "T", "color": 0x1000000}
    yield "a negative colour", {"title": "T", "color": -1}
    yield "a colour in words", {"title": "T", "color": "red"}
    for number, address in enumerate(ADDRESSES):
        yield f"address {number}", {"title": "T", "url": address, "image": {"url": address},
                                    "thumbnail": {"url": address}}  # fmt: skip
    yield "no picture", {"title": "T", "image": {}, "thumbnail": None}


def _rows() -> Iterator[tuple[str, list[Body]]]:
    def button(**given: Any) -> Body:
        return {"type": 2, "style": 2, "label": "A", "custom_id": "note:1"} | given

    def row(*parts: Body) -> Body:
        return {"type": 1, "components": list(parts)}

    def menu(options: list[Body], **given: Any) -> Body:
        return {"type": 3, "custom_id": "pick:1", "options": options} | given

    def option(at: int, **given: Any) -> Body:
        return {"label": f"{at}. A", "value": f"paper:{at}"} | given

    yield "6 rows", [row(button(custom_id=f"note:{at}")) for at in range(6)]
    yield "6 buttons in a row", [row(*(button(custom_id=f"note:{at}") for at in range(6)))]
    yield "a row of nothing", [row(), row(button())]
    yield "a custom_id twice", [row(button(), button()), row(button())]
    yield "a custom_id of 101", [row(button(custom_id="x" * 101), button())]
    yield "a custom_id of nothing", [row(button(custom_id=""), button())]
    yield "no custom_id", [row({"type": 2, "style": 1, "label": "A"})]
    yield "a label of 81", [row(button(label="x" * 81))]
    yield "a wide label", [row(button(label="𝔘" * 80))]
    yield "a label of nothing", [row(button(label="\u200b"))]
    yield "no label", [row({"type": 2, "style": 2, "custom_id": "note:1"})]
    for number, address in enumerate(ADDRESSES):
        yield f"a button to address {number}", [row(button(style=5, url=address), button())]
    yield "a long address", [row({"type": 2, "style": 5, "label": "A", "url": "https://x.org/" + "a" * 500})]
    yield "an address and a custom_id", [row(button(style=5, url="https://x.org"))]
    yield "26 options", [row(menu([option(at) for at in range(26)]))]
    yield "26 to be chosen", [row(menu([option(at) for at in range(26)], min_values=1, max_values=26))]
    yield "an option twice", [row(menu([option(1), option(1), option(2)]))]
    yield "an option of 101", [row(menu([option(1, label="x" * 101, description="y" * 101), option(2)]))]
    yield "a value of 101", [row(menu([option(1, value="x" * 101), option(2)]))]
    yield (
        "an option of nothing",
        [row(menu([option(1, label="\u200b", description=""), option(2, label="")]))],
    )
    yield "no options", [row(menu([])), row(button())]
    yield "a placeholder of 151", [row(menu([option(1)], placeholder="x" * 151))]
    yield "two menus in a row", [row(menu([option(1)]), menu([option(1)], custom_id="pick:2"))]
    yield "a menu beside a button", [row(button(), menu([option(1)]))]
    yield "too many menus", [row(menu([option(1)], custom_id=f"pick:{at}")) for at in range(7)]


def _components() -> Iterator[tuple[str, Body]]:
    text = {"type": 10, "content": "T"}
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "x" * 81, "custom_id": "a:b"}] * 6}
    v2 = {"flags": 1 << 15}
    yield "content beside components", v2 | {"content": "x", "embeds": [{"title": "T"}], "components": [text]}
    yield "a text of nothing", v2 | {"components": [text | {"content": "\u200b"}, text]}
    yield "a row in a box", v2 | {"components": [{"type": 17, "components": [text, row]}, row]}
    yield "a box of nothing", v2 | {"components": [{"type": 17, "components": []}, text]}
    yield "a long text", v2 | {"components": [text | {"content": "x" * 4001}]}


def refused() -> Iterator[tuple[str, Body]]:
    """Messages of which nothing is left, or that nobody can cut."""
    yield "nothing", {}
    yield "empty", {"content": "", "embeds": [], "components": []}
    yield "blank", {"content": " \u200b\n", "embeds": [{"description": "\u2800"}, {"color": 5}]}
    yield "buttons alone", {"components": [{"type": 1, "components": [{"type": 2, "style": 2, "label": "A",
                                                                       "custom_id": "a:b"}]}]}  # fmt: skip
    text = {"type": 10, "content": "T"}
    yield "41 components", {"flags": 1 << 15, "components": [text] * 41}
    yield "4,001 in sum", {"flags": 1 << 15, "components": [text | {"content": "x" * 2001}] * 2}
    yield "no components", {"flags": 1 << 15, "components": []}
    yield "what is no JSON", {"embeds": [{"title": "T", "timestamp": object()}]}
