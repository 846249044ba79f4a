"""Where a paper can be opened: addresses from its id, code and project pages from its texts.

What counts as what, decided on some hundred abstracts and comments:

- code: a repository on a code host, whatever the words around it say; a model on Hugging Face; an
  address elsewhere that the words before it call code.
- project: a page on a host for such pages (github.io, ...); any other address that the words before
  it call a page, demo, video, data set, or say that something is available there.
- neither: publishers, DOIs, arXiv, licences, and addresses that the authors merely mention.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from bot.model import Links

_LONGEST = 2000  # characters of an address
_MOST = 40  # addresses in a text; more is no abstract
_BEFORE = 90  # characters before an address that tell what it is

# Only ASCII, so an address ends where Chinese begins; a further address after a bracket or comma is its own.
_SIGNS = r"""(?:(?![),;.]{1,3}\(?https?://)[^\s<>"'`{}\\^|\[\]\x00-\x20\x7f-\U0010ffff])+"""
_WHOLE = re.compile(rf"[hH][tT][tT][pP][sS]?:\s?//\s?(?=\w){_SIGNS}")
_TLD = (
    "com|org|net|edu|gov|io|ai|co|me|app|dev|site|page|science|info|xyz|tech|cc|tv|cn|hk|tw|jp|kr|sg|in|de|fr|ch|at|"
    "it|es|nl|be|se|fi|no|dk|pl|cz|uk|ie|ca|us|eu|au|nz|il|br|ru"
)
_DOTTED = re.compile(rf"\.(?:{_TLD})(?:(?=/){_SIGNS}|(?![\w@-]|\.\w))")
_LABELS = re.compile(r"(?:^|(?<=[\s({\[<，。：:,;~]))(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+\Z")
_VALID = re.compile(
    r"(https?)://((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})(?::\d{1,5})?([/?#]\S*)?",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\([_%#&~$])(?:\{\})?")
_TILDE = re.compile(r"\$\s*\\sim\s*\$|\\textasciitilde(?:\{\})?|\\~\{\}|\{~\}")
_BROKEN = re.compile(  # a blank after the owner of a repository
    r"(https?://(?:www\.)?(?:github|gitlab)\.com/[\w-]+/) (?=[\w.]*(?:[a-z][A-Z]|\w-\w|_|[a-z]\d))"
)

_CODE_HOST = re.compile(
    r"(?:.+\.)?(?:github\.com|githubusercontent\.com|gitlab\.com|bitbucket\.org|codeberg\.org|gitee\.com"
    r"|sourceforge\.net|sr\.ht|huggingface\.co|hf\.co|modelscope\.cn|openi\.org\.cn|codeocean\.com|pypi\.org"
    r"|anonymous\.4open\.science|colab\.research\.google\.com)|git(?:lab|hub|ea)?\..+"
)
_PAGE_HOST = re.compile(
    r".+\.(?:github\.io|gitlab\.io|pages\.dev|netlify\.app|vercel\.app|web\.app|notion\.site|hf\.space|readthedocs\.io"
    r"|gitbook\.io|wixsite\.com|weebly\.com|wordpress\.com|gradio\.live|bitbucket\.io|gitee\.io)|sites\.google\.com"
)
_RECORD_HOST = re.compile(  # where papers and licences stand, which is neither code nor a project
    r"(?:.+\.)?(?:doi\.org|arxiv\.org|papers\.cool|springer\.com|wiley\.com|ieee\.org|acm\.org|openreview\.net"
    r"|thecvf\.com|sciencedirect\.com|elsevier\.com|nature\.com|science\.org|mdpi\.com|aclanthology\.org|biorxiv\.org"
    r"|medrxiv\.org|ssrn\.com|hal\.science|researchgate\.net|semanticscholar\.org|creativecommons\.org|orcid\.org"
    r"|oup\.com|cambridge\.org|tandfonline\.com|sagepub\.com|iop\.org|aps\.org|plos\.org|mlr\.press|jmlr\.org"
    r"|neurips\.cc|aaai\.org|ijcai\.org|isca-speech\.org|isca-archive\.org|eurogr(?:aphics)?\.org|bmvc\.org)"
)
_CUE = re.compile(
    r"(?P<code>\b(?:source[ -]?)?codes?\b|\brepo(?:sitory|sitories)?\b|\bimplementations?\b|\bsoftware\b"
    r"|\bgithub\b|代码)"
    r"|(?P<page>project|\b(?:web|home)?[ -]?(?:page|site)s?\b|\bweb\b|\bdemos?\b|\bvideos?\b|\burl\b"
    r"|主页|网站|演示|视频)"
    r"|(?P<open>available|\breleased?\b|\bfound\b|\baccess(?:ed|ible)?\b|\bvisit\b|\bsee\b|\bview(?:ed)?\b|\bhosted\b"
    r"|\bhere\b|\blink\b|\bdata(?:set|base)?s?\b|\bmaterials?\b|\bresults\b|\bmodels?\b|\bcheck\b|\bdownload)",
    re.IGNORECASE,
)


class _Found(NamedTuple):
    """An address in a text, and the words before it."""

    address: str
    host: str
    path: str
    before: str


def links(arxiv_id: str, abstract: str, comment: str | None) -> Links:
    """The addresses of a paper; code and project pages as abstract and comment name them, in their order."""
    kinds: dict[str, str] = {}
    first: dict[str, str] = {}
    for text in (abstract, comment or ""):
        for found in _addresses(text):
            kind, key = _kind(found), _key(found)
            if kind is not None:
                first.setdefault(key, found.address)
                kinds[key] = kind if kinds.get(key) != "project" else "project"
    return Links(
        abs=f"https://arxiv.org/abs/{arxiv_id}",
        pdf=f"https://arxiv.org/pdf/{arxiv_id}",
        html=f"https://arxiv.org/html/{arxiv_id}",
        cool=f"https://papers.cool/arxiv/{arxiv_id}",
        code=tuple(first[key] for key, kind in kinds.items() if kind == "code"),
        project=tuple(first[key] for key, kind in kinds.items() if kind == "project"),
    )


def _addresses(text: str) -> Iterator[_Found]:
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", _TILDE.sub("~", text))
    if "/ " in text:
        text = _BROKEN.sub(r"\1", text)
    last = 0
    for start, end in _places(text):
        address = _trim(re.sub(r"\s", "", text[start:end]))
        if not address.lower().startswith("http"):
            address = f"https://{address}"
        valid = _VALID.fullmatch(address)
        if valid and len(address) <= _LONGEST:
            before = text[max(last, start - _BEFORE) : start]
            yield _Found(address, valid[2].lower().removeprefix("www."), valid[3] or "", before)
            last = end


def _places(text: str) -> list[tuple[int, int]]:
    """Where addresses stand: those with a scheme, and bare ones that are plainly meant as such."""
    whole = [match.span() for match in islice(_WHOLE.finditer(text), _MOST)] if "//" in text else []
    bare = []
    for match in islice(_DOTTED.finditer(text), _MOST):
        if any(start <= match.start() < end for start, end in whole):
            continue
        labels = _LABELS.search(text, max(0, match.start() - 80), match.start())
        if labels and _is_meant(text, labels.start(), match.end()):
            bare.append((labels.start(), match.end()))
    return sorted(whole + bare) if bare else whole


def _is_meant(text: str, start: int, end: int) -> bool:
    """Whether a bare host is an address: of a known kind, or announced as a page right before it."""
    host, _, path = text[start:end].lower().partition("/")
    if host.startswith("www.") or _PAGE_HOST.fullmatch(host) or (path and _CODE_HOST.fullmatch(host)):
        return True
    before = text[max(0, start - 25) : start]
    cue = _last_cue(before)
    return cue == "page" and before.rstrip().endswith((":", "：", " at", " is", "{"))


def _trim(address: str) -> str:
    """The address without the punctuation of the sentence around it."""
    while address:
        last = address[-1]
        if last in ".,;:!?*~$" or (last == ")" and address.count(")") > address.count("(")) or last == "(":
            address = address[:-1]
        else:
            break
    return address


def _last_cue(before: str) -> str | None:
    """What the nearest telling word calls the thing: code, page, or open for "to be found there"."""
    kinds = [match.lastgroup for match in _CUE.finditer(before)]
    named = [kind for kind in kinds if kind != "open"]
    return (named or kinds or [None])[-1]


def _kind(found: _Found) -> str | None:
    host, path = found.host, found.path.strip("/")
    if _RECORD_HOST.fullmatch(host):
        return None
    if _PAGE_HOST.fullmatch(host):
        return "project"
    if _CODE_HOST.fullmatch(host):
        if not path or path.startswith("papers/"):
            return None
        return "project" if path.startswith(("spaces/", "datasets/")) else "code"
    alone = not found.before.strip(" ({[:：")
    cue = _last_cue(found.before)
    if cue is None:
        return "project" if alone else None
    return "code" if cue == "code" else "project"


def _key(found: _Found) -> str:
    path = found.path.rstrip("/").removesuffix(".git")
    return found.host + (path.lower() if found.host == "github.com" else path)
