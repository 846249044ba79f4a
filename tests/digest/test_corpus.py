"""Real posts: what is read from them equals what people read, on each form they come in."""

# ruff: noqa: E501 - a line of a sample post is one line here too

import json
import re
import subprocess
import sys
from urllib.parse import unquote

import pytest

from bot.digest import read
from bot.model import NotDigest, Post, RawPost


@pytest.fixture(scope="module")
def corpus(shared):
    return shared / "corpus"


def load(path):
    return read(RawPost(address=str(path), data=path.read_bytes()))


def records(post, found):
    yield {
        "kind": "post", "post": post, "title": found.title, "date": found.written, "tags": [tag.name for tag in found.tags],
        "description": found.description, "categories": found.categories[0], "update_headings": list(found.headings),
    }  # fmt: skip
    for index, entry in enumerate(found.entries):
        yield record(entry) | {"kind": "paper", "post": post, "index": index}


def record(entry):
    paper = entry.paper
    return {
        "title": paper.title, "authors": list(paper.authors), "abstract": paper.abstract, "arxiv_id": paper.arxiv_id,
        "arxiv_version": paper.version, "pdf_url": paper.link, "comment": paper.comment, "summary": entry.summary,
        "takeaways": list(entry.takeaways), "screenshots": list(entry.figures),
    }  # fmt: skip


def test_every_field_of_every_paper_is_right(corpus, tmp_path):
    lines = []
    for path in sorted((corpus / "posts").glob("*/*.md")):
        found = load(path)
        assert isinstance(found, Post), (path, found)
        lines += records(f"{path.parent.name}/{path.name}", found)
    out = tmp_path / "out.jsonl"
    out.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    score = [sys.executable, str(corpus / "gold" / "score.py"), str(out), "--json", str(tmp_path / "s.json")]
    done = subprocess.run([*score, "--fail-under", "0.999"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    scored = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    facts = {name: ok == total for name, (ok, total) in scored["posts"].items()}
    assert all(facts.values()), facts


def test_other_posts_are_no_digests_each_for_a_reason(corpus):
    for path in (corpus / "not-digests").glob("*/*.md"):
        found = load(path)
        assert isinstance(found, NotDigest), path
        assert "category" in found.reason


def same(text):
    return re.sub(r"[\s\\*\"'“”‘’`]|--+|[—–]", "", text or "")


def compare(page, source):
    assert page.headings == source.headings
    assert page.date == source.date
    assert [entry.paper.arxiv_id for entry in page.entries] == [
        entry.paper.arxiv_id for entry in source.entries
    ]
    for one, other in zip(page.entries, source.entries, strict=True):
        assert one.figures == other.figures
        assert (one.note is None) == (other.note is None)
        for field in ("title", "abstract", "comment", "summary"):
            assert same(record(one)[field]) == same(record(other)[field])
        assert [same(text) for text in one.takeaways] == [same(text) for text in other.takeaways]
        assert [same(name) for name in one.paper.authors] == [same(name) for name in other.paper.authors]


def test_pages_say_what_their_markdown_says(corpus):
    pages = list((corpus / "site").glob("*__*.html"))
    assert pages
    for path in pages:
        source = corpus / "posts" / (path.stem.replace("__", "/") + ".md")
        page, origin = load(path), load(source)
        assert isinstance(page, Post), page
        assert isinstance(origin, Post)
        assert (page.title, page.tags, page.categories) == (origin.title, origin.tags, origin.categories)
        assert (page.written, page.author, page.description) == (
            origin.written,
            origin.author,
            origin.description,
        )
        compare(page, origin)


def test_feed_entries_say_what_their_markdown_says(corpus):
    feed = (corpus / "site" / "atom.xml").read_text(encoding="utf-8")
    found = re.findall(r'<entry>.*?<link href="([^"]*)".*?<!\[CDATA\[(.*?)\]\]></content>', feed, re.DOTALL)
    assert found
    for url, body in found:
        day, name = unquote(url).rstrip("/").split("/")[-2:]
        page = read(RawPost(address=url, data=body.encode(), url=url))
        origin = load(corpus / "posts" / day / f"{name}.md")
        assert isinstance(page, Post), page
        assert isinstance(origin, Post)
        compare(page, origin)


def test_page_of_the_newer_theme_has_translations(corpus):
    for path in (corpus / "site").glob("talk2paper*.html"):
        found = load(path)
        assert isinstance(found, Post)
        assert found.entries
        assert all(entry.translation and entry.summary and entry.takeaways for entry in found.entries)
        assert not found.problems


def test_archive_page_and_feed_are_no_digests(corpus):
    for name in ("archives-2024-12.html", "atom.xml"):
        assert isinstance(load(corpus / "site" / name), NotDigest)
