"""Cards on Discord: accepted, shown as written, nothing lost."""

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.base import Message
from bot.adapters.discord.escape import address, begin, escape
from bot.adapters.discord.render import render
from bot.formatter import cards
from bot.formatter.card import Action, Block, Button, Card, Kind, Span, Text
from bot.formatter.text import plain
from bot.locales import words
from bot.model import Language, Post, RawPost, Style, Tag
from bot.storage import posts
from tests import builders, strategies
from tests.commands.asking import Asker
from tests.discord_oracle import good, read, refusals, same, schema, squash, walk

slowly = settings(deadline=None, suppress_health_check=list(HealthCheck))
PDF = "https://arxiv.org/pdf/2410.18605"


def card(*blocks: Block, title: str = "A title", **given) -> Card:
    return Card(title=(Span(title),), blocks=blocks, **given)


def prose(*items: str | Text, **given) -> Block:
    texts = tuple((Span(item),) if isinstance(item, str) else item for item in items)
    return Block(kind=given.pop("kind", Kind.PROSE), items=texts, **given)


def embeds(messages: tuple[Message, ...]) -> list[dict]:
    return [embed for message in messages for embed in message.request["json"].get("embeds", [])]


def classic(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The messages as embeds; how those of components look, `v2` has its own tests."""
    return tuple(form for message in messages for form in message.fallback or (message,))


def description(*blocks: Block) -> str:
    (embed,) = embeds(render(card(*blocks), Language.EN))
    return embed["description"]


def titled(title: str, **given) -> str | None:
    (embed,) = embeds(render(card(prose("x"), title=title, **given), Language.EN))
    return embed.get("title")


def check(card: Card, language: Language) -> None:
    """Discord takes every message of the card, and they show and link all that the card says."""
    rendered = render(card, language)
    messages = classic(rendered)
    for message in {id(message): message for message in (*rendered, *messages)}.values():
        assert message.request["route"] == "POST /channels/{channel}/messages"
        assert refusals(message.request["json"]) == []
    parts = embeds(messages)
    titles = [read(embed["title"]) for embed in parts if "title" in embed]
    bodies = [read(_unlabelled(embed.get("description", ""), card, language)) for embed in parts]
    assert [reading.meant for reading in titles + bodies if reading.meant] == []
    assert squash("".join(body.shown for body in bodies)) == squash(_content(card, titles, parts))
    _check_links(card, [link for body in bodies for _, link in body.links], parts)
    if messages:
        assert {paper for message in messages for paper in message.papers} == set(card.papers)


def _content(card: Card, titles: list, parts: list[dict]) -> str:
    """What the descriptions must show, the title among it where it is too long for a title.

    The venue is not there where it stands below.
    """
    small = parts[0].get("footer", {}).get("text", "") if parts else ""
    below = card.venue if card.venue and small.startswith(" ".join(card.venue.split()) + " · ") else None
    text = "\n".join(
        _visible(item)
        for block in card.blocks
        for item in block.items
        if block.kind is not Kind.META or plain(item) != below
    )
    shown = re.sub(r" ?\(1/\d+\)$", "", titles[0].shown) if titles else ""
    title = plain(card.title)
    if squash(shown) in (squash(title), squash("".join(card.papers[:1]))):
        return text
    assert "…" in shown
    return title + text


def _visible(text: Text) -> str:
    return "".join(span.text for span in text if span.text not in ("x.org", "y.org"))


def _unlabelled(description: str, card: Card, language: Language) -> str:
    """The description without the headings of its sections."""
    labels = {block.label for block in card.blocks if block.label}
    labels |= {words(language)("continued", label=label) for label in labels}
    heads = {f"**{begin(escape(label))}**" for label in labels}
    return "\n".join(line for line in description.split("\n") if line not in heads)


def _check_links(card: Card, found: list[str], parts: list[dict]) -> None:
    spans = [span for block in card.blocks for item in block.items for span in item if squash(span.text)]
    meant = {span.link for span in spans if address(span.link)}
    assert [link for link in meant if not any(same(link, other) for other in found)] == []
    heads = [span.link for span in card.title if address(span.link)]
    assert not heads or not parts or any(same(parts[0]["url"], head) for head in heads)
    text = plain((*spans, *card.title))
    strange = [link for link in found if link not in text and not any(same(link, other) for other in meant)]
    assert strange == []


# What a title may hold


def test_markdown_in_a_title_shows_as_written():
    shown = titled("A *starred* __title__ ||with|| `code` ~~and~~ [x](https://x.org)")
    assert read(shown).meant == []
    assert read(shown).shown == "A *starred* __title__ ||with|| `code` ~~and~~ [x](https://x.org)"


def test_mentions_are_neutral_everywhere():
    body = render(card(prose("@everyone and <@123> in <#7>"), title="@here"), Language.EN)[0].request["json"]
    assert body["allowed_mentions"] == {"parse": []}
    assert "@everyone" not in str(body)
    assert "@here" not in str(body)
    assert read(body["embeds"][0]["description"]).meant == []


@pytest.mark.parametrize("title", ["", " \n", "\u200b\u2060", "\u3164", "\x00"])
def test_title_that_shows_nothing_is_the_papers_id(title):
    assert titled(title, papers=("2410.18605",)) == "2410.18605"
    assert titled(title) is None


def test_long_title_is_shortened_and_given_in_full_below():
    title = "A very long title " * 100
    (embed,) = embeds(render(card(prose("x"), title=title), Language.EN))
    assert len(embed["title"]) <= 256
    assert embed["title"].endswith("…")
    assert title.strip() in embed["description"]


def test_title_whose_backslashes_do_not_fit_is_given_in_full_below():
    title = "*" * 200
    (embed,) = embeds(render(card(prose("x"), title=title), Language.EN))
    assert len(embed["title"]) <= 256
    assert read(embed["description"]).shown.startswith(title)


# What text means nothing


@pytest.mark.parametrize(
    "text",
    [
        *("# a heading", "> a quote", ">>> a long quote", "- an item", "+ an item", "* an item", "3. item"),
        *("-# small", "*a*", "_a_", "**a**", "__a__", "~~a~~", "||a||", "`a`", "```a```"),
        *("[a](https://x.org)", "<@123>", "<@!123>", "<@&5>", "<#7>", "<t:1618953630:R>", "<:smile:12345>"),
        *(
            "</latest:5>",
            ":smile:",
            "1:100:2",
            "a\\*b",
            "\\",
            "@everyone",
            "p<0.05",
            "x\n# y\n- z",
            "**# a**",
        ),
        *("C*-algebra* a_b_ c", "|a|", "a ** b ** c", "1. 2. 3.", "https://x.org", "# https://x.org"),
    ],
)
@pytest.mark.parametrize("kind", list(Kind))
def test_text_shows_as_written(text, kind):
    shown = read(description(prose(text, kind=kind)))
    assert shown.meant == []
    assert squash(shown.shown) == squash(text)
    assert [link for _, link in shown.links] == (["https://x.org"] if "x.org" in text else [])


def test_address_in_text_is_linked_whole_and_without_backslash():
    shown = description(prose("Code: https://github.com/a_b/c_d_e, and https://a_b.github.io/x_y_"))
    assert [link for _, link in read(shown).links] == [
        "https://github.com/a_b/c_d_e",
        "https://a_b.github.io/x_y",
    ]
    assert "\\" not in shown.split(", and")[0]


def test_address_in_chinese_ends_where_the_chinese_begins():
    assert read(description(prose("代码在https://github.com/a/b上（https://x.org/c）。"))).links == [
        ("https://github.com/a/b", "https://github.com/a/b"),
        ("https://x.org/c", "https://x.org/c"),
    ]


# Looks


def test_looks_do_not_run_into_each_other():
    text = (
        Span("a*", bold=True),
        Span(" b ", italic=True),
        Span("c", bold=True, italic=True),
        Span("`d", code=True),
    )
    shown = read(description(prose(text)))
    assert squash(shown.shown) == "a*bc`d"
    assert shown.meant == []


def test_takeaways_are_numbered_from_their_start():
    block = prose("one", "2. two", kind=Kind.LIST, label="Key Takeaways", start=9)
    assert description(block) == "**Key Takeaways**\n9. one\n10. 2\\. two"


def test_second_line_of_an_item_stays_in_it():
    assert description(prose((Span("Title"), Span("\nA line.")), kind=Kind.LIST)) == "1. Title\n   A line."


def test_quote_and_small_print_have_their_marks():
    shown = description(prose("a\n\nb", kind=Kind.QUOTE), prose("c", kind=Kind.SMALL))
    assert shown == "> a\n> b\n\n-# c"


def test_blocks_and_items_that_show_nothing_are_left_out():
    shown = description(prose("", " ", label="Empty"), prose("a", "", "b"), Block(kind=Kind.LIST, items=()))
    assert shown == "a\nb"


def test_card_that_shows_nothing_is_no_message():
    assert render(Card(title=(), blocks=()), Language.EN) == ()


# Links


def linked(text: str, url: str) -> str:
    return description(prose((Span(text, link=url),)))


def test_link_is_masked():
    assert linked("PDF", PDF) == f"[PDF]({PDF})"


def test_link_under_its_own_address_is_bare():
    assert linked(PDF, PDF) == f"<{PDF}>"


def test_parentheses_in_an_address_do_not_end_it():
    assert linked("a", "https://x.org/(b)_c") == "[a](https://x.org/%28b%29_c)"


@pytest.mark.parametrize(
    "text", ["a_b_ *c* d*", "[CLS] token", "a\\b", "https://y.org/x", "`x`", ":smile:", "<@12>", "> x <b>"]
)
def test_link_text_that_would_break_the_mask_stands_before_the_link(text):
    shown = linked(text, PDF)
    assert shown.endswith(f" [arxiv.org]({PDF})")
    assert read(shown).shown.strip() == text
    assert [link for _, link in read(shown).links] == [PDF]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://", "https://localhost/x", "https://x.org/" + "a" * 2100]
)
def test_bad_address_leaves_the_text(url):
    assert linked("Title", url) == "Title"


def test_foreign_characters_in_an_address_are_encoded():
    assert address("https://x.org/路径 a") == "https://x.org/%E8%B7%AF%E5%BE%84%20a"
    assert address("https://例子.中国/路径") == "https://xn--fsqu00a.xn--fiqs8s/%E8%B7%AF%E5%BE%84"
    assert address("https://x.org/a%20b?c=d&e=f#g") == "https://x.org/a%20b?c=d&e=f#g"


# The rest of a message


def test_paper_has_picture_colour_tags_and_id():
    (embed,) = embeds(
        render(
            card(prose("x"), figure="https://pic.org/a.jpg", tags=("NeRF", "3DGS"), papers=("2410.18605",)),
            Language.EN,
        )
    )
    assert embed["image"] == {"url": "https://pic.org/a.jpg"}
    assert embed["footer"] == {"text": "NeRF, 3DGS · arXiv:2410.18605"}
    assert isinstance(embed["color"], int)


TAGS = (Tag(name="NeRF", slug="nerf"), Tag(name="3DGS", slug="3dgs"))


def published(venue: str | None) -> Post:
    entry = builders.entry("2410.18605", paper=builders.paper("2410.18605", venue=venue))
    return builders.post(entry, tags=TAGS, heading_date=dt.date(2026, 11, 19))


@pytest.mark.parametrize("style", [Style.CARDS, Style.FULL, Style.RICH])
@pytest.mark.parametrize(("venue", "stands"), [("CVPR 2026 (Oral)", "CVPR 2026 (Oral) · "), (None, "")])
def test_venue_tags_and_date_stand_below_a_paper(style, venue, stands):
    _, paper = cards(published(venue), style=style, language=Language.EN)
    (embed,) = embeds(classic(render(paper, Language.EN)))
    assert embed["footer"]["text"] == f"{stands}NeRF, 3DGS · 2026-11-19 · arXiv:2410.18605"
    assert "CVPR" not in embed["description"]
    assert "Ada Lovelace, Alan Turing" in embed["description"]


def test_venue_that_is_too_long_for_small_print_stays_among_the_facts():
    venue = "Proceedings of " + "a very long name " * 20
    _, paper = cards(published(venue), style=Style.CARDS, language=Language.EN)
    (embed,) = embeds(render(paper, Language.EN))
    assert embed["footer"]["text"] == "NeRF, 3DGS · 2026-11-19 · arXiv:2410.18605"
    assert venue.strip() in embed["description"]


def test_many_tags_leave_the_rest_of_the_small_print_whole():
    shown = card(prose("x"), tags=("A topic " * 9,) * 9, papers=("2410.18605",), date=dt.date(2026, 1, 2))
    (embed,) = embeds(render(shown, Language.EN))
    assert embed["footer"]["text"].endswith("… · 2026-01-02 · arXiv:2410.18605")
    assert len(embed["footer"]["text"]) <= 256


def test_every_part_of_a_long_paper_has_the_same_small_print():
    _, paper = cards(published("CVPR 2026"), style=Style.CARDS, language=Language.EN)
    long = replace(paper, blocks=(*paper.blocks, prose(*["word " * 300] * 9)))
    parts = embeds(render(long, Language.EN))
    assert len(parts) > 1
    assert {part["footer"]["text"] for part in parts} == {
        "CVPR 2026 · NeRF, 3DGS · 2026-11-19 · arXiv:2410.18605"
    }


async def test_paper_that_is_opened_or_previewed_has_the_small_print_of_its_digest(database):
    async with database.writing() as connection:
        await posts.add(connection, "blog", published("CVPR 2026"), at=0)
    me = Asker(database)
    opened = (await me("/paper 2410.18605"), await me.press("paper:2410.18605"))
    for reply in (*opened, await me.press("menu:rich")):
        (embed,) = embeds(classic(render(reply.cards[0], Language.EN)))
        assert embed["footer"]["text"] == "CVPR 2026 · 3DGS, NeRF · 2026-11-19 · arXiv:2410.18605"


def test_colour_is_the_tags_in_every_process():
    code = (
        "from bot.adapters.discord.render import render\n"
        "from bot.formatter.card import Card, Span\n"
        "(message,) = render(Card(title=(Span('x'),), blocks=(), tags=('NeRF',)), 'en')\n"
        "print(message.request['json']['embeds'][0]['color'])"
    )
    found = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(found) == 1


def test_buttons_open_addresses_and_ask_the_bot():
    buttons = (
        Button(label="PDF", url=PDF),
        Button(label="Note", action=Action.NOTE, about="2410.18605"),
        Button(label="Save", action=Action.SAVE, about="cs/0112017"),
    )
    body = render(card(prose("x"), buttons=buttons), Language.EN)[0].request["json"]
    assert body["components"] == [
        {
            "type": 1,
            "components": [
                {"type": 2, "style": 5, "label": "PDF", "url": PDF},
                {"type": 2, "style": 2, "label": "Note", "custom_id": "note:2410.18605"},
                {"type": 2, "style": 2, "label": "Save", "custom_id": "save:cs/0112017"},
            ],
        }
    ]


def test_many_buttons_fill_rows_and_twins_are_left_out():
    many = [Button(label=f"{n}" * 90, url=f"https://x.org/{n}") for n in range(40)]
    body = render(card(prose("x"), buttons=(*many, many[0])), Language.EN)[0].request["json"]
    assert [len(row["components"]) for row in body["components"]] == [5] * 5
    assert refusals(body) == []


def test_long_card_shares_as_few_messages_as_may_be():
    text = "A sentence of some words that goes on. " * 130
    (message,) = render(card(prose(text), papers=("2410.18605",)), Language.EN)
    first, second = message.request["json"]["embeds"]
    assert first["title"] == "A title (1/2)"
    assert second["title"] == "A title (2/2)"
    assert message.papers == ("2410.18605",)


def test_longer_card_becomes_several_messages():
    long = card(prose("A sentence of some words that goes on. " * 400), papers=("2410.18605",))
    messages = render(long, Language.EN)
    assert len(messages) > 2
    check(long, Language.EN)


def test_rendering_loads_no_platform_library():
    code = (
        "import sys, bot.adapters.discord.render, bot.formatter\n"
        "print(*({'discord', 'httpx', 'aiohttp', 'pydantic', 'telegram', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# Whatever comes


@slowly
@given(strategies.cards(), st.sampled_from(Language))
def test_any_card_is_accepted_and_shown_whole(card, language):
    check(card, language)


@slowly
@given(strategies.posts(), st.sampled_from(Style), st.sampled_from(Language))
def test_any_post_is_accepted_and_shown_whole(post, style, language):
    for card in cards(post, style=style, language=language):
        check(card, language)


def _bodies(post: Post) -> Iterator[dict]:
    for style in Style:
        for language in Language:
            for card in cards(post, style=style, language=language):
                for message in render(card, language):
                    yield from (form.request["json"] for form in (message, *message.fallback))


def test_requests_are_as_discord_describes_them():
    validator = schema()
    for body in _bodies(builders.post("2003.08934", "2410.18605")):
        assert list(validator.iter_errors(body)) == []


def test_real_posts_are_accepted_and_shown_whole(shared):
    from bot.digest import read as understand

    validator = schema()
    for path in sorted((shared / "corpus" / "posts").glob("*/*.md")):
        post = understand(RawPost(address=str(path), data=path.read_bytes()))
        assert isinstance(post, Post)
        for style in Style:
            for language in Language:
                for card in cards(post, style=style, language=language):
                    check(card, language)
        for body in islice(_bodies(post), 2):
            assert list(validator.iter_errors(body)) == []


async def test_discord_library_sends_it_and_reads_it_back():
    import discord
    import simcord

    bot = discord.Client(intents=discord.Intents.default())
    post = builders.post("2003.08934")
    async with simcord.run(bot) as env:
        channel = env.create_guild().create_text_channel("papers")
        route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=channel.id)
        for body in _bodies(post):
            await bot.http.request(route, json=body)
            got = channel.last_message
            for sent, seen in zip(body.get("embeds", []), got.embeds, strict=True):
                assert {key: seen.to_dict()[key] for key in sent} == sent
                assert discord.Embed.from_dict(sent).to_dict()["title"] == sent["title"]
            sent = [
                (key["label"], key.get("url")) for key in walk(body.get("components", [])) if key["type"] == 2
            ]
            view = discord.ui.LayoutView if got.flags.components_v2 else discord.ui.View
            seen = [
                key for key in view.from_message(got).walk_children() if isinstance(key, discord.ui.Button)
            ]
            assert sent == [(key.label, key.url) for key in seen]


def test_addresses_that_pass_are_good():
    assert good(address("https://x.org/a b<c>"), 2048)
