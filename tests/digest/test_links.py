"""Addresses of a paper: from its id, and from what its authors wrote."""

import json
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.links import links

SHARED = os.environ.get("PAPERBOY_SHARED")


def found(text, comment=None):
    read = links("2410.18605", text, comment)
    return read.code, read.project


def test_addresses_come_from_the_id():
    read = links("2410.18605", "", None)
    assert read.abs == "https://arxiv.org/abs/2410.18605"
    assert read.pdf == "https://arxiv.org/pdf/2410.18605"
    assert read.html == "https://arxiv.org/html/2410.18605"
    assert read.cool == "https://papers.cool/arxiv/2410.18605"


@pytest.mark.parametrize(
    "written",
    [
        "Code is at https://github.com/a/b.",
        "Code (https://github.com/a/b)",
        "代码见https://github.com/a/b。",
        r"Code: \url{https://github.com/a/b}.",
        r"available at~\href{https://github.com/a/b}{https://github.com/a/b}.",
        r"found at $\href{\text{https://github.com/a/b}}{https://github.com/a/b}$.",
        "[code](https://github.com/a/b)",
        "**https://github.com/a/b**",
        "<https://github.com/a/b>",
        "the repository github.com/a/b",
        "https: //github.com/a/b",
        "https://github.com/a/b, https://github.com/A/B/",
        '"https://github.com/a/b"',
    ],
)
def test_repository_is_found_without_what_stands_around_it(written):
    assert found(written) == (("https://github.com/a/b",), ())


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Project page: https://x.github.io/y/", "https://x.github.io/y/"),
        ("Project page: http://people.example.edu/x_(y)", "http://people.example.edu/x_(y)"),
        ("Project page: x.github.io/y", "https://x.github.io/y"),
        ("our project page is at sub.example.com/y.", "https://sub.example.com/y"),
        ("Video: https://www.youtube.com/watch?v=abc&t=1", "https://www.youtube.com/watch?v=abc&t=1"),
        ("The demo is hosted on https://huggingface.co/spaces/a/b", "https://huggingface.co/spaces/a/b"),
        (r"Website: https://example.com/a\_b", "https://example.com/a_b"),
    ],
)
def test_project_page_is_found(written, address):
    assert found(written) == ((), (address,))


def test_words_before_an_unknown_host_tell_what_it_is():
    text = "Source code: https://lab.example.org/x.zip and the website https://lab.example.org/x"
    assert found(text) == (("https://lab.example.org/x.zip",), ("https://lab.example.org/x",))


def test_one_address_in_abstract_and_comment_is_given_once():
    both = found(
        "Code: https://github.com/a/b", "Code at https://github.com/a/b.git, page: https://x.github.io"
    )
    assert both == (("https://github.com/a/b",), ("https://x.github.io",))


def test_blank_after_an_owner_is_mended_and_a_sentence_is_not():
    assert found("https://github.com/Lab-One/ Some-Repo.")[0] == ("https://github.com/Lab-One/Some-Repo",)
    assert found("See https://github.com/Lab-One/ for more")[0] == ("https://github.com/Lab-One/",)


@pytest.mark.parametrize(
    "text",
    [
        "doi https://doi.org/10.1/2 and https://arxiv.org/abs/1234.56789",
        "published, see https://onlinelibrary.wiley.com/doi/10.1111/x",
        "we use ChatGPT (https://chat.example.com) in Fig.2 and e.g. vs. v1.io",
        "javascript:alert(1) data:text/html,x file:///etc/passwd https://localhost/x https://user@example.com/",
        "https://github.com/",
        "",
    ],
)
def test_other_addresses_are_neither_code_nor_project(text):
    assert found(text) == ((), ())


ODD = st.text(" .,;:()[]{}<>\"'\\_~%#/?=&@中。a1-", max_size=12)
PIECE = st.one_of(
    ODD, st.sampled_from(["https://", "http://", "github.com/a/b", "x.github.io", "\\url{", "www.", "page "])
)


@given(st.lists(PIECE, max_size=12).map("".join))
def test_every_address_can_be_opened(text):
    for address in (*found(text)[0], *found(text)[1]):
        parts = urlsplit(address)
        assert parts.scheme in ("http", "https")
        assert "." in (parts.hostname or "")
        assert address.isascii()
        assert not set(address) & set(" \"'<>`{}\\")
        assert address[-1] not in ".,;:"


def test_hostile_text_takes_linear_time():
    start = time.thread_time()
    for piece in ("a.com ", "https://a.b/", "(", "https://github.com/a/ ", ".,;", "www."):
        found(piece * 50_000, piece * 50_000)
    assert time.thread_time() - start < 5


@pytest.mark.skipif(not SHARED, reason="PAPERBOY_SHARED names no folder with the corpus")
def test_corpus_abstracts_lose_no_repository():
    rows = map(json.loads, Path(SHARED, "corpus/gold/papers.jsonl").read_text(encoding="utf-8").splitlines())
    for row in rows:
        code, project = found(row["abstract"], row["comment"])
        both = row["abstract"] + (row["comment"] or "")
        assert bool(code) == ("github.com/" in both), row["arxiv_id"]
        assert ("github.io" in both) <= any("github.io" in address for address in project), row["arxiv_id"]
