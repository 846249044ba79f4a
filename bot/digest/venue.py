"""Where a paper appeared or will appear, from the authors' comment on arXiv.

Read by structure: a word of acceptance and what follows it, or a piece of the comment that is
nothing but a name with a year. What was only submitted, or is said about another version, is none.
"""

import re
from itertools import islice, takewhile

_READ = 2000  # characters of a comment that are read
_LONGEST = 120  # characters of a venue; more is a sentence, not a name

_ADDRESS = re.compile(r"\\(?:url|href)\s*\{[^{}]*\}(?:\{[^{}]*\})?|https?://[^\s,;)]+")
_CLAUSE = re.compile(
    r"\s*[;；。\n|]\s*|(?<!\bProc)(?<!\bConf)(?<!\bInt)(?<!\bTrans)(?<!\bVol)(?<!\bJ)(?<!\bet al)\.(?:\s+|$)"
)
_ACCEPTED = re.compile(
    r"\b(?:accept(?:ed|ance)?|published|presented|to\s+appear|appear(?:ed|s|ing)?|in\s+press|camera[- ]ready"
    r"(?:\s+version)?|to\s+be\s+(?:published|presented))\b"
    r"(?P<how>(?:\s+(?:as|to|for|paper|version|publication|presentation|be|published|presented|appear|a|an|the|full|"
    r"long|short|regular|conference|main|demo|workshop|journal|(?P<honour>oral|spotlight|highlight|poster)(?:\s+(?:paper|presentation))?)){0,8})"
    r"\s*(?:\b(?:to|at|by|in|for|during|with|on|of)\b:?|[,:])?\s+(?:the\s+)?(?!version\b)(?=\S)",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\bsubmi(?:tted|ssion|t|ssions|sion)\b|\bunder\b.{0,40}\breview\b|\b(?:in|for)\s+review\b|\breject|\bwithdrawn\b"
    r"|\b(?:once|after|upon|when|if|until|unless)\b.{0,30}\baccept|\bnot\s+(?:yet\s+)?(?:been\s+)?(?:accepted|published)",
    re.IGNORECASE,
)
_UNDONE = re.compile(r"\b(?:withdrawn|withdrew|rejected|retracted)\b", re.IGNORECASE)
_OTHER = re.compile(  # about another version, or not about the paper at all
    r"\b(?:extended|extension|preliminary|earlier|previous|short(?:er)?|conference|journal)\s+(?:version|of|paper)\b"
    r"|\bextends\b|\btext overlap\b|\barxiv\b|\bchallenge\b|\bwinner|\bsolution\b|\bplace\b|\breport\b"
    r"|\bprepared\b"
    r"|\btutorial\b|\bdataset\b|\bcode\b|\bcontribut|\bcopyright\b|\bdraft\b|\bpreprint\b|\bmanuscript\b|\bthesis\b"
    r"|\b(?:is|are|was|were|has|have|we|our|this|see|updated?|added|fixed|corrected|version|rebuttal)\b|\bdoi\b|\bproject\b|\bdemos?\b|\bvideos?\b|\bweb",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?:\d[\d+\s]*|\w+)\s*(?:-?\s*pages?|pp|figures?|figs?|tables?|appendi\w*|references|supplement\w*)\b.*",
    re.IGNORECASE,
)
_HONOUR = re.compile(
    r"\(?\s*((?:as\s+an?\s+)?(?:oral|spotlight|highlights?|poster|best (?:student )?paper(?: award)?"
    r"(?: candidate)?|award candidate|notable[ -]top[ -]\d+%|top[ -]\d+%)(?:\s+(?:presentation|paper))?)"
    r"\s*\)?",
    re.IGNORECASE,
)
_AWARDED = re.compile(_HONOUR.pattern + r"\s+(?:at|in)\s+", re.IGNORECASE)
_AS_HONOUR = re.compile(
    r"\s+as\s+(?:an?\s+)?" + _HONOUR.pattern.replace(r"(?:as\s+an?\s+)?", "") + r"\s*$", re.IGNORECASE
)
_PERIODICAL = re.compile(r"\b(?:Letters|Transactions|Journal|Magazine|Forum|Annals)\b")
_YEARED = re.compile(
    r"(?<![\w/-])(?P<name>(?:\d?[A-Z][A-Za-z0-9]*(?:[/&-][A-Z][A-Za-z0-9]*)*?[A-Z0-9]|Interspeech|Siggraph|Eurographics"
    r"|[A-Z][a-zA-Z]*[A-Z][a-z]+))\s?(?:[-–]\s?(?=\d{4}|[12]\d\b)|['’‘`]\s?)?(?P<year>(?:19|20)\d\d|(?<=['’‘`])\d\d|(?<=[A-Z-])[12]\d)\b(?!\s+pages)"
)
_APART = re.compile(  # SIGGRAPH '24, CVPR 24
    r"(?:(?<=[A-Za-z])\s+(?=['’‘`]\d\d\b)|\b(?:(?<=CVPR|ICCV|ECCV|WACV|BMVC|ACCV|ICML|ICLR|AAAI|IROS|ICRA|CoRL)"
    r"|(?<=NeurIPS)|(?<=SIGGRAPH)|(?<=MICCAI)|(?<=ICASSP))\s(?=[12]\d\b))(?!\S+\s+pages)"
)
_TRACKED = re.compile(r"[A-Z]{2,}(?:\s[A-Z][A-Za-z]+){1,2}\s20\d\d\b")
_BRACKETED = re.compile(
    r"(?P<long>\S+(?:\s+\S+){2,})\s*\((?P<short>[A-Z0-9][\w/&-]*(?:\s+[A-Z][\w]*)?(?:\s(?:19|20)\d\d)?)\)"
    r"(?:,?\s*(?P<year>(?:19|20)\d\d))?"
)
_DASHED = re.compile(
    r"\S+(?:\s+\S+){2,}?\s*[-–—:,]\s*(?P<short>[A-Z0-9][\w/&-]*[A-Z][\w/&-]*\s(?:19|20)\d\d)"
)
_TAIL = re.compile(
    r"(?!^)(?:\s*[,(-]?\s*\b(?:in round \d|accepted|to appear|camera[- ]ready(?: version)?|main conference"
    r"|(?:conference\s+)?proceedings\b.*|for (?:publication|presentation).*"
    r"|as (?:an?\s+)?(?:regular|full|long|short|conference)\b.*"
    r"|on (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\b.*|\(submitted\b.*)"
    r"\s*\)?)+\s*$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:in|at|the|published|accepted|proc(?:eedings|\.)?(?:\s+of)?(?:\s+the)?|\d+(?:st|nd|rd|th)(?=\s+\d))\s+",
    re.IGNORECASE,
)
_MONTH = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?$")
_KIND = re.compile(
    r"\b(?:Conference|Symposium|Workshop|Proceedings|Transactions|Journal|Letters|Magazine|Graphics|Congress|Annals"
    r"|Forum|Review|Meeting|Colloquium)\b"
)
_JOURNAL = re.compile(
    r"(?:IEEE|ACM)\s+(?:Trans|Journal|J\b|T[A-Z]{2,}|Robotics and|Signal Processing)|JMLR\b|TMLR\b|T?PAMI\b"
    r"|IJCV\b|TVCG\b|TOG\b|Nature\s[A-Z]|npj\s[A-Z]|Scientific Reports\b|Medical Image Analysis\b"
    r"|Pattern Recognition\b|Neurocomputing\b|(?:International\s)?Journal of\s|Transactions (?:on|of)\s"
    r"|Computer Graphics Forum\b|Frontiers in\s"
)


def venue(comment: str | None) -> str | None:
    """The venue as a reader says it ("CVPR 2024 (Highlight)"), or None where none is named."""
    if not comment:
        return None
    plain = " ".join(_ADDRESS.sub(" ", comment[:_READ]).split())
    clauses = [clause.strip(" ,:") for clause in _CLAUSE.split(plain) if clause.strip(" ,:")]
    for place, clause in enumerate(clauses):
        found = _accepted(clause) or _bare(clause)
        if found:
            following = clauses[place + 1] if place + 1 < len(clauses) else ""
            return _honoured(found, following)
    return None


def _honoured(name: str, following: str) -> str:
    """The name with the honour that a clause of its own adds."""
    honour = _HONOUR.fullmatch(following)
    return f"{name} ({_honour(honour[1])})" if honour and "(" not in name else name


def _honour(words: str) -> str:
    words = re.sub(r"^as\s+an?\s+|\s+(?:presentation|paper)$", "", words.strip(), flags=re.IGNORECASE)
    return words[:1].upper() + words[1:]


def _accepted(clause: str) -> str | None:
    """What a word of acceptance names."""
    for match in islice(_ACCEPTED.finditer(clause), 5):
        if _REFUSED.search(clause, 0, match.end()) or _UNDONE.search(clause):
            return None
        name = _name(clause[match.end() :])
        if name:
            honour = match["honour"]
            return f"{name} ({_honour(honour)})" if honour and "(" not in name else name
    return None


def _bare(clause: str) -> str | None:
    """A clause that is a venue and nothing else, apart from counts of pages."""
    if _REFUSED.search(clause):
        return None
    if awarded := _AWARDED.match(clause):
        name = _name(clause[awarded.end() :])
        return f"{name} ({_honour(awarded[1])})" if name and _YEARED.search(name) else None
    pieces = [piece.strip() for piece in clause.split(",")]
    pieces = [_TAIL.sub("", piece) for piece in pieces if piece and not _COUNT.fullmatch(piece)]
    named = ", ".join(takewhile(lambda piece: not _OTHER.search(piece), pieces))
    if not named or len(named.split()) > 22:
        return None
    yeared = _YEARED.search(_spelled(named))
    dated = _KIND.search(named) and re.search(r"\b20\d\d\b", _spelled(named))
    known = _JOURNAL.match(named) or _TRACKED.match(named) or dated
    if not known and (not yeared or yeared.start() > 60):
        return None
    if not known and re.search(r"(?:^|\s)[a-z]{4,}", named[: yeared.start()] if yeared else named):
        return None
    return _name(named)


def _spelled(name: str) -> str:
    """The name with its years written out: ECCV'24, CVPR2024 and IJCAI-2024 get a blank and four digits."""
    name = _APART.sub("", name)

    def spell(match: re.Match[str]) -> str:
        year = match["year"]
        return f"{match['name']} {year if len(year) == 4 else '20' + year}"

    return _YEARED.sub(spell, re.sub(r"(?<=['’‘`])(?=(?:19|20)\d\d\b)", "", name))


def _name(words: str) -> str | None:
    """The venue that the words begin with, in its short form; None where they name none."""
    pieces = [piece.strip() for piece in words[: 2 * _LONGEST].split(",")]
    name, rest = pieces[0], pieces[1:]
    honour = ""
    for piece in rest:
        if match := _HONOUR.fullmatch(piece):
            honour = _honour(match[1])
        elif re.fullmatch(r"(?:19|20)\d\d", piece) and not re.search(r"\d{4}", name):
            name = f"{name} {piece}"
        elif not _YEARED.search(_spelled(name)) and _YEARED.match(_spelled(piece)):
            name = piece
        else:
            continue
    if name.startswith("("):
        name = name.strip("()")
    name = _short(_spelled(name))
    if awarded := _AS_HONOUR.search(name):
        honour, name = _honour(awarded[1]), name[: awarded.start()]
    name = _TAIL.sub("", _TAIL.sub("", name)).strip(" ,:-–.")
    if name.count("(") > name.count(")"):
        name = name[: name.rfind("(")].strip() if name.rfind("(") > 0 else name
    if not _is_name(name):
        return None
    return f"{name} ({honour})" if honour and "(" not in name else name


def _short(name: str) -> str:
    """A long name that gives its short form in brackets or after a dash, as that short form with its year."""
    lead = _LEAD.match(name)
    while lead and (re.search(r"\d{4}", name) or not lead[0].lower().startswith("proc")):
        name = name[lead.end() :]
        lead = _LEAD.match(name)
    if early := re.fullmatch(r"((?:19|20)\d\d)\s+(\D+)", name):
        name = f"{early[2]} {early[1]}"
    match = _BRACKETED.match(name)
    if match and re.search(r"[A-Z]\S*[A-Z]", match["short"]):
        year = match["year"] or ""
        dated = re.search(r"(?:19|20)\d\d", match["short"])
        early = re.match(r"(?:19|20)\d\d\b", match["long"]) or re.search(r"\b(?:19|20)\d\d$", match["long"])
        year = "" if dated else (year or (early[0] if early else ""))
        if dated or (year and not _PERIODICAL.search(match["long"])):
            return f"{match['short']} {year}".strip() + name[match.end() :]
    if dashed := _DASHED.fullmatch(name):
        return dashed["short"]
    return name


def _is_name(name: str) -> bool:
    first = name.split(" ", 1)[0] if name else ""
    if not re.search(r"[A-Z0-9]", first) and first != "npj":
        return False
    letters = sum(char.isalpha() for char in name)
    return letters >= 2 and len(name) <= _LONGEST and not _MONTH.search(name) and "arxiv" not in name.lower()
