"""What a template or a language model left behind, taken off.

Three kinds: placeholders where a fact should stand ("作者：xxx", "GitHub:None", "[论文链接]"), chatter
with whoever gave the task ("希望以上信息符合您的要求"), error messages of the blog's tool. A placeholder
goes only where it is all that a clause says; a sentence that mentions one stays.
"""

import re

_PROBES = (
    "xxx", "XXX", "待补充", "待填写", "None", "none", "希望", "好的，", "好的,", "Some Error for", "链接]",
    "链接地址]", "：无", ": 无", ":无",
)  # fmt: skip
_TAG = re.compile(r"(<[^<>]*>)")
_ERROR = re.compile(r"Some Error for \w[\w ]{0,30}(?:[(（][^()（）\n]{0,80}[)）])?")
_OPENER = re.compile(
    r"^(\s*(?:[>*#-]+\s*)?)(?:\*\*)?好的[，,]\s*(?:我(?:会|将|来|已经|理解|明白)|以下是|下面是|这是|请您)"
    r"[^。：:！!\n]{0,80}(?:[。：:！!]|$)(?:\*\*)?\s*(?:(?:以下|下面)是[^。：:\n]{0,40}[：:]\s*)?"
)
_CHATTER = re.compile(
    r"(?:(?<=[。！!？；;\s*>）)])|^)(?:以上[^。！!，\n]{0,40}，\s*)?希望(?=[^。！!\n]{0,50}[您你])[^。！!\n]{0,50}?"
    r"(?:要求|需求|需要|帮助|帮到[您你]|有用|[您你]理解)[^。！!\n，]{0,20}(?:[。！!～~]+|，(?=如|若)|$)"
    r"(?:\s*(?:如|若)[^。！!\n]{0,60}(?:告诉我|告知|提问|联系|提供更多信息|让我知道)[^。！!\n]{0,20}(?:[。！!]|$))*"
)
_BRACKETED = re.compile(
    r"[（(]\s*Git[Hh]ub[^()（）\n:：]{0,20}(?:[（(][^()（）\n]{0,20}[）)])?[^()（）\n:：]{0,10}[:：]\s*"
    r"(?:Git[Hh]ub\s*[:：]\s*)?(?:None|none|无)\s*[）)]"
)
_DANGLING = re.compile(
    r"(?:\s?[，,；;]|\s)\s{0,8}(?:或|or)?\s{0,8}Git[Hh]ub\s*[:：]\s*(?:None|无)\s{0,8}(?:[（(][^（）()\n]{0,40}[）)])?\s{0,8}$"
)
_HOLDER = r"(?:[xX]{3,}|待补充|待填写|\[[^\]\[\n]{0,12}链接(?:地址)?\](?![（(]))"
_NOTHING = r"(?:None|none|NONE|无|N/A)"
_REMARK = r"(?:\s*[（(][^（）()\n]{0,60}[）)])?"
_MARKER = r"(?:[*\-•>#\s]|\*\*|\d{1,2}[.、)）]|[（(]\d{1,2}[)）])*"
_EMPTY_CLAUSE = re.compile(
    rf"{_MARKER}(?:[^：:\n]{{0,24}}[:：]\s*){{0,3}}(?:\*\*\s*)?"
    rf"(?:{_HOLDER}|[^：:（(\n]{{0,16}}[（(](?:{_HOLDER}|(?:Git[Hh]ub\s*[:：]\s*){_NOTHING})[）)]"
    rf"|(?:Git[Hh]ub|代码|链接|Urls?|Code)[^：:\n]{{0,12}}[:：]\s*{_NOTHING}){_REMARK}[\s*]*"
)
_HEAD = re.compile(rf"{_MARKER}(?:\*\*)?(?:(?:Urls?|链接|网址|论文链接)(?:\*\*)?\s*[:：]\s*)?")
_CLAUSES = re.compile(r"([；;，,。]+\s*)")
_HOLDS = re.compile(rf"{_HOLDER}|[:：]\s*{_NOTHING}(?![\w-])")
_MENTION = re.compile(r"[\"'“”「」『』]|填写|填入|格式")
_POINTERS = re.compile(rf"{_MARKER}(?:Urls?|链接|网址|论文链接|Git[Hh]ub|代码)")  # a line that gives links
_ADVICE = re.compile(  # how to fill in such a line
    r"\s{0,8}[（(](?![^（）()\n]*://)[^（）()\n]{0,120}?(?:填写|填入|可填|留空|替换|可用|如有|如无|若无|如果有|如果没有|待补充)[^（）()\n]{0,120}[）)]"
    r"|[，,；;]?\s*(?:否则|如果|如|若|或)[^，,；;。：:“\n]{0,24}[，,]?\s*(?:可以|可|则|请|就)?(?:填写|填)(?:为)?[：:]?\s*"
    r"[“\"]?(?:Git[Hh]ub\s*[:：]\s*)?(?:None|无)[”\"]?"
)
_LABELS = re.compile(
    rf"{_MARKER}(?:(?:Urls?|链接|网址)(?:\*\*)?\s*[:：]\s*)?(?:论文|文章|Git[Hh]ub|代码|仓库|链接|地址|Paper|Code|Link|的|\s)+[:：]?(?:待补充)?[\s*]*"
)
_WORDLESS = re.compile(rf"{_MARKER}[\s:：；;，,。.*_~`>|-]*")
_EMPTY_ELEMENT = re.compile(r"<(p|li|ol|ul|blockquote|strong|em)\b[^<>]*>\s*</\1>\s*")


def clean(text: str) -> str | None:
    """A short text as written; None where it is nothing but residue."""
    return text.strip() if trim(text) else None


def trim(text: str) -> str:
    """A short text as it is shown, without residue; empty where nothing else was there."""
    if not any(probe in text for probe in _PROBES):
        return text.strip()
    return _cleaned(text).strip()


def clean_note(text: str) -> str | None:
    """A long note without residue, still well formed; None where nothing else was there."""
    if not any(probe in text for probe in _PROBES):
        return text if text and not text.isspace() else None
    lines = [_cleaned_line(line) for line in text.split("\n")]
    kept = "\n".join(line for line in lines if line is not None)
    if len(kept) == len(text):
        return text
    for _ in range(4):  # <ol><li><p> left empty, from the inside out
        shorter = _EMPTY_ELEMENT.sub("", kept)
        if shorter == kept:
            break
        kept = shorter
    return kept if re.search(r"\w", _TAG.sub("", kept)) else None


def _cleaned_line(line: str) -> str | None:
    """A line without residue; None where it held nothing else."""
    if not any(probe in line for probe in _PROBES):
        return line
    parts = _TAG.split(line) if "<" in line else [line]
    cleaned = "".join(part if place % 2 else _cleaned(part) for place, part in enumerate(parts))
    return cleaned if cleaned.strip() else None


def _cleaned(text: str) -> str:
    before = text
    text = _ERROR.sub("", text)
    text = _OPENER.sub(r"\1", text)
    text = _CHATTER.sub("", text)
    text = _DANGLING.sub("", _BRACKETED.sub("", text))
    pointers = _POINTERS.match(text) is not None
    if pointers:
        text = _ADVICE.sub("", text)
    if text != before or _HOLDS.search(text):
        text = _without_empty(text, pointers)
    if text == before:
        return text
    return "" if _WORDLESS.fullmatch(text) else text


def _is_empty(clause: str, pointers: bool) -> bool:
    """Whether a clause says nothing but a placeholder, or in a line of links nothing but their names."""
    if pointers and _LABELS.fullmatch(clause):
        return True
    held = _HOLDS.search(clause) and not _MENTION.search(clause)
    return bool(held and _EMPTY_CLAUSE.fullmatch(clause))


def _without_empty(text: str, pointers: bool) -> str:
    """The text without the clauses that say nothing."""
    parts = _CLAUSES.split(text)
    clauses, ends = parts[::2], [*parts[1::2], ""]
    kept = [
        clause + end
        for clause, end in zip(clauses, ends, strict=True)
        if not (clause.strip() and _is_empty(clause, pointers))
    ]
    if len(kept) == len(clauses):
        return text
    head = _HEAD.match(clauses[0])
    first_gone = not text.startswith(kept[0]) if kept else True
    joined = "".join(kept)
    if not joined.strip(" ，,；;。*"):
        return ""  # also where `kept` is empty
    if first_gone and head:
        joined = head[0] + joined
    return joined if kept[-1] == clauses[-1] else joined.rstrip(" ，,；;")
