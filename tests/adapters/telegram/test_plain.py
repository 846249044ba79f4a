"""The plain form of a message says what the marked-up one shows, by Telegram's own parser."""

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings

from bot.adapters.base import Message
from bot.adapters.telegram.ink import JOINER
from bot.adapters.telegram.plain import plain, visible, without_figure
from bot.adapters.telegram.render import render
from bot.formatter.text import utf16
from bot.model import Language
from tests import oracles, strategies

SOFT = settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
FIGURE = {"url": "https://example.org/a.png", "prefer_large_media": True, "show_above_text": True}


def message(method="sendMessage", **params) -> Message:
    return Message(
        platform="telegram",
        request={"method": method, "params": {"chat_id": "{chat}"} | params},
        papers=("2410.18605",),
    )


def params(changed: Message | None) -> dict:
    assert changed is not None
    assert changed.papers == ("2410.18605",)
    return changed.request["params"]


def words(text: str) -> list[str]:
    return text.replace(JOINER, "").split()


@SOFT
@given(card=strategies.cards())
def test_what_is_left_is_what_readers_saw(card):
    for shown in render(card, Language.EN):
        html = shown.request["params"]["text"]
        assert words(visible(html, addresses=False)) == words(oracles.read(html).text)


@SOFT
@given(card=strategies.cards())
def test_every_address_is_still_there(card):
    for shown in render(card, Language.EN):
        html = shown.request["params"]["text"]
        left = visible(html).replace(JOINER, "")
        for text, address in oracles.read(html).links:
            bare = re.sub(r"^https?://", "", text.replace(JOINER, "")).rstrip("/")
            assert address in left or bare in left, (address, left)


@SOFT
@given(card=strategies.cards())
def test_plain_form_pings_nobody_and_fits(card):
    for shown in render(card, Language.EN):
        if (simple := plain(shown)) is None:
            continue
        given = simple.request["params"]
        assert "parse_mode" not in given
        assert utf16(given["text"]) <= 4096
        html = re.sub("&", "&amp;", given["text"]).replace("<", "&lt;").replace(">", "&gt;")
        kinds = {piece.kind for piece in oracles.read(html).found}
        assert not kinds & {"Mention", "BotCommand", "Cashtag"}, kinds
        assert plain(simple) is None, "there is nothing plainer"


def test_markup_is_taken_out():
    html = (
        "<b>On &lt;b&gt; &amp;amp;</b>\n<i>A. B</i>\n\n<b>Abstract</b>\n<blockquote expandable>One\n\nTwo"
        '</blockquote>\n\n<a href="https://arxiv.org/pdf/1?a=1&amp;b=2">PDF</a> · '
        '<a href="https://arxiv.org/abs/1">arxiv.org/abs/1</a> · <a href="">none</a>'
    )
    assert params(plain(message(text=html, parse_mode="HTML")))["text"] == (
        "On <b> &amp;\nA. B\n\nAbstract\nOne\n\nTwo\n\n"
        "PDF (https://arxiv.org/pdf/1?a=1&b=2) · arxiv.org/abs/1 · none"
    )


def test_code_does_not_come_alive():
    html = "<code>@somebody /start</code> <pre>#tag</pre>"
    text = params(plain(message(text=html, parse_mode="HTML")))["text"]
    assert text == f"@{JOINER}somebody /{JOINER}start #{JOINER}tag"


@pytest.mark.parametrize(
    "text", ["a < b and c > d", "<foo> is no tag", "<", "</b", "5 <b", "<a", "&amp", "<b><i>"]
)
def test_what_is_no_markup_stays(text):
    kept = params(plain(message(text=text, parse_mode="HTML")))["text"]
    assert kept == text.replace("&amp", "&").replace("<b><i>", "")


def test_buttons_that_open_addresses_are_left_out():
    keyboard = {
        "inline_keyboard": [
            [{"text": "PDF", "url": "https://x"}, {"text": "Save", "callback_data": "save:1"}],
            [{"text": "arXiv", "url": "https://y"}],
        ]
    }
    left = params(plain(message(text="x", reply_markup=keyboard)))
    assert left["reply_markup"] == {"inline_keyboard": [[{"text": "Save", "callback_data": "save:1"}]]}
    keyboard = {"inline_keyboard": [[{"text": "PDF", "url": "https://x"}]]}
    assert "reply_markup" not in params(plain(message(text="x", reply_markup=keyboard)))


def test_there_is_nothing_plainer_than_plain_text():
    keyboard = {"inline_keyboard": [[{"text": "Save", "callback_data": "save:1"}]]}
    assert plain(message(text="x & <b>", reply_markup=keyboard, link_preview_options=FIGURE)) is None
    assert plain(message("sendPhoto", photo="https://x/a.png")) is None


def test_addresses_give_way_where_there_is_no_room():
    link = '<a href="https://example.org/a/long/address/of/some/page">word</a> '
    html = link * 800
    text = params(plain(message(text=html, parse_mode="HTML")))["text"]
    assert text == ("word " * 800).strip()
    longer = params(plain(message(text="<b>word</b> " * 5000, parse_mode="HTML")))["text"]
    assert utf16(longer) <= 4096
    assert longer.startswith("word word")


@pytest.mark.parametrize(
    ("method", "given", "left"),
    [
        ("sendPhoto", {"photo": "f", "caption": "<b>a</b>"}, {"photo": "f", "caption": "a"}),
        ("sendDocument", {"document": "f", "caption": "<b>a</b>"}, {"document": "f", "caption": "a"}),
        ("editMessageText", {"message_id": 5, "text": "<b>a</b>"}, {"message_id": 5, "text": "a"}),
    ],
)
def test_other_methods_go_the_same_way(method, given, left):
    simple = plain(message(method, parse_mode="HTML", **given))
    assert simple.request["method"] == method
    assert params(simple) == {"chat_id": "{chat}"} | left


def test_captions_of_an_album_are_plain_too():
    album = [{"type": "photo", "media": "https://x/1", "caption": "<b>a</b>", "parse_mode": "HTML"}]
    assert params(plain(message("sendMediaGroup", media=album)))["media"] == [
        {"type": "photo", "media": "https://x/1", "caption": "a"}
    ]
    assert album[0]["caption"] == "<b>a</b>", "the message itself is as it was"


def test_rich_message_becomes_text_where_it_fits():
    html = "<h1>Digest</h1><p>One</p><ul><li>a</li><li>b</li></ul><details><summary>More</summary>x</details>"
    simple = plain(message("sendRichMessage", rich_message={"html": html}))
    assert simple.request["method"] == "sendMessage"
    assert params(simple)["text"] == "Digest\nOne\na\nb\nMore\nx"
    assert plain(message("sendRichMessage", rich_message={"html": "<p>word</p>" * 5000})) is None


def test_preview_is_left_out():
    bare = params(without_figure(message(text="x", link_preview_options=FIGURE)))
    assert bare["link_preview_options"] == {"is_disabled": True}
    assert without_figure(message(text="x", link_preview_options={"is_disabled": True})) is None
    assert without_figure(message(text="x")) is None


def test_photo_becomes_its_caption_or_its_address():
    mark = {"message_id": 3}
    photo = message(
        "sendPhoto", photo="https://x/a.png", caption="<b>a</b>", parse_mode="HTML", reply_parameters=mark
    )
    bare = without_figure(photo)
    assert bare.request["method"] == "sendMessage"
    assert params(bare) == {
        "chat_id": "{chat}", "text": "<b>a</b>", "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True}, "reply_parameters": mark,
    }  # fmt: skip
    assert params(without_figure(message("sendPhoto", photo="https://x/a.png")))["text"] == "https://x/a.png"
    assert without_figure(message("sendPhoto", photo="AgACAgIAAx")) is None


def test_album_becomes_its_addresses():
    media = [{"type": "photo", "media": f"https://x/{number}.png"} for number in range(3)]
    bare = without_figure(message("sendMediaGroup", media=media))
    assert params(bare)["text"] == "https://x/0.png\nhttps://x/1.png\nhttps://x/2.png"


@pytest.mark.parametrize(
    "unit", ["<", "<a ", "<a href=", '<a href="', "<b>", "</a>", "&", "<a><code>", "\n\n<p>"]
)
def test_time_grows_with_the_text_and_no_faster(unit):
    def took(count):
        began = time.thread_time()
        visible(unit * count)
        return time.thread_time() - began

    took(1000)
    assert (
        min(took(40_000) for _ in range(3)) < 50 * min(took(4_000) for _ in range(3)) + 0.01
    )  # squared: 100
