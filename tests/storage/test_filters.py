import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from bot.storage import filters
from bot.storage.filters import Filter, Kind, match
from bot.storage.tables import chat
from tests.builders import entry, paper


def titled(title):
    return entry(paper=paper(title=title), summary=None, takeaways=())


@pytest.fixture
async def chat_id(database):
    values = {"platform": "p", "address": "a", "style": "cards", "language": "en", "follows_all": True}
    async with database.writing() as connection:
        return (await connection.execute(insert(chat).values(values).returning(chat.c.id))).scalar_one()


@pytest.mark.parametrize(
    ("word", "title"),
    [
        ("gaussian", "3D Gaussian Splatting"),
        ("GAUSSIAN", "a gaussian"),
        ("gaussian splatting", "Gaussian-Splatting: fast"),
        ("text-to-image", "Text to Image models"),
        ("text to image", "Text‑to‑Image models"),
        ("gaussian splatting", "Gaussian\n  splatting"),
        ("C++", "Written in C++, quickly"),
        ("c++", "Ｃ＋＋ for all"),
        ("C#", "From C# on"),
        ("3D", "3D-aware synthesis"),
        ("3d", "a (3D) view"),
        ("gpt-3.5", "GPT 3.5 and others"),
        ("node.js", "A node.js server"),
        ("strasse", "Die Straße"),
        ("naïve", "A naive na\u0131\u0308ve Na\u00efve"),
        ("β", "On $\\beta$ decay"),
        ("vit", "ViT+ResNet"),
        ("高斯", "三维高斯溅射"),
        ("斯溅", "三维高斯溅射"),
        ("3D高斯", "实时 3D 高斯溅射"),
        ("3D 高斯", "实时3D高斯"),
        ("ガウス", "3次元ｶﾞｳｽ表現"),
        ("학습", "강화학습은"),
        ("nerf", "基于NeRF的方法"),
        ("splat\u200bting", "Splatting"),
    ],
)
def test_word_is_found(word, title):
    assert match(word, Kind.EXCLUDE, titled(title))
    assert match(word, Kind.INCLUDE, titled(title))


@pytest.mark.parametrize(
    ("word", "title"),
    [
        ("gauss", "3D Gaussian Splatting"),
        ("nerf", "NeRFs everywhere"),
        ("c", "Written in C++"),
        ("c++", "Written in C"),
        ("3d", "3DGS and D3D"),
        ("gpt-3", "GPT-3.5"),
        ("gaussian splatting", "Splatting. Gaussian"),
        ("splatting gaussian", "Gaussian splatting"),
        ("splatting gaussian", "On splatting. Gaussian noise"),
        ("art", "State of the heart"),
        ("高斯", "提高 斯坦福"),
        ("高斯", "提高，斯人"),
        ("a.b", "a c b"),
        (".*", "anything"),
        ("", "anything"),
        ("|", "a. b"),
        ("nice", "Dr. Who"),
    ],
)
def test_word_is_not_found(word, title):
    assert not match(word, Kind.EXCLUDE, titled(title))


@pytest.mark.parametrize(
    "place",
    [
        {"paper": paper(title="On nerf")},
        {"paper": paper(abstract="We use nerf.")},
        {"summary": "用 nerf。"},
        {"takeaways": ("第一", "nerf 很好")},
    ],
)
def test_title_abstract_summary_and_takeaways_are_searched(place):
    assert match("nerf", Kind.INCLUDE, entry(**place))


def test_words_of_two_texts_are_no_phrase():
    assert not match("one two", Kind.INCLUDE, entry(paper=paper(title="one"), takeaways=("two", "one")))


def test_authors_and_note_are_no_text_for_words():
    assert not match("lovelace", Kind.EXCLUDE, entry())


@pytest.mark.parametrize(
    ("word", "authors"),
    [
        ("Kaiming He", ("Ross Girshick", "Kaiming He")),
        ("kaiming he", ("Kaiming  HE",)),
        ("he", ("Kaiming He",)),
        ("schrodinger", ("Erwin Schrödinger",)),
        ("Schrödinger", ("Erwin Schrodinger",)),
        ("Schrödinger", (r"Erwin Schr\"{o}dinger",)),
        ("Lukasz Kaiser", ("Łukasz Kaiser",)),
        ("Soren", ("Søren Kierkegaard",)),
        ("O'Brien", ("Conor O’Brien",)),
        ("Jean Pierre", ("Jean-Pierre Serre",)),
        ("Geoffrey Hinton", ("Geoffrey E. Hinton",)),
        ("Geoffrey E. Hinton", ("Geoffrey E. Hinton",)),
        ("王伟", ("王伟",)),
    ],
)
def test_author_is_found(word, authors):
    assert match(word, Kind.AUTHOR, entry(paper=paper(authors=authors)))


@pytest.mark.parametrize(
    ("word", "authors"),
    [
        ("he", ("Kaiming Hedge", "Shelley")),
        ("Kaiming Girshick", ("Kaiming He", "Ross Girshick")),
        ("He Ross", ("Kaiming He", "Ross Girshick")),
        ("Geoffrey F. Hinton", ("Geoffrey E. Hinton",)),
        ("can", ("Ada Lovelace",)),
        ("", ("Ada Lovelace",)),
    ],
)
def test_author_is_not_found(word, authors):
    assert not match(word, Kind.AUTHOR, entry(paper=paper(authors=authors)))


@given(st.text(max_size=20), st.text(max_size=40))
def test_any_word_and_text_can_be_compared(word, title):
    for kind in Kind:
        match(word, kind, titled(title))


PROSE = st.characters(categories=("L", "N", "P", "Zs"), exclude_characters="\\_&%#")


@given(st.text(PROSE, max_size=30))
def test_text_is_found_in_itself_if_there_is_anything_to_find(title):
    letters = any(sign.isalnum() for sign in filters.clean(title))
    assert match(title, Kind.INCLUDE, titled(title)) or not letters


async def test_filters_come_back_as_they_are_kept(database, chat_id):
    async with database.writing() as connection:
        assert await filters.add(connection, chat_id, Kind.EXCLUDE, " Gaussian  SPLATTING\0") == (
            "gaussian splatting"
        )
        await filters.add(connection, chat_id, Kind.AUTHOR, "Kaiming He")
        await filters.add(connection, chat_id, Kind.EXCLUDE, "gaussian splatting")
        assert await filters.load(connection, chat_id) == [
            Filter(kind=Kind.EXCLUDE, word="gaussian splatting"),
            Filter(kind=Kind.AUTHOR, word="kaiming he"),
        ]
        assert await filters.remove(connection, chat_id, Kind.EXCLUDE, "Gaussian Splatting")
        assert not await filters.remove(connection, chat_id, Kind.EXCLUDE, "gaussian splatting")
        assert len(await filters.load(connection, chat_id)) == 1


async def test_useless_word_is_refused_with_the_reason(database, chat_id):
    refused = [("  ", "nothing to look for"), (".*", "nothing to look for"), ("x" * 101, "at most 100 signs")]
    async with database.writing() as connection:
        for word, reason in refused:
            with pytest.raises(ValueError, match=reason):
                await filters.add(connection, chat_id, Kind.INCLUDE, word)


async def test_chat_cannot_have_filters_without_end(database, chat_id):
    async with database.writing() as connection:
        for number in range(filters.MOST):
            await filters.add(connection, chat_id, Kind.EXCLUDE, f"word{number}")
        with pytest.raises(ValueError, match="at most 100 filters"):
            await filters.add(connection, chat_id, Kind.EXCLUDE, "one more")
