"""BibTeX and RIS, read back the way reference managers do."""

import re
from itertools import accumulate

import pytest
from hypothesis import given, settings

from bot.formatter.cite import Name, bibtex, keys, name_of, ris
from tests import strategies
from tests.builders import paper

NERF = paper(
    "2003.08934",
    title="NeRF: Representing Scenes as Neural Radiance Fields for View Synthesis",
    authors=("Ben Mildenhall", "Pratul P. Srinivasan", "Matthew Tancik", "Jonathan T. Barron"),
    venue="ECCV 2020 (oral)",
)


def fields(written: str) -> dict[str, str]:
    """The fields of one entry; fails where braces do not match, of which BibTeX counts escaped ones, too."""
    body = re.fullmatch(r"@misc\{([^\s,{}]+),\n(.*)\}\n", written, re.DOTALL)
    assert body, written
    found, rest = {"key": body[1]}, body[2]
    while rest.strip():
        name, rest = re.fullmatch(r"\s*(\w+) = \{(.*)", rest, re.DOTALL).groups()
        depths = accumulate(((sign == "{") - (sign == "}") for sign in rest), initial=1)
        at = next(at for at, depth in enumerate(depths) if depth == 0) - 1
        found[name], rest = rest[:at], rest[at + 1 :].removeprefix(",").lstrip("\n")
    return found


def records(written: str) -> list[dict[str, list[str]]]:
    """RIS records; fails where a line is not one of six signs and a value, ended by CR and LF."""
    assert written.endswith("ER  - \r\n")
    found: list[dict[str, list[str]]] = [{}]
    for line in written.split("\r\n")[:-1]:
        tag, value = re.fullmatch(r"([A-Z][A-Z0-9])  - ([^\r\n]*)", line).groups()
        assert (tag == "TY") == (not found[-1])
        found[-1].setdefault(tag, []).append(value)
        if tag == "ER":
            found.append({})
    return found[:-1]


def test_entry_says_what_a_paper_is():
    assert fields(bibtex([NERF])) == {
        "key": "mildenhall2020nerf",
        "title": "{NeRF}: {Representing} {Scenes} as {Neural} {Radiance} {Fields} for {View} {Synthesis}",
        "author": "Mildenhall, Ben and Srinivasan, Pratul P. and Tancik, Matthew and Barron, Jonathan T.",
        "year": "2020",
        "eprint": "2003.08934",
        "archivePrefix": "arXiv",
        "url": "https://arxiv.org/abs/2003.08934",
        "note": "ECCV 2020 (oral)",
    }


def test_older_papers_have_their_class_and_century():
    old = fields(bibtex([paper("cs/0112017")]))
    assert (old["primaryClass"], old["year"], old["eprint"]) == ("cs", "2001", "cs/0112017")
    assert fields(bibtex([paper("math.GT/9309136")]))["primaryClass"] == "math.GT"
    assert fields(bibtex([paper("hep-th/9108028")]))["year"] == "1991"
    assert "primaryClass" not in fields(bibtex([paper("2003.08934")]))


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("50% of R&D costs $5_000 #1", r"50{\%} of {R{\&}D} costs {\$}5{\_}000 {\#}1"),
        ("a \\{brace ~ ^ $", r"a {\textbraceleft}brace {\textasciitilde} {\textasciicircum} {\$}"),
        ("naïve Étude über Łukasz", r"na{\"\i}ve {{\'E}tude} {\"u}ber {{\L}ukasz}"),
        ("a $10\\times$ gain", r"a 10{\texttimes} gain"),
        ("β-VAE – a “b", r"{{\ensuremath{\beta}}-VAE} {\textendash} a {\textquotedblleft}b"),
        ("基于 NeRF 的方法", "基于 {NeRF} 的方法"),
        ("Text-to-3D, and GPT-4!", "{Text-to-3D}, and {GPT-4}!"),
    ],
)  # fmt: skip
def test_titles_are_escaped_and_capitals_kept(title, written):
    assert fields(bibtex([paper(title=title)]))["title"] == written


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ben Mildenhall", Name("Mildenhall", "Ben")),
        ("Laurens van der Maaten", Name("van der Maaten", "Laurens")),
        ("Luc Van Gool", Name("Van Gool", "Luc")),
        ("Oisin Mac Aodha", Name("Mac Aodha", "Oisin")),
        ("Martin Luther King Jr.", Name("King", "Martin Luther", "Jr.")),
        ("Smith, John", Name("Smith", "John")),
        ("Plato", Name("Plato")),
        ("张伟", Name("张伟")),
        ("The ATLAS Collaboration", _ := Name("The ATLAS Collaboration")),
        ("Qwen Team", Name("Qwen Team")),
        ("Jane Doe (Some University)", __ := Name("Doe", "Jane")),
        ("Jane Doe*", Name("Doe", "Jane")),
        ("A, B, C", Name("A, B, C")),
        ("Van Nguyen", Name("Nguyen", "Van")),
    ],
)
def test_names_come_apart(written, name):
    assert name_of(written) == name


def test_names_that_bibtex_would_misread_are_in_braces():
    author = fields(
        bibtex([paper(authors=("The ATLAS Collaboration", "Rock and Roll", "José Martí", "et al."))])
    )["author"]
    assert author == r"{The ATLAS Collaboration} and {Rock and Roll} and Mart{\'\i}, Jos{\'e} and others"
    assert "author" not in fields(bibtex([paper(authors=())]))


def test_keys_are_plain_and_unique():
    twins = [NERF, paper("2003.99999", title="NeRF again", authors=NERF.authors), NERF]
    assert keys(twins) == ["mildenhall2020nerf", "mildenhall2020nerfa", "mildenhall2020nerfb"]
    assert keys([paper("2401.00001", title="On the Étude of β", authors=("José Martí-Łuk",))]) == [
        "martiluk2024etude"
    ]
    assert keys([paper("2401.00001", title="一篇论文", authors=("张伟",))]) == ["arxiv2024"]
    assert keys([paper("2401.00001", title="", authors=())]) == ["arxiv2024"]
    assert len(set(keys([NERF] * 100))) == 100


def test_record_says_what_a_paper_is():
    (record,) = records(ris([NERF]))
    assert record == {
        "TY": ["UNPB"],
        "TI": [NERF.title],
        "AU": ["Mildenhall, Ben", "Srinivasan, Pratul P.", "Tancik, Matthew", "Barron, Jonathan T."],
        "PY": ["2020"],
        "DA": ["2020/03//"],
        "AB": ["We show that it can be done."],
        "N1": ["ECCV 2020 (oral)"],
        "PB": ["arXiv"],
        "AN": ["arXiv:2003.08934"],
        "UR": ["https://arxiv.org/abs/2003.08934"],
        "L1": ["https://arxiv.org/pdf/2003.08934"],
        "ER": [""],
    }


def test_records_stand_one_after_another():
    written = ris(
        [NERF, paper("cs/0112017", authors=("King Jr.", "A. B. King Jr.", "et al"), abstract="Two\nlines.")]
    )
    first, second = records(written)
    assert first["AN"] == ["arXiv:2003.08934"]
    assert (second["DA"], second["AB"]) == (["2001/12//"], ["Two lines."])
    assert second["AU"] == ["Jr., King", "King, A. B., Jr."]


def test_papers_of_which_only_the_id_is_known_are_cited_by_it():
    bare = paper("2003.08934", title="", authors=(), abstract="")
    assert fields(bibtex([bare]))["title"] == "{arXiv:2003.08934}"
    assert records(ris([bare]))[0]["TI"] == ["arXiv:2003.08934"]


def test_nothing_saved_is_an_empty_file():
    assert (bibtex([]), ris([])) == ("", "")


@settings(deadline=None, max_examples=30)
@given(some=strategies.papers())
def test_any_paper_can_be_read_back(some):
    entry = fields(bibtex([some]))
    assert entry["eprint"] == some.arxiv_id
    assert re.fullmatch(r"[a-z0-9-]+", entry["key"])
    (record,) = records(ris([some]))
    assert all("*" not in name for name in record.get("AU", []))
