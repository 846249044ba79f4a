"""arXiv ids in what people send: bare, with a version, or in an address of any site that goes by them."""

import re
import unicodedata
from urllib.parse import unquote

LONGEST = 4000  # characters that may hold an id

_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs"
    "|dg-ga|econ|eess|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|nucl-ex|nucl-th"
    "|patt-sol|physics|plasm-ph|q-alg|q-bio|q-fin|quant-ph|solv-int|stat|supr-con"
)
_ID = re.compile(
    r"(?<!\d)(?<!\d\.)(?P<modern>\d\d(?:0[1-9]|1[0-2])\.\d{4,5})(?:v\d{1,3})?(?!\d|\.\d)"
    rf"|(?<![\w.-])(?P<archive>{_ARCHIVES})(?:\.(?P<subject>[a-z]{{2}}))?/(?P<number>\d{{7}})(?!\d)",
    re.IGNORECASE,
)


def paper_id(text: str) -> str | None:
    """The first arXiv id in a text, without its version; None where there is none.

    >>> paper_id("https://arxiv.org/pdf/2003.08934v2.pdf")
    '2003.08934'
    """
    found = _ID.search(unquote(unicodedata.normalize("NFKC", text[:LONGEST])))
    if found is None:
        return None
    if found["modern"]:
        return found["modern"]
    subject = f".{found['subject'].upper()}" if found["subject"] else ""
    return f"{found['archive'].lower()}{subject}/{found['number']}"


def spellings(arxiv_id: str) -> tuple[str, ...]:
    """What a paper of that id may be kept under: older ids stand with a subject and without."""
    archive, slash, number = arxiv_id.partition("/")
    return tuple(dict.fromkeys((arxiv_id, f"{archive.partition('.')[0]}/{number}"))) if slash else (arxiv_id,)
